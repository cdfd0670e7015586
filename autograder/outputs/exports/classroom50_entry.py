"""What Classroom 50 runs for each submission, as `autograder.py`: the visible checks, isolated.

Started with the student's checkout as working directory, which is not trusted: nothing is imported
or run from it, and files of our names that are in it are removed first. Where the assignment's
folder as it was handed out lies beside this file, its checks are used, and of the checkout the
notebook and the script alone. What comes out is practice: its maximum is the visible points.

Where nothing can be graded there is no result.json and the exit code is 1, which Classroom 50 shows
as an error: never a zero.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_RESULT, _BODY = "result.json", "release-body.md"
_SECONDS = 540.0  # for all checks; the platform allows no more than 600
_FILE_BYTES = 16 * 2**20
# GitHub takes 125,000 characters of a release's text; a student's code decides how much there is.
_MOST_PROBLEMS, _LONGEST_PROBLEM, _LONGEST_MESSAGE = 10, 200, 800  # characters
_IDENTITY = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}


def main(checkout: Path, handed_out: Path, command: list[str]) -> int:
    """The exit code: 0 where result.json is written, whatever the score.

    Args:
        checkout: The student's.
        handed_out: The folder that holds the assignment's folder as students got it, if it does.
        command: What starts this program's command line.
    """
    from autograder import escape  # see the end of this file

    for name in (_RESULT, _BODY):
        _remove(checkout / name)
    try:
        identity = {field: _from_environment(name) for field, name in _IDENTITY.items()}
        practised = _practise(checkout, handed_out / identity["assignment"], command)
        result = _result(identity, practised)
    except (OSError, ValueError, LookupError, TypeError, subprocess.SubprocessError) as error:
        print(escape.lines(f"not graded, which is no zero: {error}"), file=sys.stderr)
        return 1
    _write(checkout / _RESULT, json.dumps(result, indent=2) + "\n")
    _write(checkout / _BODY, _body(practised))
    print(f"practice: {result['score']} of the {result['max-score']} points shown here")
    return 0


def _practise(checkout: Path, handed_out: Path, command: list[str]) -> dict[str, Any]:
    """What `autograder check --sandbox --json` says of the student's files.

    Raises ValueError where it says nothing, or the checks were not isolated.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = checkout
        if (handed_out / "test_visible.py").is_file():
            folder = Path(name, "work", handed_out.name)
            shutil.copytree(handed_out, folder)
            for form in (f"{handed_out.name}.ipynb", f"{handed_out.name}.py"):
                _copy(checkout, form, folder)
        result = Path(name, "result")
        done = subprocess.run(
            [*command, "check", "--sandbox", "--json", str(result), str(folder.resolve())],
            cwd=name,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode != 0 or not result.is_file():
            why = {2: "the files or the course are wrong", 3: "student code cannot be isolated"}
            said = done.stdout.decode(errors="replace")[-2000:]
            raise ValueError(
                f"exit code {done.returncode} ({why.get(done.returncode, 'an error of ours')})\n"
                f"{said}"
            )
        practised: dict[str, Any] = json.loads(result.read_bytes())
    if not practised["isolated_by"]:
        raise ValueError("student code was not isolated")
    return practised


def _copy(checkout: Path, form: str, folder: Path) -> None:
    """Put a form of the student's into the place of the one that was handed out."""
    for place in (checkout / form, checkout / folder.name / form):
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # before Python, which takes no folder
            os.close(descriptor)
            continue
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(_FILE_BYTES + 1)
        if len(data) > _FILE_BYTES:
            raise ValueError(f"{form} is larger than {_FILE_BYTES} bytes")
        (folder / form).write_bytes(data)
        return


def _result(identity: dict[str, str], practised: dict[str, Any]) -> dict[str, Any]:
    """A result of the schema classroom50/result/v1. Raises ValueError where a check broke."""
    tests = []
    for exercise in practised["exercises"]:
        for check in exercise["checks"]:
            if check["passed"] is None:
                raise ValueError(f"the check {check['title']!r} broke on our side")
            tests.append(
                {
                    "test-name": f"{exercise['name']}: {_cell(check['title'])} (practice)",
                    "passed": bool(check["passed"]),
                    "score": int(check["points"]),
                    "max-score": int(check["max_points"]),
                }
            )
    score, most = int(practised["points"]), int(practised["max_points"])
    if not 0 <= score <= most:
        raise ValueError(f"{score} of {most} points cannot be")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: UP017
    return {
        "schema": "classroom50/result/v1",
        "classroom": identity["classroom"],
        "assignment": identity["assignment"],
        "assignment_type": os.environ.get("ASSIGNMENT_TYPE") or "individual",
        "owner": identity["owner"],
        "submission": identity["submission"],
        "commit": identity["commit"],
        "release": identity["release"],
        "review": os.environ.get("REVIEW_URL") or identity["commit"],
        "datetime": now,  # the runner puts the moment of the commit in its place
        "graded_at": now,
        "score": score,
        "max-score": most,
        "tests": tests,
    }


def _body(practised: dict[str, Any]) -> str:
    """The release's text in Markdown: practice, what failed, and that there is more."""
    hidden = practised["hidden_checks"]
    lines = [
        f"### Practice: {practised['points']} of the {practised['max_points']} points shown here",
        "",
        f"{hidden['count']} hidden checks, worth {hidden['points']} of "
        f"{practised['all_points']} points, were not run. This is not your grade.",
        "",
    ]
    problems = practised["problems"]
    lines += [f"- {_cell(_cut(one, _LONGEST_PROBLEM))}" for one in problems[:_MOST_PROBLEMS]]
    if len(problems) > _MOST_PROBLEMS:
        lines.append(f"- and {len(problems) - _MOST_PROBLEMS} more")
    lines += ["", "| | check | points |", "|---|---|--:|"]
    failed = []
    for exercise in practised["exercises"]:
        for check in exercise["checks"]:
            title = f"{_cell(exercise['name'])}: {_cell(check['title'])}"
            mark = "✓" if check["passed"] else "✗"
            lines.append(f"| {mark} | {title} | {check['points']} / {check['max_points']} |")
            if not check["passed"]:
                message = _cut(check["message"], _LONGEST_MESSAGE)
                said = [_cell(text) for text in (message, check["hint"]) if text]
                failed.append(f"- **{title}**: " + " · ".join(said))
    return "\n".join([*lines, "", *failed]) + "\n"


def _cell(text: str) -> str:
    """``text`` as text in a line of Markdown; nobody is called by an @ in it."""
    from autograder.outputs.github_markdown import github_text

    return github_text(text.replace("|", "/"))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + " …"


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value or (name == "ASSIGNMENT" and Path(value).name != value):
        raise ValueError(f"{name} is not set as Classroom 50 sets it")
    return value


def _remove(path: Path) -> None:
    """Nothing of ours is read from, or written through, what a student has put there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
        file.write(text.encode())


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    # In the bundle this file has our package's name, and Python would look here first for that.
    sys.path[:] = [place for place in sys.path if Path(place).resolve() != here]
    # -P: nothing is imported from the folder that it is started in.
    raise SystemExit(main(Path.cwd(), here, [sys.executable, "-P", "-m", "autograder"]))
