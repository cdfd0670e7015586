"""Each student's feedback goes to their own private repository, once, and nowhere else."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.classroom.publishing.body import marker_for, marker_of
from autograder.classroom.publishing.class_feedback import Wanted, publish_class
from autograder.classroom.publishing.pace import WRITES, Pace
from autograder.classroom.publishing.published import opened_journal, published_path
from autograder.errors import OperatorError
from autograder.grading.stored import report_path, write_report
from tests.autograder.classroom.fake_github import (
    CLASSROOM,
    FakeGitHub,
    Killed,
    a_repository,
    answer,
)
from tests.autograder.classroom.made_class import (
    STUDENTS,
    A,
    Class,
    collected,
    grade_of,
    made_class,
    report_of,
)


@pytest.fixture
def made(tmp_path: Path) -> Class:
    return made_class(tmp_path)


def repository(made: Class, student: str = "ada") -> dict[str, Any]:
    return made.github.repositories[f"org/sums-{student}-x"]


def why(made: Class, student: str = "ada", **wanted: Any) -> str:
    """Why the student's is not published; the others' are, and nothing was written there."""
    told = made.publish(**wanted)

    [step] = told.stopped
    assert step.target.student == student
    assert made.bodies(student) == [] and len(made.bodies("cyd")) == 1
    return step.why


# --- What is done -------------------------------------------------------------------------------


def test_without_yes_nothing_is_written_and_the_texts_can_be_read(made: Class) -> None:
    told = made.publish(is_done=False)

    assert [step.action for step in told.steps] == ["create"] * 3
    assert made.github.writes == []
    assert not published_path(made.root, A).exists()
    text = made.root / "build" / "publish" / A / "ada.md"
    assert "ada forgot one" in text.read_text()
    assert stat.S_IMODE(text.stat().st_mode) == 0o600


def test_the_texts_can_be_read_where_there_is_no_gh(made: Class) -> None:
    def connect() -> FakeGitHub:
        raise OperatorError("there is no program gh")

    grades = [grade_of(student) for student in STUDENTS]
    with pytest.raises(OperatorError, match="no program gh"):
        publish_class(made.course, A, made.folder, made.root, grades, Wanted(), connect)

    assert (made.root / "build" / "publish" / A / "bob.md").exists()


def test_each_student_reads_their_own_in_their_own_repository(made: Class) -> None:
    told = made.publish()

    assert told.stopped == ()
    for student in STUDENTS:
        [body] = made.bodies(student)
        assert f"{student} forgot one" in body and "1 of 3 points" in body
        assert "SECRET" not in body


def test_a_second_run_writes_nothing(made: Class) -> None:
    made.publish()
    written, asked = len(made.github.writes), len(made.github.state["calls"])

    assert made.actions() == dict.fromkeys(STUDENTS, "nothing")
    assert len(made.github.writes) == written
    assert len(made.github.state["calls"]) == asked + 1 + 3 * len(STUDENTS)


def test_a_second_run_that_remembers_nothing_writes_nothing(made: Class) -> None:
    made.publish()
    published_path(made.root, A).unlink()

    assert made.actions() == dict.fromkeys(STUDENTS, "nothing")


def test_another_grade_updates_the_same_issue(made: Class) -> None:
    made.publish()

    grades = [grade_of("ada", 2.5), grade_of("bob"), grade_of("cyd")]
    assert made.actions(grades=grades) == {"ada": "update", "bob": "nothing", "cyd": "nothing"}

    [body] = made.bodies("ada")
    assert "2.5 of 3 points" in body


def test_only_the_students_named_are_published(made: Class) -> None:
    assert made.actions(students=frozenset({"bob"})) == {"bob": "create"}
    assert made.bodies("ada") == []


def test_a_server_that_changes_line_ends_does_not_make_it_new(made: Class) -> None:
    made.publish()
    for issue in repository(made)["issues"]:
        issue["body"] = issue["body"].replace("\n", "\r\n").rstrip()

    assert made.actions()["ada"] == "nothing"


def test_what_was_published_is_for_its_owner_alone(made: Class) -> None:
    made.publish()

    assert stat.S_IMODE(published_path(made.root, A).stat().st_mode) == 0o600


def test_two_runs_at_once_are_one(made: Class) -> None:
    with (
        opened_journal(made.root, A, "issue"),
        pytest.raises(OperatorError, match="another run is publishing"),
    ):
        made.publish()

    assert made.github.state["calls"] == []


# --- Whose issue it is --------------------------------------------------------------------------


def forged(student: str) -> str:
    marker = marker_for("c", A, student)
    return f"<!-- autograder:feedback {marker.assignment} {marker.whose} -->\nfull marks"


def test_an_issue_of_the_student_with_our_marker_stays_as_it_is(made: Class) -> None:
    student = {"login": "ada-x", "id": 99, "type": "User"}
    issues = repository(made)["issues"]
    made.github.add("org/sums-ada-x", issues, {"title": "Feedback", "body": forged("ada")}, student)

    assert made.actions()["ada"] == "create"

    assert issues[0]["body"] == forged("ada") and len(made.bodies("ada")) == 1


def test_an_account_that_took_our_name_is_not_us(made: Class) -> None:
    other = {"login": "teacher", "id": 98, "type": "User"}
    issues = repository(made)["issues"]
    made.github.add("org/sums-ada-x", issues, {"title": "Feedback", "body": forged("ada")}, other)

    assert made.actions()["ada"] == "create"
    assert issues[0]["body"] == forged("ada")


def test_an_issue_of_ours_that_is_no_feedback_stays_as_it_is(made: Class) -> None:
    issues = repository(made)["issues"]
    quoted = {"title": "Welcome", "body": f"> {forged('ada')}"}
    made.github.add("org/sums-ada-x", issues, quoted)

    assert made.actions()["ada"] == "create"
    assert issues[0]["title"] == "Welcome"


@pytest.mark.parametrize("left", ["", "I deserve more\n"])
def test_what_a_student_made_of_our_issue_is_put_right(made: Class, left: str) -> None:
    made.publish()
    [issue] = repository(made)["issues"]
    right = issue["body"]
    issue["body"] = left + right.partition("\n")[2].replace("1 of 3", "3 of 3")

    assert made.actions()["ada"] == "update"

    assert [one["body"] for one in repository(made)["issues"]] == [right]


def test_another_students_feedback_in_the_repository_stops(made: Class) -> None:
    issues = repository(made)["issues"]
    made.github.add("org/sums-ada-x", issues, {"title": "Feedback", "body": forged("bob")})

    told = made.publish()

    assert [step.why for step in told.stopped] == ["another student's feedback stands there"]
    assert made.bodies("ada") == [forged("bob")]


def test_two_feedbacks_of_ours_need_a_person(made: Class) -> None:
    issues = repository(made)["issues"]
    for _time in range(2):
        made.github.add("org/sums-ada-x", issues, {"title": "Feedback", "body": forged("ada")})

    told = made.publish()

    assert [step.why for step in told.stopped] == ["there are 2 feedbacks of ours"]


def test_a_feedback_among_hundreds_of_our_issues_is_found(made: Class) -> None:
    issues = repository(made)["issues"]
    for number in range(250):
        made.github.add("org/sums-ada-x", issues, {"title": f"{number}", "body": "hello"})
    made.publish()

    assert made.actions()["ada"] == "nothing"


# --- Where it goes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"private": False, "visibility": "public"}, "it is not private"),
        ({"visibility": "internal"}, "it is not private"),
        ({"archived": True}, "it is archived"),
        ({"is_template": True}, "it is a template"),
        ({"forks_count": 1}, "there are forks of it, which others may read"),
        ({"has_issues": False}, "its issues are turned off"),
        ({"renamed": "org/other"}, "is now org/other"),
        ({"collaborators": ["teacher"]}, "ada-x is no collaborator there"),
        ({"collaborators": ["ada-x", "Bob-X"]}, "other students can read it: bob-x"),
    ],
)
def test_a_repository_that_is_not_the_students_alone_gets_nothing(
    made: Class, fields: dict[str, object], said: str
) -> None:
    repository(made).update(fields)

    assert why(made) == said


def test_a_repository_that_is_gone_gets_nothing(made: Class) -> None:
    del made.github.repositories["org/sums-ada-x"]

    told = made.publish()

    assert [step.why for step in told.stopped] == ["Not Found (HTTP 404)"]


def test_it_is_looked_at_again_right_before_it_is_written(made: Class) -> None:
    """Three students are looked at, then written to; ada's is public by then."""
    ask, seen = made.github.ask, []

    def asked(method: str, path: str, fields: Any = None) -> Any:
        seen.append(path)
        if seen.count("repos/org/sums-cyd-x") == 1:
            repository(made).update(private=False)
        return ask(method, path, fields)

    made.github.ask = asked  # type: ignore[method-assign]

    assert why(made) == "it is not private"


