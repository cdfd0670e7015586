"""The colours of numbers: orange above zero, blue below, as on the student's page."""

from __future__ import annotations

PAPER = "#ffffff"
INK = "#1b1f24"  # readable on all of them
_ABOVE = (0xD9, 0x5F, 0x02)
_BELOW = (0x2B, 0x6C, 0xB0)
_MOST = 0.62  # of the full colour, so that dark ink stays readable


def shade(strength: float) -> str:
    """The background of a number; ``strength`` is its share of the largest, from -1 to 1."""
    share = min(1.0, abs(strength)) * _MOST
    full = _ABOVE if strength > 0 else _BELOW
    red, green, blue = (round(255 + (part - 255) * share) for part in full)
    return f"#{red:02x}{green:02x}{blue:02x}"
