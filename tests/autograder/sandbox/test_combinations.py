"""Every combination of layers keeps the promises, the weakest refuses, and each layer is proved."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.errors import SandboxError
from autograder.sandbox import host, launch
from autograder.sandbox.combinations import COMBINATIONS, REFUSED, STARTS, Combination
from autograder.sandbox.host import Sandbox
from autograder.sandbox.inside.proof import Proof
from autograder.sandbox.layers import REQUIRED, active_layers, layers, what_is_missing
from autograder.sandbox.session import SandboxedStudent
from autograder.spec import AssignmentSpec
from autograder.submission import Cell
from tests.autograder.sandbox.conftest import SPEC, Loaded
from tests.autograder.sandbox.test_host import ROOT, TRY

HIDDEN = sorted((ROOT / "tests" / "hidden" / "convolutions").glob("*.py"))[:1]
EVERYWHERE = {
    "no-new-privileges", "no-capabilities", "non-dumpable", "parent-death-signal", "rlimits",
    "seccomp",
}  # fmt: skip


@pytest.fixture(scope="module", params=COMBINATIONS, ids=lambda one: one.name)
def isolated(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox in each combination that this machine can have."""
    try:
        sandbox = Sandbox(SPEC, HIDDEN, request.param)
    except SandboxError as error:
        if "Permission denied" in str(error) or "only root" in str(error):
            # Another uid cannot reach the interpreter; the attack suite has a way to it.
            pytest.skip(str(error).splitlines()[1].strip())
        raise
    with sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(isolated: Sandbox) -> Iterator[Callable[[str], object]]:
    """What one expression gives in a child, one child for all."""
    source = TRY + "import os\ndef asked(text):\n    return attempt(lambda: eval(text))\n"
    session = SandboxedStudent(isolated, [Cell(source, "hers.py", 1)], "hers", SPEC.limits, 7)
    session.load()
    yield lambda expression: Loaded(session).check("asked", expression)
    session.close()


# --- What holds in every combination ------------------------------------------------------------


def test_what_is_asked_for_is_what_is_active(isolated: Sandbox) -> None:
    names = {name.partition(":")[0] for name in isolated.layers}
    asked = isolated.combination

    assert names >= EVERYWHERE
    assert ("bubblewrap" in names) is asked.bubblewrap
    assert ("own-uid" in names) is asked.other_uid
    assert ("landlock" in names) is ("landlock" not in asked.without)
    assert ("pid-namespace" in names) is ("namespaces" not in asked.without)
    assert ("network-namespace" in names) is (asked.bubblewrap or "namespaces" not in asked.without)
    assert ("private-scratch" in names) is ("namespaces" not in asked.without)


def test_hidden_files_cannot_be_read(ask: Callable[[str], object]) -> None:
    assert ask(f"open({str(HIDDEN[0])!r}).read()") in ("PermissionError", "FileNotFoundError")


@pytest.mark.parametrize("file", ["mem", "environ", "maps", "fd", "cwd/course.toml", "status"])
def test_nothing_of_the_grader_is_read_through_proc(
    file: str, ask: Callable[[str], object]
) -> None:
    for pid in (os.getpid(), "self", "' + str(os.getppid()) + '"):
        answer = ask(f"open('/proc/{pid}/{file}', 'rb').read(1)")

        assert answer in ("PermissionError", "FileNotFoundError", "NotADirectoryError"), pid


@pytest.mark.parametrize(
    "act",
    [
        "os.fork()", "os.kill(os.getppid() or 1 << 20, 9)", "os.kill(-1, 9)", "os.setuid(0)",
        "__import__('socket').socket()", "os.symlink('/', 'link')", "os.mkfifo('pipe')",
        "open('/dev/shm/left', 'w')", "open('/left', 'w')", "open('../left', 'w')",
        "os.memfd_create('left')",
    ],
)  # fmt: skip
def test_nothing_is_started_reached_or_left(act: str, ask: Callable[[str], object]) -> None:
    refused = ("PermissionError", "FileNotFoundError", "ProcessLookupError", "OSError")

    assert ask(act) in refused, "OSError: a read-only file system"


def test_scratch_can_be_written_and_nothing_of_it_stays(
    isolated: Sandbox, ask: Callable[[str], object]
) -> None:
    before = set(isolated._folder.rglob("*"))

    assert ask("open('mine', 'w').write('an answer')") == "9"
    child = isolated.spawn()
    child.kill()

    left = {path.name for path in set(isolated._folder.rglob("*")) - before}
    assert left <= {str(isolated._count - 1), "mine"}, "at most the child's that is still alive"


