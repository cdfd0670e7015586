"""Nothing that students can get holds a hidden input, expected value or source, or a solution."""

from __future__ import annotations

import ast
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from autograder import escape
from autograder.authoring.declared import declared_checks
from autograder.authoring.notebook import source_notebook, split_solutions
from autograder.authoring.release import write_release
from autograder.gradebook.writer import comment_on
from autograder.grading.course import ClassResult
from autograder.outputs.terminal import class_table
from autograder.report import Outcome, Remark, Report, Visibility, decode_report, student_view
from autograder.report.student_view import CheckView, ExerciseView
from autograder.spec import find_course
from tests.autograder.conftest import ROOT, Run

ENGINE = ROOT / "autograder"
A = "convolutions"
NUMBERS = ("271828", "161803", "577215", "141421")  # inputs and expected values of the check below
WORDS = ("sesame", "cafe5eed", "c0ffee99", "feedface77")  # an input, and canaries

# In this order, since after two time-outs the rest of an exercise is not run.
KINDS = ("missing", "raised", "refused", "wrong_type", "no_gradient", "wrong", "died",
         "timeout", "timeout_again", "not_run")  # fmt: skip
EXERCISE = f"""
[[exercises]]
name = "secrets"
title = "What only we know"
points = {len(KINDS)}
"""
GRADE_CELL = """
# %% nbgrader={"grade": true, "grade_id": "secrets", "locked": true, "points": POINTS, \
"schema_version": 3, "solution": false, "task": false}
check("secrets")
""".replace("POINTS", str(len(KINDS)))
HEADER = """# hidden canary: cafe5eed
import torch
from autograder.checks import FailureKind, StudentFailure, assert_close, check

NOTE = "feedface77 is nobody's business but the grader's"
INPUT = torch.tensor([271828.0, 161803.0])
EXPECTED_BY_THE_HIDDEN_CHECK = torch.tensor([577215.0, 141421.0])
"""
CHECK = """
@check("secrets", points=1, hint="Look again at what NAME does.")
def test_what_NAME_comes_to(student):
    BODY
"""
BODIES = {
    "no_gradient": (
        "found = student.gradients('no_gradient', INPUT.clone().requires_grad_())\n"
        "    if found.arguments[0] is None:\n"
        "        raise StudentFailure(FailureKind.NO_GRADIENT, f'none at {INPUT.tolist()}')"
    ),
    "missing": "assert_close(student.make('Layer', 271828, 'sesame').read('weight').value, INPUT)",
}
BODY = "assert_close(student.call('NAME', INPUT, 'sesame').tensor(), EXPECTED_BY_THE_HIDDEN_CHECK)"
# Each function tells its input by every way out that it has.
LEAKY = """
import os, sys, warnings
import torch

def tell(*given):
    said = repr([g.tolist() if isinstance(g, torch.Tensor) else g for g in given])
    print("I saw", said)
    print("I saw", said, file=sys.stderr)
    os.write(1, said.encode())
    warnings.warn(said)
    return said

def named(said):
    return type(said, (), {"__module__": said, "__repr__": lambda self: said})

class Layer(torch.nn.Module):
    def __init__(self, *given):
        super().__init__()
        said = tell(*given)
        self.register_parameter(said.replace(".", "_"), torch.nn.Parameter(torch.ones(1)))
        type(self).__name__ = type(self).__qualname__ = said

def raised(*given):
    said = tell(*given)
    raise type(said, (Exception,), {})(said) from KeyError(said)

def refused(*given):
    kind = type(tell(*given), (torch.Tensor,), {})
    return torch.zeros(2, dtype=torch.complex64).as_subclass(kind)

def wrong_type(*given):
    return named(tell(*given))()

def no_gradient(x):
    tell(x)
    return x.detach()

def wrong(x, *others):
    tell(x, *others)
    return x

def died(*given):
    tell(*given)
    sys.stdout.flush()
    os._exit(3)

def timeout(*given):
    tell(*given)
    while True:
        pass

timeout_again = not_run = timeout
"""


