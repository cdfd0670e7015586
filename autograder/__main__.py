"""``autograder`` and ``python -m autograder``."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run the command line; an error of ours is a message and an exit code, never a traceback."""
    from autograder.cli import run

    for stream in (sys.stdout, sys.stderr):  # a pipe on Windows cannot encode every sign we print
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
