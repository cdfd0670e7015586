"""The hostile submissions and their labels: what each wants, and what its honest part earns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

LABEL = ".label"  # beside a file that cannot carry its own two lines
_WANTS = re.compile(r"#\s*wants:\s*(\S.*)")
_NEEDS = re.compile(r"#\s*needs:\s*(\S+)\s*")
_LEAKS = re.compile(r"#\s*leaks:\s*(\S.*)")
_HONEST = re.compile(r"#\s*honest:\s*(at most\s+)?(\S.*)")


class Attack(msgspec.Struct, frozen=True):
    """One hostile submission. ``honest`` has points by exercise; what is not named earns none."""

    family: str
    name: str
    suffix: str  # .py or .ipynb
    data: bytes
    wants: str
    honest: dict[str, int]
    at_most: bool = False
    needs: str | None = None  # the layer without which it is known to win
    leaks: str | None = None  # a pattern: what its student would see of a hidden input

    @property
    def id(self) -> str:
        """How a test and a table name it: family/name."""
        return f"{self.family}/{self.name}"

    @property
    def student(self) -> str:
        """A student id for it, and a different one for each."""
        return f"{self.family}-{self.name}"


def find_attacks(folder: Path) -> list[Attack]:
    """Every attack below ``folder/<family>/``, and the generated ones, by family and name.

    Raises ValueError where a file has no label.
    """
    found = [
        labelled(path.parent.name, path.name, path.read_bytes(), _sidecar(path))
        for path in sorted(folder.glob("*/*"))
        if path.suffix in (".py", ".ipynb")
    ]
    found += [
        labelled(*where.split("/"), data, None if label is None else label.encode())
        for where, label, data in _generated()
    ]
    attacks = {attack.id: attack for attack in found}
    if len(attacks) != len(found):
        raise ValueError(f"{folder}: two attacks have one name")
    return [attacks[name] for name in sorted(attacks)]


def labelled(family: str, file: str, data: bytes, label: bytes | None = None) -> Attack:
    """One attack from the bytes of its file, its label taken from there or from ``label``."""
    suffix = Path(file).suffix
    text = _label_text(suffix, data) if label is None else label.decode()
    lines = text.splitlines()
    wants = _WANTS.match(lines[0]) if lines else None
    honest = _HONEST.match(lines[1]) if len(lines) > 1 else None
    needs = _NEEDS.fullmatch(lines[2]) if len(lines) > 2 else None
    leaks = _LEAKS.fullmatch(lines[2]) if len(lines) > 2 else None
    if wants is None or honest is None:
        raise ValueError(
            f"{family}/{file}: has no label\n"
            "  fix: begin it with `# wants: …` and `# honest: <exercise> <points>, …`"
        )
    return Attack(
        family=family,
        name=file.removesuffix(suffix),
        suffix=suffix,
        data=data,
        wants=wants[1],
        honest=_points(honest[2], f"{family}/{file}"),
        at_most=honest[1] is not None,
        needs=needs[1] if needs else None,
        leaks=leaks[1] if leaks else None,
    )


def _points(text: str, where: str) -> dict[str, int]:
    if text.strip() == "nothing":
        return {}
    points = {}
    for part in text.split(","):
        match = re.fullmatch(r"\s*([\w-]+)\s+(\d+)\s*", part)
        if match is None:
            raise ValueError(f"{where}: {part!r} is no exercise with points")
        points[match[1]] = int(match[2])
    return points


def _label_text(suffix: str, data: bytes) -> str:
    if suffix == ".ipynb":
        source = json.loads(data)["cells"][0]["source"]
        return source if isinstance(source, str) else "".join(source)
    return data.decode("utf-8", "replace")


def _sidecar(path: Path) -> bytes | None:
    label = path.with_name(path.name + LABEL)
    return label.read_bytes() if label.exists() else None


def _generated() -> Iterator[tuple[str, str | None, bytes]]:
    """Those too large or too strange to be kept as files: place, label, bytes."""
    try:
        from tests.autograder.attacks import generated
    except ImportError:
        return
    yield from generated.attacks()