class Staff(NamedTuple):
    """The texts that students must not find, by where they stand."""

    hidden: tuple[str, ...]
    solution: tuple[str, ...]
    names: tuple[str, ...]
    canaries: tuple[str, ...]

    def found_in(self, texts: Mapping[str, str]) -> list[str]:
        """Where which of them is found, a line each."""
        sought = (*self.hidden, *self.solution, *self.names, *self.canaries, *NUMBERS, *WORDS)
        return [f"{place}: {one}" for place, text in texts.items() for one in sought if one in text]


class Copy(NamedTuple):
    """The course with what is easily recognised in it, released and graded."""

    root: Path
    graded: subprocess.CompletedProcess[str]
    reports: dict[str, Report]
    staff: Staff


def write_secrets(root: Path) -> None:
    solutions, hidden = root / "solutions" / A, root / "tests" / "hidden" / A
    with (solutions / "assignment.toml").open("a") as file:
        file.write(EXERCISE)
    source = solutions / f"{A}.py"
    text = source.read_text().replace(
        "    ### BEGIN SOLUTION\n", "    ### BEGIN SOLUTION\n    # canary: c0ffee99\n", 1
    )
    assert "c0ffee99" in text
    source.write_text(text + GRADE_CELL)
    checks = "".join(
        CHECK.replace("BODY", BODIES.get(name, BODY)).replace("NAME", name) for name in KINDS
    )
    (hidden / "test_secrets.py").write_text(HEADER + checks)


def staff_texts(root: Path) -> Staff:
    """What is only in the hidden checks and the solution; imports are no secret."""
    visible = "\n".join(path.read_text() for path in (root / "tests" / "visible").rglob("*.py"))
    files = sorted((root / "tests" / "hidden").rglob("*.py"))
    lines = {line.strip() for path in files for line in path.read_text().splitlines()}
    source = root / "solutions" / A / f"{A}.py"
    inside, outside = split_solutions(source_notebook(source.read_text(), source))
    public = "\n".join(outside)
    staff_files = [*files, source]
    return Staff(
        hidden=tuple(
            line
            for line in sorted(lines)
            if len(line) > 30 and line not in visible and not line.startswith(("from ", "import "))
        ),
        solution=tuple(line for line in inside if len(line) > 24 and line not in public),
        names=tuple(check.name for check in declared_checks(root / "tests" / "hidden" / A)),
        canaries=tuple(
            text
            for path in staff_files
            for text in re.findall(r"canary: (\w+)", path.read_text(), re.IGNORECASE)
        ),
    )


@pytest.fixture(scope="module")
def copy(quick_course: Path, tmp_path_factory: pytest.TempPathFactory, run: Run) -> Copy:
    root = tmp_path_factory.mktemp("clean") / "course"
    ignored = shutil.ignore_patterns("build", "reports", "gradebook.db", ".course-secret")
    shutil.copytree(quick_course, root, ignore=ignored)
    write_secrets(root)
    write_release(find_course(root), A)  # the command would first ask for a solution of "secrets"
    for student in ("fatima", "hana"):  # who fail many of the checks that are really hidden
        shutil.copytree(root / "examples" / "submitted" / student, root / "submitted" / student)
    leaky = root / "submitted" / "leaky" / A
    leaky.mkdir(parents=True)
    (leaky / f"{A}.py").write_text(LEAKY)
    graded = run(["autograder", "grade"], cwd=root)
    reports = {
        path.parent.parent.name: decode_report(path.read_bytes())
        for path in (root / "reports").glob("*/*/report.json")
    }
    return Copy(root, graded, reports, staff_texts(root))


def secret_checks(report: Report) -> list[tuple[Outcome, str, str]]:
    [exercise] = (e for e in report.exercises if e.name == "secrets")
    return [(check.outcome, check.message, check.detail) for check in exercise.checks]


