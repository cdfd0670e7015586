"""The catalogs of translations: what there is to translate, and each .po brought up to date.

Of the engine there is one .po for each language, compiled to the .mo it reads; of an assignment
one, which is read as it stands. English is the source of both.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Sequence
from pathlib import Path

import msgspec
from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from autograder.authoring.extracted import Text, assignment_texts, engine_texts
from autograder.errors import AuthorError
from autograder.messages import DOMAIN, ENGLISH, LOCALE, _
from autograder.spec import Course

_ALIKE = 0.7  # by difflib's measure: what a changed text is still taken for
_WIDTH = 0  # a line of the text is a line of the file
_HEADER = "# `autograder translations` keeps this up to date: write msgstr, take fuzzy away."


class Updated(msgspec.Struct, frozen=True):
    """One catalog as it stands now."""

    path: Path
    texts: int
    missing: int
    fuzzy: int  # translations of a text as it was, to be looked at again
    changed: bool  # the file, by this run


def update_translations(course: Course) -> list[Updated]:
    """Bring every catalog up to date, and make those that a language of the course still lacks.

    A translation of a text that is unchanged stays; where one was changed its translation is marked
    fuzzy, which counts as none; of texts that are gone nothing stays. Twice is as good as once.

    Raises:
        AuthorError: The texts of an assignment cannot be read.
    """
    for language in _wanted(course):
        try:
            Locale.parse(language)
        except (UnknownLocaleError, ValueError) as error:
            raise AuthorError(
                _(
                    "{path}: there is no language {language!r}\n"
                    "  fix: write it as the locales are called, such as zh_CN or de"
                ).format(path=course.root / "course.toml", language=language)
            ) from error
    updated = []
    texts = engine_texts()
    there = {*LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"), *map(engine_po, _wanted(course))}
    for path in sorted(there):
        language = path.parents[1].name
        updated.append(_update(path, texts, language))
        _write(path.with_suffix(".mo"), compiled(path, language))
    for name in course.assignments():
        wanted = {course.translations(name, language) for language in _wanted(course)}
        there = {*course.translations(name, ENGLISH).parent.glob("*.po"), *wanted}
        texts = assignment_texts(course, name)
        updated += [_update(path, texts, path.stem) for path in sorted(there)]
    return updated


def engine_po(language: str) -> Path:
    """Where the engine's translations are kept."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def compiled(path: Path, language: str) -> bytes:
    """The .mo of the .po in ``path``; the same bytes from the same translations."""
    catalog = _Catalog(locale=language, fuzzy=False)
    for message in _messages(path, language).values():
        if all(_all(message.string)):  # babel takes half a plural for a whole one
            catalog[message.id] = message
    data = io.BytesIO()
    write_mo(data, catalog)
    return data.getvalue()


class _Catalog(Catalog):
    """With a header that says nothing of when and by what it was written."""

    mime_headers = property(
        lambda self: [
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit\n"),
        ]
    )


def _wanted(course: Course) -> list[str]:
    return [one for one in course.spec.languages if one != ENGLISH]


def _update(path: Path, texts: Sequence[Text], language: str) -> Updated:
    before = _messages(path, language)
    catalog = _Catalog(locale=language, header_comment=_HEADER, fuzzy=False)
    wanted = _by_source(texts)
    gone = {
        source: message
        for source, message in before.items()
        if source not in wanted and all(_all(message.string))
    }
    for source, same in wanted.items():
        id = next((one.id for one in same if isinstance(one.id, tuple)), source)
        old, is_changed = before.get(source), False
        if old is None and (near := difflib.get_close_matches(source, gone, 1, _ALIKE)):
            old, is_changed = gone[near[0]], True
        if old is not None and isinstance(old.id, str) != isinstance(id, str):
            old = None  # a plural is another text than one without
        catalog.add(
            id,
            None if old is None else old.string,
            locations=[(one.file, one.line) for one in same],
            flags=("fuzzy",) if old is not None and (is_changed or old.fuzzy) else (),
            auto_comments=list(dict.fromkeys(one.what for one in same if one.what)),
            previous_id=_all(old.id) if old is not None and is_changed else (),
        )
    data = io.BytesIO()
    write_po(data, catalog, width=_WIDTH, include_lineno=False, include_previous=True)
    changed = _write(path, data.getvalue().rstrip(b"\n") + b"\n")
    now = _messages(path, language).values()
    fuzzy = sum(message.fuzzy for message in now)
    missing = sum(not all(_all(message.string)) for message in now)
    return Updated(path, len(now), missing, fuzzy, changed)


def _by_source(texts: Sequence[Text]) -> dict[str, list[Text]]:
    """By what stands in the source, or the singular of it: a catalog has that once."""
    found: dict[str, list[Text]] = {}
    for text in texts:
        found.setdefault(_all(text.id)[0], []).append(text)
    return found


def _messages(path: Path, language: str) -> dict[str, Message]:
    """By source text or singular, in the order of the file; none where there is no file."""
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    return {_all(message.id)[0]: message for message in catalog if message.id}


def _all(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]


def _write(path: Path, data: bytes) -> bool:
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return True
