"""Practice in a job of GitHub Actions: what leaves it, and what student code can do to that."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from autograder import cli
from autograder.errors import OperatorError, SandboxError
from autograder.sandbox.host import Sandbox
from autograder.student import github
from autograder.student.released import read_released
from autograder.student.result import Result
from autograder.student.summary import block, inline
from tests.autograder.conftest import Run
from tests.autograder.student.conftest import RELEASE, RIGHT
from tests.autograder.student.simulated_runner import (
    KNOWN,
    decoded,
    given_files,
    obeyed,
    without_fences,
)

PLACES = ("import", "call", "thread", "exit")


class Done(NamedTuple):
    """What one job came to."""

    passed: bool
    log: str
    summary: str


Job = Callable[..., Done]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(read_released(RELEASE).spec) as one:
        yield one


@pytest.fixture
def job(folder: Path, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job on the files of ``folder``, in one sandbox for all of these tests."""
    monkeypatch.setattr("autograder.sandbox.host.Sandbox", lambda spec: nullcontext(sandbox))
    given = given_files(tmp_path / "given")

    def do(source: str = "", json: Path | None = None, file: Path = folder) -> Done:
        if source:
            (folder / "convolutions.py").write_text(source)
        log = io.StringIO()
        environment = {**given, "GITHUB_WORKSPACE": str(folder)}
        passed = github.check_in_job(file, log, environment, json)
        return Done(passed, log.getvalue(), Path(given["GITHUB_STEP_SUMMARY"]).read_text())

    return do


# --- The summary ---------------------------------------------------------------------------------


def test_a_right_answer_makes_the_job_green_and_no_annotation(job: Job) -> None:
    done = job(RIGHT)

    assert done.passed
    assert [one.name for one in obeyed(done.log)] == ["stop-commands", "go-on"]
    assert "**40 of 40 points that visible checks can show**" in done.summary
    assert "What fails" not in done.summary


def test_the_summary_is_named_practice_and_says_what_was_not_run(job: Job) -> None:
    done = job()

    assert done.summary.startswith("# Practice: ")
    assert "**0 of 40 points" in done.summary and "at most 40 of 100 points" in done.summary
    assert "36 hidden checks, worth 60 points, were not run" in done.summary
    assert "Red means that a visible check fails" in done.summary
    assert not done.passed


def test_what_is_not_begun_is_a_notice_and_no_error(job: Job) -> None:
    done = job()

    levels = {one.name for one in obeyed(done.log)} - {"stop-commands", "go-on"}
    assert levels == {"notice"}


def test_where_nothing_could_be_asked_no_hint_is_given(job: Job) -> None:
    done = job("def corr2d(X, K):\n    return missing\n")

    told = [one.data for one in obeyed(done.log) if one.name == "error"]
    assert told and "What fails" in done.summary
    assert "hint: " not in done.summary + "".join(told)


def test_a_wrong_number_is_drawn_in_the_summary_beside_the_expected_one(job: Job) -> None:
    done = job("import torch\ndef corr2d(X, K):\n    return torch.full((2, 2), 7.0)\n")

    assert "| 1 | 19 | 25 |" in done.summary and "| 1 | **7** | **7** |" in done.summary
    assert "expected (2 × 2)" in done.summary and "yours (2 × 2)" in done.summary
    assert "> hint: " in done.summary


def test_few_failures_are_drawn_and_no_grid_is_larger_than_twelve(job: Job) -> None:
    done = job("def corr2d(X, K):\n    return X * 0 + 7\n")

    tables = re.findall(r"^\|[ -].*$", done.summary, re.MULTILINE)
    assert tables and max(line.count("|") for line in tables) <= 14


def test_the_form_that_is_farther_is_the_one_that_counts(job: Job) -> None:
    done = job(RIGHT)  # the notebook beside it is as it was handed out

    assert "checked: convolutions.py" in done.summary


def test_a_file_that_is_no_notebook_is_told_in_the_summary(job: Job, folder: Path) -> None:
    (folder / "convolutions.ipynb").write_text("{")

    with pytest.raises(Exception, match="is not a notebook"):
        job()

    made = (folder.parent / "given" / "github_step_summary").read_text()
    assert "No check could be run" in made


