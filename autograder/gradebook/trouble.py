"""What is said when the gradebook cannot be used: what, where, and how to mend it."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import OperatorError
from autograder.messages import _

_MISSING_IN_POSTGRESQL = re.compile(r"\b(column|relation) \S+ does not exist")


@contextlib.contextmanager
def errors_named(db_url: str) -> Iterator[None]:
    """Trouble with the database inside becomes an OperatorError."""
    import sqlalchemy.exc

    nbgrader_log = logging.getLogger("tornado.application")
    nbgrader_log.addFilter(_nothing)  # it logs a traceback before it raises
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError) as error:
        raise OperatorError(_named(error, place(db_url))) from error
    finally:
        nbgrader_log.removeFilter(_nothing)


def place(db_url: str) -> str:
    """The database's file, or its address without the password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(db_url)
    except ArgumentError:
        return _("(its address is none that SQLAlchemy reads)")
    if url.get_backend_name() == "sqlite" and url.database:
        return str(Path(url.database.removeprefix("file:")).absolute())
    return url.render_as_string(hide_password=True)


def _named(error: Exception, where: str) -> str:
    # Without the SQL, which holds students' names.
    reason = str(getattr(error, "orig", None) or error).strip()
    return _("cannot use the gradebook {where}: {reason}\n  fix: {fix}").format(
        where=where, reason=reason, fix=_fix(error, reason)
    )


def _fix(error: Exception, reason: str) -> str:
    def says(*words: str) -> bool:
        return any(word in reason for word in words)

    if says("locked", "lock timeout"):
        return _("close what else writes to it (formgrader, a second grading run) and run again")
    if says("permission denied for"):
        return _("let its user write these tables (GRANT), or name another database with --db")
    if says("readonly", "read-only"):
        return _("make the file and its folder writable, or name another database with --db")
    if says("unable to open"):
        return _("make its folder, and see that you may write there")
    if says("is full", "disk I/O error", "No space left", "could not extend"):
        return _(
            "make room on that disk, or see that it works, and run the same command again "
            "(what was written before stands, and nothing is half written)"
        )
    if says("not a database", "malformed"):
        return _(
            "put your backup there, or move the file away and grade again "
            "(grades and comments given by hand are only in that file)"
        )
    if says("no such column", "no such table") or _MISSING_IN_POSTGRESQL.search(reason):
        return _("nbgrader db upgrade   (an older nbgrader made this gradebook)")
    if says("value too long"):
        return _("give what is that long a shorter name (a student's: at most 128 characters)")
    if says("psycopg2") and isinstance(error, ImportError):
        return _(
            "pip install 'convcourse[postgres]'   (in the course repository: "
            "pip install -e '.[postgres]')"
        )
    if isinstance(error, ImportError):
        return _("install that package: it talks to this kind of database")
    return _("see that the address is right and the database answers")


def _nothing(record: logging.LogRecord) -> bool:
    return False
