"""Losses and the kernel's path as inline SVG: numbers and our own words, nothing of a student's.

Colours are classes of the page's style sheet. What is right and what is not differ in dash and
marker too, for who does not see the colours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from autograder import escape
from autograder.messages import _
from autograder.report import Descent

_WIDTH, _HEIGHT, _MARGIN = 330, 220, 40  # of a picture, in its own units
_LOG_FROM = 30.0  # losses that differ by this factor and more are drawn on a logarithmic scale
_ROOM = 0.8  # how far beyond the right path, in its own sizes, a path is followed
_FEWEST_TICKS = 2
_MOST = 1e300  # what is larger has no place in a picture, and two of them have no difference
_FAR = 1e4  # units from a picture's corner; nobody sees what lies further out
_Place: TypeAlias = tuple[float, float]


class Plot(msgspec.Struct, frozen=True):
    """A drawing of lines, with the sentence that stands for it where it is not seen."""

    caption: str
    svg: str


def loss_plot(right: Sequence[float | str], got: Sequence[float | str]) -> Plot | None:
    """Both rows of losses over the epochs; None where there are not two numbers to join."""
    expected, yours = _numbers(right), _numbers(got)
    finite = [y for y in (*expected, *yours) if math.isfinite(y)]
    if len(expected) < 2 or len(finite) < 2:
        return None
    above = [y for y in finite if y > 0]
    is_log = len(above) == len(finite) and max(finite) / min(finite) >= _LOG_FROM
    low, high = min(finite), max(finite)
    if is_log:
        low, high = math.log10(low), math.log10(high)
    span = (high - low) or 1.0
    count = max(len(expected), len(yours))

    def across(epoch: int) -> float:
        return _MARGIN + 6 + epoch / max(1, count - 1) * (_WIDTH - _MARGIN - 20)

    def up(value: float) -> float:
        return _HEIGHT - _MARGIN - (value - low) / span * (_HEIGHT - _MARGIN - 16)

    def at(epoch: int, loss: float) -> _Place:
        return across(epoch), up(math.log10(loss) if is_log else loss)

    lines = [
        _frame(),
        *(
            _text(_MARGIN - 6, up(value) + 4, _short(10**value if is_log else value), "end")
            for value in _loss_ticks(low, high, is_log)
        ),
        *(
            _text(across(epoch), _HEIGHT - _MARGIN + 16, epoch + 1)
            for epoch in range(count)
            if count <= 12 or epoch % 5 == 4
        ),
        _text(_WIDTH / 2 + 10, _HEIGHT - 6, _("epoch")),
    ]
    for kind, losses in (("right", expected), ("yours", yours)):
        points = [at(epoch, y) for epoch, y in enumerate(losses) if math.isfinite(y)]
        lines += _line(points, kind)
    caption = _("The loss at each epoch{scale}: the right one ends at {right}, this one at {got}.")
    return Plot(
        caption.format(
            scale=_(" (logarithmic)") if is_log else "",
            right=_short(expected[-1]),
            got=_short(yours[-1]) if yours else _("nothing"),
        ),
        _svg(lines, _HEIGHT),
    )


def path_plot(descent: Descent) -> Plot:
    """Both ways down over the contours of the loss, equal steps alike in both directions."""
    right, got = (
        list(itertools.takewhile(_is_finite, map(_place, way)))
        for way in (descent.right_path, descent.path)
    )
    stays = list(itertools.takewhile(_near_to([*right, descent.lowest]), got))
    leaves = len(stays) < len(descent.path)
    frame = [*right, *stays, descent.lowest]
    (x0, x1), (y0, y1) = ((min(values), max(values)) for values in zip(*frame, strict=True))
    size = 1.16 * max(x1 - x0, y1 - y0, 1e-6)
    left, top = (x0 + x1 - size) / 2, (y0 + y1 + size) / 2
    side = _WIDTH - _MARGIN - 10
    unit = side / size
    height = side + _MARGIN + 10

    def at(x: float, y: float) -> tuple[float, float]:
        return tuple(
            max(-_FAR, min(_FAR, place))
            for place in (_MARGIN + (x - left) * unit, 10 + (top - y) * unit)
        )

    place = f'x="{_MARGIN}" y="10" width="{side}" height="{side}"'
    lines = [
        f'<svg {place} viewBox="{_MARGIN} 10 {side} {side}">',  # which cuts off what is outside
        *_contours(descent, at(*descent.lowest), unit),
        *_line([at(*one) for one in right], "right"),
        _ring(*at(*right[0])),
        *_line([at(*one) for one in got[: len(stays) + 1]], "yours"),
        _star(*at(*descent.lowest)),
        f'</svg><rect class="frame" {place}/>',
        *(_text(at(x, top)[0], height - _MARGIN + 16, _short(x)) for x in _ticks(left, size)),
        *(
            _text(_MARGIN - 6, at(left, y)[1] + 4, _short(y), "end")
            for y in _ticks(top - size, size)
        ),
        _text(
            _MARGIN + side / 2, height - 4, _("the kernel's first value, and upwards its second")
        ),
    ]
    lowest = ", ".join(_short(value) for value in descent.lowest)
    ends = (
        _("this one leaves the picture")
        if leaves
        else _("this one ends at [{end}]").format(end=", ".join(map(_short, stays[-1])))
    )
    caption = _("The kernel's way over the loss, from the ring to the star at [{lowest}]: {ends}.")
    return Plot(caption.format(lowest=lowest, ends=ends), _svg(lines, height))


def _near_to(right: Sequence[_Place]) -> Callable[[_Place], bool]:
    """Whether a place lies no further from the right way than is worth following."""
    (x0, x1), (y0, y1) = ((min(values), max(values)) for values in zip(*right, strict=True))
    room = _ROOM * max(x1 - x0, y1 - y0)
    return lambda one: x0 - room <= one[0] <= x1 + room and y0 - room <= one[1] <= y1 + room


def _contours(descent: Descent, center: _Place, unit: float) -> list[str]:
    """Ellipses of equal loss: half of d' H d for the distance d from the lowest place."""
    (a, b), (_b, c) = descent.curvature
    mean, half = (a + c) / 2, math.hypot((a - c) / 2, b)
    steep, flat = mean + half, mean - half
    angle = math.degrees(math.atan2(2 * b, a - c)) / 2  # of the steep axis
    x, y = center
    levels = sorted({_number(loss) for loss in descent.right_losses}, reverse=True)
    top = next((level for level in levels if math.isfinite(level) and level > 0), 0.0)
    if flat <= 0 or not top:
        return []
    ellipses = []
    for level in (top * factor for factor in (4.0, 2.25, 1.0, 0.36, 0.09, 0.01)):
        across, along = (math.sqrt(2 * level / curve) * unit for curve in (steep, flat))
        ellipses.append(
            f'<ellipse class="contour" cx="{x:.1f}" cy="{y:.1f}" rx="{across:.1f}" '
            f'ry="{along:.1f}" transform="rotate({-angle:.1f} {x:.1f} {y:.1f})"/>'
        )
    return ellipses


