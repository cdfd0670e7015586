"""docs/new-term.md, done: what the old term leaves and what the new one begins with."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.report import Report, decode_report
from tests.autograder.conftest import ROOT
from tests.autograder.nbgrader.test_round import EXAMPLES, NAME, Site

pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

DOCUMENT = ROOT / "docs" / "new-term.md"
EXCHANGE = "/usr/local/share/nbgrader/exchange"


class Terms(Site):
    """A course at the end of a term, then what the document says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        shutil.copy(ROOT / ".gitignore", self.root)
        self.in_bash("git init --quiet && git add . && git commit --quiet --message 2026-fall")
        self._hands_in_and_is_graded()
        (self.exchange / "convolutions-for-images" / "inbound" / "of-the-old-term").mkdir(
            parents=True
        )
        self.old = self.report(self.root)
        commands = re.findall(r"^\$ (.*)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
        roster = "printf 'id,first_name\\nfatima,Fatima\\nzoe,Zoe\\n' > roster.csv"
        at = next(i for i, line in enumerate(commands) if "db student import" in line)
        script = "\n".join([*commands[:at], roster, *commands[at:]])
        self.said = self.in_bash(script.replace(EXCHANGE, str(self.exchange)))
        self._hands_in_and_is_graded()
        self.new = self.report(self.root)

    def in_bash(self, script: str) -> str:
        """What the lines say, typed in the course by the instructor; all must succeed."""
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=self.root,
            env={**self.environment(""), "GIT_CONFIG_COUNT": "2",
                 "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Staff",
                 "GIT_CONFIG_KEY_1": "user.email", "GIT_CONFIG_VALUE_1": "staff@example.org"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _hands_in_and_is_graded(self) -> None:
        shutil.copytree(EXAMPLES / "fatima", self.root / "submitted" / "fatima")
        self.in_bash("autograder grade submitted --output .")

    def report(self, root: Path) -> Report:
        return decode_report((root / "reports" / "fatima" / NAME / "report.json").read_bytes())


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Terms:
    return Terms(tmp_path_factory.mktemp("terms"))


def test_the_old_term_is_whole_in_a_folder_for_the_instructor_alone(terms: Terms) -> None:
    archive = terms.root.parent / "2026-fall"

    assert {path.name for path in archive.iterdir()} >= {
        "submitted", "reports", "autograded", "gradebook.db", "grades.csv", ".course-secret",
        "exchange",
    }  # fmt: skip
    assert archive.stat().st_mode & 0o077 == 0
    assert "fatima" in (archive / "grades.csv").read_text()


def test_the_new_term_begins_with_nobodys_grades_its_roster_and_an_empty_exchange(
    terms: Terms,
) -> None:
    terms.types("", "nbgrader export")
    rows = list(csv.DictReader((terms.root / "grades.csv").open(encoding="utf-8")))

    assert {row["student_id"]: row["status"] for row in rows} == {
        "fatima": "graded", "zoe": "missing",
    }  # fmt: skip
    exchange = terms.exchange / "convolutions-for-images"
    assert [*(exchange / "inbound").iterdir()] == []
    assert (exchange / "outbound" / NAME / f"{NAME}.ipynb").is_file()
    assert 'term = "2027-spring"' in (terms.root / "course.toml").read_text()


def test_the_new_term_draws_other_hidden_inputs_and_grades_the_same(terms: Terms) -> None:
    old, new = terms.old, terms.new

    assert old.provenance.secret_fingerprint != new.provenance.secret_fingerprint
    assert old.provenance.result_key != new.provenance.result_key
    assert old.score == new.score == 56


def test_nothing_of_either_term_is_left_for_git(terms: Terms) -> None:
    assert terms.in_bash("git status --porcelain") == ""


def test_an_appeal_from_the_old_term_comes_out_as_it_did(terms: Terms) -> None:
    note = (terms.root.parent / "2026-fall/reports/fatima" / NAME).glob("replay-*.md")

    assert [path.name for path in note] == ["replay-test_gradients_reach_the_kernel.md"]
    assert terms.old.provenance.secret_fingerprint not in terms.said
