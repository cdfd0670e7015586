from __future__ import annotations

import msgspec
import pytest
import torch

from autograder.checks import Student
from autograder.errors import FailureKind, StudentFailure
from autograder.spec import AssignmentSpec, Limits
from autograder.student.local import LocalStudent
from autograder.submission import as_form

SPEC = AssignmentSpec(
    title="toy", exercises=(), limits=Limits(statement_cpu_seconds=0.05, check_cpu_seconds=0.05)
)


def loaded(source: str) -> LocalStudent:
    connection = LocalStudent(SPEC)
    connection.load(as_form("toy.py", source.encode(), "toy"))
    return connection


def test_an_endless_loop_at_the_top_loses_only_itself() -> None:
    connection = loaded("a = 1\nwhile True: pass\ndef f(): return 2\n")

    assert "toy.py:2" in connection.problems[0]
    assert Student(connection).call("f").value == 2.0


def test_an_endless_loop_in_a_function_fails_the_check_and_practice_goes_on() -> None:
    student = Student(loaded("def loop():\n    while True: pass\ndef f(): return 2\n"))

    with pytest.raises(StudentFailure) as failure:
        student.call("loop")

    assert failure.value.kind is FailureKind.TIMEOUT
    assert student.call("f").value == 2.0


def test_what_the_code_does_to_its_arguments_does_not_reach_the_check() -> None:
    student = Student(loaded("def f(X):\n    X += 1\n    return X\n"))
    image = torch.zeros(2, 2)

    student.call("f", image)

    assert torch.equal(image, torch.zeros(2, 2))


def test_printing_again_and_again_is_no_failure() -> None:
    student = Student(loaded("def f():\n    print('epoch')\n    return 1\n"))

    values = [student.call("f").value for _ in range(3)]

    assert values == [1.0, 1.0, 1.0]


def test_ctrl_c_is_the_persons_and_ends_the_practice() -> None:
    spec = msgspec.structs.replace(SPEC, limits=Limits())
    connection = LocalStudent(spec)
    connection.load(as_form("toy.py", b"def f(): raise KeyboardInterrupt\n", "toy"))

    with pytest.raises(KeyboardInterrupt):
        Student(connection).call("f")


def test_a_check_call_in_the_file_does_not_check_again() -> None:
    connection = loaded("from autograder.student import check\ncheck('corr2d-exact')\n")

    assert connection.problems == []
