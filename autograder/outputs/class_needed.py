"""What needs a person, said once for all of whom the same is said; the gravest first."""

from __future__ import annotations

from typing import Any

from autograder.messages import _, ngettext
from autograder.outputs.class_line import Concern
from autograder.outputs.class_view import SHOWN_NAMES, ClassView, links

_SHOWN_DETAILS = 5  # of those of whom the same is said


def needed_words(view: ClassView) -> dict[str, Any]:
    """A summary, and by each concern what is said of whom."""
    titles = {
        Concern.NO_SCORE: _("No score"),
        Concern.OLDER: _("The score of an earlier file stands"),
        Concern.WAITING: _("Grading again came to fewer points, which do not count"),
        Concern.FLAGGED: _("Flagged"),
        Concern.TIME: _("Not known when it was handed in, so never late"),
    }
    groups = []
    for concern, title in titles.items():
        said = _said(concern, view)
        if said:
            students = {student["name"] for one in said for student in one["students"]}
            groups.append(
                {
                    "title": title,
                    "count": len(students),
                    "shown": said[:SHOWN_NAMES],
                    "folded": said[SHOWN_NAMES:],
                }
            )
    notices = [notice.split("\n") for notice in view.notices]
    total = sum(bool(line.troubles) for line in view.lines)
    if not groups and not notices:
        summary = _("Nothing: every submission has a score, and nothing was flagged.")
    else:
        text = ngettext("{count} submission of {all}", "{count} submissions of {all}", total)
        summary = text.format(count=total, all=len(view.lines))
    return {
        "said": summary,
        "groups": groups,
        "notices": notices,
        "notices_title": _("Folders and files"),
    }


def _said(concern: Concern, view: ClassView) -> list[dict[str, Any]]:
    """What is said of submissions, with all of whom the same is said, the most first."""
    found: dict[str, dict[str, Any]] = {}
    for line in view.lines:
        for one in line.troubles:
            if one.concern is concern:
                said = found.setdefault(one.text, {"text": one.text, "students": [], "details": {}})
                said["students"].append(links(line.student, view))
                if one.detail:
                    said["details"].setdefault(one.detail, line.student)
    for said in found.values():
        said["details"] = list(said["details"].items())[:_SHOWN_DETAILS]
        said["folded"] = said["students"][SHOWN_NAMES:]
        said["shown"] = said["students"][:SHOWN_NAMES]
    return sorted(found.values(), key=lambda said: -len(said["students"]))