def strings(value: object) -> Iterator[str]:
    """Every text in what JSON holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings([key, item])
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        for item in value:
            yield from strings(item)
    elif value is not None:
        yield str(value)


def readable(path: Path) -> str:
    """A file's text; of JSON also every string in it, since quotes and line ends hide there."""
    text = path.read_text(errors="replace")
    return (
        "\n".join([text, *strings(msgspec.json.decode(text))]) if path.suffix == ".ipynb" else text
    )


# --- That the search would find something -------------------------------------------------------


def test_the_copy_holds_what_is_looked_for(copy: Copy) -> None:
    staff = copy.staff
    hidden = (copy.root / "tests" / "hidden" / A / "test_secrets.py").read_text()

    assert len(staff.hidden) > 100 and len(staff.solution) > 5 and len(staff.canaries) > 8
    assert {"cafe5eed", "c0ffee99"} <= set(staff.canaries)
    assert {line.rpartition(": ")[2] for line in staff.found_in({"": hidden})} >= {
        *NUMBERS, "sesame", "cafe5eed", "feedface77", "test_what_raised_comes_to",
    }  # fmt: skip


def test_the_submission_fails_the_hidden_checks_in_every_way_there_is(copy: Copy) -> None:
    checks = secret_checks(copy.reports["leaky"])

    assert [outcome for outcome, _message, _detail in checks] == [Outcome.FAILED] * len(KINDS)
    messages = [message for _outcome, message, _detail in checks]
    assert len(set(messages)) == len(KINDS) - 1  # two time-outs
    for kind in ("raised", "refused", "wrong_type", "no_gradient", "wrong"):
        assert "271828" in checks[KINDS.index(kind)][2], f"{kind}: the instructor reads it"


# --- What students get --------------------------------------------------------------------------


def test_the_release_is_clean(copy: Copy) -> None:
    folder = copy.root / "assignments" / A
    files = {str(p.relative_to(folder)): readable(p) for p in folder.rglob("*") if p.is_file()}

    assert 'check("secrets")' in files[f"{A}.ipynb"]
    assert copy.staff.found_in(files) == []


def test_the_released_notebook_has_no_outputs_and_only_nbgraders_metadata(copy: Copy) -> None:
    notebook = msgspec.json.decode((copy.root / "assignments" / A / f"{A}.ipynb").read_bytes())

    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "tags", "deletable", "editable"}
        assert not cell.get("outputs") and cell.get("execution_count") is None
        assert not cell.get("attachments")


def test_the_committed_release_is_clean() -> None:
    files = {
        str(path): readable(path)
        for path in (ROOT / "assignments").rglob("*")
        if path.is_file() and not {"__pycache__", ".pytest_cache"} & set(path.parts)
    }

    assert len(files) >= 5
    assert staff_texts(ROOT).found_in(files) == []


def test_what_students_see_of_their_reports_is_clean(copy: Copy) -> None:
    views = {
        name: "\n".join(strings(msgspec.to_builtins(student_view(report))))
        for name, report in copy.reports.items()
    }

    assert set(views) == {"fatima", "hana", "leaky"}
    assert copy.staff.found_in(views) == []


def test_the_students_own_words_from_a_hidden_check_are_not_given_back(copy: Copy) -> None:
    view = student_view(copy.reports["leaky"])

    hidden = [check for e in view.exercises for check in e.checks if check.hidden]
    assert len(hidden) > len(KINDS)
    assert not any("I saw" in text for text in strings(msgspec.to_builtins(view)))
    assert len({check.message for check in hidden if check.outcome is Outcome.FAILED}) <= 9