# --- The choice ---------------------------------------------------------------------------------


def test_the_strongest_combination_that_proves_itself_is_taken() -> None:
    with Sandbox(SPEC, HIDDEN) as sandbox:
        expected = STARTS[0] if os.geteuid() == 0 else STARTS[1]

        assert sandbox.combination == expected
        assert [one.combination for one in sandbox.rejected] == list(
            STARTS[: STARTS.index(expected)]
        )


def test_without_bubblewrap_the_next_is_taken_and_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with Sandbox(SPEC, HIDDEN) as sandbox:
        assert not sandbox.combination.bubblewrap
        assert "bubblewrap" not in sandbox.layers
        assert any(
            one.why == "bubblewrap is not installed, or not on PATH" for one in sandbox.rejected
        )


def test_a_bubblewrap_that_fails_is_told_with_what_it_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with Sandbox(SPEC, HIDDEN) as sandbox:
        whys = [one.why for one in sandbox.rejected if one.combination.bubblewrap]

        assert not sandbox.combination.bubblewrap
        assert whys and all("No permissions" in why or "only root" in why for why in whys)


def test_the_same_uid_without_landlock_is_refused() -> None:
    with pytest.raises(SandboxError) as refused:
        Sandbox(SPEC, HIDDEN, REFUSED)

    assert "bubblewrap / landlock (one of them)" in str(refused.value)
    assert "hidden files can be read" in str(refused.value)
    assert "fix:" in str(refused.value)


def test_a_hidden_file_where_students_may_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hidden = tmp_path / "test_hidden.py"
    hidden.write_text("assert 42\n")
    readable = launch.readable()
    monkeypatch.setattr(host, "readable", lambda: (*readable, str(tmp_path)))

    with pytest.raises(SandboxError, match="hidden files can be read"):
        Sandbox(SPEC, [hidden], STARTS[-1])


def test_nothing_is_left_of_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host.tempfile, "tempdir", str(tmp_path))

    with pytest.raises(SandboxError):
        Sandbox(SPEC, HIDDEN, REFUSED)

    assert list(tmp_path.iterdir()) == []


def test_a_uid_of_its_own_belongs_to_nobody() -> None:
    uid = launch._unused_uid()

    assert 60000 < uid < 65534
    assert f":{uid}:" not in Path("/etc/passwd").read_text()


# --- The proofs ---------------------------------------------------------------------------------


def proofs(*refused: str) -> list[Proof]:
    return [Proof(layer.name, "", layer.name in refused) for layer in layers()]


def test_a_layer_that_says_it_is_on_but_lets_the_act_pass_does_not_count() -> None:
    told = ("seccomp", "rlimits", "landlock:7")

    active = active_layers(told, proofs("rlimits", "landlock"))

    assert active == ("landlock:7", "rlimits")


def test_a_layer_whose_act_fails_for_another_reason_does_not_count() -> None:
    assert active_layers(("rlimits",), proofs("rlimits", "seccomp")) == ("rlimits",)


@pytest.mark.parametrize("layer", REQUIRED)
def test_each_required_layer_is_missed(layer: str) -> None:
    active = [name for name in (*REQUIRED, "bubblewrap", "private-scratch") if name != layer]

    assert what_is_missing(active, proofs(*active)) == layer
    assert what_is_missing([*active, layer], proofs(*active, layer)) == ""


def test_a_zygote_that_reports_other_layers_than_it_proved_gives_no_child(
    spec: AssignmentSpec,
) -> None:
    with Sandbox(spec) as own:
        own._inner_layers = (*own._inner_layers, "moat")

        with pytest.raises(SandboxError, match="did not report its layers"):
            own.spawn()


def test_a_layer_with_one_proof_that_fails_does_not_count() -> None:
    both = [*proofs("landlock"), Proof("landlock", "done", False)]

    assert active_layers(("landlock:2",), both) == ()


def test_a_scratch_that_is_full_for_another_reason_does_not_count_as_private() -> None:
    assert active_layers(("rlimits",), proofs("private-scratch", "rlimits")) == ("rlimits",)


def test_children_that_could_write_to_one_scratch_are_refused() -> None:
    active = (*REQUIRED, "bubblewrap")

    assert what_is_missing(active, proofs(*active)) == "private-scratch / landlock (one of them)"


def test_every_combination_has_a_name_of_its_own() -> None:
    names = [one.name for one in (*COMBINATIONS, REFUSED)]

    assert len(set(names)) == len(names)
    assert all(isinstance(one, Combination) for one in COMBINATIONS)
