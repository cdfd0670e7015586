"""A PostgreSQL server of the tests' own, that listens on a socket in a folder of its own."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_NAMES = itertools.count()


class Server:
    """A running server, whose every database is thrown away with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"grades{next(_NAMES)}"
        with contextlib.closing(self.connect("postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg2://tester@/{name}?host={self.folder}"

    def connect(self, name: str) -> Any:
        """A connection to a database, without SQLAlchemy."""
        import psycopg2

        return psycopg2.connect(host=str(self.folder), user="tester", dbname=name)


def programs() -> Path | None:
    """The folder with initdb and postgres, or None where they are not installed."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin")]
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).parent)
    return next((place for place in places if (place / "initdb").exists()), None)


@contextlib.contextmanager
def running(programs: Path) -> Iterator[Server]:
    """A server for as long as the ``with`` block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # not pytest's: a socket's path is a short one
    data = folder / "data"
    someone = _not_root(folder)
    try:
        subprocess.run(
            [
                programs / "initdb", "--pgdata", data, "--username", "tester", "--auth", "trust",
                "--encoding", "UTF8", "--locale", "C", "--no-sync",
            ],
            check=True, capture_output=True, cwd=folder, **someone,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    programs / "postgres", "-D", data, "-k", folder,
                    "-c", "listen_addresses=", "-c", "fsync=off",
                ],
                stdout=log, stderr=log, cwd=folder, **someone,
            )  # fmt: skip
        try:
            _wait_for(server, programs, folder)
            yield Server(folder)
        finally:
            server.send_signal(signal.SIGINT)  # it ends at once, and in order
            server.wait()
    finally:
        shutil.rmtree(folder)


def _not_root(folder: Path) -> dict[str, Any]:
    """How to start a process as somebody else where we are root: the server refuses that."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            someone = pwd.getpwnam(name)
            os.chown(folder, someone.pw_uid, someone.pw_gid)
            return {"user": someone.pw_uid, "group": someone.pw_gid, "extra_groups": []}
    raise AssertionError("this system has neither postgres nor nobody")


def _wait_for(server: subprocess.Popen[bytes], programs: Path, folder: Path) -> None:
    asked = [programs / "pg_isready", "--quiet", "--host", folder]
    while subprocess.run(asked, check=False).returncode != 0:
        if server.poll() is not None:
            raise AssertionError((folder / "log").read_text())
        time.sleep(0.05)
