"""A zygote that dies or freezes is replaced, and no submission loses anything by it."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.errors import SandboxError
from autograder.sandbox import child as child_module
from autograder.sandbox import host
from autograder.sandbox.host import Sandbox
from autograder.sandbox.session import (
    MAX_INTERRUPTIONS,
    SandboxedStudent,
    SandboxInterruptedError,
)
from autograder.submission import Cell
from tests.autograder.sandbox.conftest import SPEC, Loaded
from tests.autograder.sandbox.test_host import below, wait_until

GOOD = "import time\ndef good():\n    return 42\ndef slow():\n    time.sleep(1)\n    return 42\n"


@pytest.fixture(scope="module")
def own() -> Iterator[Sandbox]:
    """A sandbox whose zygotes are killed."""
    with Sandbox(SPEC) as sandbox:
        yield sandbox


@pytest.fixture
def load(own: Sandbox) -> Iterator[Callable[[], Loaded]]:
    sessions = []

    def load() -> Loaded:
        session = SandboxedStudent(own, [Cell(GOOD, "hers.py", 1)], "hers", SPEC.limits, 7)
        sessions.append(session)
        session.load()
        return Loaded(session)

    yield load
    for session in sessions:
        session.close()


def zygote_pid(sandbox: Sandbox) -> int:
    """The process that forks: the second Python, the first one only waits for it."""
    pythons = []
    for pid in below(sandbox):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended since
            if Path(f"/proc/{pid}/comm").read_text().startswith("python"):
                pythons.append(pid)
    return pythons[1]


def end_zygote(sandbox: Sandbox) -> None:
    """End it, and see it ended: what it had begun it may still have done."""
    sandbox._live().process.kill()
    assert wait_until(lambda: not sandbox.is_alive())


@pytest.mark.parametrize("which", ["outermost", "the one that forks"])
def test_a_dead_zygote_is_replaced(which: str, own: Sandbox, load: Callable[[], Loaded]) -> None:
    load().session.close()
    process = own._live().process
    os.kill(process.pid if which == "outermost" else zygote_pid(own), signal.SIGKILL)
    assert wait_until(lambda: not own.is_alive())

    loaded = load()

    assert own._live().process is not process
    assert loaded.problems == []
    assert loaded.check("good") == 42


def test_a_frozen_zygote_is_replaced(
    own: Sandbox, load: Callable[[], Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "_SPAWN_SECONDS", 0.3)
    frozen = zygote_pid(own)
    os.kill(frozen, signal.SIGSTOP)

    loaded = load()

    assert loaded.check("good") == 42
    assert not Path(f"/proc/{frozen}").exists()


def test_a_check_whose_child_died_with_the_zygote_is_told_apart_and_runs_again(
    own: Sandbox, load: Callable[[], Loaded]
) -> None:
    loaded = load()
    killer = threading.Timer(0.1, os.kill, (zygote_pid(own), signal.SIGKILL))
    killer.start()

    with pytest.raises(SandboxInterruptedError):
        loaded.check("slow")

    assert loaded.check("slow") == 42


def test_a_zygote_that_dies_again_and_again_is_an_error_of_ours(
    own: Sandbox, load: Callable[[], Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load()
    monkeypatch.setattr(own, "is_alive", lambda: False)

    def check_a_dead_child() -> None:
        loaded.session.load()
        os.kill(child_module._pid_of(loaded.session._child._pidfd), signal.SIGKILL)
        loaded.check("good")

    for _ in range(MAX_INTERRUPTIONS):
        with pytest.raises(SandboxInterruptedError):
            check_a_dead_child()

    with pytest.raises(SandboxError, match=r"again and again(.|\n)*fix:") as raised:
        check_a_dead_child()
    assert not isinstance(raised.value, SandboxInterruptedError)


def test_a_new_zygote_with_other_layers_is_refused(own: Sandbox) -> None:
    layers = own.layers
    own.layers = (*layers, "moat")
    end_zygote(own)

    with pytest.raises(SandboxError, match="other layers than the first"):
        own.spawn()

    own.layers = layers
    own.spawn().kill()


def test_a_zygote_that_cannot_be_started_again_is_an_error_with_a_fix(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_zygote(own)
    monkeypatch.setattr(host, "packages", lambda: ())

    with pytest.raises(SandboxError, match=r"No module named(.|\n)*fix:"):
        own.spawn()
