"""The command line: one function per command, each a readable line or two over the engine.

Exit codes: 0 done, whatever the scores; 1 something could not be graded; 2 usage; 3 no sandbox.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from autograder import escape
from autograder.errors import AutograderError, OperatorError, SandboxError
from autograder.messages import _

# Engine modules are imported inside the commands: `check` must not wait for what `grade` needs.

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Check, release and grade the exercises of a course.",
)


def run(arguments: Sequence[str]) -> int:
    """Run the command in ``arguments``; the exit code."""
    try:
        app(list(arguments), prog_name="autograder")
    except SandboxError as error:
        print(escape.lines(f"autograder: {error}"), file=sys.stderr)
        return 3
    except AutograderError as error:
        print(escape.lines(f"autograder: {error}"), file=sys.stderr)
        return 2
    except SystemExit as end:  # how the command line library ends, help and usage errors too
        return end.code if isinstance(end.code, int) else 0
    return 0


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Your notebook or script, or its folder.")] = Path(),
) -> None:
    """Run the visible checks on your own file, here on your machine."""
    import torch

    from autograder.student.local import LocalStudent
    from autograder.student.practice import run_practice
    from autograder.student.released import find_released, students_form
    from autograder.student.render import render

    torch.set_num_threads(1)  # tensors this small are faster without a second one
    _refuse_what_was_handed_in(file)
    folder, released = find_released(file)
    form = students_form(file, released)
    connection = LocalStudent(released.spec)
    connection.load(form)
    verdicts = run_practice(folder, released, connection)
    print(render(released, form.file, connection.problems, verdicts))
    print(_("practice on this machine, without isolation"))


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
        str | None, typer.Option(help="nbgrader's db_url; by default gradebook.db in the output.")
    ] = None,
) -> None:
    """Grade a class in the sandbox: reports, gradebook and a table."""
    from autograder.outputs.terminal import ClassProgress, class_table
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd(), graded=folder)
    name = assignment or _only_assignment(course.assignments())
    folder, output = _where(course.root, folder, output)
    if output.resolve().is_relative_to(folder.resolve()):
        raise OperatorError(
            _(
                "{output}: lies in the folder to be graded, where a student may have put links\n"
                "  fix: name another --output"
            ).format(output=output)
        )
    spec = course.assignment(name)
    from autograder.gradebook.writer import GradebookWriter
    from autograder.grading.course import grade_class

    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            _("{folder}: cannot be made: {why}\n  fix: name a folder you can write to").format(
                folder=output, why=error.strerror
            )
        ) from error
    url = db or f"sqlite:///{(output / 'gradebook.db').resolve()}"
    notebook = course.release(name) / f"{name}.ipynb"
    # Opened first: a locked or read-only gradebook is told before anything is graded.
    with GradebookWriter(url, course.spec.course_id, spec, notebook) as writer:
        with ClassProgress() as progress:
            result = grade_class(course, name, folder, output, student or (), progress.update)
        writer.write(result.reports)
    print(class_table(spec, result, output))
    if not result.complete:
        raise typer.Exit(1)


@app.command()
def release(
    assignment: Annotated[
        str | None, typer.Argument(help="Which assignment; by default all of them.")
    ] = None,
) -> None:
    """Make what students get, assignments/, from its source."""
    from autograder.authoring.release import write_release
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    for name in [assignment] if assignment else course.assignments():
        changed = write_release(course, name)
        print(
            _("{folder}: {files}").format(
                folder=course.release(name).relative_to(course.root),
                files=", ".join(changed) if changed else _("up to date"),
            )
        )


@app.command()
def doctor() -> None:
    """Show what isolates student code here: each layer, its proof, and how to get what is missing.

    Ends with exit code 3 where grading would be refused.
    """
    from autograder.authoring.origin import public_origin
    from autograder.grading.course import hidden_files
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
    """`check` runs a file unguarded: nothing below a course's submitted/ may be started so."""
    place = file.resolve()
    for folder in place.parents:
        if (folder / "course.toml").is_file() and place.is_relative_to(folder / "submitted"):
            raise OperatorError(
                _(
                    "{file}: was handed in, and `check` runs a file without isolation\n"
                    "  fix: autograder grade --student NAME"
                ).format(file=file)
            )


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
    return folder, output or (root / "build" / "example" if is_example else root)
