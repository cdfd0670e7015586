"""Starts a zygote in one of the combinations: what it sees, whom it runs as, what it is given."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import site
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SandboxError
from autograder.messages import _
from autograder.sandbox.combinations import Combination
from autograder.sandbox.inside import zygote

_INSIDE = Path(zygote.__file__).parent  # the only code of ours that is seen in there
_WARMED = ("torch", "numpy", "msgspec", "safetensors", "IPython")
_SYSTEM = (
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64"),
    *("/usr/share/zoneinfo", "/etc/localtime", "/etc/ld.so.cache"),
    "/etc/alternatives",  # where Debian's libraries for linear algebra are chosen
)
_ZYGOTES_OWN = (  # seen by it; its children may not read it where there is Landlock
    "/sys/devices/system/cpu",  # torch looks up the kind of processor
    # Without this the huge-page heap below is silently not used.
    "/sys/kernel/mm/transparent_hugepage",
)
_END_SECONDS = 0.3  # to end by itself; a frozen one does not
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")


@dataclass(frozen=True)
class Place:
    """Paths of one sandbox, here and as the zygote sees them."""

    folder: Path
    """The sandbox's own folder, here."""

    scratch: str
    """Below it children write, or on it if each mounts its own; as the zygote sees it."""

    witness: str
    """Files for the proofs, as the zygote sees them."""


class Zygote:
    """A running zygote: its process here, and the socket to it."""

    def __init__(self, combination: Combination, folder: Path) -> None:
        """Start it. Raises SandboxError where this combination cannot be had."""
        self.combination = combination
        self.uid = _unused_uid() if combination.other_uid else os.geteuid()
        scratch, witness = folder / "scratch", folder / "witness"
        try:
            folder.chmod(0o711 if combination.other_uid else 0o700)
            os.chown(scratch, self.uid, -1)
        except OSError as error:  # root of a container that has no other uids
            raise SandboxError(f"uid {self.uid}: {error.strerror}") from error
        self.place = Place(
            folder,
            "/scratch" if combination.bubblewrap else str(scratch),
            "/witness" if combination.bubblewrap else str(witness),
        )
        self.log = folder / "zygote.log"
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self.log.open("wb") as log:
            inside = "/sandbox/inside" if combination.bubblewrap else str(_INSIDE)
            # The interpreter itself, not a venv's link to it. -s -P -S: neither the user's
            # packages, nor the current folder, nor .pth files.
            program = [os.path.realpath(sys.executable), "-s", "-P", "-S", "-B"]
            command = [*program, f"{inside}/zygote.py", str(theirs.fileno())]
            if combination.bubblewrap:
                command = [*_bubblewrap(self.uid, folder), *command]
            alone = combination.other_uid and not combination.bubblewrap
            try:
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=dict(environment(self.place.scratch)),
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,  # no key pressed at the terminal reaches it
                    user=self.uid if alone else None,
                    group=self.uid if alone else None,
                    extra_groups=[] if alone else None,
                )
            except OSError as error:
                self.control.close()
                raise SandboxError(f"{command[0]}: {error.strerror}") from error

    def kill(self) -> None:
        """End it, and with it every child.

        It ends by itself when nobody is left to talk to; the CPU time of its children is counted
        as ours only then.
        """
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        self.process.kill()
        self.process.wait()


def why_not(combination: Combination) -> str:
    """Why this machine cannot have a combination, as far as that can be told without starting."""
    if combination.other_uid and os.geteuid() != 0:
        return _("only root can take another uid")
    if combination.bubblewrap and _program("bwrap") is None:
        return _("bubblewrap is not installed, or not on PATH")
    if combination.bubblewrap and combination.other_uid and _program("setpriv") is None:
        return _("setpriv is not installed (it is part of util-linux)")
    return ""


def environment(scratch: str) -> Mapping[str, str]:
    """The whole environment of the zygote and so of every child."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": scratch,
        "TMPDIR": scratch,
        "USER": "student",  # torch asks for a name, and there is no /etc/passwd to ask
        "PWD": "/",  # as bubblewrap sets it
        "LANG": "C.UTF-8",
        "TORCHDYNAMO_DISABLE": "1",  # torch.compile would start a compiler; now it gives eager code
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # A huge-page heap makes fork and teardown of a torch process three times cheaper. It needs
        # Python's own arenas off; -I and -E would make Python ignore that variable.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "PYTHONMALLOC": "malloc",
    }


def packages() -> tuple[str, ...]:
    """Folders that the zygote imports from: the environment's, and where its packages are."""
    found = list(site.getsitepackages())
    for name in _WARMED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            found.append(str(Path(spec.origin).parents[1]))
    # By their real names, which is how the kernel's rules know them, be the environment a link.
    real = dict.fromkeys(str(Path(path).resolve()) for path in found)
    return tuple(path for path in real if Path(path).is_dir())


