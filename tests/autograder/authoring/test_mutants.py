"""Mutants of a solution, and the list of those that are right all the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.authoring.mutants import EQUIVALENT, Mutant, known_equivalents, mutants_of
from autograder.errors import AuthorError
from autograder.spec import Course, find_course
from tests.autograder.conftest import ROOT

SOURCE = "def total(X):\n    Y = 0\n    for x in X:\n        Y = Y + x\n    return Y\n"


def test_a_mutant_is_the_source_with_one_line_changed() -> None:
    for mutant in mutants_of([SOURCE]):
        old, new = SOURCE.splitlines(), mutant.source.splitlines()
        changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]

        assert [(a.strip(), b.strip()) for a, b in changed] == [(mutant.was, mutant.becomes)]
        compile(mutant.source, "mutant", "exec")


def test_operators_numbers_and_loops_are_mutated() -> None:
    becomes = {mutant.becomes for mutant in mutants_of([SOURCE])}

    assert {"Y = Y - x", "Y = Y * x", "for x in []:"} <= becomes
    assert any(text.startswith("Y =") and text.endswith("1") for text in becomes)


def test_no_mutant_comes_twice() -> None:
    sources = [mutant.source for mutant in mutants_of([SOURCE])]

    assert len(sources) == len(set(sources))


def test_a_sample_is_the_same_every_time_and_in_order() -> None:
    everything = mutants_of([SOURCE])

    sample = mutants_of([SOURCE], 4)

    assert sample == mutants_of([SOURCE], 4)
    assert len(sample) == 4
    assert sample == [mutant for mutant in everything if mutant in sample]


def course_with(tmp_path: Path, text: str) -> Course:
    shutil.copy(ROOT / "course.toml", tmp_path)
    folder = tmp_path / "tests" / "submissions" / "sums"
    folder.mkdir(parents=True)
    (folder / EQUIVALENT).write_text(text)
    return find_course(tmp_path)


def test_an_equivalent_mutant_is_listed_with_its_reason(tmp_path: Path) -> None:
    course = course_with(
        tmp_path, "[[equivalent]]\nwas = 'Y = 0'\nbecomes = 'Y = 0.0'\nreason = 'a zero too'\n"
    )

    [listed] = known_equivalents(course, "sums")

    assert Mutant(listed.was, listed.becomes).name == "- Y = 0  + Y = 0.0"
    assert listed.reason == "a zero too"


def test_a_listed_mutant_without_a_reason_is_refused(tmp_path: Path) -> None:
    course = course_with(tmp_path, "[[equivalent]]\nwas = 'x'\nbecomes = 'y'\n")

    with pytest.raises(AuthorError, match=r"(?s)equivalent_mutants\.toml.*reason.*fix:"):
        known_equivalents(course, "sums")
