"""What Gradescope's download says of its submissions: who handed in, and when."""

from __future__ import annotations

import datetime
import re
from typing import Any

from autograder.classroom.collecting.handed import Identity
from autograder.errors import OperatorError
from autograder.messages import _

METADATA = "submission_metadata.yml"
SUBMISSION = re.compile(r"submission_\d+")


def submissions_told(
    data: bytes,
) -> dict[str, tuple[list[Identity], datetime.datetime | None]]:
    """By submission: who handed it in, and when Gradescope got it. Raises OperatorError."""
    try:
        import yaml  # type: ignore[import-untyped] # it has no types of its own
    except ImportError as error:
        raise OperatorError(
            _("{name}: cannot be read here\n  fix: pip install pyyaml").format(name=METADATA)
        ) from error
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        told = yaml.load(data, Loader=loader)  # a safe loader: it makes no object but plain data
        return {
            str(number): (_submitters(one.get(":submitters") or ()), _at(one.get(":created_at")))
            for number, one in told.items()
            if SUBMISSION.fullmatch(str(number))
        }
    except (yaml.YAMLError, AttributeError, TypeError, ValueError, RecursionError) as error:
        raise OperatorError(
            _("{name}: is not as Gradescope writes it\n  fix: download it again").format(
                name=METADATA
            )
        ) from error


def _submitters(told: Any) -> list[Identity]:
    people = []
    for one in told:
        values = {key: _text(one.get(f":{key}")) for key in ("sid", "email", "name")}
        people.append(
            Identity(
                shown=values["name"] or values["email"],
                keys=tuple((key, values[key]) for key in ("sid", "email", "name") if values[key]),
                ids=tuple(values[key] for key in ("sid", "email", "name") if values[key]),
            )
        )
    return people or [Identity(shown="")]


def _text(told: Any) -> str:
    # Of no list or table: short as it is written, it may come to gigabytes of text.
    return " ".join(str(told).split()) if isinstance(told, str | int) else ""


def _at(told: Any) -> datetime.datetime | None:
    """A moment with its zone; what has none could be of any zone."""
    if isinstance(told, str):
        told = datetime.datetime.fromisoformat(told.strip())
    if not isinstance(told, datetime.datetime) or told.tzinfo is None:
        return None
    return told.astimezone(datetime.UTC)
