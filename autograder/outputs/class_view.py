"""All that the class page is made of, and how it leads to a student's report and page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from autograder import escape
from autograder.messages import _
from autograder.outputs.class_line import Line
from autograder.outputs.template import markup
from autograder.spec import AssignmentSpec

SHOWN_NAMES = 12  # of a list; the rest is folded


class ClassView(msgspec.Struct, frozen=True):
    """All that the page is made of."""

    spec: AssignmentSpec
    lines: tuple[Line, ...]  # the whole class, sorted by student
    notices: tuple[str, ...] = ()  # about folders and files, a sentence each, with its fix below it
    only: tuple[str, ...] = ()  # whom the last run graded, where that was not the whole class
    up: str = "../"  # from the page to the folder that holds reports/ and pages/


def links(student: str, view: ClassView) -> dict[str, Any]:
    """A student with links, each made to stand between the quotes of an attribute."""
    place = f"{quote(student)}/{quote(view.spec.name)}"
    return {
        "name": student,
        "page": markup(escape.html_attribute(f"{view.up}pages/{place}/index.html")),
        "report": markup(escape.html_attribute(f"{view.up}reports/{place}/report.json")),
    }


def percent(share: float) -> str:
    """``0.5`` as ``50%``."""
    return _("{percent:.0f}%").format(percent=100 * share)
