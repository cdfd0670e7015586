"""The corpus made anew: a real frame of each kind, and the smallest that reaches anything more."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import frames

MAX_KEPT = 80


def keep(corpus: Path, found: Iterable[bytes]) -> None:
    """Replace what is in ``corpus`` by what it, the real frames and ``found`` come down to."""
    kept = frames.seeds()
    known = {what for data in kept.values() for what in reached(data)}
    others = {path.read_bytes() for path in corpus.iterdir()} | set(found)
    for data in sorted(others, key=lambda data: (len(data), data)):
        more = reached(data) - known
        if more and len(kept) < MAX_KEPT:
            known |= more
            kept[f"found-{len(kept):03}"] = data
    for path in corpus.iterdir():
        path.unlink()
    for name, data in kept.items():
        (corpus / name).write_bytes(data)


def reached(data: bytes) -> set[object]:
    """The steps from line to line that a frame takes in the wire, and why it is refused."""
    steps: set[object] = set()
    folder = str(Path(frames.wire.__file__).parent)

    def local(last: list[int], name: str) -> Any:
        def trace(frame: FrameType, event: str, arg: Any) -> Any:
            if event == "line":
                steps.add((name, last[0], frame.f_lineno))
                last[0] = frame.f_lineno
            elif event == "exception" and arg[0] is frames.wire.WireError:
                steps.add(re.sub(r"\d+|'.*'", "#", str(arg[1]))[:60])
            return trace

        return trace

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        name = frame.f_code.co_filename
        return local([0], name) if name.startswith(folder) else None

    sys.settrace(trace)
    try:
        frames.try_frame(data)
    finally:
        sys.settrace(None)
    return steps
