"""The list of system calls student code may make, as a program the kernel runs on each call.

An allow-list: what is not named here fails with EPERM, so a call we never heard of is refused
too. Each allowed call is here because Python, NumPy, torch or ordinary student code makes it.

Left out on purpose, because somebody will miss them:

* every socket call but ``send`` and ``recv`` on the one connected socket that the child has:
  no new socket, not even a pair (asyncio makes one), and no file descriptor passed along.
* ``chmod``, ``chown``, ``utime``, ``setxattr``: Landlock does not cover them, and a path cannot
  be checked in a filter. ``shutil.copyfile`` works, ``shutil.copy`` does not.
* ``link``, ``symlink``, ``mknod``: a trusted process that later walks the scratch folder must
  find plain files only.
* ``truncate``: an older Landlock does not judge it. ``open`` has conditions for the same reason.
* ``mincore``, ``fadvise64``, ``readahead``: the kernel's cache of files outlives a process, and
  with them the next one could read what this one has left there.
* ``memfd_create``: files in memory are outside of every limit on memory that there is.
* ``inotify``: it reports the names of files that others open, and Landlock does not cover it.
* ``setsid``, ``setpgid``: the child stays in the group it can be killed by.
* ``shmget`` and its kin, ``mq_open``: their objects outlive the process.

Sources: seccomp(2), bpf(4), clone(2), fcntl(2), prctl(2); linux/filter.h, linux/seccomp.h,
linux/audit.h; asm/unistd_64.h (x86_64) and asm-generic/unistd.h (aarch64).
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

# name x86_64/aarch64; "-" where that machine never had the call
ALLOWED: Mapping[str, str] = {
    "memory": """
        mmap 9/222 munmap 11/215 mprotect 10/226 mremap 25/216 madvise 28/233 brk 12/214
        msync 26/227 membarrier 324/283""",
    "open files": """
        read 0/63 write 1/64 readv 19/65 writev 20/66 pread64 17/67 pwrite64 18/68 preadv 295/69
        pwritev 296/70 lseek 8/62 close 3/57 close_range 436/436
        dup 32/23 dup2 33/- dup3 292/24 pipe 22/- pipe2 293/59 eventfd 284/- eventfd2 290/19
        flock 73/32 fsync 74/82 fdatasync 75/83 ftruncate 77/46 fallocate 285/47
        sendfile 40/71 copy_file_range 326/285""",
    "paths, which Landlock then judges": """
        creat 85/- stat 4/- fstat 5/80 lstat 6/- newfstatat 262/79
        statx 332/291 statfs 137/43 fstatfs 138/44 access 21/- faccessat 269/48 faccessat2 439/439
        getdents 78/- getdents64 217/61 getcwd 79/17 chdir 80/49 fchdir 81/50 readlink 89/-
        readlinkat 267/78 rename 82/- renameat 264/38 renameat2 316/276 mkdir 83/-
        mkdirat 258/34 rmdir 84/- unlink 87/- unlinkat 263/35 umask 95/166""",
    "waiting": """
        poll 7/- ppoll 271/73 select 23/- pselect6 270/72 epoll_create 213/- epoll_create1 291/20
        epoll_ctl 233/21 epoll_wait 232/- epoll_pwait 281/22 epoll_pwait2 441/441""",
    "threads": """
        futex 202/98 futex_waitv 449/449 set_robust_list 273/99 set_tid_address 218/96
        rseq 334/293 sched_yield 24/124 sched_getaffinity 204/123 sched_getparam 143/121
        sched_getscheduler 145/120 sched_get_priority_max 146/125 sched_get_priority_min 147/126
        getcpu 309/168 exit 60/93 exit_group 231/94""",
    "handling signals": """
        rt_sigaction 13/134 rt_sigprocmask 14/135 rt_sigreturn 15/139 rt_sigpending 127/136
        rt_sigsuspend 130/133 rt_sigtimedwait 128/137 sigaltstack 131/132 pause 34/- alarm 37/-
        setitimer 38/103 getitimer 36/102 restart_syscall 219/128""",
    "time and chance": """
        clock_gettime 228/113 clock_getres 229/114 clock_nanosleep 230/115 nanosleep 35/101
        gettimeofday 96/169 time 201/- getrandom 318/278""",
    "who and what am I": """
        getpid 39/172 gettid 186/178 getppid 110/173 getpgid 121/155 getpgrp 111/- getsid 124/156
        getuid 102/174 geteuid 107/175 getgid 104/176 getegid 108/177 getresuid 118/148
        getresgid 120/150 getgroups 115/158 uname 63/160 sysinfo 99/179 times 100/153
        getrusage 98/165 capget 125/90 getrlimit 97/163 setrlimit 160/164""",
}

RESTRICTED = """
    open 2/- openat 257/56 preadv2 327/286 pwritev2 328/287
    clone 56/220 kill 62/129 tkill 200/130 tgkill 234/131 rt_sigqueueinfo 129/138
    rt_tgsigqueueinfo 297/240 prlimit64 302/261 prctl 157/167 ioctl 16/29 fcntl 72/25
    arch_prctl 158/- sendto 44/206 recvfrom 45/207"""

# ENOSYS makes the C library take the older way, which can be judged: clone3 hides its flags
# behind a pointer that a filter cannot follow, openat2 is openat.
MISSING = "clone3 435/435 openat2 437/437"

# Calls newer than this list (Linux 6.17) do not exist as far as the child can tell: a C library
# of tomorrow probes for them and falls back on ENOSYS, where EPERM would be a hard error.
FIRST_UNKNOWN = 470

OWN_PID = -1  # stands in a program for the pid that Filter.for_pid puts there


@dataclass(frozen=True)
class OneOf:
    """A condition: ``argument & mask`` is one of ``values``.

    Only the low 32 bits are looked at: the kernel declares each argument used here as an int.
    """

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFF_FFFF


_PLAIN_FLAGS = 0x0002 | 0x0040 | 0x0100 | 0x4000  # MSG_PEEK, DONTWAIT, WAITALL, NOSIGNAL
_ANY_OTHER_FLAG = 0xFFFF_FFFF ^ _PLAIN_FLAGS
_CLONE_THREAD = 0x0001_0000
_CLONE_NEW_NAMESPACES = 0x7E02_0080  # NEWTIME, NEWNS, CGROUP, UTS, IPC, USER, PID, NET

# Landlock before Linux 6.2 does not know truncation: what may not be written could be emptied.
# So O_TRUNC only with O_WRONLY or O_RDWR, which every Landlock judges, and no access mode 3, which
# asks for no right at all.
_ACCESS_OR_TRUNCATE = 0x0003 | 0x0200
_JUDGED = (0, 1, 2, 0x0201, 0x0202)

# All of a call's conditions must hold.
CONDITIONS: Mapping[str, tuple[OneOf, ...]] = {
    "open": (OneOf(1, _JUDGED, mask=_ACCESS_OR_TRUNCATE),),
    "openat": (OneOf(2, _JUDGED, mask=_ACCESS_OR_TRUNCATE),),
    # RWF_NOWAIT tells whether a page is in memory: a note from the process before.
    "preadv2": (OneOf(5, (0,)),),
    "pwritev2": (OneOf(5, (0,)),),
    # Threads, never processes: nothing can be left behind and no exec'd program can start.
    "clone": (OneOf(0, (_CLONE_THREAD,), mask=_CLONE_THREAD | _CLONE_NEW_NAMESPACES),),
    # 0 and negative pids are whole groups, in which the zygote may be.
    "kill": (OneOf(0, (OWN_PID,)),),
    "tkill": (OneOf(0, (OWN_PID,)),),
    "tgkill": (OneOf(0, (OWN_PID,)),),
    "rt_sigqueueinfo": (OneOf(0, (OWN_PID,)),),
    "rt_tgsigqueueinfo": (OneOf(0, (OWN_PID,)),),
    "prlimit64": (OneOf(0, (0, OWN_PID)),),
    "prctl": (
        OneOf(
            0,
            (
                2,  # PR_GET_PDEATHSIG; the reads are for the sandbox's own proofs
                3,  # PR_GET_DUMPABLE
                15,  # PR_SET_NAME, as each new thread does
                16,  # PR_GET_NAME
                21,  # PR_GET_SECCOMP
                23,  # PR_CAPBSET_READ
                39,  # PR_GET_NO_NEW_PRIVS
                0x53564D41,  # PR_SET_VMA, by which glibc and torch name their memory
            ),
        ),
    ),
    # No TIOCSTI (types into a terminal), no FIOSETOWN (see fcntl), no driver's own requests.
    "ioctl": (
        OneOf(
            1,
            (
                0x5401,  # TCGETS: isatty()
                0x802C542A,  # TCGETS2: isatty() since glibc 2.42
                0x5413,  # TIOCGWINSZ
                0x541B,  # FIONREAD
                0x5421,  # FIONBIO
                0x5450,  # FIONCLEX
                0x5451,  # FIOCLEX
            ),
        ),
    ),
    # F_SETOWN with F_SETSIG would let the kernel send SIGKILL to the parent for us; F_NOTIFY and
    # F_SETLEASE watch what others open; F_SETPIPE_SZ takes memory that no limit counts.
    "fcntl": (
        OneOf(
            1,
            (
                *(0, 1, 2, 3, 4),  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL
                *(5, 6, 7, 36, 37, 38),  # record locks, the process's and the open file's: sqlite3
                1030,  # F_DUPFD_CLOEXEC
                1032,  # F_GETPIPE_SZ
                *(1033, 1034),  # F_ADD_SEALS, F_GET_SEALS
            ),
        ),
    ),
    # oneDNN asks for the AMX registers at its first convolution: ARCH_{GET_XCOMP_SUPP,
    # GET_XCOMP_PERM, REQ_XCOMP_PERM}.
    "arch_prctl": (OneOf(0, (0x1021, 0x1022, 0x1023)),),
    # To the connected end only, so no address. Of the flags not MSG_OOB: the kernel's code for it
    # has let sandboxed processes out before (CVE-2025-38236).
    "sendto": (OneOf(3, (0,), mask=_ANY_OTHER_FLAG), OneOf(5, (0,))),
    "recvfrom": (OneOf(3, (0,), mask=_ANY_OTHER_FLAG),),
}


class Instruction(NamedTuple):
    """One ``struct sock_filter`` of linux/filter.h; ``k`` may be OWN_PID until it is packed.

    A jump skips at most 255 instructions. The longest, over half of the search, needs about 150;
    a table that outgrows this fails to pack and does not make a wrong program.
    """

    code: int
    jump_true: int
    jump_false: int
    k: int


Code = list[Instruction]

_LOAD, _AND, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_KILL_PROCESS, _ERRNO, _ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
_EPERM, _ENOSYS = 1, 38  # spelled out: the same on both machines
_NUMBER_OFFSET, _ARCH_OFFSET, _ARGUMENTS_OFFSET = 0, 4, 16  # struct seccomp_data, little-endian
_AUDIT_ARCH = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_X32_BIT = 0x4000_0000

_allow: Code = [Instruction(_RETURN, 0, 0, _ALLOW)]
_refuse: Code = [Instruction(_RETURN, 0, 0, _ERRNO | _EPERM)]
_deny_knowledge: Code = [Instruction(_RETURN, 0, 0, _ERRNO | _ENOSYS)]
_kill: Code = [Instruction(_RETURN, 0, 0, _KILL_PROCESS)]


@dataclass(frozen=True)
class Filter:
    """A finished program, but for the pid of the process that installs it."""

    program: bytes
    pid_offsets: tuple[int, ...]

    def for_pid(self, pid: int) -> bytes:
        """The program that lets the process ``pid`` signal itself and nobody else."""
        patched = bytearray(self.program)
        for offset in self.pid_offsets:
            struct.pack_into("=I", patched, offset, pid)
        return bytes(patched)


@functools.cache
def compile_filter(machine: str) -> Filter:
    """The filter for a machine as ``os.uname()`` calls it, made once and kept.

    Raises:
        OSError: There is no table for this machine.
    """
    if machine not in _AUDIT_ARCH:
        known = " and ".join(_AUDIT_ARCH)
        raise OSError(_ENOSYS, f"no table of system calls for {machine}, only for {known}")
    code = _assemble(machine)
    return Filter(
        program=b"".join(struct.pack("=HBBI", *i[:3], i.k & 0xFFFF_FFFF) for i in code),
        pid_offsets=tuple(8 * n + 4 for n, i in enumerate(code) if i.k == OWN_PID),
    )


def numbers(table: str, machine: str) -> dict[str, int]:
    """The numbers of the calls that a table names and the machine has, by name."""
    column = ("x86_64", "aarch64").index(machine)
    words = table.split()
    pairs = zip(words[::2], (both.split("/")[column] for both in words[1::2]), strict=True)
    return {name: int(number) for name, number in pairs if number != "-"}


def _assemble(machine: str) -> Code:
    verdicts: dict[int, Code] = {}
    for table in ALLOWED.values():
        verdicts |= dict.fromkeys(numbers(table, machine).values(), _allow)
    for name, number in numbers(RESTRICTED, machine).items():
        verdicts[number] = _judge(CONDITIONS[name])
    verdicts |= dict.fromkeys(numbers(MISSING, machine).values(), _deny_knowledge)

    # Runs of neighbours with one verdict, so that the kernel finds any number in a few steps:
    # it runs the program for every number there is when the filter goes in.
    runs: list[tuple[int, Code]] = []
    for number in range(FIRST_UNKNOWN):
        verdict = verdicts.get(number, _refuse)
        if not runs or runs[-1][1] is not verdict:
            runs.append((number, verdict))
    runs.append((FIRST_UNKNOWN, _deny_knowledge))
    # x32 shares x86_64's arch value and marks its numbers with this bit; a filter that forgets
    # it can be walked around. Honest programs never make such a call.
    runs.append((_X32_BIT, _kill))

    return [
        Instruction(_LOAD, 0, 0, _ARCH_OFFSET),
        Instruction(_IF_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        *_kill,  # 32-bit calls have other numbers: this table would judge the wrong call
        Instruction(_LOAD, 0, 0, _NUMBER_OFFSET),
        *_search(runs),
    ]


def _search(runs: list[tuple[int, Code]]) -> Code:
    """A binary search for the run that the loaded number is in, ending in that run's code."""
    if len(runs) == 1:
        return runs[0][1]
    middle = len(runs) // 2
    below, above = _search(runs[:middle]), _search(runs[middle:])
    pivot = runs[middle][0]
    return [Instruction(_IF_AT_LEAST, len(below), 0, pivot), *below, *above]


def _judge(conditions: tuple[OneOf, ...]) -> Code:
    code: Code = []
    for condition in conditions:
        values = condition.values
        code += [
            Instruction(_LOAD, 0, 0, _ARGUMENTS_OFFSET + 8 * condition.argument),
            Instruction(_AND, 0, 0, condition.mask),
            *(Instruction(_IF_EQUAL, len(values) - n, 0, value) for n, value in enumerate(values)),
            *_refuse,
        ]
    return [*code, *_allow]
