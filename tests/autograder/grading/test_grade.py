"""One submission graded: what a mistake costs, what comes of ours, what students can find out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from autograder.checks import Draw, Student
from autograder.checks.drawing import seed_for
from autograder.grading.collect import Check
from autograder.grading.grade import Bench, grade_one
from autograder.grading.session import Runner, Verdict, run_session
from autograder.report import (
    CheckResult,
    Outcome,
    Provenance,
    Report,
    Visibility,
    encode_report,
    student_view,
)
from autograder.sandbox.host import Sandbox
from autograder.spec import AssignmentSpec, Course, Exercise, Limits
from autograder.submission import Form, Submission, as_form

SECRET = b"0123456789abcdef"
LIMITS = Limits(
    statement_cpu_seconds=0.5, check_cpu_seconds=0.3, wall_factor=10.0, memory_mib=512,
    scratch_mib=1,
)  # fmt: skip
PROVENANCE = Provenance(
    grader_version="0", tests_sha256="0", secret_fingerprint="0", seed="", torch="0", python="0",
    sandbox_layers=(), graded_at="",
)  # fmt: skip
# All that a student may be told of a hidden check that failed.
HIDDEN_MESSAGES = {
    "the answer is not the expected one",
    "a function, class or parameter the check needs is missing",
    "your code raised an error",
    "your code ended the process, crashed, or ran out of memory",
    "your code took too long",
    "not run: time used up",
    "your code returned something we do not read",
    "your code returned another kind or shape than asked for",
    "autograd finds no way back through your code",
}


@pytest.fixture(scope="module")
def spec(course: Course) -> AssignmentSpec:
    return msgspec.structs.replace(course.assignment("convolutions"), limits=LIMITS)


@pytest.fixture(scope="module")
def sandbox(spec: AssignmentSpec) -> Iterator[Sandbox]:
    with Sandbox(spec) as sandbox:
        yield sandbox


def script(source: str, name: str = "convolutions.py") -> Form:
    return as_form(name, source.encode(), name.partition(".")[0])


def checks_of(report: Report, exercise: str) -> tuple[CheckResult, ...]:
    return next(each.checks for each in report.exercises if each.name == exercise)


def scores(report: Report) -> dict[str, int | None]:
    return {exercise.name: exercise.score for exercise in report.exercises}


# --- Errors carried forward, on the real assignment ---------------------------------------------

CORR2D = """
def corr2d(X, K):
    h, w = K.shape
    rows = [[(X[i:i + h, j:j + w] * K).sum() for j in range(X.shape[1] - w + 1)]
            for i in range(X.shape[0] - h + 1)]
    return torch.stack([torch.stack(row) for row in rows])
"""
LAYER = """
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))
    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
"""
TRAIN = """
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
"""
WRONG = "def corr2d(X, K): return 0 * X[K.shape[0] - 1:, K.shape[1] - 1:] * K.sum() + 7\n"
OWN_METHOD = LAYER.replace("corr2d(x,", "self.corr2d(x,") + (
    "    def corr2d(self, X, K): return X[K.shape[0] - 1:, K.shape[1] - 1:] * K.sum()\n"
)
KNOWS_WHEN_IT_IS_REPLACED = """
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    if "inside" not in corr2d.__module__:
        raise ValueError
    return right_train_kernel(conv, X, Y, num_epochs, lr)
