"""What nbgrader's own commands and formgrader need of us: a source notebook, and our other files.

nbgrader copies every file beside a source notebook to students, so that notebook lives alone in a
derived folder, and the rest of the release is added where a failure still removes all of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List, Unicode
from traitlets.log import get_logger

from autograder.errors import AuthorError, AutograderError
from autograder.messages import _
from autograder.spec import Course, find_course

# jupytext, nbconvert and the release are imported where something is built: every nbgrader
# command loads this module through nbgrader_config.py.

SOURCE_FOLDER = "build/nbgrader/source"  # relative to the course root, as nbgrader wants them
RELEASE_FOLDER = "build/nbgrader/release"


def refresh_source_notebooks(course: Course) -> list[str]:
    """Build each source notebook that is missing or older than its source; their assignments.

    What an author has to mend is logged and leaves the old notebook: other commands of nbgrader
    still work, and `AddReleasedFiles` refuses to release from it.
    """
    built = []
    for assignment in course.assignments():
        if _is_fresh(course, assignment):
            continue
        try:
            _build(course, assignment)
        except AutograderError as error:
            get_logger().error("%s", error)
        else:
            built.append(assignment)
    return built


def generate_assignment_preprocessors() -> list[str]:
    """The import names of nbgrader's own preprocessors for this command, and ours as the last.

    Names and not classes, because formgrader shows its configuration as JSON.
    """
    stock = GenerateAssignment.preprocessors.default()
    return [f"{pp.__module__}.{pp.__name__}" for pp in (*stock, AddReleasedFiles)]


class AddReleasedFiles(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Last step of generate_assignment: add our files beside the notebook, or fail the command.

    A ``post_convert_hook`` would not do: nbgrader logs its exceptions and calls it a success. An
    exception here makes it remove the release folder and exit with an error.
    """

    others = List(
        Unicode(),
        help="Names of other assignments, released as nbgrader does by itself: students get every "
        "file that lies beside the notebook.",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """``nb`` as it is, once it is what we release and the other files stand beside it.

        Raises:
            AuthorError: The notebook is not the one the source gives, or an unlisted file was
                copied from the source folder.
        """
        from autograder.authoring.notebook import notebook_bytes
        from autograder.authoring.release import build_release, check_target, replace_file

        coursedir = self.parent.parent.coursedir  # preprocessor, exporter, converter
        course = find_course(Path(coursedir.root))
        assignment = resources["nbgrader"]["assignment"]
        if assignment in self.others and assignment not in course.assignments():
            return nb, resources
        files = build_release(course, assignment)
        notebook = f"{resources['nbgrader']['notebook']}.ipynb"
        if notebook not in files or notebook_bytes(nb) != files[notebook]:
            raise AuthorError(
                _(
                    "{built}: it is not the notebook that {source} gives"
                    "\n  fix: make the change in {source} and delete {built}, which is derived"
                ).format(
                    built=course.root / SOURCE_FOLDER / assignment / notebook,
                    source=course.source(assignment),
                )
            )
        folder = Path(
            os.path.normpath(
                coursedir.format_path(
                    coursedir.release_directory, resources["nbgrader"]["student"], assignment
                )
            )
        )
        check_target(folder, files)
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            if name != notebook:  # nbgrader writes that one itself
                replace_file(folder / name, data, scratch=course.root / "build")
        return nb, resources


def _source_notebook_path(course: Course, assignment: str) -> Path:
    return course.root / SOURCE_FOLDER / assignment / f"{assignment}.ipynb"


def _is_fresh(course: Course, assignment: str) -> bool:
    built = _source_notebook_path(course, assignment)
    made_from = (
        course.source(assignment),
        course.source(assignment).with_name("assignment.toml"),
        course.translations(assignment, course.spec.languages[0]),
        Path(__file__).with_name("notebook.py"),  # an update of the engine may build it otherwise
    )
    if not built.is_file():
        return False
    newest = max(path.stat().st_mtime_ns for path in made_from if path.exists())
    return built.stat().st_mtime_ns > newest


def _build(course: Course, assignment: str) -> None:
    from autograder.authoring.notebook import notebook_bytes
    from autograder.authoring.release import build_source_notebook, replace_file

    data = notebook_bytes(build_source_notebook(course, assignment))
    path = _source_notebook_path(course, assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not unfinished beside the notebook: nbgrader would copy it to students, solutions and all.
    replace_file(path, data, scratch=course.root / "build")
