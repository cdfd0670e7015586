"""What a classroom of Classroom 50 grades with: the entry, and the assignment as handed out.

All of it is publicly readable there: nothing but what students have anyway goes in.
"""

from __future__ import annotations

from pathlib import Path

from autograder.errors import OperatorError
from autograder.messages import _
from autograder.outputs.exports.model import Export
from autograder.spec import Course

_HANDED_OUT = ("conftest.py", "test_visible.py", "README.md")


def classroom50_bundle(course: Course, assignment: str, slug: str) -> Export:
    """``autograder.py`` and beside it the folder of the release, under the classroom's name for it.

    Raises OperatorError where the release is not there.
    """
    release = course.release(assignment)
    forms = (f"{assignment}.ipynb", f"{assignment}.py")
    files = {"autograder.py": (Path(__file__).parent / "classroom50_entry.py").read_bytes()}
    for name in (*_HANDED_OUT, *forms):
        path = release / name
        if path.is_symlink() or not path.is_file():
            raise OperatorError(
                _("{path}: is not there\n  fix: autograder release {assignment}").format(
                    path=path, assignment=assignment
                )
            )
        files[f"{slug}/{name}"] = path.read_bytes()
    return Export(
        files=files,
        notes=(
            _(
                "these files go into autograders/{slug}/ of the classroom's repository, where "
                "everybody can read them; students' files are run against the copy here"
            ).format(slug=slug),
        ),
    )