def test_remarks_and_messages_hold_nothing_of_a_hidden_check(copy: Copy) -> None:
    for name, report in copy.reports.items():
        texts = [remark.text for remark in report.remarks]
        texts += [
            check.message
            for exercise in report.exercises
            for check in exercise.checks
            if check.visibility is Visibility.HIDDEN
        ]
        assert copy.staff.found_in({name: "\n".join(texts)}) == []


def test_the_gradebook_and_its_comments_are_clean(copy: Copy) -> None:
    path = copy.root / "gradebook.db"
    with sqlite3.connect(path) as database:
        comments = [text for (text,) in database.execute("SELECT auto_comment FROM comment")]

    assert any("Look again at what" in text for text in comments if text)
    assert "What raised comes to" in "".join(text or "" for text in comments)
    everything = path.read_bytes().decode("utf-8", "replace")  # comments, and pages left over
    assert copy.staff.found_in({"gradebook.db": everything}) == []


def test_what_the_commands_say_is_clean(copy: Copy) -> None:
    said = {"grade": copy.graded.stdout + copy.graded.stderr}

    assert "leaky" in said["grade"] and copy.graded.returncode == 0
    assert copy.staff.found_in(said) == []


@pytest.fixture(scope="module")
def wheel(copy: Copy, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The students' checker, built from a checkout that has everything in it."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(copy.root, checkout, dirs_exist_ok=True)
    for name in ("pyproject.toml", "README.md", "nbgrader_config.py"):
        shutil.copy(ROOT / name, checkout)
    shutil.copytree(ENGINE, checkout / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(checkout / "out"), str(checkout)],
        check=True, capture_output=True,
    )  # fmt: skip
    [path] = (checkout / "out").glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_engine_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()

    assert {name.split("/")[0].partition("-")[0] for name in names} == {"autograder", "convcourse"}
    assert {Path(name).suffix for name in names if name.startswith("autograder/")} <= {
        ".py", ".typed", ".ini", ".mo", ".j2",
    }  # fmt: skip


def test_the_wheel_is_clean(wheel: zipfile.ZipFile, copy: Copy) -> None:
    files = {name: wheel.read(name).decode("utf-8", "replace") for name in wheel.namelist()}

    assert copy.staff.found_in(files) == []


# --- That what people read is obeyed by nothing --------------------------------------------------

HOSTILE = (
    "x.py:1: Error: [bold]no[/bold] <script>alert(1)</script> \x1b[2J\u202e"
    + " " * 300 + "ada 100\n::error::forged\n##[group]forged\n12 submissions graded in 0.1 s"
)  # fmt: skip


def a_report(copy: Copy, **changes: object) -> Report:
    return msgspec.structs.replace(copy.reports["fatima"], **changes)


def test_below_the_class_table_a_student_can_write_no_line_of_their_own(
    copy: Copy, tmp_path: Path
) -> None:
    spec = find_course(copy.root).assignment(A)
    set_aside = f"{escape.one_line(HOSTILE)}: is no student id\n  fix: rename the folder"
    remarked = a_report(copy, remarks=(Remark(text=HOSTILE),))
    unread = a_report(copy, score=None, remarks=(Remark(text=HOSTILE),))

    text = class_table(spec, ClassResult((remarked, unread), (set_aside,), graded=1), tmp_path)

    assert escape.lines(text) == text
    first, second, fix, *rest = text.rpartition("fatima   ")[2].splitlines()[2:]
    assert first.startswith("not graded: fatima: x.py:1: Error: [bold]no[/bold] <script>")
    assert second.startswith("not graded: x.py:1: Error") and fix.startswith("  fix: ")
    assert rest[:2] == ["", "remarks:"] and rest[2].startswith("fatima: x.py:1: Error")
    assert "  " not in first + rest[2], "a run of spaces would fill the terminal's line"
    assert len(rest) == 7 and rest[4].startswith("1 submission graded")


