"""One feedback for each student on GitHub: looked at first, verified again, then written.

Running it again makes nothing twice: a feedback is found by its marker and by whose it is, not by
what we remember of it alone. Where it is not known whether a write was done, it is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from autograder.classroom.publishing.body import Feedback, Marker, body_sha256, marker_of
from autograder.classroom.publishing.github import (
    GitHub,
    Person,
    Post,
    Refused,
    Repository,
    Unknown,
)
from autograder.classroom.publishing.pace import Pace, TooManyError
from autograder.classroom.publishing.published import Journal, Kind, Published
from autograder.classroom.publishing.targets import Target, Targets, changed_mapping
from autograder.classroom.publishing.verified import MovedError, verified
from autograder.errors import OperatorError
from autograder.messages import _

# What was written is not to be seen everywhere at once.
_SETTLING_SECONDS = 10.0
_TRIES = 3

Action = Literal["create", "update", "nothing", "stopped"]


class Step(msgspec.Struct, frozen=True):
    """What is to be done for a student, or was; ``why`` where it cannot be."""

    target: Target
    action: Action
    why: str = ""


class _Look(msgspec.Struct, frozen=True):
    """What stands in a repository that was verified."""

    repository: Repository
    post: Post | None
    address: str  # a new feedback is posted there
    is_equal: bool = False

    @property
    def action(self) -> Action:
        """What is left to do."""
        return "create" if self.post is None else "nothing" if self.is_equal else "update"


class Publisher:
    """Publishes one assignment.

    Args:
        github: Where to.
        pace: Waits where something has to settle.
        journal: What was published before.
        kind: What the feedback is.
        targets: Whose accounts there are.
        markers: By student.
        accepted: The students whose mapping has changed, which somebody has agreed to.
        accept_moved: Whether somebody has agreed to new repositories of an old name, too.
    """

    def __init__(
        self,
        github: GitHub,
        pace: Pace,
        journal: Journal,
        kind: Kind,
        targets: Targets,
        markers: Mapping[str, Marker],
        accepted: frozenset[str] = frozenset(),
        accept_moved: bool = False,
    ) -> None:
        self._github = github
        self._pace = pace
        self._journal = journal
        self._kind = kind
        self._usernames = targets.usernames
        self._markers = markers
        self._accepted = accepted
        self._accept_moved = accept_moved
        self._me: Person | None = None

    def plan(
        self,
        feedbacks: Mapping[Target, Feedback],
        progress: Callable[[int], None] = lambda count: None,
    ) -> list[Step]:
        """What has to be done for each, nothing written. Raises OperatorError.

        ``progress`` hears how many students have been looked at.
        """
        steps: list[Step] = []
        moved: list[str] = []
        too_many = ""
        for target, feedback in feedbacks.items():
            try:
                if too_many:
                    raise Refused(too_many)
                steps.append(Step(target, self._look(target, feedback).action))
            except Refused as error:
                steps.append(Step(target, "stopped", str(error)))
            except TooManyError as error:
                too_many = str(error)
                steps.append(Step(target, "stopped", too_many))
            except MovedError as error:
                moved.append(str(error))
            progress(len(steps) + len(moved))
        if moved:
            raise changed_mapping(moved)
        return steps

    def perform(
        self,
        steps: list[Step],
        feedbacks: Mapping[Target, Feedback],
        tell: Callable[[Step], None] = lambda step: None,
    ) -> list[Step]:
        """What was done of ``steps``; ``tell`` hears of each. Raises OperatorError."""
        done: list[Step] = []
        too_many = ""
        for step in steps:
            if step.action != "stopped" and not self._is_kept(step, feedbacks):
                try:
                    if too_many:
                        raise Refused(too_many)
                    action = self._settle(step.target, feedbacks[step.target])
                    step = Step(step.target, action)
                except (Refused, Unknown) as error:
                    step = Step(step.target, "stopped", str(error))
                except TooManyError as error:
                    too_many = str(error)
                    step = Step(step.target, "stopped", too_many)
                except MovedError as error:
                    raise changed_mapping([str(error)]) from error
            done.append(step)
            tell(step)
        return done

    def _is_kept(self, step: Step, feedbacks: Mapping[Target, Feedback]) -> bool:
        """Whether there is nothing to do, and that is known: it need not be looked at again."""
        before = self._before(step.target)
        return (
            step.action == "nothing"
            and before is not None
            and before.post is not None
            and before.body_sha256 == body_sha256(feedbacks[step.target].body)
        )

    def _settle(self, target: Target, feedback: Feedback) -> Action:
        """What was done, so that the feedback stands there, once."""
        is_unsettled = self._before(target) is not None
        did: Action = "nothing"
        why = ""
        for times in range(_TRIES):
            look = self._look(target, feedback)
            if look.post is None and is_unsettled:  # it may be there all the same
                self._pace.wait(_SETTLING_SECONDS)
                look = self._look(target, feedback)
            if look.action == "nothing":
                self._keep(target, look.repository, look.post, feedback)
                return did if times else "nothing"
            did = look.action
            try:
                self._write(target, look, feedback)
                return did
            except Unknown as error:
                why, is_unsettled = str(error), True
        raise Unknown(_("not known whether it was done: {why}").format(why=why))

    def _write(self, target: Target, look: _Look, feedback: Feedback) -> None:
        fields = {"body": feedback.body}
        if self._kind == "issue":
            fields["title"] = feedback.title
        if look.post is not None:
            noun = f"issues/{look.post.number}"
            if self._kind == "comment":
                noun = f"issues/comments/{look.post.id}"
            post = self._github.write("PATCH", f"repos/{target.repository}/{noun}", fields)
        else:
            before = self._before(target)
            self._keep(target, look.repository, None, None)
            try:
                post = self._github.write("POST", look.address, fields)
            except Refused:
                if before is None:
                    self._journal.forget(target.student)
                else:
                    self._journal.keep(before)
                raise
        _refuse_other_place(target, post)
        self._keep(target, look.repository, post, feedback)

    def _look(self, target: Target, feedback: Feedback) -> _Look:
        """What stands in the repository. Raises Refused where it is not what it has to be."""
        before = self._before(target)
        expected = None if before is None or self._accept_moved else before.repository_id
        repository = verified(self._github, target, self._kind, self._usernames, expected)
        me = self._myself()
        name = target.repository
        if self._kind == "issue":
            address = f"repos/{name}/issues"
            posts = self._github.issues_by(name, me.login)
        else:
            number = self._github.feedback_pull_request(name)
            address = f"repos/{name}/issues/{number}/comments"
            posts = self._github.comments(name, number)
        ours = self._ours([post for post in posts if post.user and post.user.id == me.id], target)
        if not ours:
            return _Look(repository, None, address)
        is_equal = body_sha256(ours[0].body or "") == body_sha256(feedback.body)
        return _Look(repository, ours[0], address, is_equal)

    def _ours(self, posts: list[Post], target: Target) -> list[Post]:
        """Those of ``posts``, all written by us, that are this student's feedback: one, or none."""
        expected = self._markers[target.student]
        before = self._before(target)
        found = []
        for post in posts:
            marker = marker_of(post.body or "")
            if marker is not None and marker.assignment == expected.assignment:
                if marker.whose != expected.whose:
                    raise Refused(_("another student's feedback stands there"))
                found.append(post)
            elif before is not None and before.post == post.id:
                found.append(post)  # who can write there has taken its marker out
        if len(found) > 1:
            raise Refused(_("there are {count} feedbacks of ours").format(count=len(found)))
        return found

    def _before(self, target: Target) -> Published | None:
        return None if target.student in self._accepted else self._journal.of(target.student)

    def _keep(
        self, target: Target, repository: Repository, post: Post | None, feedback: Feedback | None
    ) -> None:
        one = Published(
            student=target.student,
            github_username=target.github_username,
            repository=target.repository,
            repository_id=repository.id,
            post=None if post is None else post.id,
            body_sha256="" if feedback is None else body_sha256(feedback.body),
        )
        # From here on what was published is the new mapping's.
        self._accepted -= {target.student}
        if self._journal.of(target.student) != one:
            self._journal.keep(one)

    def _myself(self) -> Person:
        if self._me is None:
            self._me = self._github.me()
        return self._me


def _refuse_other_place(target: Target, post: Post) -> None:
    """Stop all where GitHub says that it wrote somewhere else."""
    place = post.repository_url or post.issue_url.rpartition("/issues/")[0]
    if not place.casefold().endswith(f"/repos/{target.repository.casefold()}"):
        raise OperatorError(
            _(
                "{student}: written to {place}, and not to {repository}\n  fix: look at it and "
                "delete it there; the repository was renamed or moved just now"
            ).format(student=target.student, place=place, repository=target.repository)
        )
