"""What formgrader shows and feedback is made of: complete, safe for students, and worth no more."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.errors import OperatorError
from autograder.gradebook.autograded import Autograded
from autograder.gradebook.handed_in_notebook import Node, grade_id_of, is_graded
from autograder.report import Remark, Report
from autograder.spec import Course, find_course
from tests.autograder.gradebook.made import SECRETS, SPEC, released_notebook, report

nbformat: Any = pytest.importorskip("nbformat", reason="comes with nbgrader")
utils: Any = pytest.importorskip("nbgrader.utils", reason="nbgrader is in the extra `grade`")

SCRIPT = b"def area(side):\n    return side * side\n"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course that has released `SPEC`, and to which ada has handed in a script."""
    (tmp_path / "course.toml").write_text('course_id = "course"\n')
    (tmp_path / "assignments" / "shapes").mkdir(parents=True)
    notebook = tmp_path / "assignments" / "shapes" / "shapes.ipynb"
    notebook.write_bytes(msgspec.json.encode(released_notebook()))
    put(tmp_path, "shapes.py", SCRIPT)
    return find_course(tmp_path)


def put(root: Path, name: str, data: bytes) -> None:
    path = root / "submitted" / "ada" / "shapes" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def about_ada(area: int | None = 6, edges: int | None = 4, **fields: Any) -> Report:
    made = report("ada", area, edges)
    file = msgspec.structs.replace(made.submission, sha256=hashlib.sha256(SCRIPT).hexdigest())
    return msgspec.structs.replace(made, submission=file, **fields)


def autograded(course: Course) -> Autograded:
    return Autograded(course, SPEC, course.root / "submitted", course.root)


def folder_of(course: Course) -> Path:
    return course.root / "autograded" / "ada" / "shapes"


def written(course: Course, of: Report) -> Path:
    autograded(course).write(of)
    return folder_of(course) / "shapes.ipynb"


def cell_of(notebook: Node, exercise: str) -> Any:
    [cell] = [cell for cell in notebook["cells"] if grade_id_of(cell) == exercise]
    return cell


def text_of(cell: Any) -> str:
    return "".join(output.get("text", "") for output in cell["outputs"])


def nbgrader_reads(course: Course, of: Report) -> dict[str, float]:
    """The points that nbgrader's own step would give each grade cell."""
    read = nbformat.read(written(course, of), as_version=4)
    return {
        grade_id_of(cell) or "": utils.determine_grade(cell)[0]
        for cell in read.cells
        if is_graded(cell)
    }


def test_the_notebook_holds_the_students_code_and_each_checks_result(course):
    notebook = json.loads(written(course, about_ada(area=2)).read_text())

    assert SCRIPT.decode() in [cell["source"] for cell in notebook["cells"]]
    said = text_of(cell_of(notebook, "area"))
    assert "The area: 2 of 6 points" in said
    assert "failed, 2 of 6: area of a square" in said
    assert "Which side did you take?" in said


def test_it_is_a_notebook_to_nbformat(course):
    nbformat.validate(nbformat.read(written(course, about_ada()), as_version=4))


def test_nothing_of_the_instructors_is_in_it(course):
    remarks = (Remark(text="for the instructor alone", audience="instructor"),)
    of = about_ada(area=2, edges=None, remarks=remarks)

    data = written(course, of).read_text()

    for secret in (*SECRETS[:2], SECRETS[3], "for the instructor alone"):
        assert secret not in data
    assert of.submission.sha256 not in data


def test_of_a_check_that_passed_no_message_is_shown(course):
    assert SECRETS[2] not in written(course, about_ada()).read_text()


@pytest.mark.parametrize(("area", "edges"), [(6, 4), (0, 0), (1, 3)])
def test_nbgraders_own_step_reads_the_same_points_from_it(course, area, edges):
    assert nbgrader_reads(course, about_ada(area, edges)) == {"area": area, "edges": edges}


def test_an_exercise_without_a_score_is_an_error_and_never_points(course):
    of = about_ada(area=None)

    assert nbgrader_reads(course, of) == {"area": 0, "edges": 4}
    notebook = json.loads(written(course, of).read_text())
    kinds = [output["output_type"] for output in cell_of(notebook, "area")["outputs"]]
    assert kinds == ["error", "stream"]


def test_a_grade_cell_that_no_result_is_about_is_an_error(course):
    of = about_ada()
    of = msgspec.structs.replace(of, exercises=of.exercises[:1])

    assert nbgrader_reads(course, of) == {"area": 6, "edges": 0}


@pytest.mark.parametrize(("score", "shown"), [(1000, 6), (-3, 0)])
def test_points_beyond_what_a_cell_is_worth_are_cut(course, score, shown):
    of = about_ada()
    first = msgspec.structs.replace(of.exercises[0], score=score)
    of = msgspec.structs.replace(of, exercises=(first, of.exercises[1]))

    assert nbgrader_reads(course, of)["area"] == shown


