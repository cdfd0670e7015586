"""What all commands share: how they are run, in which language, and on which files.

Exit codes: 0 done, whatever the scores; 1 something could not be graded; 2 usage; 3 no sandbox.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from autograder import escape
from autograder.command_language import spoken, translate_help
from autograder.errors import AutograderError, OperatorError, SandboxError
from autograder.messages import ENGLISH, _, language

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Check, release and grade the exercises of a course.",
)

# What several commands ask for in the same words.
AssignmentOption = Annotated[
    str | None, typer.Option(help="Which assignment; by default the only one.")
]
StudentsOption = Annotated[
    list[str] | None, typer.Option(help="Only this student; may be given again.")
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(help="A file, or nbgrader's db_url; by default gradebook.db in the output."),
]


def run(arguments: Sequence[str]) -> int:
    """Run the command in ``arguments``; the exit code."""
    try:
        with spoken(arguments) as rest:
            return _run(rest)
    except AutograderError as error:
        tell(f"autograder: {error}")
        return 2


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    if language() != ENGLISH and (not arguments or "--help" in arguments):
        translate_help(command)
    try:
        command(arguments, prog_name="autograder")
    except SandboxError as error:
        tell(f"autograder: {error}")
        return 3
    except AutograderError as error:
        tell(f"autograder: {error}")
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


def tell(text: str) -> None:
    """Say it on the error stream, made harmless for a terminal or a log."""
    from autograder.outputs.wrap import for_stream

    print(for_stream(escape.lines(text), sys.stderr), file=sys.stderr, flush=True)


def only_assignment(names: Sequence[str]) -> str:
    """The one assignment there is. Raises OperatorError where there are more."""
    if len(names) == 1:
        return names[0]
    raise OperatorError(
        _("which assignment?\n  fix: --assignment, one of {names}").format(names=", ".join(names))
    )


def where(root: Path, folder: Path | None, output: Path | None) -> tuple[Path, Path]:
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