def readable() -> tuple[str, ...]:
    """What a child may read: the interpreter's library, the packages, the system's libraries.

    Each rule costs every child some time, so no path stands below another.
    """
    wanted = (*packages(), *_standard_library(), *_SYSTEM, *_DEVICES)
    real = {Path(path).resolve() for path in wanted if Path(path).exists()}
    return tuple(sorted(str(path) for path in real if real.isdisjoint(path.parents)))


def _standard_library() -> tuple[str, ...]:
    own = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}  # not the venv's
    names = ("stdlib", "platstdlib")
    return tuple(dict.fromkeys(str(sysconfig.get_path(name, vars=own)) for name in names))


def _program(name: str) -> str | None:
    """The absolute path of a program; none that is found relative to the current folder."""
    found = shutil.which(name)
    return found if found is not None and os.path.isabs(found) else None  # noqa: PTH117


def _bubblewrap(uid: int, folder: Path) -> list[str]:
    """The command that the interpreter's follows. Source: bwrap(1)."""
    read_only = {
        path: path
        for path in (
            *_standard_library(),
            f"{sys.base_prefix}/lib",  # its own shared library, and those of a conda environment
            os.path.realpath(sys.executable),
            *packages(),
        )
    }
    as_root = uid != os.geteuid()
    setpriv = os.path.realpath(_program("setpriv") or "setpriv")
    if as_root:
        read_only[setpriv] = setpriv
    places = {str(_INSIDE): "/sandbox/inside", str(folder / "witness"): "/witness"}
    shown = [*_SYSTEM, *_ZYGOTES_OWN, *read_only, *places.values(), *_DEVICES, "/scratch/x"]
    mounts = _folders(shown)
    if not any(path.startswith("/tmp/") for path in shown):
        mounts += ["--symlink", "scratch", "/tmp"]  # whoever writes to /tmp writes to the scratch
    for path in (*_SYSTEM, *_ZYGOTES_OWN):
        if Path(path).is_symlink():  # as /lib is
            mounts += ["--symlink", str(Path(path).readlink()), path]
        else:
            mounts += ["--ro-bind-try", path, path]
    for here, there in (read_only | places).items():
        mounts += ["--ro-bind-try", here, there]
    for device in _DEVICES:
        mounts += ["--dev-bind", device, device]
    mounts += ["--bind", str(folder / "scratch"), "/scratch", "--proc", "/proc"]
    # Root drops to the other uid in there, because the mounts need it and the interpreter may lie
    # in a folder that only root can enter. setpriv's work is done before Python begins.
    drop = ["--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
    drop += ["--inh-caps", "-all", "--bounding-set", "-all", "--no-new-privs"]
    return [
        _program("bwrap") or "bwrap",
        *([] if as_root else ["--unshare-user"]),
        *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"),
        *("--hostname", "sandbox"),  # a name space of its own begins with a copy of the name
        *("--unshare-cgroup-try", "--die-with-parent", "--new-session"),
        *mounts,
        *("--remount-ro", "/", "--chdir", "/", "--"),
        *([setpriv, *drop, "--"] if as_root else []),
    ]


def _folders(paths: Iterable[str]) -> list[str]:
    """Makes the folders above ``paths`` enterable; bubblewrap alone makes them for root only."""
    above = {str(parent) for path in paths for parent in Path(path).parents} - {"/"}
    return [word for path in sorted(above) for word in ("--perms", "0755", "--dir", path)]


def _unused_uid() -> int:
    """A uid that no account and no process has. Raises SandboxError."""
    busy = set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                busy.add(process.stat().st_uid)
            except OSError:
                continue
    for uid in range(65533, 60000, -1):
        if uid in busy:
            continue
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return uid
    raise SandboxError(_("there is no unused uid between 60000 and 65533\n  fix: free one"))
