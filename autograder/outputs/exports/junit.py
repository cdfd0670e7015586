"""JUnit XML of a class: a suite for each student, a case for each check."""

from __future__ import annotations

from xml.etree import ElementTree

from autograder import escape
from autograder.messages import _
from autograder.outputs.exports.model import (
    Export,
    Exported,
    ExportedExercise,
    points_text,
    sorted_out,
)
from autograder.report import Outcome


def junit(exported: tuple[Exported, ...]) -> Export:
    """``junit.xml``, what students may see of all checks, with points as properties."""
    _graded, needed, notes = sorted_out(exported)
    suites = [_suite(one) for one in exported]
    root = ElementTree.Element("testsuites")
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.extend(suites)
    ElementTree.indent(root)
    data = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"
    return Export(files={"junit.xml": data}, needed=needed, notes=notes)


def _suite(one: Exported) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", {"name": _text(one.student)})
    properties = ElementTree.SubElement(suite, "properties")
    facts = {
        "status": one.status,
        "score": points_text(one.score),
        "max_score": points_text(one.max_score),
        "late_penalty": points_text(one.late_penalty),
    }
    facts |= {f"score.{part.name}": points_text(part.score) for part in one.exercises}
    for name, value in facts.items():
        if value:
            ElementTree.SubElement(properties, "property", {"name": _text(name), "value": value})
    if one.status == "missing":
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": _text(one.assignment), "name": _text(one.title)}
        )
        ElementTree.SubElement(case, "skipped", {"message": _("nothing was handed in")})
    else:
        for exercise in one.exercises:
            _add_cases(suite, one.assignment, exercise)
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    suite.set("tests", str(len(suite.findall("testcase"))))
    for count, kind in kinds.items():
        suite.set(count, str(len(suite.findall(f"testcase/{kind}"))))
    return suite


def _add_cases(suite: ElementTree.Element, assignment: str, exercise: ExportedExercise) -> None:
    classname = _text(f"{assignment}.{exercise.name}")
    if not exercise.checks:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": classname, "name": _text(exercise.title)}
        )
        if exercise.score is None:
            ElementTree.SubElement(case, "skipped", {"message": _text(exercise.note)})
        elif not exercise.is_full:
            said = _("{score} of {most} points").format(
                score=points_text(exercise.score), most=points_text(exercise.max_score)
            )
            _told(case, "failure", said, [exercise.note])
        return
    for check in exercise.checks:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": classname, "name": _text(check.title)}
        )
        if check.outcome is Outcome.ERRORED and not check.is_full:
            _told(case, "error", check.message, [])
        elif not check.is_full:
            _told(case, "failure", check.message, [check.mistake, check.hint])


def _told(case: ElementTree.Element, kind: str, message: str, more: list[str]) -> None:
    element = ElementTree.SubElement(case, kind, {"message": _text(message), "type": kind})
    element.text = _text("\n".join(text for text in (message, *more) if text))


def _text(text: str) -> str:
    """``text`` of characters that XML 1.0 can hold: controls and surrogates are spelled out."""
    return escape.lines(text)
