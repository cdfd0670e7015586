"""Text for people, through gettext from the first day.

``_("text")`` translates when a message is *made*, so nothing translated is stored at import.
English is the source; every other language is a folder in ``locale``.

Which language: that of the block (`in_language`), else what was asked for with ``--lang``, else
what the environment says, as for every other program.
"""

from __future__ import annotations

import contextlib
import functools
import gettext
import os
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path

from autograder.errors import OperatorError

ENGLISH = "en"
VARIABLE = "AUTOGRADER_LANGUAGE"  # what --lang sets; processes that we start inherit it
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "autograder"

_ENVIRONMENT = (VARIABLE, "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
# Names of one and the same. Traditional characters (zh_TW, zh_HK) are another language to a reader:
# who wants simplified ones for them asks for zh_CN.
_ALIASES = {"zh_hans": "zh_cn", "zh_hans_cn": "zh_cn", "zh_sg": "zh_cn"}
_ENGLISH_NAMES = frozenset(("c", "posix", "en"))

_in_block: ContextVar[str | None] = ContextVar("language", default=None)


def _(text: str) -> str:
    """``text`` in the person's language, or as it is where there is no translation."""
    return _catalog(language()).gettext(text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """``singular`` or ``plural`` by ``count``, in the person's language."""
    return _catalog(language()).ngettext(singular, plural, count)


def language() -> str:
    """The language in force, one of `languages`: English where none is asked for that exists."""
    block = _in_block.get()
    if block is not None:
        return block
    for name in _ENVIRONMENT:
        if os.environ.get(name):
            return _first_known(os.environ[name])
    return ENGLISH


def asked_language() -> str | None:
    """The language that ``--lang`` or its variable names, or None. Raises OperatorError."""
    asked = os.environ.get(VARIABLE)
    return known_language(asked) if asked else None


@contextlib.contextmanager
def in_language(name: str) -> Iterator[None]:
    """What is made in the block is in this language, one of `languages`, whatever was asked for."""
    token = _in_block.set(name)
    try:
        yield
    finally:
        _in_block.reset(token)


@functools.cache
def languages() -> tuple[str, ...]:
    """Those there are: English, and each that has a folder."""
    catalogs = LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return (ENGLISH, *sorted(path.parents[1].name for path in catalogs))


def known_language(name: str) -> str:
    """The one of `languages` that ``name`` (``zh_CN.UTF-8``, ``zh-CN``, ``zh`` …) means.

    Raises OperatorError where there is none.
    """
    found = match(name, languages())
    if found is None:
        raise OperatorError(
            _("there is no language {name!r}\n  fix: one of {names}").format(
                name=name, names=", ".join(languages())
            )
        )
    return found


def match(name: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that a locale's name means, or None.

    It in any spelling; else its language without the land; and a bare language is any land's.
    """
    plain = name.partition(".")[0].partition("@")[0].replace("-", "_").lower()
    if plain in _ENGLISH_NAMES or plain.startswith("en_"):
        return ENGLISH
    names: Mapping[str, str] = {one.lower(): one for one in known}
    wanted = _ALIASES.get(plain, plain)
    lands = (one for lower, one in names.items() if lower.startswith(f"{wanted}_"))
    return names.get(wanted) or names.get(wanted.partition("_")[0]) or next(lands, None)


def _first_known(value: str) -> str:
    """LANGUAGE may name several, the best first."""
    return next((found for name in value.split(":") if (found := _match(name))), ENGLISH)


@functools.cache
def _match(name: str) -> str | None:
    return match(name, languages())


@functools.cache
def _catalog(name: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [name], fallback=True)
