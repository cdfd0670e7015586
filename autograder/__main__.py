"""``autograder`` and ``python -m autograder``."""
# ruff: noqa: PTH100, PTH117 - pathlib is a file to look for, see below

# No __future__ here and no import but these two, which the interpreter has loaded before it looks
# into any folder: until the current folder is off the path, any other may be a student's file.
import os
import sys


def leave_the_current_folder(started_as_module: bool) -> None:
    """Import nothing from where the command is started, as under ``-P``; programs we start neither.

    ``python -m`` puts the current folder first on the path, and so does an empty or relative entry
    of PYTHONPATH, meant or not (``PYTHONPATH=$PYTHONPATH:/my/lib``). A folder that PYTHONPATH names
    in full is the choice of the person who set it.
    """
    if started_as_module and not sys.flags.safe_path:
        del sys.path[0]
    given = os.environ.get("PYTHONPATH")
    entries = given.split(os.pathsep) if given else []
    named = [entry for entry in entries if os.path.isabs(entry)]
    unnamed = {os.path.abspath(entry) for entry in entries} - set(named)  # as Python spells them
    sys.path[:] = [p for p in sys.path if os.path.isabs(p) and p not in unnamed]
    if given:
        os.environ["PYTHONPATH"] = os.pathsep.join(named)
    os.environ["PYTHONSAFEPATH"] = "1"


def main() -> None:
    """Run the command line; an error of ours is a message and an exit code, never a traceback."""
    leave_the_current_folder(started_as_module=__name__ == "__main__")
    import io
    import signal

    from autograder.cli import run

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # leave tidily

    for stream in (sys.stdout, sys.stderr):  # a pipe on Windows cannot encode every sign we print
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
