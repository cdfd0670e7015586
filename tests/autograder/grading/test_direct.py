"""A check that asks for our fixtures alone runs without pytest's protocol and comes to the same."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from autograder.checks import Draw, Student
from autograder.grading.session import Runner, Verdict, run_session
from autograder.report import Outcome
from autograder.spec import AssignmentSpec, Exercise
from autograder.student.local import LocalStudent

HEAD = """
import pytest
from autograder.checks import check
from autograder.errors import FailureKind, StudentFailure

@pytest.fixture
def more():
    return 1
"""
BODIES = {
    "passes": "pass",
    "plain_assert": "assert 1 == 2",
    "explained_assert": "assert [1, 2, 3] == [1, 5, 3], 'the lists differ'",
    "student_failure": "raise StudentFailure(FailureKind.RAISED, 'it raised', 'its trace')",
    "our_error": "None.shape",
    "pytest_fail": "pytest.fail('no')",
    "skip": "pytest.skip('no')",
    "system_exit": "raise SystemExit(3)",
    "draws": "assert draw.uniform(2, 2).sum() < 0",
}
SPEC = AssignmentSpec(title="Toy", name="toy", exercises=(Exercise("one", "One", len(BODIES)),))


def verdicts(folder: Path, arguments: str) -> dict[str, Verdict]:
    """What each body comes to in checks with these arguments."""
    text = HEAD + "".join(
        f'\n@check("one", points=1, hint="Try.")\ndef test_{name}({arguments}):\n    {body}\n'
        for name, body in BODIES.items()
    )
    folder.mkdir()
    path = folder / "test_toy.py"
    path.write_text(text)
    found: dict[str, Verdict] = {}

    def body(runner: Runner) -> None:
        for check in runner.checks:
            found[check.name] = runner.run(check, Student(LocalStudent(SPEC)), Draw(1))

    run_session(path, None, SPEC, body)
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Verdict], dict[str, Verdict]]:
    folder = tmp_path_factory.mktemp("both")
    return verdicts(folder / "ours", "student, draw"), verdicts(
        folder / "more", "student, draw, more"
    )


@pytest.mark.parametrize("name", BODIES)
def test_outcome_error_and_trace_are_those_of_pytests_protocol(
    both: tuple[dict[str, Verdict], dict[str, Verdict]], name: str
) -> None:
    directly, by_protocol = (_comparable(one[f"test_{name}"]) for one in both)

    assert directly == by_protocol


def test_a_comparison_is_explained(
    both: tuple[dict[str, Verdict], dict[str, Verdict]],
) -> None:
    error = both[0]["test_explained_assert"].error

    assert "At index 1 diff: 2 != 5" in str(error)


def test_a_key_pressed_at_the_terminal_ends_the_run(tmp_path: Path) -> None:
    path = tmp_path / "test_toy.py"
    one = msgspec.structs.replace(SPEC, exercises=(Exercise("one", "One", 1),))
    path.write_text(
        HEAD + '\n@check("one", points=1, hint="Try.")\ndef test_x(student):\n'
        "    raise KeyboardInterrupt\n"
    )

    with pytest.raises(KeyboardInterrupt):
        run_session(
            path,
            None,
            one,
            lambda runner: runner.run(  # type: ignore[arg-type, return-value]
                runner.checks[0], Student(LocalStudent(one)), Draw(1)
            ),
        )


def _comparable(verdict: Verdict) -> tuple[Outcome, str, str, str]:
    trace = re.sub(r'File ".*?(ours|more)/', 'File "', verdict.trace)
    said = re.sub(r"0x[0-9a-f]+", "", str(verdict.error))
    return verdict.outcome, type(verdict.error).__name__, said, trace
