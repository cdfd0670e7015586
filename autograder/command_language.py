"""The language of the command line: ``--lang`` anywhere in it, and its help in that language."""

from __future__ import annotations

import contextlib
import gettext
import os
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.errors import OperatorError
from autograder.messages import (
    DOMAIN,
    LOCALE,
    VARIABLE,
    _,
    asked_language,
    known_language,
    language,
    languages,
)

_OPTION = "--lang"

# What the command line library says by gettext, so that our catalogs can have it.
LIBRARY_TEXTS = (
    "Arguments",
    "Options",
    "Commands",
    "Error",
    "Aborted.",
    "[default: {}]",
    "[required]",
    "Try [blue]'{command_path} {help_option}'[/] for help.",
    "Missing command.",
    "No such command {name!r}.",
    "Show this message and exit.",  # not by gettext; see `translate_help`
)


@contextlib.contextmanager
def spoken(arguments: Sequence[str]) -> Iterator[list[str]]:
    """``arguments`` without ``--lang LANGUAGE``; in the block, that language is in force.

    In processes started from there, too. Raises OperatorError where there is no such language.
    """
    rest, asked = _split(arguments)
    before = {name: os.environ.get(name) for name in (VARIABLE, "LANGUAGE")}
    try:
        if asked is not None:
            os.environ[VARIABLE] = known_language(asked)
        else:
            asked_language()  # a misspelt one in the variable is told, not passed over
        os.environ["LANGUAGE"] = language()  # where the library looks, and others' programs
        gettext.bindtextdomain(DOMAIN, LOCALE)
        gettext.textdomain(DOMAIN)
        yield rest
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def translate_help(command: Any) -> None:
    """Put the help of ``command``, its parameters and its commands into the language in force."""
    from typer import rich_utils  # rich takes its time, and most commands show no help

    highlight = rich_utils.highlighter

    def folded(text: Any) -> Any:
        """A line without spaces, as Chinese is written, is broken; by itself it is cut off."""
        shown = highlight(text)
        shown.overflow = "fold"
        return shown

    rich_utils.highlighter = folded  # type: ignore[assignment]
    _translate(command)


def _translate(command: Any) -> None:
    for name in ("help", "short_help", "epilog"):
        if text := getattr(command, name, None):
            setattr(command, name, _(text))
    option = command.get_help_option(command.context_class(command))
    for parameter in (*command.params, option):
        if text := getattr(parameter, "help", None):
            parameter.help = _(text)
    for inner in getattr(command, "commands", {}).values():
        _translate(inner)


def _split(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    rest: list[str] = []
    asked: str | None = None
    waiting = list(arguments)
    while waiting:
        one = waiting.pop(0)
        if one == "--":
            return [*rest, one, *waiting], asked
        if one == _OPTION and not waiting:
            raise OperatorError(
                _("--lang: which language?\n  fix: one of {names}").format(
                    names=", ".join(languages())
                )
            )
        if one == _OPTION:
            asked = waiting.pop(0)
        elif one.startswith(f"{_OPTION}="):
            asked = one.partition("=")[2]
        else:
            rest.append(one)
    return rest, asked
