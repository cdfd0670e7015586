"""The audit for people: a line for each thing that is asked, then all that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder import escape
from autograder.authoring.judgement import Audit
from autograder.messages import _, ngettext


def audit_text(audit: Audit, without: Sequence[str] = ()) -> str:
    """The whole text; the last line says whether anything is wrong."""
    lines = [*_counts(audit, without), *_together(audit)]
    if audit.defects:
        lines += ["", *_defects(audit)]
        count = len(audit.defects)
        lines += ["", ngettext("{count} defect", "{count} defects", count).format(count=count)]
    else:
        lines += ["", _("the checks hold")]
    return "\n".join(lines)


def _counts(audit: Audit, without: Sequence[str]) -> Iterator[str]:
    if without:
        yield _("without {checks}:").format(checks=", ".join(without))
    rows = (
        (_("right"), audit.right, _("{n} lost points").format(n=_count(audit, "lost"))),
        (
            _("wrong"),
            audit.wrong,
            _("{kept} kept what they must lose, {outside} lost points outside the label").format(
                kept=_count(audit, "kept"), outside=_count(audit, "outside")
            ),
        ),
        (
            _("named"),
            audit.with_name,
            _("{named} by the right name, {wrong} by a wrong one").format(
                named=audit.named, wrong=_count(audit, "misnamed")
            ),
        ),
        (
            _("mutants"),
            audit.mutants,
            _("{survived} survived, {equivalent} more are equivalent and listed").format(
                survived=_count(audit, "survived"), equivalent=audit.equivalent
            ),
        ),
        (_("checks"), audit.checks, _("{n} that nothing fails").format(n=_count(audit, "idle"))),
        (_("errored"), _count(audit, "errored"), _("each is a defect of ours")),
    )
    for name, count, what in rows:
        yield f"{name:<8} {count:>4}  {what}"
    yield _("in {seconds:.0f} s").format(seconds=audit.seconds)


def _count(audit: Audit, kind: str) -> int:
    """How many submissions, mutants or checks have a defect of this kind."""
    return len({defect.what for defect in audit.of(kind)})


def _together(audit: Audit) -> Iterator[str]:
    """No defect, but one of them could go or could ask something else."""
    for group in audit.together:
        yield ""
        yield _("always fail together (no defect, but nothing tells them apart so far):")
        yield from (f"    {escape.one_line(name)}" for name in group)


def _defects(audit: Audit) -> Iterator[str]:
    headings = {
        "lost": _("right answers that lost points:"),
        "kept": _("wrong answers that kept what they must lose:"),
        "outside": _("wrong answers that lost points outside their label:"),
        "errored": _("errored, which is always a defect of ours:"),
        "misnamed": _("called by a wrong name:"),
        "unnamed": _("not called by their name:"),
        "survived": _("mutants of the solution that no check fails on:"),
        "stale": _("in the list of equivalent mutants, and wrongly:"),
        "luck": _("verdicts that depend on luck, with other seeds they are others:"),
        "idle": _("checks that no wrong submission fails:"),
    }
    for kind, heading in headings.items():
        if found := audit.of(kind):
            yield heading
            for defect in found:
                yield f"    {escape.one_line(defect.what)}: {escape.one_line(defect.why)}"