def test_a_file_that_is_no_notebook_does_not_make_a_right_script_red(
    job: Job, folder: Path
) -> None:
    (folder / "convolutions.ipynb").write_text("{")

    done = job(RIGHT)

    assert done.passed and "checked: convolutions.py" in done.summary
    assert "convolutions.ipynb: is not a notebook" in done.summary


def test_a_name_that_is_no_text_is_shown_and_breaks_nothing(job: Job, folder: Path) -> None:
    name = os.fsdecode(b"\xff.py")
    (folder / name).write_text(RIGHT)

    done = job(file=folder / name)

    assert done.passed and r"checked: &#92;udcff.py" in done.summary


def test_a_link_in_the_place_of_the_file_is_not_followed(job: Job, folder: Path) -> None:
    (folder / "convolutions.py").unlink()
    (folder / "convolutions.py").symlink_to("/etc/hostname")

    with pytest.raises(Exception, match="link"):
        job()


def test_what_breaks_the_checker_is_no_traceback_in_the_log(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("\n::error::forged")

    monkeypatch.setattr(github, "check_isolated", broken)

    with pytest.raises(OperatorError, match="the checker itself broke") as error:
        job()

    assert error.value.__cause__ is None and error.value.__suppress_context__


def test_outside_of_a_job_it_says_so(folder: Path) -> None:
    with pytest.raises(OperatorError, match="GITHUB_STEP_SUMMARY"):
        github.check_in_job(folder, io.StringIO(), {})


def test_without_isolation_nothing_is_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = given_files(tmp_path / "given")
    witness = tmp_path / "witness"
    (folder / "convolutions.py").write_text(f"open({str(witness)!r}, 'w')\n")

    def refuse(spec: object) -> Sandbox:
        raise SandboxError("cannot isolate")

    monkeypatch.setattr("autograder.sandbox.host.Sandbox", refuse)
    with pytest.raises(SandboxError):
        github.check_in_job(folder, io.StringIO(), given)

    assert not witness.exists()
    assert "cannot isolate" in Path(given["GITHUB_STEP_SUMMARY"]).read_text()


def test_however_much_is_said_the_summary_is_taken(job: Job) -> None:
    done = job("def corr2d(X, K):\n    raise ValueError('`\u4e00' * 10**6)\n")

    assert len(done.summary.encode()) < 2**20
    assert "\u4e00" not in without_fences(done.summary) and "\u4e00" in done.summary


@pytest.mark.parametrize("option", ["--github", "--sandbox"])
def test_where_there_is_no_sandbox_the_command_ends_with_3(
    folder: Path,
    tmp_path: Path,
    option: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    assert cli.run(["check", option, str(folder)]) == 3
    assert "cannot isolate student code on darwin" in capsys.readouterr().err


# --- Annotations ---------------------------------------------------------------------------------


def test_an_error_that_is_raised_points_at_its_line(job: Job) -> None:
    done = job("import torch\ndef corr2d(X, K):\n    h = 1\n    return X[nothing]\n")

    [first, *_] = [one for one in obeyed(done.log) if one.name == "error"]
    assert (first.property("file"), first.property("line")) == ("convolutions.py", "4")


def test_a_wrong_answer_points_at_the_function(job: Job) -> None:
    done = job("import torch\n\ndef corr2d(X, K):\n    return X * 0\n")

    [first, *_] = [one for one in obeyed(done.log) if one.name == "error"]
    assert first.property("line") == "3"
    assert "hint: " in decoded(first.data)


def test_a_syntax_error_points_at_its_line(job: Job) -> None:
    done = job("import torch\n\ndef corr2d(X, K)\n    return X\n")

    [first, *_] = [one for one in obeyed(done.log) if one.name == "error"]
    assert first.property("title") == "did not run"
    assert first.property("line") == "3"


def test_in_a_notebook_the_cell_is_named_and_no_line_of_the_file(job: Job, folder: Path) -> None:
    (folder / "convolutions.py").unlink()
    cells = [{"cell_type": "code", "source": "x = 1"},
             {"cell_type": "code", "source": "\ndef corr2d(X, K):\n    return X * 0"}]  # fmt: skip
    (folder / "convolutions.ipynb").write_text(json.dumps({"cells": cells}))

    done = job()

    [first, *_] = [one for one in obeyed(done.log) if one.name == "error"]
    assert "line=" not in first.properties
    assert first.property("title").startswith("cell 2, line 2: ")


def test_no_more_annotations_are_made_than_are_shown(job: Job) -> None:
    done = job("\n".join(f"nothing_{number}" for number in range(30)))

    levels = [one.name for one in obeyed(done.log)]
    assert levels.count("error") == github.MOST_OF_A_LEVEL


# --- JSON ----------------------------------------------------------------------------------------


def test_the_result_for_other_programs_is_what_was_shown(job: Job, tmp_path: Path) -> None:
    job("def corr2d(X, K):\n    raise ValueError('no')\n", json=tmp_path / "out.json")

    result = msgspec.json.decode((tmp_path / "out.json").read_bytes(), type=Result)
    assert (result.points, result.max_points, result.all_points) == (0, 40, 100)
    assert (result.hidden_checks.count, result.hidden_checks.points) == (36, 60)
    assert sum(one.max_points for one in result.exercises) == 40
    first = result.exercises[0].checks[0]
    assert first.passed is False and "no" in first.message and first.hint
    assert result.isolated_by


def test_practice_in_the_sandbox_is_told_as_practice_elsewhere_is(
    job: Job, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "convolutions.py").write_text(RIGHT)

    code = cli.run(["check", "--sandbox", "--json", str(tmp_path / "out.json"), str(folder)])

    said = capsys.readouterr().out
    assert code == 0 and "40 points; at most 40 of 100 shown here" in said
    assert "practice; the code was isolated by: " in said
    assert msgspec.json.decode((tmp_path / "out.json").read_bytes())["points"] == 40


def test_what_is_practised_without_isolation_says_so_in_the_result(
    folder: Path, tmp_path: Path
) -> None:
    cli.run(["check", "--json", str(tmp_path / "out.json"), str(folder)])

    assert msgspec.json.decode((tmp_path / "out.json").read_bytes())["isolated_by"] is None


# --- What is not ours ----------------------------------------------------------------------------


def test_a_title_begins_no_mention_reference_link_picture_or_html() -> None:
    made = inline("@ada #7 GH-7 [a](http://x) ![p](q) <b>| `c` https://x.y www.x.y")

    assert not re.search(r"[@#]\w|GH-\d", made)
    assert not re.search(r"(?<!\\)[<|`\[\]]", made)
    assert "://" not in made and not re.search(r"www\.", made)


def test_a_backslash_is_shown_as_one() -> None:
    assert inline(r"\d#7") == "&#92;d#\u20607"


def test_a_text_cannot_end_its_fence() -> None:
    made = block("```\n# out\n`````\n@ada")

    assert without_fences(made) == ""


HOSTILE = """
::notice title=forged::forged
  ::error file=forged.py::forged
::stop-commands::forged
::go-on::
::add-mask::a
::set-output name=points::100
::set-env name=PATH::forged
##[error]forged
##[set-output name=points]100
x ##[add-mask]a
\x1b[2J\x1b]0;forged\x07\r::warning::forged
\u2028::error::forged
::add-path::/forged
"""
# Does what it can when it is called: prints by every way, and writes to the files of the job.
LOUD = """
import os, subprocess, sys, threading
def attack():
    print(TEXT, flush=True); print(TEXT, file=sys.stderr, flush=True)
    for number in (1, 2, 3, 4, 5):
        try: os.write(number, TEXT.encode())
        except OSError: pass
    found = list(PATHS)
    for entry in ("self", *os.listdir("/proc")):
        try: words = open(f"/proc/{entry}/environ", "rb").read().split(b"\\0")
        except OSError: continue
        found += [word.partition(b"=")[2].decode() for word in words if word[:7] == b"GITHUB_"]
    for path in found:
        try: open(path, "a").write("forged\\n")
        except OSError: pass
for start in (
    attack,
    lambda: threading.Thread(target=attack, daemon=True).start(),
    lambda: subprocess.Popen([sys.executable, "-c", CODE]),
    lambda: os.system("echo ::error::forged; (sleep 1; echo forged >> $GITHUB_OUTPUT) &"),
    lambda: os.fork() or (attack(), os._exit(0)),
):
    try: start()
    except BaseException: pass
"""
SUBMISSION = """
import torch
{begin}
def corr2d(X, K):
    act()
    raise type({text!r}, (ValueError,), {{}})({text!r})
class Conv2D(torch.nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        act()
        self.weight = torch.nn.Parameter(torch.zeros(kernel_size))
        self.bias = torch.nn.Parameter(torch.zeros(1))
def train_kernel(*given):
    act()
    return {text!r}
act()
raise ValueError({text!r})
"""


@pytest.fixture(scope="module")
def jobs(run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """The same hostile submission, quiet and loud, each in a job of its own."""
    made = {}
    for name in ("quiet", "loud"):
        place = tmp_path_factory.mktemp(name)
        place.chmod(0o755)
        given = given_files(place / "given")
        code = LOUD.replace("TEXT", repr(HOSTILE)).replace("PATHS", repr(list(given.values())))
        code = code.replace("CODE", repr(code.partition("for start in")[0] + "\nattack()"))
        body = f"exec({code!r}, globals())" if name == "loud" else "pass"
        (place / "convolutions.py").write_text(
            SUBMISSION.format(begin=f"def act(): {body}", text=HOSTILE)
        )
        for file in ("conftest.py", "test_visible.py"):
            (place / file).write_bytes((RELEASE / file).read_bytes())
        done = run(["autograder", "check", "--github"], cwd=place, **given)
        files = {path: Path(given[path]).read_text() for path in given}
        summary = files.pop("GITHUB_STEP_SUMMARY")
        assert set(files.values()) == {""}
        made[name] = Done(done.returncode == 0, done.stdout + done.stderr, summary)
        assert done.returncode == 1, done.stderr
    return made


def test_the_simulated_runner_would_obey_what_the_submission_prints() -> None:
    lines = [line for line in HOSTILE.split("\n") if "stop-commands" not in line]

    names = {one.name for one in obeyed("\n".join(lines))}
    assert names >= {"notice", "error", "warning", "add-mask", "set-output", "set-env", "add-path"}
    assert names <= KNOWN


def test_what_a_submission_prints_or_does_changes_no_command_of_the_log(
    jobs: dict[str, Done],
) -> None:
    loud, quiet = obeyed(jobs["loud"].log), obeyed(jobs["quiet"].log)

    assert loud == quiet
    assert {one.name for one in loud} == {"stop-commands", "go-on", "error"}
    errors = [one for one in loud if one.name == "error"]
    assert errors and {one.property("file") for one in errors} == {"convolutions.py"}
    printed = [job.log.count("forged") for job in (jobs["loud"], jobs["quiet"])]
    assert printed[0] > printed[1], "it did print, and its prints are shown"


def test_the_attack_on_the_files_of_the_job_is_one(tmp_path: Path) -> None:
    given = given_files(tmp_path / "given")
    code = LOUD.partition("for start in")[0].replace("TEXT", "'x'").replace("PATHS", "[]")
    code = code.replace('("self", *os.listdir("/proc"))', '("self",)') + "\nattack()"

    subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, check=True)

    assert {Path(path).read_text() for path in given.values()} == {"forged\n"}


def test_what_a_submission_prints_or_does_changes_nothing_of_the_summary(
    jobs: dict[str, Done],
) -> None:
    assert jobs["loud"].summary == jobs["quiet"].summary
    assert "forged" in jobs["loud"].summary
    assert "forged" not in without_fences(jobs["loud"].summary)


def test_nothing_in_the_log_or_summary_is_a_control_character(jobs: dict[str, Done]) -> None:
    for done in jobs.values():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2028]", done.log + done.summary)
