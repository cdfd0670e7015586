"""The instructor's commands around grading: `grade`, `replay`, `formgrader`, `doctor`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from autograder.messages import _, in_language, language

if TYPE_CHECKING:
    from autograder.grading.workers import Graders


@app.command()
def grade(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder laid out <student>/<assignment>/; by default submitted/, or the example "
            "class while that is empty.",
            metavar="DIR",
        ),
    ] = None,
    assignment: AssignmentOption = None,
    student: StudentsOption = None,
    output: Annotated[Path | None, typer.Option(help="Course root for everything written.")] = None,
    db: DatabaseOption = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, help="Grading processes; by default one for each core, memory allowing."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Grade all, also what has not changed since.")
    ] = False,
    allow_lower: Annotated[
        bool, typer.Option("--allow-lower", help="Let a regrade of the same file lower a score.")
    ] = False,
    after_due: Annotated[
        bool,
        typer.Option(
            "--after-due",
            help="Students' pages show of hidden checks what assignment.toml allows, once nobody "
            "can hand in any more.",
        ),
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            help="Only one machine's share of the class, such as 2/5: reports, no gradebook.",
            metavar="I/N",
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            help="Let the workers of this Dask scheduler grade, for example tls://host:8786.",
            metavar="ADDRESS",
        ),
    ] = None,
    json_lines: Annotated[
        bool,
        typer.Option("--json-lines", help="For machines: a line of JSON for each submission."),
    ] = False,
) -> None:
    """Grade a class in the sandbox: reports, gradebook and a table.

    What is graded already is not graded again; stopped or killed, the same command goes on.
    """
    from autograder.outputs.interrupt import interruptible

    if shard is not None and after_due:
        raise OperatorError(
            _("--shard writes no pages, and --after-due is about them\n  fix: leave one out")
        )
    if shard is not None and db is not None:
        raise OperatorError(
            _("--shard writes no gradebook, and --db names one\n  fix: leave --db out here")
        )
    without = _("the same command without --force goes on from there")
    with interruptible(without if force else _("the same command goes on from there")):
        from autograder.gradebook.graded import grade_into_gradebook
        from autograder.grading.course import without_report
        from autograder.grading.jobs import usable_jobs
        from autograder.grading.key import setup_key
        from autograder.grading.run import Options
        from autograder.grading.secret import course_secret
        from autograder.grading.shard import read_shard
        from autograder.grading.workers import Workers
        from autograder.outputs import class_charts
        from autograder.outputs.class_folder import ClassFolder
        from autograder.outputs.pages import Pages
        from autograder.outputs.progress import ClassProgress, JsonLines
        from autograder.outputs.terminal import class_table
        from autograder.report import Report
        from autograder.trusted import trusted_course

        course = trusted_course(Path.cwd(), graded=folder)
        name = assignment or only_assignment(course.assignments())
        folder, output = where(course.root, folder, output)
        spec = course.assignment(name)
        options = Options(
            students=tuple(student or ()),
            shard=None if shard is None else read_shard(shard, course.root),
            force=force,
            allow_lower=allow_lower,
            after_due=after_due,
        )
        pages, whole = Pages(spec, output, after_due), ClassFolder(course, spec, folder, output)

        def show(report: Report) -> None:
            pages.write(report)
            whole.add(report)

        graders: AbstractContextManager[Graders]
        if dask is not None:
            from autograder.grading.cluster import Cluster

            graders = Cluster(course, name, dask, tell)
        else:
            # What is kept under this key must have been graded with just that.
            setup = setup_key(course, spec, course_secret(course.root))
            # They start while the gradebook is opened, which takes as long as half a start.
            expected = len(without_report(name, folder, output, options))
            processes = usable_jobs(jobs, spec.limits, tell)
            graders = Workers(course, name, processes, setup, expected)
            if expected and shard is None:
                class_charts.load_early()
        with graders as running, JsonLines() if json_lines else ClassProgress() as shown:
            result = grade_into_gradebook(
                course,
                name,
                folder,
                output,
                db,
                shown.watched(running),
                options,
                shown.update,
                shown.changes,
                show,
            )
        with in_language(spec.language):
            page = None if shard else whole.write(result, options.students)
        gradebook = None if shard else _("the gradebook that --db names") if db else "gradebook.db"
        if isinstance(shown, JsonLines):
            shown.result(result)
        else:
            spec = course.assignment(name, language())  # the table is for who reads it here
            print(class_table(spec, result, output, gradebook, page))
    if not result.complete:
        raise typer.Exit(1)


@app.command()
def replay(
    student: Annotated[str, typer.Argument(help="Whose submission.")],
    check: Annotated[str, typer.Argument(help="The check's name, as it stands in the report.")],
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder with the submissions, as for `grade`.", metavar="DIR"),
    ] = None,
    assignment: AssignmentOption = None,
    output: Annotated[Path | None, typer.Option(help="Course root that holds the report.")] = None,
) -> None:
    """Run one check again as it was graded, for an appeal, and write a note for the student.

    Prints what students must not see: hidden inputs and expected values. Ends with exit code 1
    where the check comes out in another way than it was graded.
    """
    from autograder.grading.replay import replay_check, replay_view, write_note
    from autograder.outputs.replay import replay_text
    from autograder.outputs.replay_note import replay_note
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd(), graded=folder)
    name = assignment or only_assignment(course.assignments())
    folder, output = where(course.root, folder, output)
    with in_language(course.students_language):  # as it was graded, and as its student reads it
        replayed = replay_check(course, name, student, check, folder, output)
        note = write_note(output, replayed, replay_note(replay_view(replayed)))
    print(replay_text(replayed))
    print(
        _("\nnot for students: what is above; for the student: {note}").format(
            note=escape.one_line(note)
        )
    )
    if not replayed.confirmed:
        raise typer.Exit(1)


@app.command()
def formgrader(
    port: Annotated[int, typer.Option(help="Where to listen; the next free one if taken.")] = 8888,
) -> None:
    """Serve nbgrader's formgrader for this course, to you alone: on this machine, with a token."""
    from autograder.nbgrader.server import serve
    from autograder.trusted import trusted_course

    serve(trusted_course(Path.cwd()), port)


@app.command()
def doctor() -> None:
    """Show what isolates student code here: each layer, its proof, and how to get what is missing.

    Ends with exit code 3 where grading would be refused.
    """
    from autograder.authoring.origin import public_origin
    from autograder.grading.bench import hidden_files
    from autograder.outputs.doctor import how_to_get, layer_table, not_taken
    from autograder.sandbox.host import NotIsolatedError, Sandbox
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    name = course.assignments()[0]
    if address := public_origin(course.root):
        print(
            _(
                "WARNING: anybody can read this repository, hidden checks and solutions too: "
                "{address}\n  fix: make it private; only assignments/ goes to students\n"
            ).format(address=escape.one_line(address))
        )
    try:
        with Sandbox(course.assignment(name), hidden_files(course, name)) as sandbox:
            print(layer_table(sandbox.layers, sandbox.proofs))
            for line in (*how_to_get(sandbox.layers), *not_taken(sandbox.rejected)):
                print(line)
            print(_("student code is isolated by: {name}").format(name=sandbox.combination.name))
    except NotIsolatedError as error:
        last = error.rejected[-1]
        print(layer_table(last.layers, last.proofs))
        for line in how_to_get(last.layers):
            print(line)
        raise
