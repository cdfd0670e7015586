"""What a child finds around it, what it cannot reach, and what is left of it: nothing."""

import ctypes
import gc
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import FailureKind, SandboxError
from autograder.sandbox import child as child_module
from autograder.sandbox import host, launch
from autograder.sandbox.child import Budget, ChildEnded, End, remove_folder
from autograder.sandbox.host import Sandbox
from autograder.sandbox.inside import wire
from autograder.spec import AssignmentSpec

ROOT = Path(host.__file__).parents[2]
PR_GET_DUMPABLE = 3
Load = Callable[..., Any]  # the fixture's function, see conftest.py

TRY = """
def attempt(act):
    try:
        return repr(act())
    except Exception as error:
        return type(error).__name__
"""


def wait_until(true, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def below(sandbox: Sandbox) -> list[int]:
    """The processes of a sandbox, its zygote and bubblewrap among them."""
    found = [sandbox._live().process.pid]
    for pid in found:
        found += [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    return found


# --- The zygote ---------------------------------------------------------------------------------


def test_the_zygote_has_loaded_no_test_and_nothing_of_the_grader(sandbox: Sandbox) -> None:
    modules = set(sandbox.facts["modules"])

    assert modules.isdisjoint({"autograder", "pytest", "_pytest", "nbgrader", "tests", "reference"})
    assert "torch" in modules


def test_the_zygote_has_no_environment_but_ours(sandbox: Sandbox) -> None:
    assert set(sandbox.facts["environment"]) == {
        "PATH", "HOME", "TMPDIR", "USER", "PWD", "LANG", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS", "GLIBC_TUNABLES", "PYTHONMALLOC", "TORCHDYNAMO_DISABLE",
    }  # fmt: skip


def test_the_zygote_holds_no_open_file_but_its_own(sandbox: Sandbox) -> None:
    standard, control, itself, listing = 3, 1, 1, 1

    assert len(sandbox.facts["fds"]) == standard + control + itself + listing


def test_neither_zygote_nor_grader_can_be_read_by_others_of_their_user(sandbox: Sandbox) -> None:
    assert sandbox.facts["dumpable"] is False
    assert ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"modules": ["json", "pytest"]},
        {"modules": []},
        {"environment": ["HOME", "COURSE_SECRET"]},
        {"fds": [0, 1, 2, 3, 4, 5, 6]},
        {"dumpable": True},
        {"prefix": "/usr/another"},
    ],
    ids=str,
)
def test_a_zygote_that_is_not_clean_is_refused(
    change: dict[str, object], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = {"modules": ["json"], "environment": ["HOME"], "fds": [0], "dumpable": False}
    clean |= {"prefix": sys.base_prefix, "namespaces": ""}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    monkeypatch.setattr(sandbox._live(), "control", ours)

    with ours, theirs:
        theirs.send(json.dumps(clean).encode())
        sandbox._introduce()
        theirs.send(json.dumps(clean | change).encode())
        with pytest.raises(SandboxError, match="not clean"):
            sandbox._introduce()


# --- What a child has ---------------------------------------------------------------------------


def test_a_child_has_no_open_file_but_its_socket(load: Load) -> None:
    loaded = load("""
        import os
        def opened():
            found = []
            for fd in range(64):
                try:
                    found.append(f"{fd}:{os.fstat(fd).st_mode >> 12:o}")
                except OSError:
                    pass
            return " ".join(found)
    """)

    opened = str(loaded.check("opened")).split()

    assert opened[:3] == ["0:2", "1:2", "2:2"], "standard streams are /dev/null, a character device"
    assert [kind.partition(":")[2] for kind in opened[3:]] == ["14"], "and then one socket"


def test_a_child_imports_from_the_interpreter_and_the_packages_only(load: Load) -> None:
    loaded = load("""
        import sys, importlib.machinery
        def paths():
            print("\\n".join(sys.path))
        def finds(name):
            return str(importlib.machinery.PathFinder.find_spec(name))
    """)

    loaded.check("paths")
    paths = loaded.session.printed.split()

    assert all("/lib/python3" in path for path in paths)
    assert loaded.check("finds", "autograder") == "None"
    assert loaded.check("finds", "conftest") == "None"


def test_an_environment_that_is_a_link_is_read_where_it_really_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, link = tmp_path / "real" / "site-packages", tmp_path / "link"
    real.mkdir(parents=True)
    link.symlink_to(real.parent)
    monkeypatch.setattr(launch.site, "getsitepackages", lambda: [str(link / "site-packages")])

    found = launch.packages()

    assert str(real) in found
    assert set(found) <= set(launch.readable()), "what is imported from may be read"


def test_the_course_secret_in_the_graders_environment_does_not_arrive(load: Load) -> None:
    loaded = load(
        TRY
        + """
import os, ctypes
def environment():
    get = ctypes.CDLL(None).getenv
    get.restype = ctypes.c_char_p
    return " ".join([
        str([name for name in os.environ if "SECRET" in name]),
        str(get(b"AUTOGRADER_COURSE_SECRET")),
        attempt(lambda: b"SECRET" in open("/proc/self/environ", "rb").read()),
    ])
"""
    )

    assert loaded.check("environment") == "[] None FileNotFoundError"


LOOK = """
import os
def look(path):
    def act():
        return os.listdir(path) if os.path.isdir(path) else open(path).read(100)
    return attempt(act)
def size(path):
    return attempt(lambda: os.stat(path).st_size)
"""


def not_its_own(folder: Path) -> list[Path]:
    return [
        ROOT / "tests" / "hidden", ROOT / "course.toml", ROOT / "autograder" / "errors.py",
        folder / "witness" / "seen", folder / "zygote.log", Path("/etc/passwd"),
        Path(f"/proc/{os.getpid()}/environ"), Path(f"/proc/{os.getpid()}/fd"),
    ]  # fmt: skip


def test_a_child_does_not_even_see_what_is_not_its_own(load: Load) -> None:
    loaded = load(TRY + LOOK)

    for path in not_its_own(loaded.session._sandbox._folder):
        assert path.exists(), path
        assert loaded.check("size", str(path)) == "FileNotFoundError", path
        assert loaded.check("look", str(path)) == "FileNotFoundError", path


def test_a_child_cannot_list_the_folders_it_passes_through(load: Load) -> None:
    loaded = load(TRY + LOOK)

    for path in ("/", "/proc", "/usr", "/sandbox", "/sandbox/inside", "/witness"):
        assert loaded.check("look", path) == "PermissionError", path


def test_a_child_finds_nothing_of_another_in_its_scratch(load: Load) -> None:
    load("open('mine', 'w').write('an answer')")
    loaded = load("import os\ndef listing():\n    return ' '.join(os.listdir())\n")

    assert loaded.check("listing") == ""


def test_a_child_is_not_told_the_name_of_the_machine(load: Load) -> None:
    loaded = load("import os\ndef name():\n    return os.uname().nodename\n")

    assert loaded.check("name") == "sandbox" != os.uname().nodename


def test_a_child_reaches_no_network(load: Load) -> None:
    loaded = load(
        TRY
        + """
import socket, urllib.request
ACTS = [
    lambda: socket.socket(), lambda: socket.socket(socket.AF_UNIX), lambda: socket.socketpair(),
    lambda: socket.create_connection(("127.0.0.1", 80)),
]
def act(number):
    return attempt(ACTS[number])
def visit():
    return attempt(lambda: urllib.request.urlopen("http://127.0.0.1/"))
"""
    )

    assert [loaded.check("act", number) for number in range(4)] == ["PermissionError"] * 4
    assert loaded.check("visit") == "URLError"


@pytest.mark.parametrize(
    "act",
    [
        "os.fork()", "os.vfork() if hasattr(os, 'vfork') else os.forkpty()", "os.system('true')",
        "os.execv('/bin/true', ['true'])", "os.posix_spawn('/bin/true', ['true'], {})",
        "__import__('subprocess').run(['true'])",
        "__import__('multiprocessing').Process(target=print).start()",
    ],
)  # fmt: skip
def test_a_child_starts_no_process(act: str, load: Load) -> None:
    loaded = load(TRY + f"import os\ndef act():\n    return attempt(lambda: {act})\n")

    assert loaded.check("act") in ("PermissionError", "FileNotFoundError", "-1", "32512"), (
        "32512: no shell; /dev/ptmx is not there"
    )


def test_scratch_can_be_written(load: Load) -> None:
    loaded = load("""
        import os, tempfile
        def write():
            os.makedirs("a/b")
            with open("a/b/c.txt", "w") as file:
                file.write("kept")
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"kept too")
            return open("a/b/c.txt").read() + os.getcwd()
    """)

    assert loaded.check("write") == "kept/scratch"


def test_nothing_that_a_child_writes_reaches_the_disk(load: Load) -> None:
    loaded = load("open('there', 'w').write('x')\n")
    folder = loaded.session._sandbox._folder

    assert loaded.problems == []
    assert not list(folder.rglob("there"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("for n in range(10**6): open(str(n), 'w').close()", "ENOSPC"),
        ("for n in range(10**6): os.mkdir('d'); os.chdir('d')", "ENOSPC"),
        ("for n in range(10**6): open(str(n), 'wb').write(bytes(2**19))", "ENOSPC"),
    ],
    ids=["files", "folders", "bytes"],
)
def test_scratch_is_limited_in(body: str, code: str, load: Load) -> None:
    loaded = load(f"""
        import errno, os
        def fill():
            try:
                {body}
            except OSError as error:
                return errno.errorcode[error.errno]
    """)

    assert loaded.check("fill") == code


def test_a_file_is_capped_and_a_print_after_that_still_works(load: Load) -> None:
    loaded = load("""
        import errno
        def fill():
            try:
                with open("big", "wb") as file:
                    file.write(b"x" * 2**21)
            except OSError as error:
                print("no more")
                return errno.errorcode[error.errno]
    """)

    assert loaded.check("fill") == "EFBIG"
    assert loaded.session.printed == "no more\n"


# --- What is left of a child --------------------------------------------------------------------


def test_three_thousand_folders_one_in_another_are_removed(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    inside = os.open(scratch, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("deeper", 0o000, dir_fd=inside)
        deeper = os.open("deeper", os.O_RDONLY, dir_fd=inside)
        os.close(inside)
        inside = deeper
    os.close(inside)

    remove_folder(scratch)

    assert list(tmp_path.iterdir()) == []


def test_no_zombie_open_file_or_scratch_is_left_of_fifty_children(sandbox: Sandbox) -> None:
    def one_child() -> int:
        child = sandbox.spawn()
        child.kill()
        return len(list(Path("/proc/self/fd").iterdir()))

    files = set(sandbox._folder.rglob("*"))
    one_child()
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert wait_until(lambda: len(below(sandbox)) <= 4), "bubblewrap twice, the zygote twice"
    zygotes = len(below(sandbox))

    counts = [one_child() for _ in range(50)]

    assert max(counts) <= before
    assert set(sandbox._folder.rglob("*")) == files
    assert wait_until(lambda: len(below(sandbox)) == zygotes)


def test_closing_the_sandbox_ends_its_children_and_removes_what_they_wrote(
    spec: AssignmentSpec,
) -> None:
    own = Sandbox(spec)
    child = own.spawn()
    pid = child_module._pid_of(child._pidfd)
    (own._folder / "scratch" / "there").write_text("")

    own.close()

    assert wait_until(lambda: not Path(f"/proc/{pid}").exists())
    assert not own._folder.exists()


def test_threads_left_running_end_with_their_child(load: Load) -> None:
    loaded = load("""
        import os, threading
        def start():
            for _ in range(4):
                threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
    """)
    loaded.check("start")
    pid = child_module._pid_of(loaded.session._child._pidfd)
    assert Path(f"/proc/{pid}").exists()

    loaded.session.close()

    assert wait_until(lambda: not Path(f"/proc/{pid}").exists())


# --- Time ---------------------------------------------------------------------------------------


def test_a_part_of_a_budget_cannot_spend_more_than_the_whole_has() -> None:
    whole = Budget(1.0, wall_factor=10.0)

    first = Budget(0.75, 10.0, whole)
    first.spend(0.75, 2.0)
    second = Budget(0.75, 10.0, whole)

    assert (second.cpu_seconds, second.wall_seconds) == (0.25, 7.5)
    second.spend(0.25, 1.0)
    assert second.used_up and whole.used_up


def test_what_a_killed_child_took_is_taken_off_its_budget(sandbox: Sandbox) -> None:
    budget = Budget(0.05, wall_factor=1.0)
    child = sandbox.spawn()

    with pytest.raises(ChildEnded):
        child.receive(1, budget)

    assert budget.used_up


def test_a_child_that_only_sleeps_uses_no_processor_time(load: Load) -> None:
    loaded = load(
        "import time\ndef sleep():\n    time.sleep(5)\n", check_cpu_seconds=0.1, wall_factor=2.0
    )

    failure = loaded.failure("sleep")

    assert failure.kind is FailureKind.TIMEOUT
    assert "waited" in failure.message


def test_time_between_two_replies_is_counted_though_the_next_is_there_already(
    sandbox: Sandbox,
) -> None:
    child = sandbox.spawn()
    cell = wire.Cell("a = 1\nb = 2\n", "toy.py", 1)
    child.send(wire.Request(1, 0, wire.Load((cell,), (), "toy")), [], Budget(10, 10))
    child.receive(1, Budget(10, 10))

    time.sleep(0.2)

    with pytest.raises(ChildEnded) as ended:
        child.receive(1, Budget(10, 0.01))  # a tenth of a second
    assert ended.value.reason is End.WALL


def test_prints_can_be_sent_to_nowhere(load: Load) -> None:
    loaded = load("""
        import contextlib, os
        def quiet():
            with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
                print("not shown")
            return 42
    """)

    assert loaded.check("quiet") == 42
    assert loaded.session.printed == ""
