"""Text for people, through gettext from the first day.

``_("text")`` translates when a message is *made*, so nothing translated is stored at import.
"""

from __future__ import annotations

import functools
import gettext
import os
from pathlib import Path

_LOCALE = Path(__file__).parent / "locale"


@functools.cache
def _catalog(languages: str) -> gettext.NullTranslations:
    return gettext.translation("autograder", _LOCALE, languages.split(":"), fallback=True)


def _languages() -> str:
    return next(
        (
            os.environ[name]
            for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
            if os.environ.get(name)
        ),
        "en",
    )


def _(text: str) -> str:
    """``text`` in the person's language, or as it is where there is no translation."""
    return _catalog(_languages()).gettext(text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """``singular`` or ``plural`` by ``count``, in the person's language."""
    return _catalog(_languages()).ngettext(singular, plural, count)