def test_a_write_that_lands_elsewhere_stops_everything(made: Class) -> None:
    ask = made.github.ask

    def asked(method: str, path: str, fields: Any = None) -> Any:
        if method == "POST":
            repository(made)["renamed"] = "org/other"  # between the last look and the write
        return ask(method, path, fields)

    made.github.ask = asked  # type: ignore[method-assign]

    with pytest.raises(OperatorError, match=r"written to .*org/other, and not to org/sums-ada-x"):
        made.publish()
    assert made.bodies("bob") == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"repository": None},
         "no repository on GitHub is known: collect again with --ask-github OWNER"),
        ({"github_username": None}, "no GitHub username is known"),
        ({"repository": "org/../users"}, "repository or username is none that GitHub has"),
        ({"repository": "org/.."}, "repository or username is none that GitHub has"),
        ({"repository": "org/a?b"}, "repository or username is none that GitHub has"),
        ({"repository": "org/sums-dee-x", "github_username": "a/b"},
         "repository or username is none that GitHub has"),
        ({"repository": "org/sums-bob-x-1"}, "the repository is named after bob-x"),
    ],
)  # fmt: skip
def test_who_is_not_known_well_enough_gets_nothing(
    made: Class, changed: dict[str, str | None], said: str
) -> None:
    made.collect(collected("ada", **changed), collected("bob"), collected("cyd"))

    assert why(made) == said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"repository": "org/SUMS-bob-x"}, "more than one student has this repository"),
        ({"github_username": "BOB-x"}, "more than one student has this GitHub username"),
    ],
)
def test_what_two_students_have_gets_nothing(
    made: Class, changed: dict[str, str], said: str
) -> None:
    made.collect(collected("ada", **changed), collected("bob"), collected("cyd"))

    told = made.publish()

    assert [(step.target.student, step.why) for step in told.stopped] == [
        ("ada", said), ("bob", said),
    ]  # fmt: skip
    assert made.bodies("ada") == made.bodies("bob") == []


