"""What holds for the repository as a whole: its documents are true, nothing secret is in it."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib

import pytest
import typer

from autograder import cli
from autograder.report.schema import report_schema
from tests.autograder.conftest import ROOT, Graded

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CHANGELOG.md"]
EXPECTED = tomllib.loads((ROOT / "examples" / "expected_scores.toml").read_text())


def tracked() -> list[str]:
    return subprocess.run(
        ["git", "ls-files"], cwd=ROOT, text=True, capture_output=True, check=True
    ).stdout.splitlines()


def test_the_readme_shows_the_table_that_make_grade_prints(example_class: Graded) -> None:
    shown = (ROOT / "README.md").read_text()
    printed = example_class.command.stdout

    table = printed[: printed.index(" submissions graded")]
    assert table in shown


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_a_document_names_exists(document: object) -> None:
    makefile = (ROOT / "Makefile").read_text()

    for target in re.findall(r"(?:`|\$ )make ([a-z-]+)\b", document.read_text()):  # type: ignore[attr-defined]
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_link_a_document_names_exists(document: object) -> None:
    text = document.read_text()  # type: ignore[attr-defined]
    commands = {command.callback.__name__ for command in cli.app.registered_commands}

    for name in re.findall(r"^\$ autograder ([a-z]+)", text, re.MULTILINE):
        assert name in commands
    for link in re.findall(r"\]\(([^):#]+)(?:#[^)]*)?\)", text):
        assert (document.parent / link).exists(), link  # type: ignore[attr-defined]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_option_of_a_command_in_a_document_exists(document: object) -> None:
    text = document.read_text()  # type: ignore[attr-defined]
    commands = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]

    for line in re.findall(r"^ *\$ (autograder [^#\n]+)", text, re.MULTILINE):
        _program, name, *rest = shlex.split(line)
        known = {option for one in commands[name].params for option in one.opts} | {"--lang"}
        for option in (word.partition("=")[0] for word in rest if word.startswith("--")):
            assert option in known, line


def test_the_published_schema_is_the_models() -> None:
    assert (ROOT / "docs" / "report.schema.json").read_bytes() == report_schema()


def test_no_secret_grade_or_roster_is_tracked() -> None:
    names = "\n".join(tracked())

    assert not re.search(r"^(submitted|reports|pages|autograded|feedback)/", names, re.MULTILINE)
    assert not re.search(r"gradebook\.db|course-secret|roster[^/]*\.csv", names)


def test_nothing_is_unpickled_anywhere_in_the_engine() -> None:
    for path in (ROOT / "autograder").rglob("*.py"):
        assert not re.search(
            r"\b(pickle|dill|cloudpickle|marshal|shelve)\b\.|torch\.load\(|allow_pickle=True",
            path.read_text(),
        ), path


def test_one_line_of_the_engine_executes_student_code() -> None:
    lines = [
        f"{path.name}: {line.strip()}"
        for path in (ROOT / "autograder").rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"(?<![\w.])(exec|eval)\(", line)
    ]

    assert len(lines) == 1
    assert "student code runs here" in lines[0]
