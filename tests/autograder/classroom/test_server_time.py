"""GitHub's record of pushes, asked with a `gh` that is not GitHub's."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from autograder.classroom.collecting import server_time
from autograder.classroom.collecting.server_time import Push, asking, last_before
from autograder.errors import OperatorError, SubmissionError

A, B = "a" * 40, "b" * 40


def activity(after: str, at: str, kind: str = "push", ref: str = "refs/heads/main") -> object:
    return {
        "id": 1, "before": "0" * 40, "after": after, "ref": ref, "timestamp": at,
        "activity_type": kind, "actor": {"login": "x"},
    }  # fmt: skip


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client that answers with the file "answer", keeps its arguments and fails if told so."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "gh"
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/arguments\npwd > {tmp_path}/folder\n'
        f"cat {tmp_path}/answer\nexit $(cat {tmp_path}/code 2>/dev/null || echo 0)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path


@pytest.mark.parametrize("pages", ["one list", "a list after the other"])
def test_the_pushes_are_read_oldest_first(gh: Path, pages: str) -> None:
    first = [activity(B, "2026-10-01T13:00:00Z"), activity(A, "2026-10-01T12:00:00+02:00")]
    second = [activity("c" * 40, "2026-10-01T12:00:00Z", kind="branch_deletion")]
    both = [first + second] if pages == "one list" else [first, second]
    (gh / "answer").write_text("\n".join(json.dumps(page) for page in both))

    pushes = asking("school", gh)("hw-ada")

    assert [push.after for push in pushes] == [A, B]
    assert pushes[0].at == datetime.datetime(2026, 10, 1, 10, tzinfo=datetime.UTC)
    words = (gh / "arguments").read_text().split()
    assert words[:2] == ["api", "--paginate"]
    assert words[2].startswith("repos/school/hw-ada/activity?")
    assert (gh / "folder").read_text().strip() == str(gh)


@pytest.mark.parametrize(
    "answer",
    [
        "", "null", "{}", "[{}]", "[", '{"message": "Not Found"}', "[" * 10_000,
        json.dumps([activity(A, "yesterday")]), json.dumps([activity(A, "2026-10-01T12:00:00")]),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_said_to_be_none(gh: Path, answer: str) -> None:
    (gh / "answer").write_text(answer)

    if answer == "":
        assert asking("school", gh)("hw-ada") == []
    else:
        with pytest.raises(SubmissionError, match=r"^school/hw-ada: .*\n  fix: "):
            asking("school", gh)("hw-ada")


def test_a_client_that_fails_says_for_which_repository(gh: Path) -> None:
    (gh / "answer").write_text(json.dumps([activity(A, "2026-10-01T12:00:00Z")]))
    (gh / "code").write_text("4")

    with pytest.raises(SubmissionError, match=r"school/hw-ada: .*exit 4.*\n  fix: "):
        asking("school", gh)("hw-ada")


def test_an_answer_without_end_is_not_kept(gh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_time, "_MAX_BYTES", 1000)
    (gh / "answer").write_text(" " * 5000)

    with pytest.raises(SubmissionError, match="too long"):
        asking("school", gh)("hw-ada")


def test_a_client_that_hangs_is_ended(gh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_time, "_MAX_SECONDS", 0.05)
    (gh / "bin" / "gh").write_text("#!/bin/sh\nexec sleep 60\n")

    with pytest.raises(SubmissionError, match="fix: "):
        asking("school", gh)("hw-ada")


@pytest.mark.parametrize("name", ["..", "-x", "a/b", "a b", "a?x=1", "", "$(x)"])
def test_a_name_that_is_no_repositorys_is_not_asked_for(gh: Path, name: str) -> None:
    with pytest.raises(SubmissionError, match="fix: "):
        asking("school", gh)(name)
    with pytest.raises(OperatorError, match="fix: "):
        asking(name, gh)
    assert not (gh / "arguments").exists()


def test_without_the_client_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(OperatorError, match=r"no program gh\n  fix: "):
        asking("school", tmp_path)


def test_pushes_to_other_branches_do_not_count() -> None:
    due = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)
    hour = datetime.timedelta(hours=1)
    pushes = [Push(A, "refs/heads/main", due - 2 * hour), Push(B, "refs/heads/x", due - hour)]

    found = last_before(pushes, "main", due)

    assert found is not None and found.after == A