def test_a_student_with_a_folders_way_for_a_name_gets_nothing(made: Class) -> None:
    made.collect(collected("ada", student="../ada"), collected("bob"), collected("cyd"))

    told = made.publish(grades=[grade_of("bob"), grade_of("cyd"), grade_of("../ada")])

    assert [step.why for step in told.stopped] == ["this is no name of one student"]


def test_a_repository_of_another_owner_stops_everything(made: Class) -> None:
    made.collect(collected("ada", repository="evil/sums-ada-x"), *map(collected, ["bob", "cyd"]))

    with pytest.raises(OperatorError, match="ada: evil/sums-ada-x"):
        made.publish()
    assert made.github.state["calls"] == []


# --- A changed mapping --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now",
    [
        {"ada": {"repository": "org/sums-bob-x"}, "bob": {"repository": "org/sums-ada-x"}},
        {"ada": {"github_username": "ada-new"}},
        {"ada": {"repository": None}},
        {"ada": {"student": "eve"}},
    ],
)
def test_a_changed_mapping_publishes_nothing_at_all(
    made: Class, now: dict[str, dict[str, str]]
) -> None:
    made.publish()
    made.collect(*(collected(student, **now.get(student, {})) for student in STUDENTS))
    asked = len(made.github.state["calls"])

    with pytest.raises(OperatorError, match="--accept-mapping"):
        made.publish(grades=[grade_of("cyd", 3.0)])

    assert len(made.github.state["calls"]) == asked


def test_a_mapping_that_is_accepted_is_published_and_asked_of_no_more(made: Class) -> None:
    made.publish()
    repositories = made.github.repositories
    repositories["org/sums-ada-new"] = a_repository(31, "ada-new")
    new = collected("ada", repository="org/sums-ada-new", github_username="ada-new")
    made.collect(new, *map(collected, ["bob", "cyd"]))

    assert made.actions(accept_mapping=True)["ada"] == "create"
    assert made.actions()["ada"] == "nothing"
    assert len(repositories["org/sums-ada-new"]["issues"]) == 1


def test_a_student_who_has_what_was_anothers_is_asked_of_once(made: Class) -> None:
    made.publish(students=frozenset({"bob"}))
    repository(made, "bob")["issues"].clear()
    made.collect(*map(collected, ["ada", "cyd"]), collected("bob", student="eve"))
    (made.root / "reports" / "eve" / A).mkdir(parents=True)
    report_path(made.root, "eve", A).write_bytes(
        report_path(made.root, "bob", A).read_bytes().replace(b'"bob"', b'"eve"')
    )
    grades = [grade_of("eve"), grade_of("ada"), grade_of("cyd")]

    with pytest.raises(OperatorError, match="eve: has what was bob's"):
        made.publish(grades=grades)
    assert made.actions(grades=grades, accept_mapping=True)["eve"] == "create"
    assert made.actions(grades=grades)["eve"] == "nothing"