def test_a_hostile_title_and_hint_are_text_in_nbgraders_feedback() -> None:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    check = CheckView(
        title="<b>T</b> *t*", hidden=True, outcome=Outcome.FAILED, score=0, max_score=1,
        message=HOSTILE, hint="[h](javascript:x) <script>h</script>\n# h", misconception=None,
        carried_forward=False,
    )  # fmt: skip
    exercise = ExerciseView(name="e", score=0, max_score=1, checks=(check,))

    page = markdown2html_mistune(comment_on(exercise, "<i>E</i>"))

    assert set(re.findall(r"<(\w+)", page)) == {"p", "strong", "ul", "li"}
    assert "&lt;i&gt;E&lt;/i&gt;" in page and "&lt;b&gt;T&lt;/b&gt; *t*" in page
    assert "forged" not in page


def test_what_a_student_practises_with_is_shown_without_being_obeyed(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / A
    shutil.copytree(ROOT / "assignments" / A, folder)
    (folder / f"{A}.py").write_text(
        "evil = '\\x1b[2J\\u202e\\n::error::forged'\nraise_ = 1\n"
        "def corr2d(X, K): raise ValueError(evil)\nevil.nothing\nraise ValueError(evil)\n"
    )

    command = run(["autograder", "check", str(folder / f"{A}.py")])

    assert "forged" in command.stdout
    assert escape.lines(command.stdout) == command.stdout


# --- That a new output cannot forget it ---------------------------------------------------------

WRITES = {"print", "echo", "secho", "log", "line", "section", "write_line"}  # called, for people
FORMATS = {"rich", "jinja2", "markupsafe", "html", "csv"}  # made into what people open
# Of outputs/: what they make stands in a template, which escapes it, or is sentences of ours alone.
IN_A_TEMPLATE = {"class_numbers.py", "class_checks.py", "class_needed.py", "pictures.py", "told.py"}
# They copy files of ours; the last one has nothing but Python, and says what it says as JSON.
COPIES = {"classroom50_bundle.py", "gradescope_zip.py", "gradescope_run.py"}
ESCAPERS = ("autograder.escape", "autograder.outputs.template")


def modules() -> list[Path]:
    """The engine but for what runs beside student code, whose output nobody reads directly."""
    return [path for path in sorted(ENGINE.rglob("*.py")) if "inside" not in path.parts]


def called(tree: ast.AST) -> set[str]:
    functions = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {getattr(f, "id", None) or getattr(f, "attr", "") for f in functions}


def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def writes_for_people(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    top = {name.split(".")[0] for name in imported(tree)}
    others = {"__init__.py", *IN_A_TEMPLATE, *COPIES}
    in_outputs = "outputs" in path.parts and path.name not in others
    return bool(called(tree) & WRITES or top & FORMATS) or in_outputs


def test_every_module_that_writes_for_people_escapes() -> None:
    writers = [path for path in modules() if writes_for_people(path)]
    forgot = [
        str(path.relative_to(ENGINE))
        for path in writers
        if path != ENGINE / "escape.py"
        and not any(name.startswith(ESCAPERS) for name in imported(ast.parse(path.read_text())))
    ]

    assert len(writers) >= 4
    assert forgot == []


def test_html_and_csv_are_made_in_one_place() -> None:
    users = {
        path.name
        for path in modules()
        if {name.split(".")[0] for name in imported(ast.parse(path.read_text()))} & {"html", "csv"}
    }

    # roster_table.py reads what a platform made; lms_csv.py gives it back as it came, or the
    # platform would not know its students again.
    assert users == {"escape.py", "lms_csv.py", "roster_table.py"}


def test_nothing_for_students_is_made_from_the_instructors_fields() -> None:
    for folder in ("gradebook", "outputs"):
        for path in (ENGINE / folder).glob("*.py"):
            if path.name.startswith("class_"):  # the instructor's page
                continue
            tree = ast.parse(path.read_text())
            read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
            assert "detail" not in read, path
            assert not any(".class_" in name for name in imported(tree)), path