def _line(points: Sequence[tuple[float, float]], kind: str) -> list[str]:
    """The points joined, each with the marker of its kind."""
    if not points:
        return []
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    markers = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        if kind == "right"
        else f'<path d="M{x:.1f} {y - 4:.1f}l4 7h-8z"/>'
        for x, y in points
    )
    return [
        f'<polyline class="line {kind}" points="{joined}"/>',
        f'<g class="marks {kind}">{markers}</g>',
    ]


def _loss_ticks(low: float, high: float, is_log: bool) -> list[float]:
    """From ``low`` to ``high``, which are powers of ten where ``is_log``."""
    if not is_log:
        return [low, (low + high) / 2, high]
    powers = list(range(math.ceil(low), math.floor(high) + 1))
    shown = [float(power) for power in powers[:: max(1, len(powers) // 5)]]
    return shown if len(shown) >= _FEWEST_TICKS else [low, high]


def _ticks(low: float, size: float) -> list[float]:
    """Round numbers from ``low`` to ``low + size``, three or more."""
    power = 10.0 ** math.floor(math.log10(size))
    step = next(step for step in (power, power / 2, power / 5) if size / step >= 3)
    first, last = math.ceil(low / step), math.floor((low + size) / step)
    return [n * step for n in range(first, last + 1)]


def _frame() -> str:
    return f'<path class="frame" d="M{_MARGIN} 8V{_HEIGHT - _MARGIN}H{_WIDTH - 8}" />'


def _ring(x: float, y: float) -> str:
    return f'<circle class="start" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'


def _star(x: float, y: float) -> str:
    points = (
        (x + r * math.sin(n * math.pi / 5), y - r * math.cos(n * math.pi / 5))
        for n in range(10)
        for r in ((8.0, 3.5)[n % 2],)
    )
    return f'<polygon class="lowest" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>'


def _text(x: float, y: float, value: object, anchor: str = "middle") -> str:
    text = escape.html_text(value)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _svg(lines: Sequence[str], height: float) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" '
        f'height="{height:.0f}" aria-hidden="true">{"".join(lines)}</svg>'
    )


def _numbers(values: Sequence[float | str]) -> list[float]:
    return [_number(value) for value in values]


def _is_finite(place: _Place) -> bool:
    return all(map(math.isfinite, place))


def _place(place: tuple[float | str, float | str]) -> _Place:
    return _number(place[0]), _number(place[1])


def _number(value: float | str) -> float:
    try:
        number = float(value)
    except ValueError:
        return math.nan
    return (
        number
        if abs(number) <= _MOST or not math.isfinite(number)
        else math.copysign(math.inf, number)
    )


def _short(value: float) -> str:
    if not math.isfinite(value):
        return {"inf": "∞", "-inf": "−∞"}.get(str(value), "nan")
    return f"{value + 0.0:.3g}".replace("-", "−")
