"""`autograder doctor` tells each layer with its proof, and ends as grading would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import pytest

from autograder import cli
from autograder.authoring import origin
from autograder.grading.workers import Workers
from autograder.sandbox import host
from autograder.sandbox.combinations import REFUSED
from autograder.sandbox.layers import layers
from tests.autograder.conftest import BIN, ROOT, Run
from tests.autograder.sandbox.test_host import wait_until


@pytest.fixture(scope="module")
def said(run: Run) -> subprocess.CompletedProcess[str]:
    return run(["autograder", "doctor"])


@pytest.mark.parametrize("name", [layer.name for layer in layers()])
def test_each_layer_has_a_line_with_its_proof(
    name: str, said: subprocess.CompletedProcess[str]
) -> None:
    [line] = [line for line in said.stdout.splitlines() if line.strip().startswith(name)]

    assert line.split()[1] in ("yes", "NO")
    assert len(line.split()) > 4


def test_it_says_what_isolates_and_ends_with_0(said: subprocess.CompletedProcess[str]) -> None:
    assert "student code is isolated by: " in said.stdout
    assert said.returncode == 0, said.stderr


def test_with_bubblewrap_off_the_path_it_names_the_next_and_how_to_get_it(
    run: Run, tmp_path: Path
) -> None:
    without = run(["autograder", "doctor"], PATH=str(tmp_path))

    assert without.returncode == 0, without.stderr
    assert "to get bubblewrap: apt-get install bubblewrap" in without.stdout
    assert "not “bubblewrap”: bubblewrap is not installed, or not on PATH" in without.stdout
    assert "student code is isolated by: " in without.stdout


def test_nothing_is_left_when_it_is_ended_by_a_signal(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [f"{BIN}/autograder", "doctor"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as command:
        assert wait_until(lambda: any(tmp_path.glob("autograder-*/zygote.log")), 60)
        command.terminate()
        code = command.wait()

    assert code == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("has_it", [True, False])
def test_a_class_that_was_graded_without_it_is_told_so(
    has_it: bool, run: Run, tmp_path: Path
) -> None:
    path = os.environ["PATH"] if has_it else str(tmp_path)

    said = run(["autograder", "grade", "--student", "ada", "--output", str(tmp_path)], PATH=path)

    assert said.returncode == 0, said.stderr
    assert ("isolated without bubblewrap" in said.stdout) is not has_it


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can set how many namespaces there may be")
def test_where_no_user_namespaces_can_be_made_the_rest_isolates_and_tells_why() -> None:
    no_more = "echo 0 > /proc/sys/user/max_user_namespaces && exec"

    said = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", f"{no_more} {BIN}/autograder doctor"],
        cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip

    assert said.returncode == 0, said.stderr
    assert "student code is isolated by: same uid" in said.stdout
    assert "Creating new namespace failed" in said.stdout
    assert "to get pid-namespace: allow user namespaces" in said.stdout


@pytest.fixture
def nothing_isolates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(host, "STARTS", (REFUSED,))


@pytest.mark.usefixtures("nothing_isolates")
def test_where_grading_is_refused_it_ends_with_3_and_the_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = cli.run(["doctor"])

    out, err = capsys.readouterr()
    assert code == 3
    assert "to get landlock" in out
    assert "cannot isolate student code" in err and "fix:" in err


REFUSING = f"""
import sys
from autograder.sandbox import host
from autograder.sandbox.combinations import REFUSED
host.STARTS = (REFUSED,)
from autograder.grading.worker import main
sys.exit(main({str(ROOT)!r}, "convolutions"))
"""


def test_grade_refuses_with_3_and_writes_no_report(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)

    class Refusing(Workers):
        def __enter__(self) -> Self:
            self._command = [sys.executable, "-c", REFUSING]
            return super().__enter__()

    monkeypatch.setattr("autograder.grading.workers.Workers", Refusing)

    code = cli.run(["grade", "--output", str(tmp_path)])

    assert code == 3
    assert "cannot isolate student code" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()


def test_a_public_origin_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(origin, "public_origin", lambda root: "https://example.org/course")

    cli.run(["doctor"])

    assert "WARNING: anybody can read this repository" in capsys.readouterr().out
