"""The command line: one function per command, each a readable line or two over the engine.

Exit codes: 0 done, whatever the scores; 1 something could not be graded; 2 usage; 3 no sandbox.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder import escape
from autograder.command_language import spoken, translate_help
from autograder.errors import AutograderError, OperatorError, SandboxError
from autograder.messages import ENGLISH, _, in_language, language

# Engine modules are imported inside the commands: `check` must not wait for what `grade` needs.
if TYPE_CHECKING:
    from autograder.grading.workers import Graders

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Check, release and grade the exercises of a course.",
)


def run(arguments: Sequence[str]) -> int:
    """Run the command in ``arguments``; the exit code."""
    try:
        with spoken(arguments) as rest:
            return _run(rest)
    except AutograderError as error:
        _tell(f"autograder: {error}")
        return 2


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    if language() != ENGLISH and (not arguments or "--help" in arguments):
        translate_help(command)
    try:
        command(arguments, prog_name="autograder")
    except SandboxError as error:
        _tell(f"autograder: {error}")
        return 3
    except AutograderError as error:
        _tell(f"autograder: {error}")
        return 2
    except SystemExit as end:  # how the command line library ends, help and usage errors too
        return end.code if isinstance(end.code, int) else 0
    return 0


@app.callback()
def _app(
    lang: Annotated[
        str | None,
        typer.Option(
            help="In which language, such as zh_CN; by default the one of your system. May stand "
            "anywhere.",
            metavar="LANGUAGE",
        ),
    ] = None,
) -> None:
    # Not read here: `run` has taken --lang out before, so that it may follow the command, too.
    del lang


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Your notebook or script, or its folder.")] = Path(),
    hint: Annotated[
        bool, typer.Option("--hint", help="One hint more for the first check that fails.")
    ] = False,
) -> None:
    """Run the visible checks on your own file, here on your machine."""
    from autograder.student.released import find_released, students_form
    from autograder.student.render import render
    from autograder.student.run import check_form
    from autograder.student.screen import screen_of, write

    _refuse_what_was_handed_in(file)
    folder, released = find_released(file)
    form, about = students_form(file, released)
    shown = check_form(folder, released, form, next_hint=hint, about=about)
    screen = screen_of(sys.stdout)
    write(render(shown, screen), sys.stdout, screen)


@app.command()
def watch(
    file: Annotated[Path, typer.Argument(help="Your notebook or script, or its folder.")] = Path(),
) -> None:
    """Run the visible checks again whenever you save your file; Control-C ends it."""
    from autograder.student.watch import watch as watch_file

    _refuse_what_was_handed_in(file)
    watch_file(file, sys.stdout)


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
    assignment: Annotated[
        str | None, typer.Option(help="Which assignment; by default the only one.")
    ] = None,
    student: Annotated[
        list[str] | None, typer.Option(help="Only this student; may be given again.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Course root for everything written.")] = None,
    db: Annotated[
        str | None,
        typer.Option(help="A file, or nbgrader's db_url; by default gradebook.db in the output."),
    ] = None,
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
        name = assignment or _only_assignment(course.assignments())
        folder, output = _where(course.root, folder, output)
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

            graders = Cluster(course, name, dask, _tell)
        else:
            # What is kept under this key must have been graded with just that.
            setup = setup_key(course, spec, course_secret(course.root))
            # They start while the gradebook is opened, which takes as long as half a start.
            expected = len(without_report(name, folder, output, options))
            processes = usable_jobs(jobs, spec.limits, _tell)
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
    assignment: Annotated[
        str | None, typer.Option(help="Which assignment; by default the only one.")
    ] = None,
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
    name = assignment or _only_assignment(course.assignments())
    folder, output = _where(course.root, folder, output)
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
def release(
    assignment: Annotated[
        str | None, typer.Argument(help="Which assignment; by default all of them.")
    ] = None,
) -> None:
    """Make what students get, assignments/, from its source.

    Refused where the solution loses a point, what students get earns one, or a check fails on no
    labelled wrong submission, has no title or hint, or tells in them what it expects.
    """
    from autograder.authoring.guard import guard_release
    from autograder.authoring.release import write_release
    from autograder.gradebook.frozen import refuse_frozen_changes
    from autograder.outputs.progress import ClassProgress
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    for name in [assignment] if assignment else course.assignments():
        refuse_frozen_changes(course, name, course.root)
        with ClassProgress() as progress:
            guarded = guard_release(course, name, progress.step)
        changed = write_release(course, name)
        print(
            _("{folder}: {files}").format(
                folder=course.release(name).relative_to(course.root),
                files=", ".join(changed) if changed else _("up to date"),
            )
        )
        print(
            _(
                "graded first, in {seconds:.1f} s: the solution earns everything, the stubs "
                "nothing, and each of {checks} checks fails on a wrong submission ({wrong} were "
                "enough to show it)"
            ).format(seconds=guarded.seconds, checks=guarded.checks, wrong=guarded.wrong)
        )


@app.command()
def new(
    assignment: Annotated[
        str, typer.Argument(help="Its name, and that of its folders.", metavar="NAME")
    ],
) -> None:
    """Make the folders of a new assignment, with a small exercise to be replaced by your own."""
    from autograder.authoring.new import make_assignment
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    for path in make_assignment(course, assignment):
        print(path.relative_to(course.root))
    print(_("next: autograder release {name}").format(name=assignment))


@app.command()
def translations() -> None:
    """Bring the catalogs of translations up to date, and say how much of each is still to be done.

    Those of the engine and of each assignment, in every language that course.toml lists.
    """
    from autograder.authoring.translations import update_translations
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    for one in update_translations(course):
        path = one.path
        print(
            _("{file}: {texts} texts, {missing} missing, {fuzzy} fuzzy").format(
                file=path.relative_to(course.root) if path.is_relative_to(course.root) else path,
                texts=one.texts,
                missing=one.missing,
                fuzzy=one.fuzzy,
            )
        )


@app.command()
def audit(
    assignment: Annotated[
        str | None, typer.Argument(help="Which assignment; by default the only one.")
    ] = None,
    mutants: Annotated[
        int | None,
        typer.Option(min=0, help="Only so many mutants of the solution; by default all."),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option(min=1, help="Grade so often, with other inputs and starts, and compare."),
    ] = 1,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Leave this check out, to see what only it holds; may be given again."),
    ] = None,
) -> None:
    """Grade submissions whose worth is known, and say where the checks are wrong.

    Ends with exit code 1 where a right answer loses a point, a wrong one keeps all, a mistake gets
    a wrong name, a mutant of the solution survives, or a check breaks or is failed by nothing.
    """
    from autograder.authoring.audit import audit_assignment
    from autograder.authoring.audit_text import audit_text
    from autograder.outputs.progress import ClassProgress
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    name = assignment or _only_assignment(course.assignments())
    with ClassProgress() as progress:
        result = audit_assignment(
            course,
            name,
            at_most_mutants=mutants,
            seeds=seeds,
            without=without or (),
            progress=progress.step,
        )
    print(audit_text(result, without or ()))
    if result.defects:
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


def _refuse_what_was_handed_in(file: Path) -> None:
    """`check` and `watch` run a file unguarded: of a course, only what its authors wrote."""
    place = file.resolve()
    for folder in (place, *place.parents):
        trusted = (folder / "assignments", folder / "solutions")
        if (folder / "course.toml").is_file() and not any(map(place.is_relative_to, trusted)):
            raise OperatorError(
                _(
                    "{file}: may have been handed in, and `check` and `watch` run a file without "
                    "isolation\n  fix: autograder grade --student NAME"
                ).format(file=file)
            )


def _tell(text: str) -> None:
    from autograder.outputs.wrap import for_stream

    print(for_stream(escape.lines(text), sys.stderr), file=sys.stderr, flush=True)


def _only_assignment(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    raise OperatorError(
        _("which assignment?\n  fix: --assignment, one of {names}").format(names=", ".join(names))
    )


def _where(root: Path, folder: Path | None, output: Path | None) -> tuple[Path, Path]:
    """What to grade and where to write: the example class is a course of its own."""
    examples = root / "examples" / "submitted"
    if folder is None:
        submitted = root / "submitted"
        has_students = submitted.is_dir() and any(
            not entry.name.startswith(".") for entry in submitted.iterdir()
        )
        folder = submitted if has_students else examples
    is_example = folder.resolve() == examples.resolve()
    output = output or (root / "build" / "example" if is_example else root)
    if output.resolve().is_relative_to(folder.resolve()):
        raise OperatorError(
            _(
                "{output}: lies in the folder to be graded, where a student may have put links\n"
                "  fix: name another --output"
            ).format(output=output)
        )
    return folder, output