def test_remarks_and_a_late_penalty_come_first_as_text(course):
    of = about_ada(remarks=(Remark(text="<b>both</b> were changed"),), late_penalty=2.5)

    first = json.loads(written(course, of).read_text())["cells"][0]

    assert first["cell_type"] == "markdown"
    assert "\\<b\\>both" in "".join(first["source"])
    assert "2.5 points are taken off" in "".join(first["source"])


def test_what_was_graded_and_is_there_no_longer_is_not_shown(course):
    put(course.root, "shapes.py", b"def area(side):\n    return 'another file'\n")

    data = written(course, about_ada()).read_text()

    assert "another file" not in data
    assert "6 of 6 points" in data


def test_it_is_written_once_and_again_only_when_something_changed(course):
    path = written(course, about_ada())
    first = path.stat().st_ino
    kept = [written(course, about_ada()).stat().st_ino]
    put(course.root, "notes.txt", b"no part of it")
    kept.append(written(course, about_ada()).stat().st_ino)

    assert kept == [first, first]
    assert "4 of 6 points" in written(course, about_ada(area=4)).read_text()


def test_a_new_release_makes_it_anew(course):
    path = written(course, about_ada())
    release = course.root / "assignments/shapes/shapes.ipynb"
    release.write_text(release.read_text().replace("Python 3", "Python three"))

    written(course, about_ada())

    assert "Python three" in path.read_text()


def test_the_files_of_the_exchange_lie_beside_it_and_no_other(course):
    put(course.root, "timestamp.txt", b"2026-10-01 12:00:00 UTC")
    put(course.root, "submission_secret.txt", b"abc")
    put(course.root, "picture.png", b"abc")

    folder = written(course, about_ada()).parent

    assert sorted(path.name for path in folder.iterdir()) == [
        "shapes.ipynb", "submission_secret.txt", "timestamp.txt",
    ]  # fmt: skip
    assert (folder / "timestamp.txt").read_bytes() == b"2026-10-01 12:00:00 UTC"


def test_a_timestamp_that_was_taken_back_is_taken_away(course):
    put(course.root, "timestamp.txt", b"2026-10-01 12:00:00 UTC")
    folder = written(course, about_ada()).parent
    (course.root / "submitted/ada/shapes/timestamp.txt").unlink()

    written(course, about_ada())

    assert not (folder / "timestamp.txt").exists()


def test_a_link_in_the_place_of_an_exchange_file_is_not_followed(course, tmp_path):
    (tmp_path / "secret").write_text("the course secret")
    (course.root / "submitted/ada/shapes/timestamp.txt").symlink_to(tmp_path / "secret")

    folder = written(course, about_ada()).parent

    assert not (folder / "timestamp.txt").exists()


@pytest.mark.parametrize("name", ["shapes.ipynb", "timestamp.txt", "submission_secret.txt"])
@pytest.mark.parametrize("handed_in", [True, False])
def test_a_folder_in_the_way_gives_way(course, name, handed_in):
    if handed_in:
        put(course.root, "timestamp.txt", b"2026-10-01 12:00:00 UTC")
        put(course.root, "submission_secret.txt", b"abc")
    (folder_of(course) / name / "inside").mkdir(parents=True)
    (folder_of(course) / name / "inside" / "file").touch()

    path = written(course, about_ada())

    assert path.is_file()
    assert (path.parent / "timestamp.txt").is_file() == handed_in


def test_what_nbgrader_made_read_only_is_replaced(course):
    path = written(course, about_ada())
    path.chmod(0o444)

    written(course, about_ada(area=4))

    assert "4 of 6 points" in path.read_text()
    assert os.access(path, os.W_OK)


def test_a_folder_that_cannot_be_made_is_told_with_a_fix(course):
    (course.root / "autograded").write_text("a file")

    with pytest.raises(OperatorError, match=r"shapes\.ipynb: cannot be written(.|\n)*fix: "):
        written(course, about_ada())


def test_nothing_half_written_is_left_behind(course, monkeypatch):
    monkeypatch.setattr(Path, "replace", lambda *_paths: (_ for _ in ()).throw(OSError(28, "full")))

    with pytest.raises(OperatorError):
        written(course, about_ada())

    left = [path for path in (course.root / "autograded").rglob("*") if path.is_file()]
    assert left == []


def test_a_course_that_releases_no_notebook_gets_none(course):
    (course.root / "assignments/shapes/shapes.ipynb").unlink()

    assert not written(course, about_ada()).exists()


def test_a_submission_that_cannot_be_read_is_shown_as_one_without_a_score(course):
    nothing = report("ada", None, None, submitted_at=None)

    notebook = json.loads(written(course, nothing).read_text())

    outputs = [cell_of(notebook, exercise)["outputs"][0] for exercise in ("area", "edges")]
    assert [output["output_type"] for output in outputs] == ["error", "error"]
