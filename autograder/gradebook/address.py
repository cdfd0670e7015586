"""What ``--db`` names: SQLAlchemy's address of a database, or the path of an SQLite file."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.errors import OperatorError
from autograder.gradebook.database import nbgrader_api
from autograder.messages import _

_SCHEME = re.compile(r"[A-Za-z][\w+]+:")
# Two of these mean a computer, which SQLite has none of, and one or none is no address at all.
_TOO_FEW_SLASHES = re.compile(r"sqlite:(?!///)(?!//(\?|$))(//)?(?P<path>.+)", re.DOTALL)
# What people and other programs write for PostgreSQL; SQLAlchemy takes the first for a driver that
# we do not install, and the second for nothing.
_WITHOUT_A_DRIVER = re.compile(r"postgres(ql)?://")
_OUR_DRIVER = "postgresql+psycopg2://"


def database_url(given: str) -> str:
    """SQLAlchemy's address of what ``given`` names. Raises OperatorError where that is nothing."""
    nbgrader_api()  # says what to install where there is nothing to read an address with
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError

    if found := _TOO_FEW_SLASHES.fullmatch(given):
        raise OperatorError(
            _("--db {given}: has too few slashes\n  fix: --db sqlite:///{path}").format(
                given=given, path=found["path"]
            )
        )
    if not _SCHEME.match(given):
        return _url_of_file(given)
    address = _WITHOUT_A_DRIVER.sub(_OUR_DRIVER, given, count=1)
    try:
        sqlalchemy.make_url(address).get_dialect()
    except ImportError:
        pass  # told where it is opened: what to install
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        # Without the rest, or the error: there may be a password in them.
        raise OperatorError(
            _(
                "--db {kind}:…: is no address of a database\n  fix: the path of a file, such as "
                "gradebook.db, or {address}USER@HOST/NAME"
            ).format(kind=given.partition(":")[0], address=_OUR_DRIVER)
        ) from None
    return address


def _url_of_file(given: str) -> str:
    import sqlalchemy

    path = Path(given).absolute()
    if path.is_dir():
        raise OperatorError(
            _("--db {given}: is a folder\n  fix: --db {file}").format(
                given=given, file=Path(given) / "gradebook.db"
            )
        )
    url: str = sqlalchemy.URL.create("sqlite", database=str(path)).render_as_string()
    return url
