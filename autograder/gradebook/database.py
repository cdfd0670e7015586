"""A gradebook's database: opened, made whole where it is not, written in short transactions."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, TypeVar

from autograder.errors import OperatorError
from autograder.messages import _

T = TypeVar("T")

LOCK_SECONDS = 30  # how long somebody else's transaction is waited for
_TRIES = 5  # of a transaction that another one got in the way of
_TURN = 0x6E62_6772  # PostgreSQL's number of the lock that our writers queue for
_NBGRADERS_VERSION = "alembic_version"
_SERVER_EXTENSIONS = ("assignment_list", "course_list", "formgrader", "validate_assignment")


class Database:
    """The database at one of SQLAlchemy's addresses; connects when first asked to.

    Not nbgrader's `Gradebook` class: that one leaves tables without a version when it is killed
    while it makes them, waits five seconds for a lock, and has one long session.
    """

    def __init__(self, db_url: str) -> None:
        import sqlalchemy

        url = sqlalchemy.make_url(db_url)
        options: dict[str, Any] = {"pool_pre_ping": True}  # a server restarts while a class waits
        self._kind = url.get_backend_name()
        self._file: str | None = None
        if self._kind == "sqlite":
            if "timeout" not in url.query:
                options["connect_args"] = {"timeout": LOCK_SECONDS}
            if url.database not in (None, "", ":memory:"):
                options["poolclass"] = sqlalchemy.NullPool  # no file stays open between two batches
                self._file = None if url.database.startswith("file:") else url.database
        elif url.get_dialect().driver == "psycopg2":
            options["executemany_mode"] = "values_plus_batch"  # else a round trip for each row
        self._engine = sqlalchemy.create_engine(url, **options)

    def close(self) -> None:
        """Close what is open; the database may be used again."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Any]:
        """A connection to read with. Nothing is locked between two statements."""
        with self._engine.connect() as connection:
            yield connection

    def commit(self, act: Callable[[Any], T]) -> T:
        """What ``act`` returns for a connection on which nobody else writes meanwhile.

        All that it writes is committed, or nothing is. It is called again where another program's
        transaction, or a lost connection, got in its way.
        """
        from sqlalchemy.exc import DBAPIError

        for tries_left in reversed(range(_TRIES)):
            try:
                with self._transaction() as connection:
                    return act(connection)
            except DBAPIError as error:
                if not tries_left or not _may_work_again(error):
                    raise
        raise AssertionError("the last try returns or raises")

    def make_whole(self, connection: Any) -> None:
        """Make what is missing of nbgrader's tables, and their version where that is missing.

        Within a transaction: whoever is killed here leaves nothing, and what nbgrader leaves when
        it is killed is completed. Tables that an older nbgrader made stay as they are, and reading
        them raises SQLAlchemyError.
        """
        import sqlalchemy

        metadata = nbgrader_api().Base.metadata
        there = set(sqlalchemy.inspect(connection).get_table_names())
        version = sqlalchemy.table(_NBGRADERS_VERSION, sqlalchemy.column("version_num"))
        stamped = (
            _NBGRADERS_VERSION in there
            and connection.execute(sqlalchemy.select(version)).first() is not None
        )
        # A version beside none of nbgrader's tables is that of another program.
        if not stamped or there.isdisjoint(metadata.tables):
            metadata.create_all(connection)
        for table in metadata.sorted_tables:
            connection.execute(table.select().where(sqlalchemy.false()))
        if not stamped:
            if _NBGRADERS_VERSION not in there:
                connection.exec_driver_sql(
                    f"CREATE TABLE {_NBGRADERS_VERSION} (version_num VARCHAR(32) NOT NULL)"
                )
            connection.execute(version.insert().values(version_num=_newest_version()))

    def make_file(self) -> None:
        """Make an SQLite file that only its owner reads, where there is none yet."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # SQLite says better what is wrong with the path
                os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._engine.connect() as connection:  # what is not committed is rolled back
            if self._kind == "sqlite":
                # At the first write it would be too late: what was read may be old by then.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif self._kind == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
            yield connection
            connection.commit()


def nbgrader_api() -> Any:
    """nbgrader.api, loaded when first needed: students do not install it, and it takes a second."""
    try:
        with _without_a_grammar_of_addresses(), _without_the_server_extensions():
            import nbgrader.api
    except ImportError as error:
        raise OperatorError(
            _(
                "the gradebook is nbgrader's, and it cannot be loaded: {error}\n"
                "  fix: pip install 'convcourse[grade]'   (in the course repository: "
                "pip install -e '.[grade]')"
            ).format(error=error)
        ) from error
    return nbgrader.api


@contextlib.contextmanager
def _without_a_grammar_of_addresses() -> Iterator[None]:
    """Save the longer half of nbgrader's loading: jsonschema does without this package, too.

    It compiles a grammar when it is loaded, 0.9 s, for the format "iri", which no notebook's schema
    asks for.
    """
    grammar = "rfc3987_syntax"
    if grammar in sys.modules or "jsonschema" in sys.modules:
        yield
        return
    sys.modules[grammar] = None  # type: ignore[assignment]  # Python's way to say: not there
    try:
        yield
    finally:
        sys.modules.pop(grammar, None)


@contextlib.contextmanager
def _without_the_server_extensions() -> Iterator[None]:
    """Save 0.3 s more: nbgrader loads with itself what it adds to a Jupyter server.

    Whoever wants one of these modules later loads it as ever; this process is no such server.
    """
    if "nbgrader" in sys.modules:
        yield
        return
    empty = ModuleType("empty")
    vars(empty)["load_jupyter_server_extension"] = None
    names = [f"nbgrader.server_extensions.{name}" for name in _SERVER_EXTENSIONS]
    sys.modules.update(dict.fromkeys(names, empty))
    try:
        yield
    finally:
        for name in names:
            sys.modules.pop(name, None)


def _newest_version() -> str:
    """What nbgrader's get_alembic_version() says; that one starts a command for it, two seconds."""
    import nbgrader.dbutil
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(nbgrader.dbutil.ALEMBIC_DIR).get_current_head())


def _may_work_again(error: Any) -> bool:
    from sqlalchemy.exc import IntegrityError

    # Somebody made the same row first (it will be found now), a lost connection, a deadlock.
    return (
        isinstance(error, IntegrityError)
        or error.connection_invalidated
        or getattr(error.orig, "pgcode", None) in ("40001", "40P01")
    )
