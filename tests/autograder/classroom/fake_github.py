"""A GitHub of our own: what publishing asks of it, in memory or behind a program called gh."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from autograder.classroom.publishing.gh import Answer, NoAnswerError

ME = {"login": "teacher", "id": 1, "type": "User"}
CLASSROOM = {"login": "github-classroom[bot]", "id": 2, "type": "Bot"}
READ_FAULTS = ("404", "502", "limit", "retry", "cut", "silent", "killed")
WRITE_FAULTS = (*READ_FAULTS, "502-done", "silent-done", "cut-done", "killed-done")


class Killed(BaseException):
    """The process that was publishing is gone."""


class FakeClock:
    """A time that passes when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 3600
        self.slept.append(seconds)
        self.seconds += seconds


def a_repository(number: int, *collaborators: str, **fields: object) -> dict[str, Any]:
    return {
        "id": number, "private": True, "visibility": "private", "archived": False,
        "disabled": False, "has_issues": True, "is_template": False, "forks_count": 0,
        "collaborators": ["teacher", *collaborators], "issues": [], "pulls": [], "comments": {},
        **fields,
    }  # fmt: skip


class FakeGitHub:
    """Answers as GitHub does; with ``faults``, the share of calls that go wrong, at random."""

    def __init__(self, state: dict[str, Any], clock: FakeClock | None = None) -> None:
        self.state = state
        self.clock = clock or FakeClock()
        self.random = random.Random(f"{state.get('seed', 0)} {len(state.setdefault('calls', []))}")
        self.next_faults: list[str] = state.get("next_faults", [])

    @property
    def repositories(self) -> dict[str, dict[str, Any]]:
        return self.state["repositories"]

    @property
    def writes(self) -> list[tuple[str, str]]:
        calls = self.state["calls"]
        return [(call["method"], call["path"]) for call in calls if call["method"] != "GET"]

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        self.state["calls"].append(
            {"method": method, "path": path, "fields": fields and dict(fields)}
        )
        fault = self._fault(method)
        if fault == "404":
            return answer(404, {"message": "Not Found"})
        if fault == "502":
            return Answer(502, {}, b"<html>Bad Gateway</html>")
        if fault == "limit":
            message = "You have exceeded a secondary rate limit. Please wait a few minutes."
            return answer(403, {"message": message})
        if fault == "retry":
            return answer(429, {"message": "Slow down"}, {"retry-after": "7"})
        if fault == "silent":
            raise NoAnswerError("error connecting to api.github.com")
        if fault == "killed":
            raise Killed
        answered = self._answer(method, path, fields)
        if fault == "502-done":
            return Answer(502, {}, b"")
        if fault == "silent-done":
            raise NoAnswerError("timed out")
        if fault in ("cut", "cut-done"):
            return Answer(answered.status, {}, answered.data[: len(answered.data) // 2])
        if fault == "killed-done":
            raise Killed
        return answered

    def _fault(self, method: str) -> str:
        if self.next_faults:
            return self.next_faults.pop(0)
        if self.random.random() >= self.state.get("faults", 0.0):
            return ""
        return self.random.choice(READ_FAULTS if method == "GET" else WRITE_FAULTS)

    def _answer(self, method: str, path: str, fields: Mapping[str, str] | None) -> Answer:
        address, _mark, query = path.partition("?")
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if address == "user":
            return answer(200, self.state.get("me", ME))
        found = re.fullmatch(r"repos/([^/]+/[^/]+)(?:/(.*))?", address)
        name = found and next((n for n in self.repositories if n.lower() == found[1].lower()), None)
        if not found or not name:
            return answer(404, {"message": "Not Found"})
        one, rest = self.repositories[name], found[2] or ""
        if not rest:
            return answer(200, self._repository(one.get("renamed", name), one))
        if rest == "collaborators":
            return page([{"login": c, "id": 7} for c in one["collaborators"]], asked)
        if rest == "pulls":
            return page(one["pulls"], asked)
        if method == "GET" and rest == "issues":
            shown = [i for i in one["issues"] if i["user"]["login"] == asked["creator"]]
            return page([i for i in shown if self._is_seen(i)], asked)
        if method == "GET" and (number := re.fullmatch(r"issues/(\d+)/comments", rest)):
            shown = one["comments"].get(number[1], [])
            return page([i for i in shown if self._is_seen(i)], asked)
        assert fields is not None and len(fields["body"]) <= 65_536
        if method == "POST":
            place = one.get("renamed", name)
            if number := re.fullmatch(r"issues/(\d+)/comments", rest):
                post = self.add(place, one["comments"].setdefault(number[1], []), fields)
                post["issue_url"] = f"{post.pop('repository_url')}/issues/{number[1]}"
                del post["number"]  # a comment has none
                return answer(201, post)
            assert rest == "issues"
            return answer(201, self.add(place, one["issues"], fields))
        assert method == "PATCH"
        for post in (*one["issues"], *(c for cs in one["comments"].values() for c in cs)):
            if rest in (f"issues/{post.get('number')}", f"issues/comments/{post['id']}"):
                post.update(fields)
                return answer(200, post)
        return answer(404, {"message": "Not Found"})

    def add(
        self, name: str, kept: list[dict[str, Any]], fields: Mapping[str, str],
        user: Mapping[str, object] = ME,
    ) -> dict[str, Any]:  # fmt: skip
        self.state["last"] = self.state.get("last", 100) + 1
        post = {
            "id": self.state["last"], "number": len(kept) + 1, "user": dict(user),
            "repository_url": f"https://api.github.com/repos/{name}",
            "seen_at": self.clock.now() + self.state.get("lag", 0.0), **fields,
        }  # fmt: skip
        kept.append(post)
        return post

    def _is_seen(self, post: Mapping[str, Any]) -> bool:
        return self.clock.now() >= post["seen_at"]

    def _repository(self, name: str, one: Mapping[str, Any]) -> dict[str, Any]:
        owner = {"login": name.partition("/")[0], "id": 3, "type": "Organization"}
        return {**one, "full_name": name, "owner": owner}


def answer(status: int, data: object, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, dict(headers or {}), json.dumps(data).encode())


def page(values: list[Any], asked: Mapping[str, str]) -> Answer:
    size, number = int(asked["per_page"]), int(asked["page"])
    return answer(200, values[size * (number - 1) : size * number])


# --- The program --------------------------------------------------------------------------------

SCRIPT = """#!{python} -P
import sys
sys.path[:0] = [{root!r}]
from tests.autograder.classroom.fake_github import main
main({state!r})
"""


def write_program(folder: Path, state: dict[str, Any], root: Path) -> Path:
    """A program gh in ``folder``, and the file with its state."""
    kept = folder / "state.json"
    kept.write_text(json.dumps(state))
    program = folder / "gh"
    program.write_text(SCRIPT.format(python=sys.executable, root=str(root), state=str(kept)))
    program.chmod(0o755)
    return kept


def main(kept: str) -> None:
    """What the program does with its arguments."""
    path = Path(kept)
    state = json.loads(path.read_text())
    arguments = sys.argv[1:]
    state.setdefault("seen", []).append(
        {"arguments": list(arguments), "environment": sorted(os.environ), "cwd": str(Path.cwd())}
    )
    fields = None
    if "--input" in arguments:
        place = arguments.index("--input")
        fields = json.loads(Path(arguments[place + 1]).read_text())
        del arguments[place : place + 2]
    method = arguments[arguments.index("--method") + 1]
    fake = FakeGitHub(state)
    try:
        answered = fake.ask(method, arguments[-1], fields)
    except Killed:
        path.write_text(json.dumps(state))
        os.kill(os.getpid(), signal.SIGKILL)
    except NoAnswerError as error:
        path.write_text(json.dumps(state))
        sys.exit(f"{error}")
    path.write_text(json.dumps(state))
    if state.get("hangs"):
        signal.pause()
    print(f"HTTP/2.0 {answered.status} Something")
    for name, value in {"Content-Type": "application/json", **answered.headers}.items():
        print(f"{name.title()}: {value}", end="\r\n")
    print(end="\r\n")
    print(answered.data.decode(), end="")
    if answered.status >= 400:
        sys.exit(f"gh: Something (HTTP {answered.status})")
