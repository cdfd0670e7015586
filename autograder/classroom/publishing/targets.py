"""Whose feedback goes where: what can be told from the files, before anybody asks GitHub."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from autograder.classroom.collected import Collected, Collection
from autograder.classroom.publishing.github import REPOSITORY
from autograder.classroom.publishing.published import Published
from autograder.errors import OperatorError
from autograder.messages import _
from autograder.submission.submissions import is_student_id

_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})")


class Target(msgspec.Struct, frozen=True):
    """A student, and the repository that is said to be theirs."""

    student: str
    repository: str  # OWNER/NAME
    github_username: str


class Stopped(msgspec.Struct, frozen=True):
    """A student for whom nothing is done, and why."""

    student: str
    why: str
    repository: str = ""


class Targets(msgspec.Struct, frozen=True):
    """Those of a collection, and everybody's account: nobody may read what is another's."""

    targets: tuple[Target, ...]
    stopped: tuple[Stopped, ...]
    usernames: frozenset[str]  # in small letters


def targets_of(collection: Collection) -> Targets:
    """Where each student's feedback goes; those stopped of whom that is not certain.

    Raises OperatorError where the repositories are not all one owner's.
    """
    _refuse_other_owners(collection)
    repositories = Counter(
        one.repository.casefold() for one in collection.collected if one.repository
    )
    usernames = Counter(
        one.github_username.casefold() for one in collection.collected if one.github_username
    )
    students = Counter(one.student.casefold() for one in collection.collected)
    targets, stopped = [], []
    for one in collection.collected:
        if not is_student_id(one.student) or students[one.student.casefold()] > 1:
            why = _("this is no name of one student")
        elif not one.repository:
            why = _("no repository on GitHub is known: collect again with --ask-github OWNER")
        elif not one.github_username:
            why = _("no GitHub username is known")
        elif not REPOSITORY.fullmatch(one.repository) or not _LOGIN.fullmatch(one.github_username):
            why = _("repository or username is none that GitHub has")
        elif repositories[one.repository.casefold()] > 1:
            why = _("more than one student has this repository")
        elif usernames[one.github_username.casefold()] > 1:
            why = _("more than one student has this GitHub username")
        elif other := _named_after(one, usernames):
            why = _("the repository is named after {username}").format(username=other)
        else:
            targets.append(Target(one.student, one.repository, one.github_username))
            continue
        stopped.append(Stopped(one.student, why, one.repository or ""))
    return Targets(tuple(targets), tuple(stopped), frozenset(usernames))


def refuse_changes(
    collection: Collection, published: Iterable[Published], is_accepted: bool
) -> frozenset[str]:
    """The students whose repository or username is another than when last published to, accepted.

    Raises OperatorError, with each of them, where they are not.
    """
    now = {one.student: one for one in collection.collected}
    owners = {_key(one.repository): one.student for one in collection.collected if one.repository}
    accounts = {
        one.github_username.casefold(): one.student
        for one in collection.collected
        if one.github_username
    }
    changed: dict[str, str] = {}
    for was in published:
        one = now.get(was.student)
        if one is not None and (_key(one.repository), _key(one.github_username)) != (
            _key(was.repository),
            _key(was.github_username),
        ):
            changed[was.student] = _("{student}: {was} is now {now}").format(
                student=was.student,
                was=f"{was.repository} ({was.github_username})",
                now=f"{one.repository or '–'} ({one.github_username or '–'})",
            )
        taken = {owners.get(_key(was.repository)), accounts.get(_key(was.github_username))}
        for student in sorted(taken - {was.student, None}, key=str):
            changed[str(student)] = _("{student}: has what was {was}'s, {repository}").format(
                student=student,
                was=was.student,
                repository=f"{was.repository} ({was.github_username})",
            )
    if changed and not is_accepted:
        raise changed_mapping(list(changed.values()))
    return frozenset(changed)


def changed_mapping(changes: Sequence[str]) -> OperatorError:
    """That nothing is published since ``changes`` happened, a line on each."""
    return OperatorError(
        _(
            "who has which repository has changed since the last time; nothing is published until "
            "somebody has looked:\n{changes}\n  fix: look at each (now –: collect again with "
            "--ask-github OWNER); where all are right, --accept-mapping (feedback that stands in "
            "another repository stays there: delete it by hand)"
        ).format(changes="\n".join(f"  {change}" for change in changes))
    )


def _refuse_other_owners(collection: Collection) -> None:
    owners = Counter(
        one.repository.partition("/")[0].casefold()
        for one in collection.collected
        if one.repository
    )
    if len(owners) < 2:
        return
    [(usual, _count)] = owners.most_common(1)
    others = [
        f"  {one.student}: {one.repository}"
        for one in collection.collected
        if one.repository and one.repository.partition("/")[0].casefold() != usual
    ]
    raise OperatorError(
        _(
            "not all repositories are {owner}'s, so nothing is published:\n{others}\n  fix: "
            "collect the repositories of the classroom alone"
        ).format(owner=usual, others="\n".join(others))
    )


def _named_after(one: Collected, usernames: Iterable[str]) -> str | None:
    """Another account of the class that the repository is named after, and not its own student."""
    assert one.repository is not None and one.github_username is not None
    # GitHub Classroom adds a number where there was a repository of the name already.
    name = re.sub(r"-\d{1,3}$", "", one.repository.partition("/")[2].casefold())
    names = {one.repository.partition("/")[2].casefold(), name}
    own = one.github_username.casefold()
    if any(name.endswith(f"-{own}") for name in names):
        return None
    return next((u for u in sorted(usernames) if any(n.endswith(f"-{u}") for n in names)), None)


def _key(name: str | None) -> str:
    return (name or "").casefold()
