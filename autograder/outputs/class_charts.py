"""The charts of a class, by Altair, as pictures that stand in the page itself (inline SVG).

Drawn here and not in the browser: the page runs no script of theirs, loads nothing, prints, and is
small. Colours are the page's own variables, so that a chart is dark where the page is. No student's
name or text goes into a chart.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from autograder import escape
from autograder.messages import _
from autograder.outputs.class_numbers import Bar, Pair
from autograder.outputs.template import markup

_WIDTH = 640  # px; as wide as the page on a laptop
_FONT_SIZE = 13  # px
_CELL = 14  # px, of the map
# What vega says of its groups, which a picture with a name of its own does not need.
_ROLES = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*"|aria-hidden="true")')
_FONT = re.compile(r' font-family="[^"]*"')


def load_early() -> None:
    """Begin to load Altair, which takes a second, while others work; whoever needs it waits."""
    # As a daemon: whoever stops the command does not wait for it.
    threading.Thread(target=_load, daemon=True).start()


def score_chart(bars: Sequence[Bar], name: str) -> Any:
    """How many have how many points."""
    alt = _load()
    values = [
        {"low": bar.low, "high": after, "count": bar.count}
        for bar, after in zip(bars, _ends(bars), strict=True)
    ]
    chart = (
        alt.Chart(alt.NamedData("made"))
        .mark_bar(fill="var(--minus)", stroke="var(--page)")
        .encode(
            x=alt.X(
                "low:Q",
                bin="binned",
                title=_("points"),
                axis=alt.Axis(grid=False, labelFlush=False),
            ),
            x2="high:Q",
            y=_counts(bars),
        )
        .properties(width=_WIDTH - 60, height=180)
    )
    return _drawn(chart, values, name, "scores")


def time_chart(bars: Sequence[Bar], name: str) -> Any:
    """How many took how long; each bar is about twice as long as the one before."""
    alt = _load()
    values = [{"seconds": seconds_range(bar), "count": bar.count} for bar in bars]
    chart = (
        alt.Chart(alt.NamedData("made"))
        .mark_bar(fill="var(--minus)")
        .encode(
            x=alt.X("seconds:N", sort=None, title=_("seconds"), axis=alt.Axis(labelAngle=0)),
            y=_counts(bars),
        )
        .properties(width=_WIDTH - 60, height=160)
    )
    return _drawn(chart, values, name, "times")


def together_chart(pairs: Sequence[Pair], checks: int, name: str) -> Any:
    """A map of the checks, by their numbers: the darker, the more often both fail."""
    alt = _load()
    # Both places of each pair, so that the row of a check shows all that fails with it.
    values = [
        {"a": a, "b": b, "share": round(pair.share, 3)}
        for pair in pairs
        for a, b in ((pair.first, pair.second), (pair.second, pair.first))
    ]
    numbers = list(range(1, checks + 1))
    axis = {"ticks": False, "domain": False, "labelOverlap": True, "labelAngle": 0}
    scale = alt.Scale(domain=numbers, paddingInner=0.1)
    chart = (
        alt.Chart(alt.NamedData("made"))
        .mark_rect(fill="var(--plus)")
        .encode(
            x=alt.X("a:O", title=_("check"), scale=scale, axis=alt.Axis(orient="top", **axis)),
            y=alt.Y("b:O", title=_("check"), scale=scale, axis=alt.Axis(**axis)),
            fillOpacity=alt.FillOpacity(
                "share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None
            ),
        )
        .properties(width=alt.Step(_CELL), height=alt.Step(_CELL))
    )
    return _drawn(chart, values, name, "together")


def seconds_range(bar: Bar) -> str:
    """``0.1–0.2``, in seconds."""
    return f"{bar.low:g}–{bar.high:g}"


def _ends(bars: Sequence[Bar]) -> list[float]:
    """Where each bar ends on the axis: the next one's start; the last is as wide as the others."""
    width = bars[1].low - bars[0].low if len(bars) > 1 else bars[0].high - bars[0].low + 1
    return [bar.low + width for bar in bars]


def _counts(bars: Sequence[Bar]) -> Any:
    """How high bars are, in six whole numbers at the most: of one submission there is no half."""
    most = max(bar.count for bar in bars)
    steps = (step * 10**decade for decade in range(9) for step in (1, 2, 5))
    step = next(one for one in steps if most <= 5 * one)
    axis = _load().Axis(values=list(range(0, most + 1, step)), format="d")
    return _load().Y("count:Q", title=_("submissions"), axis=axis)


def _load() -> Any:
    import altair
    import vl_convert  # noqa: F401  # here, so that it is loaded early, too

    return altair


def _drawn(chart: Any, values: Sequence[Mapping[str, object]], name: str, id: str) -> Any:
    """``chart`` of ``values`` as an SVG picture that is called ``name`` to who cannot see it."""
    import vl_convert

    specification = (
        chart.configure(background="transparent", aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--text)",
            titleColor="var(--text)",
            tickColor="var(--soft)",
            domainColor="var(--soft)",
            gridColor="var(--line)",
            labelFontSize=_FONT_SIZE,
            titleFontSize=_FONT_SIZE,
            titleFontWeight="normal",
        )
        .to_dict()
    )
    # Not by way of the chart: Altair would hold each of a thousand values against its schema.
    specification["datasets"] = {"made": values}
    svg = _FONT.sub("", _ROLES.sub("", vl_convert.vegalite_to_svg(specification)))
    # Of several pictures in one page each needs ids of its own.
    svg = re.sub(r'\bid="|url\(#', lambda found: f"{found[0]}{id}-", svg)
    head, more, rest = svg.partition(">")
    head = re.sub(r' (?:xmlns(?::xlink)?|version|class)="[^"]*"', "", head)
    title = f'<title id="{id}-name">{escape.html_text(name)}</title>'
    return markup(f'{head} role="img" aria-labelledby="{id}-name"{more}{title}{rest}')
