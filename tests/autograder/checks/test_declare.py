"""The mark that makes a test a check."""

from __future__ import annotations

from autograder.checks import CheckInfo, check, check_info


def declared(title: str | None = None) -> CheckInfo | None:
    def test_the_area_of_a_square(student: object) -> None:
        pass

    return check_info(
        check("area", points=4, hint="Multiply.", title=title)(test_the_area_of_a_square)
    )


def test_a_check_holds_what_it_was_declared_with():
    info = CheckInfo("area", 4, "Multiply.", "The area of a square", ("Multiply.",))

    assert declared() == info


def test_of_several_hints_the_first_is_the_one_that_reports_hold():
    steps = ("Multiply.", "Width times height.")

    info = check_info(check("area", points=1, hint=steps)(lambda student: None))

    assert info is not None
    assert (info.hint, info.hints) == ("Multiply.", steps)


def test_a_title_that_is_given_replaces_the_name():
    info = declared(title="卷积 of X with K")

    assert info is not None
    assert info.title == "卷积 of X with K"


def test_the_title_keeps_the_letters_of_the_name():
    def test_corr2d_of_X_with_K():  # noqa: N802 - the field's names
        pass

    info = check_info(check("area", points=1, hint="")(test_corr2d_of_X_with_K))

    assert info is not None
    assert info.title == "Corr2d of X with K"


def test_the_test_itself_is_unchanged():
    def test_area() -> None:
        pass

    assert check("area", points=1, hint="")(test_area) is test_area


def test_a_test_without_the_mark_is_no_check():
    assert check_info(test_the_test_itself_is_unchanged) is None


def test_a_mark_of_another_kind_is_no_check():
    def test_area() -> None:
        pass

    test_area.check_info = "mine"  # type: ignore[attr-defined]

    assert check_info(test_area) is None
