"""Which files a process may open: the kernel's Landlock, through its three system calls.

Nothing is granted but reading below some paths and writing below others. Nothing may be executed
anywhere, and no TCP port, abstract socket or process outside can be reached, as far as the
kernel's version of Landlock knows these.

What Landlock does not cover: ``stat`` and ``chdir`` (names and sizes of files can be found out
unless the mount namespace hides them), ``chmod`` and its kin (seccomp refuses them), and files
that are open already.

Sources: landlock(7), landlock_create_ruleset(2), landlock_add_rule(2),
landlock_restrict_self(2); linux/landlock.h; Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import stat
import struct
from collections.abc import Iterable

NEWEST_KNOWN_ABI = 7

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on x86_64 and aarch64
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << n for n in range(6))
_MAKE_DIR, _MAKE_REG = 1 << 7, 1 << 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST_RIGHTS = (1 << 13) - 1  # everything ABI 1 knows, EXECUTE to MAKE_SYM
_NET_BIND_TCP, _NET_CONNECT_TCP = 1 << 0, 1 << 1
_SCOPE_ABSTRACT_UNIX_SOCKET, _SCOPE_SIGNAL = 1 << 0, 1 << 1

_READ = _READ_FILE | _READ_DIR
# Without MAKE_SYM, MAKE_FIFO and MAKE_SOCK: whoever empties the scratch folder later must find
# plain files and folders only. REFER lets a file move from one folder of it to another.
_WRITE = _WRITE_FILE | _TRUNCATE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER
_MEANT_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


def abi() -> int:
    """The version this kernel offers, at most the newest known here; 0 if it has none."""
    try:
        offered = _landlock(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP):  # not built in; switched off at boot
            return 0
        raise
    return min(offered, NEWEST_KNOWN_ABI)


def handled(abi: int) -> tuple[int, int, int]:
    """The rights over files, over TCP ports, and the scopes, that this version can take away."""
    files = _FIRST_RIGHTS
    files |= _REFER if abi >= 2 else 0
    files |= _TRUNCATE if abi >= 3 else 0
    files |= _IOCTL_DEV if abi >= 5 else 0
    ports = _NET_BIND_TCP | _NET_CONNECT_TCP if abi >= 4 else 0
    scopes = _SCOPE_ABSTRACT_UNIX_SOCKET | _SCOPE_SIGNAL if abi >= 6 else 0
    return files, ports, scopes


def restrict(readable: Iterable[str], writable: Iterable[str], abi: int) -> None:
    """Lets this thread, for good, read below ``readable`` and read and write below ``writable``.

    Needs no-new-privileges. A path that does not exist is passed over: the same list then
    serves machines whose libraries lie elsewhere.

    Raises:
        OSError: A path cannot be reached for another reason, or the kernel refuses.
    """
    files, ports, scopes = handled(abi)
    # An older kernel takes the newer, longer struct as long as what it does not know is zero.
    attributes = struct.pack("=QQQ", files, ports, scopes)
    ruleset = _landlock(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in readable:
            _allow_beneath(ruleset, path, _READ)
        for path in writable:
            _allow_beneath(ruleset, path, (_READ | _WRITE) & files)
        _landlock(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_beneath(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _MEANT_FOR_FILES  # the kernel refuses a directory's rights on a file
        rule = struct.pack("=Qi", rights, parent)
        _landlock(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(parent)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _landlock(number: int, *arguments: bytes | int | None) -> int:
    # syscall() is variadic: an argument that ctypes passed as a 32-bit int would leave the upper
    # half of its register undefined.
    wide = (a if isinstance(a, bytes) or a is None else ctypes.c_long(a) for a in arguments)
    result: int = _libc().syscall(ctypes.c_long(number), *wide)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
