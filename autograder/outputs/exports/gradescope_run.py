#!/usr/bin/env python3
"""What Gradescope runs for each submission, as `run_autograder`: all checks, isolated.

It needs nothing but Python, so that there is a result when anything else is missing. Whatever goes
wrong, what it writes has no score and says what the instructor has to do: never a zero.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_SECONDS = 480.0  # Gradescope ends a run after ten minutes, and gives a zero for it
_FILE_BYTES = 64 * 2**20
_NO_SANDBOX = 3


class NotGradedError(Exception):
    """Why there is no score; the first argument is for students too, the second is not."""


def main(root: Path, python: str) -> int:
    """Always 0: what went wrong stands in results.json.

    Args:
        root: Gradescope's folder, with source, submission and results in it.
        python: The interpreter that the grader is installed for.
    """
    results = root / "results"
    results.mkdir(exist_ok=True)
    results.chmod(0o700)  # student code runs as somebody else, and in a sandbox
    try:
        result = _grade(root, python)
    except NotGradedError as error:
        told, for_staff = error.args
        _tell_staff(for_staff)
        result = _without_score(told)
    except Exception as error:  # whatever it is, it is not the student's
        _tell_staff(f"{type(error).__name__}: {error}")
        result = _without_score("An error of the autograder's: the instructor has to look.")
    _write(results, result)
    return 0


def _grade(root: Path, python: str) -> dict[str, Any]:
    course = root / "source" / "course"
    [spec] = course.glob("solutions/*/assignment.toml")
    assignment = spec.parent.name
    student = _student(root / "submission_metadata.json")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        _lay_out(root / "submission", work / "submitted" / student / assignment, assignment)
        output = work / "output"
        rest = ["--assignment", assignment, "--output", str(output)]
        submitted = str(work / "submitted")
        ends = time.monotonic() + _SECONDS
        _run(course, python, ["grade", submitted, "--jobs", "1", *rest], ends)
        _run(course, python, ["export", "gradescope", submitted, *rest], ends)
        made = output / "exports" / "gradescope" / student / "results.json"
        if not made.is_file():
            raise NotGradedError(
                "The autograder came to no result: the instructor has to look.",
                f"{made} was not written",
            )
        result: dict[str, Any] = json.loads(made.read_bytes())
        return result


def _run(course: Path, python: str, arguments: list[str], ends: float) -> None:
    """Run the grader until ``ends``, by the clock of `time.monotonic`.

    Raises NotGradedError unless it did what it was to do.
    """
    with subprocess.Popen(
        [python, "-P", "-m", "autograder", *arguments],
        cwd=course,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            code = process.wait(max(1.0, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            raise NotGradedError(
                "Grading took too long and was stopped: the instructor has to look.",
                f"{arguments[0]}: {_SECONDS:.0f} seconds were over; give the container more CPU",
            ) from None
    if code == _NO_SANDBOX:
        raise NotGradedError(
            "The autograder cannot run safely here. Instructor: student code cannot be isolated "
            "in this container (exit code 3), and nothing is graded without that. Grade on a "
            "machine of your own and upload the scores, see docs/lms.md.",
            "no sandbox: `autograder doctor` in source/course says what is missing",
        )
    if code not in (0, 1):  # 1: something could not be graded, which the export says
        raise NotGradedError(
            "The autograder stopped with an error: the instructor has to look.",
            f"autograder {arguments[0]} ended with exit code {code}",
        )


def _lay_out(submission: Path, target: Path, assignment: str) -> None:
    """Copy the notebook and the script, from the top or else from the one folder that has any."""
    names = (f"{assignment}.ipynb", f"{assignment}.py")
    folders = [submission]
    if not any(os.path.lexists(submission / name) for name in names):
        found = [path for path in sorted(submission.rglob("*")) if path.name in names]
        folders = sorted({path.parent for path in found if not path.parent.is_symlink()})
    if len(folders) > 1:
        raise NotGradedError(
            f"There are several files called {' or '.join(names)}: hand in one folder.",
            "nothing was graded: several folders hold the files",
        )
    target.mkdir(parents=True)
    copied = [name for folder in folders for name in names if _copy(folder / name, target / name)]
    if not copied:
        raise NotGradedError(
            f"There is no file called {' or '.join(names)}: hand it in under that name.",
            "nothing was graded: no file of that name",
        )


def _copy(source: Path, target: Path) -> bool:
    """Whether it was copied: only a regular file is, and no link is followed."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # before Python, which takes no folder
        os.close(descriptor)
        return False
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(_FILE_BYTES + 1)
    target.write_bytes(data)  # one that is too large stays so, and grading says so
    return True


def _student(metadata: Path) -> str:
    """Who it is: hidden inputs are drawn from the name, and stay the same for the same person."""
    try:
        users = json.loads(metadata.read_bytes())["users"]
        number = str(min(int(user["id"]) for user in users))
    except (OSError, ValueError, LookupError, TypeError):
        return "submission"
    return f"gradescope-{number}" if re.fullmatch(r"[0-9]{1,18}", number) else "submission"


def _tell_staff(text: str) -> None:
    """Say it where the instructor alone reads; as JSON, since names of files may be in it."""
    sys.stdout.write(json.dumps(text) + "\n")
    sys.stdout.flush()


def _without_score(told: str) -> dict[str, Any]:
    return {
        "output": f"Not graded, which is no zero. {told}",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def _write(results: Path, result: dict[str, Any]) -> None:
    path = results / "results.json"
    if os.path.lexists(path):
        path.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o644), "w", encoding="utf-8") as file:
        json.dump(result, file, indent=2)


if __name__ == "__main__":
    where = Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")
    interpreter = sys.argv[2] if len(sys.argv) > 2 else str(where / "venv" / "bin" / "python")
    raise SystemExit(main(where, interpreter))
