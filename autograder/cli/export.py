"""`autograder export`: the final grades in the forms that other tools take."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from autograder import escape
from autograder.cli.application import (
    AssignmentOption,
    DatabaseOption,
    StudentsOption,
    app,
    only_assignment,
    tell,
    where,
)
from autograder.errors import OperatorError
from autograder.messages import _, in_language, language, ngettext

if TYPE_CHECKING:
    from autograder.outputs.exports.model import Export, Exported
    from autograder.spec import Course


@app.command()
def export(
    kind: Annotated[
        str,
        typer.Argument(
            help="classroom50, classroom50-bundle, github-classroom, gradescope, gradescope-zip, "
            "canvas, moodle, junit or summary.",
            metavar="FORMAT",
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder with the submissions, as for `grade`.", metavar="DIR"),
    ] = None,
    assignment: AssignmentOption = None,
    student: StudentsOption = None,
    output: Annotated[
        Path | None, typer.Option(help="Course root that holds reports and gradebook.")
    ] = None,
    db: DatabaseOption = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            help="For canvas and moodle: the CSV that the platform exported.", metavar="FILE"
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(help="For canvas and moodle: the column; by default the assignment's title."),
    ] = None,
    classroom: Annotated[
        str | None, typer.Option(help="For classroom50: the classroom's short name.")
    ] = None,
    slug: Annotated[
        str | None,
        typer.Option(help="For classroom50: the assignment's name there; by default the same."),
    ] = None,
) -> None:
    """Write the final grades, as the gradebook has them, in another tool's form.

    Into exports/FORMAT/. Ends with exit code 1 where somebody's grade is in no file.
    """
    from autograder.outputs.exports import FORMATS
    from autograder.outputs.exports.folder import write_export
    from autograder.trusted import trusted_course

    if kind not in FORMATS:
        raise OperatorError(
            _("there is no format {kind!r}\n  fix: one of {names}").format(
                kind=kind, names=", ".join(FORMATS)
            )
        )
    course = trusted_course(Path.cwd(), graded=folder)
    name = assignment or only_assignment(course.assignments())
    folder, output = where(course.root, folder, output)
    notices: tuple[str, ...] = ()
    if kind in ("classroom50-bundle", "gradescope-zip"):
        made = _of_the_course(kind, course, name, slug)
    else:
        exported, notices = _class(course, name, folder, output, db, tuple(student or ()))
        arguments = (kind, exported, roster, column, classroom, slug or name)
        students = course.assignment(name).language
        with in_language(students):  # what students read
            made = _of_the_class(*arguments)
        if language() != students:  # what is told is for who reads it here
            told = _of_the_class(*arguments)
            made = msgspec.structs.replace(made, needed=told.needed, notes=told.notes)
    target = output / "exports" / kind
    made = write_export(target, made, tuple(student or ()))
    for line in (*made.notes, *notices, *made.needed):
        tell(line)
    if kind == "summary":  # for a job's own: autograder export summary >> "$GITHUB_STEP_SUMMARY"
        sys.stdout.write(escape.lines(made.files["summary.md"].decode()))
    else:
        print(
            ngettext("{folder}: {count} file", "{folder}: {count} files", len(made.files)).format(
                folder=escape.one_line(_shown(target)), count=len(made.files)
            )
        )
    if made.needed or notices:
        raise typer.Exit(1)


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.resolve().relative_to(here) if path.resolve().is_relative_to(here) else path


def _class(
    course: Course,
    name: str,
    folder: Path,
    output: Path,
    db: str | None,
    students: tuple[str, ...],
) -> tuple[tuple[Exported, ...], tuple[str, ...]]:
    from autograder.classroom.collected import read_collection
    from autograder.classroom.exported import exported_class
    from autograder.gradebook.address import database_url
    from autograder.gradebook.final import final_grades

    spec = course.assignment(name)
    grades = final_grades(
        database_url(db or str((output / "gradebook.db").resolve())), spec, students
    )
    return exported_class(grades, spec, output, read_collection(folder, name))


def _of_the_course(kind: str, course: Course, name: str, slug: str | None) -> Export:
    from autograder.grading.secret import course_secret
    from autograder.outputs.exports.classroom50_bundle import classroom50_bundle
    from autograder.outputs.exports.gradescope_zip import gradescope_zip

    course.assignment(name)  # says so where there is none
    if kind == "gradescope-zip":
        return gradescope_zip(course, name, course_secret(course.root))
    return classroom50_bundle(course, name, slug or name)


def _of_the_class(
    kind: str,
    exported: tuple[Exported, ...],
    roster: Path | None,
    column: str | None,
    classroom: str | None,
    slug: str,
) -> Export:
    import datetime

    from autograder.outputs.exports.classroom50 import classroom50
    from autograder.outputs.exports.github_classroom import github_classroom
    from autograder.outputs.exports.gradescope import gradescope
    from autograder.outputs.exports.junit import junit
    from autograder.outputs.exports.lms_csv import canvas, moodle, read_platform_csv
    from autograder.outputs.exports.summary import summary

    if kind == "classroom50":
        if classroom is None:
            raise OperatorError(
                _("which classroom?\n  fix: --classroom, its short name in Classroom 50")
            )
        return classroom50(exported, classroom, slug, datetime.datetime.now(datetime.UTC))
    if kind in ("canvas", "moodle"):
        try:
            read = None if roster is None else read_platform_csv(str(roster), roster.read_bytes())
        except OSError as error:
            raise OperatorError(
                _("--roster {file}: {why}\n  fix: the CSV that the platform exported").format(
                    file=roster, why=error.strerror
                )
            ) from error
        if kind == "moodle":
            return moodle(exported, read, column)
        if read is None:
            raise OperatorError(
                _(
                    "Canvas knows students by its own ids\n  fix: --roster FILE, its gradebook as "
                    "it exports it (Grades, Export)"
                )
            )
        return canvas(exported, read, column)
    plain = {
        "github-classroom": github_classroom,
        "gradescope": gradescope,
        "junit": junit,
        "summary": summary,
    }
    return plain[kind](exported)