"""
TELLS = LAYER.replace(
    "return corr2d(x, self.weight) + self.bias",
    "raise ValueError(corr2d(torch.ones(1, 1), torch.ones(1, 1)).item())",
)
IMPORTS = "import torch\nfrom torch import nn\n"
SUBMITTED = {
    "right": IMPORTS + CORR2D + LAYER + TRAIN,
    "missing": IMPORTS + LAYER + TRAIN,
    "wrong": IMPORTS + WRONG + LAYER + TRAIN,
    "flipped": IMPORTS + CORR2D.replace("* K)", "* K.flip(0, 1))") + LAYER + TRAIN,
    "raises": IMPORTS + "def corr2d(X, K): raise ValueError('not today')\n" + LAYER + TRAIN,
    "loops": IMPORTS + "def corr2d(X, K):\n    while True: pass\n" + LAYER + TRAIN,
    "exits": IMPORTS + "import os\ndef corr2d(X, K): os._exit(0)\n" + LAYER + TRAIN,
    "method": IMPORTS + OWN_METHOD + TRAIN,
    "method and function": IMPORTS + WRONG + OWN_METHOD + TRAIN,
    "both wrong": IMPORTS + WRONG + LAYER.replace(" + self.bias", "") + TRAIN,
    "layer wrong": IMPORTS + CORR2D + LAYER.replace(" + self.bias", "") + TRAIN,
    "greedy": IMPORTS
    + WRONG
    + LAYER
    + TRAIN.replace("train_kernel", "right_train_kernel")
    + KNOWS_WHEN_IT_IS_REPLACED,
    "tells": IMPORTS + WRONG + TELLS + TRAIN,
    "empty": "",
}


@pytest.fixture(scope="module")
def reports(course: Course, spec: AssignmentSpec, sandbox: Sandbox) -> dict[str, Report]:
    """Each of ``SUBMITTED``, and some of several forms or none, graded in one session."""
    right, wrong = SUBMITTED["right"], SUBMITTED["wrong"]
    submissions = {name: Submission(name, (script(text),)) for name, text in SUBMITTED.items()}
    submissions |= {
        "wrong, right": Submission("both", (script(wrong, "a.py"), script(right, "b.py"))),
        "right, wrong": Submission("both", (script(right, "a.py"), script(wrong, "b.py"))),
        "unreadable": Submission("nobody", (), ("convolutions.ipynb: is not a notebook",)),
    }
    graded: dict[str, Report] = {}

    def body(runner: Runner) -> None:
        bench = Bench(spec, runner, sandbox, SECRET, PROVENANCE)
        for name, submission in submissions.items():
            graded[name] = grade_one(submission, bench)

    run_session(
        course.visible_checks("convolutions"), course.hidden_checks("convolutions"), spec, body
    )
    return graded


def test_a_right_file_earns_all_points(reports: dict[str, Report]) -> None:
    assert reports["right"].score == 100


@pytest.mark.parametrize(
    "name", ["missing", "wrong", "raises", "loops", "exits", "method", "method and function"]
)
def test_a_broken_corr2d_costs_its_own_three_exercises_and_nothing_else(
    name: str, reports: dict[str, Report]
) -> None:
    assert scores(reports[name]) == {
        "corr2d-exact": 0, "edge-detection": 0, "transposed-input": 0,
        "conv2d": 25, "learned-kernel": 30,
    }  # fmt: skip


def test_only_checks_of_the_dependent_exercise_are_marked_as_carried_forward(
    reports: dict[str, Report],
) -> None:
    marked = {
        exercise.name
        for report in reports.values()
        for exercise in report.exercises
        if any(check.carried_forward for check in exercise.checks)
    }

    assert marked == {"conv2d"}
    assert not any(check.carried_forward for check in checks_of(reports["right"], "conv2d"))


def test_what_a_visible_check_says_is_said_before_any_hidden_input_was_seen(
    reports: dict[str, Report],
) -> None:
    *_others, answers = (
        check
        for check in checks_of(reports["tells"], "conv2d")
        if check.visibility is Visibility.VISIBLE
    )

    # 7 by the student's own corr2d; 1 by the right one, which is there in the second run alone.
    assert "ValueError: 7.0" in answers.message and not answers.carried_forward


def test_a_kernel_that_is_flipped_costs_its_points_once(reports: dict[str, Report]) -> None:
    earned = scores(reports["flipped"])

    assert (earned["conv2d"], earned["learned-kernel"]) == (25, 30)
    assert earned["corr2d-exact"] < 25


def test_a_mistake_of_the_layers_own_still_costs_its_points(reports: dict[str, Report]) -> None:
    both, layer = scores(reports["both wrong"]), scores(reports["layer wrong"])

    assert both["conv2d"] == layer["conv2d"]
    assert 0 < layer["conv2d"] < 25
    assert layer["corr2d-exact"] == 25


def test_breaking_corr2d_on_purpose_gains_nothing_but_the_layer(
    reports: dict[str, Report],
) -> None:
    greedy = reports["greedy"]

    assert scores(greedy)["conv2d"] == 25
    assert greedy.score == 25
    assert greedy.score < reports["right"].score


def test_an_empty_file_earns_nothing_and_breaks_nothing(reports: dict[str, Report]) -> None:
    assert reports["empty"].score == 0
    assert all(
        check.outcome is Outcome.FAILED for e in reports["empty"].exercises for check in e.checks
    )


@pytest.mark.parametrize(("name", "file"), [("wrong, right", "b.py"), ("right, wrong", "a.py")])
def test_the_better_of_two_forms_counts_and_is_the_one_named(
    name: str, file: str, reports: dict[str, Report]
) -> None:
    report = reports[name]

    assert report.score == 100
    assert report.submission.file == file


def test_what_cannot_be_read_has_no_score_and_never_a_zero(reports: dict[str, Report]) -> None:
    report = reports["unreadable"]

    assert report.score is None
    assert set(scores(report).values()) == {None}
    assert report.submission.file is None
    assert report.remarks[0].text == "convolutions.ipynb: is not a notebook"


def test_no_submission_here_ends_errored(reports: dict[str, Report]) -> None:
    outcomes = {
        check.outcome for report in reports.values() for e in report.exercises for check in e.checks
    }

    assert outcomes == {Outcome.PASSED, Outcome.FAILED}


def test_a_failed_hidden_check_says_one_of_a_fixed_set_of_sentences(
    reports: dict[str, Report],
) -> None:
    said = {
        check.message
        for report in reports.values()
        for exercise in report.exercises
        for check in exercise.checks
        if check.visibility is Visibility.HIDDEN and check.outcome is Outcome.FAILED
    }

    assert len(said) > 3
    assert said <= HIDDEN_MESSAGES


# --- A toy, for what ours breaks and for what students could find out ---------------------------

SENTINEL = 731642.0
TOY_CHECKS = """
import torch
from autograder.checks import assert_close, check

