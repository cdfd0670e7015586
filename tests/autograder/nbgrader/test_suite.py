"""What `make nbgrader-suite` makes of two runs of nbgrader's tests; the runs take half an hour."""

from __future__ import annotations

from pathlib import Path

from tests.nbgrader_suite import differences, outcomes, verdict

LISTED = {"a::two": {"what": "passed -> failed", "why": "our export has another column"}}


def test_the_outcomes_are_read_from_what_pytest_writes(tmp_path: Path) -> None:
    results = tmp_path / "part.xml"
    results.write_text(
        '<testsuites><testsuite><testcase classname="a" name="one"/>'
        '<testcase classname="a" name="two"><failure/></testcase>'
        '<testcase classname="a" name="three"><error/></testcase>'
        '<testcase classname="a" name="four"><skipped/></testcase></testsuite></testsuites>'
    )

    assert outcomes(results) == {
        "a::one": "passed", "a::two": "failed", "a::three": "failed", "a::four": "skipped",
    }  # fmt: skip


def test_a_test_that_failed_the_same_both_ways_is_no_difference() -> None:
    assert differences({"a::one": "failed"}, {"a::one": "failed"}) == {}


def test_a_test_that_did_not_run_one_way_is_a_difference() -> None:
    assert differences({"a::one": "passed"}, {}) == {"a::one": "passed -> not run"}


def test_a_listed_difference_is_right() -> None:
    assert verdict({"a::two": "passed -> failed"}, LISTED) == []


def test_a_difference_that_is_not_listed_is_wrong() -> None:
    [said] = verdict({"a::one": "passed -> failed", "a::two": "passed -> failed"}, LISTED)

    assert said.startswith("a::one: passed -> failed\n  fix:")


def test_a_listed_difference_that_is_none_any_more_is_wrong() -> None:
    [said] = verdict({}, LISTED)

    assert said.startswith("a::two: is listed")
