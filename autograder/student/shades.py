"""The colours of numbers: orange above zero, blue below, as on the student's page."""

from __future__ import annotations

import math

PAPER = "#ffffff"
INK = "#1b1f24"  # readable on all of them
_ABOVE = (0xD9, 0x5F, 0x02)
_BELOW = (0x2B, 0x6C, 0xB0)
_MOST = 0.62  # of the full colour, so that dark ink stays readable


# Of the 256 colours that nearly every terminal has: from white on, each stronger than the last.
_NEAR_ABOVE, _NEAR_BELOW = (231, 223, 216, 209), (231, 195, 153, 111)


def near_shade(strength: float) -> str:
    """As `shade`, in one of four steps, for a terminal without the exact colours."""
    steps = _NEAR_ABOVE if strength > 0 else _NEAR_BELOW
    return f"color({steps[min(3, math.ceil(abs(strength) * 3 - 0.01))]})"


def shade(strength: float) -> str:
    """The background of a number; ``strength`` is its share of the largest, from -1 to 1."""
    share = min(1.0, abs(strength)) * _MOST
    full = _ABOVE if strength > 0 else _BELOW
    red, green, blue = (round(255 + (part - 255) * share) for part in full)
    return f"#{red:02x}{green:02x}{blue:02x}"