"""
SEEN = """
@check("one", points=1, hint="Twice.")
def test_one_and_two_are_doubled(student):
    assert_close(student.f(torch.tensor([1.0, 2.0])), torch.tensor([2.0, 4.0]))
"""
UNSEEN = """
X = torch.tensor([731642.0, 2.0])

@check("one", points=1, hint="Twice.")
def test_another_pair_is_doubled(student):
    assert_close(student.f(X), 2 * X)

@check("one", points=1, hint="Twice.")
def test_what_is_drawn_is_doubled(student, draw):
    drawn = draw.normal(2)
    assert_close(student.f(drawn), 2 * drawn)

@check("one", points=1, hint="Any kind.")
def test_other_arguments(student):
    student.call("g", 731642, "sesame", (731642, 3), True)

@check("one", points=1, hint="Any size.")
def test_a_layer(student):
    layer = student.make("L", (731642, 1))
    layer.write("weight", torch.tensor([731642.0]))
    assert_close(layer.read("weight").value, torch.tensor([731642.0]))
    assert_close(layer(X), X)

@check("one", points=1, hint="Differentiable.")
def test_gradients(student):
    found = student.gradients("f", X.clone().requires_grad_(), upstream=X)
    assert_close(found.arguments[0], 2 * X)
"""
RIGHT = """
def f(x): return 2 * x
def g(*arguments): return 1.0
class L(__import__("torch").nn.Module):
    def __init__(self, size):
        super().__init__()
        import torch
        self.weight = torch.nn.Parameter(torch.ones(1))
    def forward(self, x): return x
"""


class Toy:
    """An assignment of one exercise, or two, and what comes of submissions to it."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._folders = folder / "visible", folder / "hidden"
        for place in self._folders:
            place.mkdir()
        self.runs: list[str] = []

    def grade(
        self,
        *sources: str,
        seen: str = SEEN,
        unseen: str = UNSEEN,
        limits: Limits = LIMITS,
        forms: int = 1,
    ) -> Sequence[Report]:
        for folder, text in zip(self._folders, (seen, unseen), strict=True):
            (folder / f"test_{folder.name}.py").write_text(TOY_CHECKS + dedent(text))
        points = {name: (seen + unseen).count(f'@check("{name}"') for name in ("one", "two")}
        spec = AssignmentSpec(
            title="Toy",
            name="toy",
            exercises=tuple(Exercise(n, n.title(), p) for n, p in points.items() if p),
            limits=limits,
        )
        graded: list[Report] = []

        def body(runner: Runner) -> None:
            counted = Counted(runner, self.runs)
            bench = Bench(spec, counted, self._sandbox, SECRET, PROVENANCE)  # type: ignore[arg-type]
            for number, source in enumerate(sources):
                both = (script(source, "toy.py"),) * forms
                graded.append(grade_one(Submission(f"student-{number}", both), bench))

        run_session(*self._folders, spec, body)
        return graded


