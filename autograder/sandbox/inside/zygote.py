"""A process with torch loaded that forks children, and does nothing else.

Started as a script: ``python -s -P -S -B zygote.py CONTROL_FD``. The control socket carries once
``{"packages": [folders], "namespaces": bool}``, answered by `describe`; then per child one datagram
with a ``ChildConfig`` and the child's socket, answered by one with its pidfd. An empty ``{}`` is
answered by the same: it asks whether the zygote is alive.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

MAX_DATAGRAM = 2**16
_PR_GET_DUMPABLE = 3  # linux/prctl.h


def main() -> None:
    """Load what student code uses, then fork on demand until the control socket closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()  # what is imported stays, and looking through it again and again takes 0.5 s
    import json  # the first message comes before any package can be imported

    config = json.loads(control.recv(MAX_DATAGRAM))
    sys.path.extend(config["packages"])
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from inside import namespaces  # type: ignore[import-not-found]

    own, why_none = None, "switched off"
    if config["namespaces"]:
        try:
            own = namespaces.enter()
        except OSError as error:
            why_none = str(error)
    from inside import child, lockdown

    environment = dict(os.environ)
    warm_up()
    for name in set(os.environ) - set(environment):
        del os.environ[name]  # torch's compiler notes the place of its cache
    del sys.path[0]
    sys.argv[:] = [""]
    lockdown.shut_memory()
    lockdown.available_layers()  # compiles the filter that all children share
    mapped_bytes = _mapped_bytes()
    import msgspec

    decoder = msgspec.json.Decoder(child.ChildConfig)
    gc.collect()  # what is left of the rehearsal
    # The collector does not write to these pages again, so children share them. It comes as often
    # as ever: cycles that hold tensors must not use up the memory of right code.
    gc.freeze()
    gc.enable()
    facts = describe()
    if own is not None:
        namespaces.hide_processes()
    facts["namespaces"] = "" if own is not None else why_none
    control.send(json.dumps(facts).encode())
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    while True:
        ready, _, _ = select.select([control.fileno(), wake_read], [], [])
        if wake_read in ready:
            os.read(wake_read, 4096)
            _reap()
        if control.fileno() in ready:
            data, fds, _flags, _address = socket.recv_fds(control, MAX_DATAGRAM, 1)
            if not data:
                os._exit(0)
            if not fds:
                control.send(data)
            else:
                fork = own.fork if own is not None else os.fork
                _spawn(control, fork, fds[0], child, decoder.decode(data), mapped_bytes)


def warm_up() -> None:
    """Import and run once what nearly every submission needs, so that children share it."""
    import torch

    torch.set_num_threads(1)  # a second thread in the parent would make every op of a child hang
    import torch.optim
    from inside import cells

    cells.transformer()
    from torch import nn

    layer = nn.Conv2d(1, 1, kernel_size=(1, 2))
    nn.LazyConv2d(1, kernel_size=(1, 2))(torch.ones(1, 1, 4, 4))
    ((layer(torch.ones(1, 1, 4, 4)) - 1) ** 2).sum().backward()
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)  # the first one imports 800 modules
    optimizer.step()
    leaf = torch.ones(2, requires_grad=True)
    torch.autograd.grad(leaf * 2, leaf, torch.ones(2))  # given gradients make torch import sympy
    torch.rand(2, 2).t().contiguous().reshape(4).matmul(torch.rand(4))
    from inside import rehearsal

    gc.freeze()  # all of this stays
    rehearsal.rehearse()


def describe() -> dict[str, object]:
    """What the trusted side checks before it trusts this process to be clean."""
    import torch

    return {
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
        "fds": sorted(int(fd.name) for fd in Path("/proc/self/fd").iterdir()),
        "environment": sorted(os.environ),
        "dumpable": ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) != 0,
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "prefix": sys.prefix,
    }


def _spawn(
    control: socket.socket,
    fork: Callable[[], int],
    fd: int,
    child: ModuleType,
    config: object,
    mapped_bytes: int,
) -> None:
    pid = fork()
    if pid == 0:
        try:
            control.close()
            child.run(socket.socket(fileno=fd), config, mapped_bytes)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(fd)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [b"{}"], [pidfd])
    os.close(pidfd)


def _reap() -> None:
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def _mapped_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
