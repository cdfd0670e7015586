"""What stands in the place of a submission and is no file is told, and nothing behind it read."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.submission import read_submission
from tests.autograder.attacks.generated import SPECIAL


@pytest.mark.parametrize("name", SPECIAL)
def test_it_is_refused_and_nothing_behind_it_is_read(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "solutions.py"
    secret.write_text("def corr2d(X, K): return 'the solution'\n")
    place = tmp_path / "class" / "mallory" / "convolutions" / "convolutions.py"
    place.parent.mkdir(parents=True)
    SPECIAL[name].make(place, secret)

    submission = read_submission(tmp_path / "class", "mallory", "convolutions", [], 2**20)

    assert submission.forms == ()
    assert submission.unreadable
    assert "the solution" not in str(submission)
    assert str(tmp_path) not in str(submission)