class Counted:
    """A runner that notes which checks it ran."""

    def __init__(self, runner: Runner, runs: list[str]) -> None:
        self.checks = runner.checks
        self._runner = runner
        self._runs = runs

    def run(self, check: Check, student: Student, draw: Draw) -> Verdict:
        self._runs.append(check.name)
        return self._runner.run(check, student, draw)


@pytest.fixture
def toy(tmp_path: Path, sandbox: Sandbox) -> Toy:
    return Toy(tmp_path, sandbox)


def test_a_check_that_breaks_on_our_side_has_no_score_and_is_no_zero(toy: Toy) -> None:
    broken = '@check("two", points=1, hint="x")\ndef test_ours(student): None.shape\n'

    [report] = toy.grade(RIGHT, unseen=UNSEEN + broken)

    [check] = checks_of(report, "two")
    assert (check.outcome, check.score) == (Outcome.ERRORED, None)
    assert scores(report) == {"one": 6, "two": None}
    assert report.score is None
    assert "on our side" in check.message and "NoneType" not in check.message
    assert "NoneType" in check.detail


def test_the_visible_checks_of_both_forms_run_before_any_hidden_one(toy: Toy) -> None:
    toy.grade(RIGHT, forms=2)

    seen = "test_one_and_two_are_doubled"
    assert toy.runs[:2] == [seen, seen]
    assert seen not in toy.runs[2:]
    assert len(toy.runs) == 12


def test_a_wall_time_out_is_repeated_once_before_it_counts(toy: Toy) -> None:
    checks = "".join(
        f'@check("one", points=1, hint="x")\ndef test_{n}(student): student.f(torch.ones(1))\n'
        for n in "abc"
    )
    sleepy = "import time\ndef f(x): time.sleep(60)\n"
    hasty = msgspec.structs.replace(LIMITS, wall_factor=1.0)

    [report] = toy.grade(sleepy, seen="", unseen=checks, limits=hasty)

    assert toy.runs == ["test_a", "test_a", "test_b", "test_b", "test_c"]
    assert [check.message for check in checks_of(report, "one")] == [
        "your code took too long", "your code took too long", "not run: time used up",
    ]  # fmt: skip


def test_the_same_student_gets_the_same_inputs_and_another_gets_others(toy: Toy) -> None:
    tell = "def f(x): raise ValueError(x.tolist())\n"
    drawn = (
        '@check("one", points=1, hint="x")\ndef test_d(student, draw): student.f(draw.normal(2))'
    )

    first, second = toy.grade(tell, tell, seen="", unseen=drawn)
    [again] = toy.grade(tell, seen="", unseen=drawn)

    def detail(report: Report) -> str:
        return checks_of(report, "one")[0].detail.rpartition("ValueError")[2]

    assert "[" in detail(first)
    assert detail(again) == detail(first) != detail(second)