def test_a_repository_that_was_made_anew_publishes_nothing_at_all(made: Class) -> None:
    made.publish()
    repository(made).update(id=77, issues=[])
    written = len(made.github.writes)

    with pytest.raises(OperatorError, match="ada: org/sums-ada-x was made anew"):
        made.publish(grades=[grade_of(student, 3.0) for student in STUDENTS])

    assert len(made.github.writes) == written
    assert made.actions(accept_mapping=True)["ada"] == "create"


def test_what_was_published_as_issues_is_not_published_as_comments(made: Class) -> None:
    made.publish()

    with pytest.raises(OperatorError, match="--as issue"):
        made.publish(kind="comment")


# --- Who has no final grade ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "said"),
    [
        ([], "is not in the gradebook"),
        ([grade_of("ada", None, status="not scored")], "not scored yet"),
        ([grade_of("ada", None)], "not scored yet"),
    ],
)
def test_who_has_no_final_grade_is_listed_and_told_nothing(
    made: Class, grade: list[Any], said: str
) -> None:
    assert why(made, grades=[*grade, grade_of("bob"), grade_of("cyd")]) == said


def test_who_handed_in_nothing_is_told_nothing_and_that_is_no_fault(made: Class) -> None:
    grades = [grade_of("ada", None, status="missing"), grade_of("bob"), grade_of("cyd")]

    told = made.publish(grades=grades)

    assert (told.missing, told.stopped) == (("ada",), ())
    assert made.bodies("ada") == []


def test_who_was_graded_and_not_collected_is_listed(made: Class) -> None:
    made.collect(collected("bob"), collected("cyd"))

    assert why(made) == "graded, and not collected from anywhere"


def test_who_has_no_report_is_listed(made: Class) -> None:
    report_path(made.root, "ada", A).unlink()

    assert why(made) == "there is no report"


def test_a_report_that_is_another_students_is_listed(made: Class) -> None:
    report_path(made.root, "ada", A).write_bytes(report_path(made.root, "bob", A).read_bytes())

    assert "it is about bob" in why(made)


def test_a_grade_given_by_hand_is_published_where_grading_came_to_nothing(made: Class) -> None:
    write_report(made.root, report_of("ada", None))

    assert made.actions(grades=[grade_of(s, 2.0) for s in STUDENTS])["ada"] == "create"
    assert "2 of 3 points" in made.bodies("ada")[0]


def test_without_a_collection_nothing_is_published(made: Class) -> None:
    (made.folder / f".collected-{A}.json").unlink()

    with pytest.raises(OperatorError, match="autograder collect"):
        made.publish()


def test_a_student_nobody_knows_is_told_of(made: Class) -> None:
    with pytest.raises(OperatorError, match="nothing was collected of dee"):
        made.publish(students=frozenset({"dee"}))


# --- As a comment -------------------------------------------------------------------------------


def with_pull_requests(made: Class) -> None:
    for student in STUDENTS:
        one = repository(made, student)
        one["pulls"] = [
            {"id": 5, "number": 7, "title": "Feedback", "user": {"login": "ada-x", "id": 9}},
            {"id": 6, "number": 1, "title": "Feedback", "user": CLASSROOM},
        ]
        one["has_issues"] = False


def test_a_comment_stands_on_the_pull_request_of_the_classroom_once(made: Class) -> None:
    with_pull_requests(made)

    assert made.actions(kind="comment") == dict.fromkeys(STUDENTS, "create")
    assert made.actions(kind="comment") == dict.fromkeys(STUDENTS, "nothing")
    grades = [grade_of(student, 3.0) for student in STUDENTS]
    assert made.actions(kind="comment", grades=grades) == dict.fromkeys(STUDENTS, "update")

    comments = repository(made)["comments"]
    assert list(comments) == ["1"]
    [comment] = comments["1"]
    assert "3 of 3 points" in comment["body"] and "title" not in comment


def test_without_that_pull_request_there_is_no_comment(made: Class) -> None:
    with_pull_requests(made)
    repository(made)["pulls"].pop()

    told = made.publish(kind="comment")

    [step] = told.stopped
    assert "has made no pull request" in step.why


