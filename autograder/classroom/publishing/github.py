"""GitHub as far as publishing needs it: who we are, a repository, what stands in it, two writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import msgspec

from autograder.classroom.publishing.gh import Answer, Gh, NoAnswerError
from autograder.classroom.publishing.pace import Pace, is_too_many
from autograder.errors import OperatorError
from autograder.messages import _

REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_A_PAGE = 100  # as many as GitHub gives at once
_MOST_PAGES = 20
_TRIES = 4
_TRIES_TOO_MANY = 5
_FEEDBACK_PULL_REQUEST = "Feedback"  # as GitHub Classroom names it
_CLASSROOM = "github-classroom[bot]"  # which nobody can be called
_T = TypeVar("_T")


class Refused(Exception):  # noqa: N818 - an answer, which the caller tells of
    """GitHub did not do it, or could not be understood; the text is a part of one line."""


class Unknown(Exception):  # noqa: N818 - no answer, which the caller has to find out about
    """It is not known whether a write was done."""


class Person(msgspec.Struct, frozen=True):
    """An account."""

    login: str
    id: int
    type: str = "User"


class Repository(msgspec.Struct, frozen=True):
    """What is verified of a repository."""

    id: int
    full_name: str
    owner: Person
    private: bool
    visibility: str = ""
    archived: bool = False
    disabled: bool = False
    has_issues: bool = True
    is_template: bool = False
    forks_count: int = 0


class Post(msgspec.Struct, frozen=True):
    """An issue, a pull request, or a comment."""

    id: int
    user: Person | None = None  # none where the account is gone
    number: int = 0  # 0 of a comment
    title: str = ""
    body: str | None = None
    pull_request: Mapping[str, object] | None = None
    repository_url: str = ""
    issue_url: str = ""


class GitHub:
    """Asks again where that can do no harm; a write only where it is known that it was not done."""

    def __init__(self, gh: Gh, pace: Pace) -> None:
        self._gh = gh
        self._pace = pace

    def me(self) -> Person:
        """Whose token it is. Raises OperatorError."""
        try:
            return self._get("user", Person)
        except Refused as error:
            raise OperatorError(
                _(
                    "GitHub does not say whose token this is: {why}\n  fix: gh auth status; a "
                    "token of a person is needed, an app's or a workflow's has no name"
                ).format(why=error)
            ) from error

    def repository(self, name: str) -> Repository:
        """The repository OWNER/NAME. Raises Refused."""
        return self._get(f"repos/{_checked(name)}", Repository)

    def collaborators(self, name: str) -> list[Person]:
        """Everybody who can read it, also by a team or as a member. Raises Refused."""
        return self._all(f"repos/{_checked(name)}/collaborators?affiliation=all", Person)

    def issues_by(self, name: str, creator: str) -> list[Post]:
        """All issues of one person there, open and closed, no pull requests. Raises Refused."""
        path = f"repos/{_checked(name)}/issues?state=all&creator={quote(creator, safe='')}"
        return [post for post in self._all(path, Post) if post.pull_request is None]

    def feedback_pull_request(self, name: str) -> int:
        """The number of the one that GitHub Classroom has made. Raises Refused."""
        numbers = [
            post.number
            for post in self._all(f"repos/{_checked(name)}/pulls?state=all", Post)
            if post.title == _FEEDBACK_PULL_REQUEST
            and post.user is not None
            and (post.user.login, post.user.type) == (_CLASSROOM, "Bot")
        ]
        if len(numbers) != 1:
            raise Refused(_("GitHub Classroom has made no pull request for feedback there"))
        return numbers[0]

    def comments(self, name: str, number: int) -> list[Post]:
        """All comments on a pull request. Raises Refused."""
        return self._all(f"repos/{_checked(name)}/issues/{number}/comments", Post)

    def write(self, method: str, path: str, fields: Mapping[str, str]) -> Post:
        """What was written.

        Raises:
            Refused: It was not done.
            Unknown: Perhaps it was.
        """
        for times in range(_TRIES_TOO_MANY):
            self._pace.before_write()
            try:
                answer = self._gh.ask(method, path, fields)
            except NoAnswerError as error:
                raise Unknown(str(error)) from error
            if not is_too_many(answer):
                break
            self._pace.after_too_many(answer, times)
        if answer.status >= 500:
            raise Unknown(answer.reason)
        try:
            return _decoded(answer, Post)
        except Refused as error:
            if answer.is_fine:
                raise Unknown(str(error)) from error
            raise

    def _all(self, path: str, kind: type[_T]) -> list[_T]:
        found: list[_T] = []
        for page in range(1, _MOST_PAGES + 1):
            one = self._get(
                f"{path}{'&' if '?' in path else '?'}per_page={_A_PAGE}&page={page}",
                list[kind],  # type: ignore[valid-type]
            )
            found += one
            if len(one) < _A_PAGE:
                return found
        raise Refused(_("there are more than {count}").format(count=len(found)))

    def _get(self, path: str, kind: type[_T]) -> _T:
        """What stands there; asked again after a failure that may pass."""
        too_many = failed = 0
        while True:
            try:
                answer = self._gh.ask("GET", path)
            except NoAnswerError as error:
                failed += 1
                if failed == _TRIES:
                    raise Refused(str(error)) from error
                self._pace.wait(2.0**failed)
                continue
            if is_too_many(answer) and too_many < _TRIES_TOO_MANY:
                self._pace.after_too_many(answer, too_many)
                too_many += 1
            elif answer.status >= 500 and failed < _TRIES - 1:
                failed += 1
                self._pace.wait(2.0**failed)
            else:
                return _decoded(answer, kind)


def _decoded(answer: Answer, kind: type[_T]) -> _T:
    if answer.status == 401:
        raise OperatorError(
            _("GitHub does not take the token: {why}\n  fix: gh auth login").format(
                why=answer.reason
            )
        )
    if not answer.is_fine:
        raise Refused(answer.reason)
    try:
        return msgspec.json.decode(answer.data, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(_("GitHub's answer cannot be read: {error}").format(error=error)) from error


def _checked(name: str) -> str:
    """``name``, for an address: whatever a file says, it is OWNER/NAME and nothing else."""
    if not REPOSITORY.fullmatch(name):
        raise Refused(_("{name!r} is no OWNER/NAME").format(name=name))
    return name
