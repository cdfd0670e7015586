"""What a run of hostile submissions writes down, and how the tests read it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec


class Graded(msgspec.Struct, frozen=True, tag="attack"):
    """What became of one attack."""

    combination: str
    id: str
    scores: dict[str, int | None]
    unreadable: bool  # refused before any of it ran, so without a score
    errored: tuple[str, ...]  # checks of ours that broke
    leaked: tuple[str, ...]  # what its student sees and should not
    said: tuple[str, ...]  # remarks and failures, to find out from
    neighbour: tuple[str, ...]  # in what the next report is another one
    host: tuple[str, ...]  # what is left or gone: processes, files, sockets, descriptors
    seconds: float


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Student code cannot be isolated by this combination on this machine: nothing was graded."""

    combination: str
    why: str

    @property
    def reason(self) -> str:
        """The line of ``why`` that tells what is missing."""
        lines = [line.strip() for line in self.why.splitlines() if line.strip()]
        return lines[min(1, len(lines) - 1)]


class Finished(msgspec.Struct, frozen=True, tag="end"):
    """All attacks were graded in one combination, and its sandbox is closed."""

    combination: str
    layers: tuple[str, ...]
    uid: int
    neighbour_points: int | None
    left: tuple[str, ...]
    seconds: float


class Run(msgspec.Struct, frozen=True):
    """One combination: its attacks in order, and the end, which is missing if the grader died."""

    graded: dict[str, Graded]
    end: Finished | Refused | None
    said: str  # what the grader printed, for the message of a test that fails


def read_results(path: Path, said: str) -> dict[str, Run]:
    """The runs in a file of results, by combination."""
    lines = [
        msgspec.json.decode(line, type=Graded | Finished | Refused)
        for line in path.read_bytes().splitlines()
    ]
    ends = {one.combination: one for one in lines if not isinstance(one, Graded)}
    return {
        name: Run(
            {one.id: one for one in lines if isinstance(one, Graded) and one.combination == name},
            ends.get(name),
            said,
        )
        for name in dict.fromkeys(one.combination for one in lines)
    }


def put_together(runs: Sequence[Run]) -> Run:
    """One run out of several in the same combination, each with a part of the attacks."""
    ends = [run.end for run in runs]
    finished = [end for end in ends if isinstance(end, Finished)]
    end: Finished | Refused | None = next((e for e in ends if not isinstance(e, Finished)), None)
    if len(finished) == len(ends):
        left = tuple(line for one in finished for line in one.left)
        end = msgspec.structs.replace(finished[0], left=left)
    graded = {name: one for run in runs for name, one in run.graded.items()}
    return Run(graded, end, "\n".join(run.said for run in runs))


def wrong_points(honest: dict[str, int], at_most: bool, result: Graded) -> list[str]:
    """In what the points of ``result`` are not those of a label; nothing where they are."""
    wrong = []
    for exercise, score in result.scores.items():
        earned, points = honest.get(exercise, 0), score or 0
        if points > earned or (points < earned and not at_most):
            wrong.append(f"{exercise}: {points} points, its label says {earned}")
    return wrong + [
        f"its label names {name}, which is no exercise"
        for name in honest.keys() - result.scores.keys()
    ]