# --- When GitHub fails --------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["502-done", "silent-done", "cut-done", "502", "silent"])
def test_a_write_without_an_answer_is_looked_for_before_it_is_repeated(
    made: Class, fault: str
) -> None:
    made.github.state["lag"] = 5.0

    asked = made.github.ask

    def ask(method: str, path: str, fields: Any = None) -> Any:
        if method == "POST" and not made.github.writes:
            made.github.next_faults = [fault]
        return asked(method, path, fields)

    made.github.ask = ask  # type: ignore[method-assign]

    assert made.actions() == dict.fromkeys(STUDENTS, "create")
    assert len(made.bodies("ada")) == 1


def test_a_run_that_is_killed_after_a_write_leaves_one_issue(made: Class) -> None:
    made.github.state["lag"] = 5.0
    asked = made.github.ask

    def ask(method: str, path: str, fields: Any = None) -> Any:
        if method == "POST":
            made.github.next_faults = ["killed-done"]
        return asked(method, path, fields)

    made.github.ask = ask  # type: ignore[method-assign]
    with pytest.raises(Killed):
        made.publish()
    made.github.ask = asked  # type: ignore[method-assign]

    made.publish()

    assert [len(made.bodies(student)) for student in STUDENTS] == [1, 1, 1]


def test_a_refusal_is_one_students_and_the_rest_goes_on(made: Class) -> None:
    asked = made.github.ask

    def ask(method: str, path: str, fields: Any = None) -> Any:
        if method == "POST" and "ada" in path:
            return answer(403, {"message": "Resource not accessible by ghp_abc \x1b[31m"})
        return asked(method, path, fields)

    made.github.ask = ask  # type: ignore[method-assign]

    assert why(made) == r"Resource not accessible by *** \x1b[31m (HTTP 403)"


def test_it_waits_as_long_as_github_asks(made: Class) -> None:
    made.github.next_faults = ["retry"]

    made.publish()

    assert 7.0 in made.clock.slept


def test_it_waits_longer_each_time_where_github_does_not_say_how_long(made: Class) -> None:
    made.github.next_faults = ["limit"] * 3

    made.publish()

    assert made.clock.slept[:3] == [60.0, 120.0, 240.0]


def test_it_gives_up_for_now_where_github_asks_for_an_hour(made: Class) -> None:
    asked = made.github.ask

    def ask(method: str, path: str, fields: Any = None) -> Any:
        if method == "POST" and "bob" in path:
            headers = {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": f"{made.clock.now() + 3000:.0f}",
            }
            return answer(403, {"message": "API rate limit exceeded"}, headers)
        return asked(method, path, fields)

    made.github.ask = ask  # type: ignore[method-assign]

    told = made.publish()

    assert [step.target.student for step in told.stopped] == ["bob", "cyd"]
    assert {step.why for step in told.stopped} == {"GitHub allows no more for 50 minutes"}
    assert len(made.bodies("ada")) == 1 and not made.clock.slept[1:]


def test_a_token_that_is_not_taken_stops_everything(made: Class) -> None:
    class Refusing:
        def ask(self, *_asked: object) -> Any:
            return answer(401, {"message": "Bad credentials"})

    with pytest.raises(OperatorError, match="gh auth"):
        made.publish(gh=Refusing())


def test_writes_are_no_faster_than_github_allows(made: Class) -> None:
    pace, times = Pace(made.clock), []
    for _write in range(900):
        pace.before_write()
        times.append(made.clock.now())

    for seconds, most in WRITES:
        pairs = zip(times, times[most:], strict=False)
        assert all(later - earlier >= seconds for earlier, later in pairs)
    assert times[-1] - times[0] < 3 * 3600


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 2**32),
    faults=st.sampled_from([0.05, 0.15, 0.3]),
    lag=st.booleans(),
    kind=st.sampled_from(["issue", "comment"]),
)
def test_whatever_fails_whenever_in_the_end_each_student_has_their_own_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, faults: float, lag: bool, kind: str
) -> None:
    made = made_class(
        tmp_path_factory.mktemp("class"), seed=seed, faults=faults, lag=8.0 if lag else 0.0
    )
    if kind == "comment":
        with_pull_requests(made)

    for _run in range(200):
        try:
            told = made.publish(kind=kind)
        except (Killed, OperatorError):
            continue
        if not told.stopped:
            break
    else:
        pytest.fail("it never ends")

    for student in STUDENTS:
        [body] = made.bodies(student)
        assert marker_of(body) == marker_for("c", A, student)
        assert f"{student} forgot one" in body
    posted = [call for call in made.github.state["calls"] if call["fields"]]
    for call in posted:
        [named] = [s for s in STUDENTS if f"{s} forgot one" in call["fields"]["body"]]
        assert call["path"].startswith(f"repos/org/sums-{named}-x/issues")
