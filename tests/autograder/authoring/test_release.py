"""The release: what it holds, how it is written, and that the committed one is its source's."""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

from autograder.authoring.declared import declared_checks
from autograder.authoring.release import build_release, write_release
from autograder.spec import find_course


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def notebook_of(files: dict[str, bytes]) -> nbformat.NotebookNode:
    return nbformat.reads(files["toy.ipynb"].decode(), as_version=4)


# --- What it holds ------------------------------------------------------------------------------


def test_a_release_is_exactly_the_five_listed_files(toy):
    (toy.source("toy").parent / "notes-for-staff.md").write_text("not for students\n")

    files = build_release(toy, "toy")

    assert sorted(files) == ["README.md", "conftest.py", "test_visible.py", "toy.ipynb", "toy.py"]
    visible = toy.visible_checks("toy") / "test_visible.py"
    assert files["test_visible.py"] == visible.read_bytes()
    assert files["README.md"] == (toy.source("toy").parent / "README.md").read_bytes()


def test_the_same_source_gives_the_same_bytes_in_every_process_and_language(toy):
    files = build_release(toy, "toy")

    program = (
        "import hashlib, sys; from pathlib import Path; from autograder.spec import find_course; "
        "from autograder.authoring.release import build_release; "
        "files = build_release(find_course(Path(sys.argv[1])), 'toy'); "
        "print(hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest())"
    )
    environment = {**os.environ, "LANGUAGE": "zh_CN", "PYTHONHASHSEED": "7"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", program, str(toy.root)],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip

    assert elsewhere == hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()


def test_students_get_stubs_for_solutions_and_grade_cells_they_cannot_edit(toy):
    cells = {cell.id: cell for cell in notebook_of(build_release(toy, "toy")).cells}

    assert cells["double"].source == (
        'def double(x):\n    """Twice ``x``."""\n'
        "    # YOUR CODE HERE\n    raise NotImplementedError()"
    )
    assert cells["double"].metadata.get("editable", True)
    assert cells["halves"].source == "# YOUR CODE HERE\nraise NotImplementedError()"
    assert cells["double-exact"].source == 'check("double-exact")'
    assert cells["double-exact"].metadata["editable"] is False
    assert cells["double-exact"].metadata["deletable"] is False
    assert cells["double-exact"].metadata["nbgrader"]["points"] == 3
    assert cells["double-exact"].metadata["nbgrader"]["checksum"]


def test_cell_ids_are_valid_and_stay_when_a_solution_or_a_later_cell_changes(toy):
    before = [cell.id for cell in notebook_of(build_release(toy, "toy")).cells]
    edit(toy.source("toy"), "The end.", "This is the end.")
    edit(toy.source("toy"), "doubled = x + x", "doubled = 2 * x")

    notebook = notebook_of(build_release(toy, "toy"))

    nbformat.validate(notebook)
    after = [cell.id for cell in notebook.cells]
    assert after[:-1] == before[:-1]
    assert after[-1] != before[-1]
    assert len(set(after)) == len(after)


def test_the_notebook_names_no_version_of_the_tools_that_made_it(toy):
    notebook = json.loads(build_release(toy, "toy")["toy.ipynb"])

    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)


def test_the_script_has_the_notebooks_cells_and_nothing_else(toy):
    files = build_release(toy, "toy")

    script = files["toy.py"].decode()
    cells = jupytext.reads(script, fmt="py:percent").cells
    assert [cell.source for cell in cells] == [cell.source for cell in notebook_of(files).cells]
    assert script.startswith("# %% [markdown]\n# # Twice and half\n")
    assert "nbgrader" not in script


def test_the_conftest_declares_the_assignment_as_a_plain_literal(toy):
    tree = ast.parse(build_release(toy, "toy")["conftest.py"])

    values = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
    }
    assert values["pytest_plugins"] == ["autograder.student.plugin"]
    assignment = values["ASSIGNMENT"]
    assert assignment["name"] == "toy"
    assert assignment["title"] == '双倍 and "half"'
    assert assignment["exercises"] == [
        {"name": "double-exact", "title": "Double", "points": 3},
        {"name": "half", "title": "Half", "points": 2},
    ]
    assert assignment["hidden_checks"] == {"count": 2, "points": 4}
    assert assignment["layers"] == ["Conv2d"]
    assert assignment["stand_ins"] == ["d2l"]
    assert assignment["limits"]["check_cpu_seconds"] == 2.0