# What a student can do with a hidden input once it is in ``said``.
LEAKS = {
    "raise": "raise ValueError(said)",
    "raise in a name": "raise type(said, (Exception,), {})",
    "raise from": "raise KeyError(said) from ValueError(said)",
    "still to be written": "raise NotImplementedError(said)",
    "exit": "sys.exit(said)",
    "warn": "warnings.warn(said)\n    return x",
    "print": "print(said)\n    print(said, file=sys.stderr)\n    os.write(1, said.encode())",
    "return text": "return said",
    "return it": "return x",
    "return a type": "return type(said, (), {'__module__': said})()",
    "return shapes": "return torch.zeros(int(abs(first(x))) % 2**22)",
    "assert": "assert False, said",
    "die": "os._exit(1)",
    "a failure": "answer(wire.Failed('missing', said, {'name': said}, said))",
    "a sentence of ours": (
        "answer(wire.Failed('missing', '{name} is not defined', {'name': said}, said))"
    ),
    "a type": "answer(wire.Returned('other', said, None, None, said, True, ()))",
    "a dtype": "answer(wire.Returned('vector', said, None, said, said, True, ()))",
    "how much was printed": (
        "if first(x) > 9 and not hasattr(torch, 'told'):\n        torch.told = True\n"
        "        sys.stdout.buffer.raw._count += int(first(x)) * 10**6"
    ),
    "how much it says was printed": "answer(wire.Done(), int(first(x)) * 10**6)\n    os._exit(1)",
    "problems": "answer(wire.Loaded(tuple(wire.StatementStatus(0, 9, 9, said) for _ in '12')))",
    "progress": "answer(wire.Progress(0, 9, said, 9))",
}
# Keeps every input wherever it can, and tells it in the next visible check or the next load.
HOSTILE = """
import builtins, os, stat, sys, warnings
import torch
from inside import wire

def answer(result, printed=0):
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    data = wire.encode(wire.Reply(frame.f_locals["request"].id, result, printed, ""), [])
    for fd in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                os.write(fd, data)
        except OSError:
            pass

def kept():
    found = [getattr(place, "kept", "") for place in (torch, builtins, sys, wire)]
    for folder in (".", "..", os.environ["HOME"], "/tmp"):
        try:
            found.append(open(os.path.join(folder, "kept")).read())
        except OSError:
            pass
    return "".join(found)

def keep(text):
    for place in (torch, builtins, sys, wire):
        place.kept = text
    os.environ["KEPT"] = text
    for folder in (".", "..", "/tmp"):
        try:
            open(os.path.join(folder, "kept"), "a").write(text)
        except OSError:
            pass

def first(x):
    while hasattr(x, "__getitem__") and not isinstance(x, str) and getattr(x, "ndim", 1):
        x = x[0]
    return float(x) if not isinstance(x, str) else 0.0

if kept():
    print(kept())
    raise ValueError(kept())

def leak(*given):
    x = given[0] if len(given) == 1 else given
    said = kept() + repr([g.tolist() if isinstance(g, torch.Tensor) else g for g in given])
    keep(said)
    HOW

def f(x): return leak(x)
def g(*given): return leak(*given)
class L(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        leak(size)
    def forward(self, x): return leak(x)
"""


def shown_to_the_student(report: Report) -> str:
    return msgspec.json.encode(student_view(report)).decode()


def forms_of(number: float) -> set[str]:
    """How a number could be written by whoever formats it."""
    return {f"{number:.{digits}g}" for digits in (4, 5, 6)} | {f"{number:.4f}", str(int(number))}


def inputs_drawn_for(student: str) -> list[float]:
    seed = seed_for(SECRET, "inputs", student, "toy", "test_what_is_drawn_is_doubled")
    return [abs(float(value)) for value in Draw(seed).normal(2)]


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_a_student_sees_holds_a_hidden_input(name: str, toy: Toy) -> None:
    [report] = toy.grade(HOSTILE.replace("HOW", LEAKS[name]))

    shown = shown_to_the_student(report)

    for secret in {"sesame", *forms_of(SENTINEL), *forms_of(2 * SENTINEL)}:
        assert secret not in shown
    for number in inputs_drawn_for("student-0"):
        assert f"{number:.4f}" not in shown and f"{number:.4g}" not in shown
    for check in checks_of(report, "one"):
        assert check.outcome is not Outcome.ERRORED
        if check.visibility is Visibility.HIDDEN:
            assert check.message in HIDDEN_MESSAGES | {""}


def test_the_instructors_detail_has_the_students_error_and_output(toy: Toy) -> None:
    [report] = toy.grade(HOSTILE.replace("HOW", "print('seen', said)\n    raise ValueError(said)"))

    details = {check.title: check.detail for check in checks_of(report, "one")}

    detail = details["Another pair is doubled"]
    assert "ValueError: " in detail and "731642" in detail
    assert "printed:\nseen [" in detail
    assert 'File "toy.py"' in detail


def test_a_visible_checks_message_has_the_students_own_words(toy: Toy) -> None:
    [report] = toy.grade("def f(x): raise ValueError('my own words')\n")

    [seen] = (c for c in checks_of(report, "one") if c.visibility is Visibility.VISIBLE)

    assert seen.message == "f raised ValueError: my own words (line 1)"


def test_a_report_of_hostile_texts_is_still_json_of_a_bearable_size(toy: Toy) -> None:
    shout = "'\\x00\\x1b[2J\\u202e\\ud800' + 'x' * 10**6"
    source = (
        f"print({shout})\ndef f(x):\n    print({shout})\n    raise ValueError({shout})\n{shout}.x\n"
    )

    [report] = toy.grade(source)
    data = encode_report(report)

    assert len(data) < 2**18
    assert not any(text in data for text in (b"\x00", b"\x1b", b"\\u0000", b"\\u001b"))
