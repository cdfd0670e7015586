"""``autograder`` and ``python -m autograder``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an error of ours is a message and an exit code, never a traceback."""
    from autograder.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