def test_checks_are_counted_from_the_text_of_their_file_without_running_it(toy):
    path = toy.hidden_checks("toy") / "test_toy.py"
    path.write_text(path.read_text() + "\nraise SystemExit('this file was run')\n")

    checks = declared_checks(toy.hidden_checks("toy"))

    assert [(check.name, check.exercise, check.points) for check in checks] == [
        ("test_minus_seven_becomes_minus_fourteen", "double-exact", 2),
        ("test_half_of_nine", "half", 2),
    ]
    assert checks[0].body == ("answer = student.double(-7)", "assert_close(answer, -14)")


def test_an_assignment_without_hidden_checks_has_none(toy):
    (toy.hidden_checks("toy") / "test_toy.py").unlink()

    conftest = build_release(toy, "toy")["conftest.py"].decode()

    assert '"hidden_checks": {\n        "count": 0,\n        "points": 0\n    }' in conftest


# --- Writing it ---------------------------------------------------------------------------------


def test_writing_twice_changes_nothing(toy):
    first = write_release(toy, "toy")
    times = {path.name: path.stat().st_mtime_ns for path in toy.release("toy").iterdir()}

    second = write_release(toy, "toy")

    assert sorted(first) == sorted(times)
    assert second == []
    assert times == {path.name: path.stat().st_mtime_ns for path in toy.release("toy").iterdir()}


def test_only_the_files_that_differ_are_written(toy):
    write_release(toy, "toy")
    edit(toy.source("toy").with_name("README.md"), "pytest", "python -m pytest")
    edit(toy.release("toy") / "toy.py", "NotImplementedError", "ValueError")

    changed = write_release(toy, "toy")

    assert sorted(changed) == ["README.md", "toy.py"]
    assert (toy.release("toy") / "toy.py").read_bytes() == build_release(toy, "toy")["toy.py"]


def test_no_unfinished_file_is_left_anywhere(toy):
    write_release(toy, "toy")

    assert len(list(toy.release("toy").iterdir())) == 5
    assert list((toy.root / "build").iterdir()) == []


def test_what_pytest_and_jupyter_leave_in_the_folder_is_no_reason_to_refuse(toy):
    write_release(toy, "toy")
    for name in ("__pycache__", ".pytest_cache", ".ipynb_checkpoints"):
        (toy.release("toy") / name).mkdir()
        (toy.release("toy") / name / "left.txt").write_text("left by a tool\n")

    assert write_release(toy, "toy") == []


# --- This repository's own releases -------------------------------------------------------------

OURS = find_course(Path(__file__).parent)


@pytest.mark.parametrize("assignment", OURS.assignments())
def test_the_committed_release_is_what_the_source_gives(assignment):
    built = build_release(OURS, assignment)

    folder = OURS.release(assignment)
    committed = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert sorted(committed) == sorted(built), f"fix: autograder release {assignment}"
    different = [name for name in built if built[name] != committed[name]]
    assert different == [], f"fix: autograder release {assignment}"


@pytest.mark.parametrize("assignment", OURS.assignments())
def test_nothing_students_get_holds_a_hidden_checks_name_a_canary_or_a_solution_line(assignment):
    # Written again without the engine, so that a fault in its refusals shows.
    def texts(*folders: Path) -> str:
        return "\n".join(p.read_text() for f in folders for p in sorted(f.rglob("*.py")))

    source = OURS.source(assignment).read_text()
    staff = texts(OURS.source(assignment).parent, OURS.hidden_checks(assignment))
    canaries = set(re.findall(r"canary: ([0-9a-f]+)", staff))
    hidden = set(re.findall(r"def (test_\w+)", texts(OURS.hidden_checks(assignment))))
    regions = re.findall(r"BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.DOTALL)
    rest = re.sub(r"BEGIN SOLUTION\n.*?### END SOLUTION", "", source, flags=re.DOTALL)
    lines = {line.strip() for region in regions for line in region.splitlines()}
    lines = {line for line in lines if len(line) > 8 and line not in rest}
    assert canaries and hidden and lines

    for path in OURS.release(assignment).iterdir():
        if path.is_file():
            text = path.read_text() + path.read_text().replace('\\"', '"')
            assert "canary" not in text
            assert [secret for secret in canaries | lines if secret in text] == []
            assert [name for name in hidden if re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("assignment", OURS.assignments())
def test_the_released_script_and_notebook_hold_the_same_cells(assignment):
    files = build_release(OURS, assignment)

    notebook = nbformat.reads(files[f"{assignment}.ipynb"].decode(), as_version=4)
    script = jupytext.reads(files[f"{assignment}.py"].decode(), fmt="py:percent")

    assert [c.source for c in script.cells] == [c.source for c in notebook.cells]
    assert [c.cell_type for c in script.cells] == [c.cell_type for c in notebook.cells]
