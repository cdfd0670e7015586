"""A course repository that anybody can read is noticed; nothing else is taken for one."""

from __future__ import annotations

import functools
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from autograder.authoring.origin import _anonymous, public_origin


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


class Closed(Quiet):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic")
        self.end_headers()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = tmp_path / "course"
    root.mkdir()
    git(root, "init", "--quiet")
    return root


def serve(folder: Path, handler: type[Quiet]) -> ThreadingHTTPServer:
    """A web server on this machine's loopback interface with an empty repository, repo.git."""
    bare = folder / "repo.git"
    bare.mkdir()
    git(bare, "init", "--quiet", "--bare")
    git(bare, "update-server-info")
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(handler, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(params=[Quiet, Closed], ids=["open", "closed"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    (tmp_path / "web").mkdir()
    server = serve(tmp_path / "web", request.param)
    yield server
    server.shutdown()
    server.server_close()


def test_an_origin_that_answers_without_credentials_is_public(
    server: ThreadingHTTPServer, course: Path, request: pytest.FixtureRequest
) -> None:
    place = f"127.0.0.1:{server.server_port}/repo.git"
    git(course, "remote", "add", "origin", f"http://somebody:token@{place}")

    is_open = request.node.callspec.id == "open"

    assert public_origin(course) == (f"http://{place}" if is_open else None)


@pytest.mark.parametrize("origin", [None, "/somewhere/else", "http://127.0.0.1:9/repo.git"])
def test_no_origin_a_folder_or_a_server_that_does_not_answer_is_no_warning(
    origin: str | None, course: Path
) -> None:
    if origin is not None:
        git(course, "remote", "add", "origin", origin)

    assert public_origin(course) is None


def test_a_folder_that_is_no_repository_is_no_warning(tmp_path: Path) -> None:
    assert public_origin(tmp_path) is None


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("git@example.org:school/course.git", "https://example.org/school/course.git"),
        ("ssh://git@example.org/school/course.git", "https://example.org/school/course.git"),
        ("ssh://git@example.org:2222/school/course", "https://example.org/school/course"),
        ("https://me:token@example.org/school/course", "https://example.org/school/course"),
        ("https://example.org:8443/course?x=1#y", "https://example.org:8443/course"),
        ("/srv/git/course.git", None),
        ("file:///srv/git/course.git", None),
        ("", None),
    ],
)
def test_an_origin_is_asked_at_its_web_address_by_nobody(origin: str, address: str | None) -> None:
    assert _anonymous(origin) == address
