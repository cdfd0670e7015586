"""Locks the calling process down for good, just before it runs student code.

The layers overlap on purpose: each is also there for the day another one has a hole.

What they do not do, and the zygote or the grader must: hide the names and sizes of files (mount
namespace), end the process when its time is up, close inherited files, and check that the parent
was still alive when the parent-death signal was set (the socket's end tells).

Sources: prctl(2), capabilities(7), capset(2), getrlimit(2), unshare(2); linux/capability.h,
linux/prctl.h. The two larger layers have modules of their own.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import itertools
import os
import resource
import signal
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import landlock, seccomp


@dataclass(frozen=True)
class Lockdown:
    """What a locked-down process may still use."""

    readable: tuple[str, ...]
    """Absolute paths of files and directories; what does not exist is passed over."""

    writable: tuple[str, ...]
    """Absolute paths that may be read and written: the child's scratch, perhaps /dev/null."""

    address_space_bytes: int
    """RLIMIT_AS. A process forked from one with torch loaded has some 650 MB from the start."""

    file_bytes: int
    """RLIMIT_FSIZE, the size of any one file."""

    cpu_seconds: int
    """RLIMIT_CPU; SIGKILL, for soft and hard limit are one. A backstop, the grader watches."""

    open_files: int = 64
    """RLIMIT_NOFILE: the highest file descriptor plus one."""

    threads_of_uid: int | None = None
    """RLIMIT_NPROC, or None to leave it. The kernel counts every thread of the *uid*, those of
    other children, the zygote and the desktop included, and never limits root. So set it only
    where the uid is the sandbox's own, and for all workers together. Processes need no limit
    here, since seccomp allows none; without it, threads are bounded by address space and CPU."""

    landlock: bool = True
    """False leaves Landlock out, which the tests of the other layers do."""

    def __post_init__(self) -> None:
        for path in (*self.readable, *self.writable):
            if not path.startswith("/"):
                raise ValueError(f"the sandbox's paths must be absolute, {path!r} is not")


def lock_down(config: Lockdown) -> tuple[str, ...]:
    """The names of the layers that hold from now on, in the order they were put on.

    Landlock is left out, of the process and of the names, on a kernel that has none: whether
    that is enough is the caller's decision. After an error the process is locked down by half
    and must exit.

    Raises:
        OSError: A layer could not be put on; the message begins with its name.
    """
    # Landlock and capabilities are a thread's own: a second thread would go free of them.
    with _errors_name("single-thread"):
        _refuse_a_second_thread()
    layers = _layers(config)
    for name, put_on in layers:
        with _errors_name(name):
            put_on()
    return tuple(name for name, _ in layers)


def available_layers() -> tuple[str, ...]:
    """The names that `lock_down` would return here, without locking anything.

    To be called once before forking: it also does the work that all children can share.

    Raises:
        OSError: A layer cannot be put on here; the message begins with its name.
    """
    with _errors_name("seccomp"):
        _compile_filter()
    anything = Lockdown((), (), address_space_bytes=0, file_bytes=0, cpu_seconds=0)
    return tuple(name for name, _ in _layers(anything))


def shut_memory() -> None:
    """Keeps other processes of this uid from reading or tracing this one, until it execs.

    A layer of `lock_down`; the zygote and the grader need it for themselves as well.
    """
    _prctl(_PR_SET_DUMPABLE, 0)


def _layers(config: Lockdown) -> list[tuple[str, Callable[[], None]]]:
    with _errors_name("landlock"):
        landlock_abi = landlock.abi()
    layers: list[tuple[str, Callable[[], None]]] = [
        ("no-new-privileges", _forbid_new_privileges),
        ("no-capabilities", _drop_capabilities),
        ("non-dumpable", shut_memory),
        # After the capabilities, because changing credentials can clear it.
        ("parent-death-signal", _die_with_the_parent),
        ("rlimits", lambda: _limit_resources(config)),
        ("seccomp", _filter_system_calls),  # last: it forbids the calls the others make
    ]
    if landlock_abi > 0 and config.landlock:
        # Before the limits, which may leave no file descriptor to open the paths with.
        before = [name for name, _ in layers].index("rlimits")
        layers.insert(
            before,
            (
                f"landlock:{landlock_abi}",
                lambda: landlock.restrict(config.readable, config.writable, landlock_abi),
            ),
        )
    return layers


@contextlib.contextmanager
def _errors_name(layer: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # setrlimit reports a refusal as ValueError
        code = getattr(error, "errno", None) or errno.EINVAL
        raise OSError(code, f"{layer}: {error}") from error


_CLONE_THREAD = 0x0001_0000


def _refuse_a_second_thread() -> None:
    # unshare(CLONE_THREAD) does nothing to a process of one thread and fails in any other: the
    # only way to ask that needs no /proc. Docker's own filter forbids unshare; then /proc it is,
    # where a directory's links are "." and ".." and one for each thread.
    try:
        _called(_libc().unshare(_CLONE_THREAD))
    except PermissionError:
        single = os.stat("/proc/self/task").st_nlink == 3  # noqa: PTH116 - pathlib is not loaded
    except OSError:
        single = False
    else:
        single = True
    if not single:
        raise OSError(errno.EBUSY, "another thread is running and would stay outside")


_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP = 1, 4, 22
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_SECCOMP_MODE_FILTER = 2


def _forbid_new_privileges() -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _die_with_the_parent() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


_CAPABILITY_VERSION_3 = 0x20080522


def _drop_capabilities() -> None:
    _empty_the_bounding_set()
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    this_thread = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    none = bytes(24)  # 2 x (effective, permitted, inheritable)
    _called(_libc().capset(this_thread, none))


def _empty_the_bounding_set() -> None:
    for capability in itertools.count():
        if _libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            # EINVAL: beyond the last one. EPERM: no right to, and no need, for without a right
            # to gain privileges the set bounds nothing.
            code = ctypes.get_errno()
            if code in (errno.EINVAL, errno.EPERM):
                return
            raise OSError(code, os.strerror(code))


def _limit_resources(config: Lockdown) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,  # a core file would hold the zygote's memory
        resource.RLIMIT_FSIZE: config.file_bytes,
        resource.RLIMIT_CPU: config.cpu_seconds,
        resource.RLIMIT_NOFILE: config.open_files,
        resource.RLIMIT_AS: config.address_space_bytes,
    }
    if config.threads_of_uid is not None:
        limits[resource.RLIMIT_NPROC] = config.threads_of_uid
    for kind, wanted in limits.items():
        _, hard = resource.getrlimit(kind)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (limit, limit))


def _compile_filter() -> seccomp.Filter:
    return seccomp.compile_filter(os.uname().machine)


class _FilterProgram(ctypes.Structure):
    """``struct sock_fprog`` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _filter_system_calls() -> None:
    # For this thread, which is the only one. prctl and not seccomp(2): no number of its own.
    program = _compile_filter().for_pid(os.getpid())
    header = _FilterProgram(len(program) // 8, program)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(header))


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    return libc


def _prctl(option: int, value: int, pointer: int = 0) -> int:
    return _called(_libc().prctl(option, value, pointer, 0, 0))


def _called(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
