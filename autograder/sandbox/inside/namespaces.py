"""Namespaces that the zygote makes for itself and its children, without being root.

Inside a user namespace of its own a process may make others. The zygote moves into one at its
start, with its own process numbers, network, IPC and mounts. Each child then gets process numbers
of its own, in which it is alone, and a scratch folder that is its own file system in memory:
limited in bytes and in files, and gone with the child.

The only capability kept is the one for making these, over these; a child drops it too.

Sources: unshare(2), setns(2), user_namespaces(7), pid_namespaces(7), tmpfs(5); linux/sched.h,
linux/mount.h, linux/capability.h.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import signal
from pathlib import Path

_NEWNS, _NEWIPC, _NEWUSER = 0x0002_0000, 0x0800_0000, 0x1000_0000
_NEWPID, _NEWNET = 0x2000_0000, 0x4000_0000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_CAP_SYS_ADMIN = 21
SCRATCH_FILES = 1024  # files and folders that a child may make


class Namespaces:
    """The namespaces of this process, to fork children with namespaces of their own from."""

    def __init__(self, own: int) -> None:
        self._own = own  # a pidfd of this process

    def fork(self) -> int:
        """As ``os.fork``; the child is the first process of a new process number space."""
        _called(_libc().unshare(_NEWPID))  # from here on for the next child, not for us
        pid = os.fork()
        if pid:
            _called(_libc().setns(self._own, _NEWPID))  # else no second space could be made
        return pid


def enter() -> Namespaces:
    """Move into new namespaces; the caller goes on as their first process.

    The process that called stays behind, waits, and never returns. To be called before anything
    is loaded, and with one thread only.

    Raises:
        OSError: The kernel, or what it has been told, lets this user make none.
    """
    _rehearse()
    _move()
    pid = os.fork()
    if pid:
        os.closerange(0, 1024)
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    _called(_libc().prctl(1, signal.SIGKILL, 0, 0, 0))  # PR_SET_PDEATHSIG
    _keep_only(_CAP_SYS_ADMIN)
    return Namespaces(os.pidfd_open(os.getpid()))


def _move() -> None:
    uid, gid = os.geteuid(), os.getegid()
    _called(_libc().unshare(_NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        Path(f"/proc/self/{name}").write_text(text)


def _rehearse() -> None:
    """All that will be needed, in a child: there is no way back out of a user namespace.

    Where AppArmor restricts them, one can be made, and everything in it is then forbidden.
    """
    pid = os.fork()
    if pid == 0:
        code = 0
        try:
            _move()
            hide_processes()
        except OSError as error:
            code = error.errno or errno.EPERM
        os._exit(code)
    _, status = os.waitpid(pid, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise OSError(code, os.strerror(code) if code > 0 else f"ended by signal {-code}")


def hide_processes() -> None:
    """Put an empty folder over /proc, which tells of processes and machine. Raises OSError."""
    _mount_memory("/proc", "mode=555,size=0,nr_inodes=1", _MS_RDONLY)


def private_scratch(path: str, size_bytes: int) -> None:
    """Put an empty file system in memory over ``path``, for this process alone. Raises OSError."""
    _called(_libc().unshare(_NEWNS))
    _mount_memory(path, f"mode=700,size={size_bytes},nr_inodes={SCRATCH_FILES}")


def _mount_memory(path: str, options: str, flags: int = 0) -> None:
    always = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    arguments = (b"none", path.encode(), b"tmpfs", flags | always, options.encode())
    _called(_libc().mount(*arguments))


def _keep_only(capability: int) -> None:
    version_3 = 0x20080522
    header = version_3.to_bytes(4, "little") + bytes(4)
    only = (1 << capability).to_bytes(4, "little")
    # 2 x (effective, permitted, inheritable), the lower 32 capabilities first
    _called(_libc().capset(header, only * 2 + bytes(16)))


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _called(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
