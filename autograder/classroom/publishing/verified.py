"""A repository, once it is verified to be the student's alone: nothing is written before."""

from __future__ import annotations

from collections.abc import Set

from autograder.classroom.publishing.github import GitHub, Refused, Repository
from autograder.classroom.publishing.published import Kind
from autograder.classroom.publishing.targets import Target
from autograder.messages import _


class MovedError(Exception):
    """There is another repository of the name than was published to."""


def verified(
    github: GitHub, target: Target, kind: Kind, usernames: Set[str], expected_id: int | None
) -> Repository:
    """The repository of ``target``.

    Args:
        github: Whom to ask.
        target: The student, and the repository that is said to be theirs.
        kind: What is to be written there.
        usernames: Everybody's in the class, in small letters.
        expected_id: GitHub's number of the repository that was published to, if any was.

    Raises:
        Refused: It is not what it has to be, or others can read it.
        MovedError: It is not the one that was published to.
    """
    one = github.repository(target.repository)
    if one.full_name.casefold() != target.repository.casefold():
        raise Refused(_("is now {name}").format(name=one.full_name))
    if expected_id is not None and expected_id != one.id:
        raise MovedError(
            _("{student}: {repository} was made anew").format(
                student=target.student, repository=target.repository
            )
        )
    faults = (
        (not one.private or one.visibility != "private", _("it is not private")),
        (one.archived or one.disabled, _("it is archived")),
        (one.is_template, _("it is a template")),
        (one.forks_count > 0, _("there are forks of it, which others may read")),
        (kind == "issue" and not one.has_issues, _("its issues are turned off")),
    )
    for is_so, why in faults:
        if is_so:
            raise Refused(why)
    readers = {person.login.casefold() for person in github.collaborators(target.repository)}
    own = target.github_username.casefold()
    if own not in readers:
        raise Refused(
            _("{username} is no collaborator there").format(username=target.github_username)
        )
    if others := sorted((readers & usernames) - {own}):
        raise Refused(
            _("other students can read it: {usernames}").format(usernames=", ".join(others))
        )
    return one
