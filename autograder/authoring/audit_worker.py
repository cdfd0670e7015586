"""One share of an audit, in a process of its own: a JSON line for each submission graded."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from autograder import escape
from autograder.authoring.audit import Told, grade_share
from autograder.authoring.judgement import Run
from autograder.errors import AutograderError
from autograder.grading.exits import exit_code
from autograder.spec import find_course


def main(root: str, assignment: str, mutants: str, *numbers: str) -> int:
    """The exit code, as of the command line."""

    def tell(run: Run, total: int) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(Told(run, total)) + b"\n")
        sys.stdout.buffer.flush()

    seeds, share, shares = map(int, numbers)
    at_most = None if mutants == "all" else int(mutants)
    try:
        course = find_course(Path(root))
        grade_share(course, assignment, at_most, seeds, share, shares, tell)
    except AutograderError as error:
        print(escape.lines(str(error)), file=sys.stderr)
        return exit_code(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
