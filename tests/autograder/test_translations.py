"""Languages: which one is in force, that nothing lacks a translation, and what students get."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import string
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import nbformat
import pytest
from babel.messages.pofile import read_po, write_po

from autograder import messages
from autograder.authoring.extracted import assignment_texts, engine_texts
from autograder.authoring.guard import guard_release
from autograder.authoring.refusals import other_numbers
from autograder.authoring.release import build_release, seen_texts, write_release
from autograder.authoring.texts import docstrings
from autograder.authoring.translations import compiled, engine_po, update_translations
from autograder.cli import run as run_command
from autograder.errors import AuthorError, OperatorError
from autograder.gradebook.autograded import Autograded
from autograder.grading.key import setup_key
from autograder.grading.run import released_forms
from autograder.messages import VARIABLE, _, in_language, language, match
from autograder.report import Provenance, Report, SubmittedFile
from autograder.spec import Course, find_course
from autograder.student.released import read_released
from autograder.submission import read_submission
from tests.autograder.conftest import ROOT, Run

A = "convolutions"
ZH = "zh_CN"
HERE = find_course(ROOT)
TRANSLATED = [one for one in messages.languages() if one != "en"]
ASSIGNMENTS = [
    (name, one) for name in HERE.assignments() for one in HERE.spec.languages if one != "en"
]


def translations(path: Path) -> dict[Any, Any]:
    """Source → translation, of those that nobody has to look at again."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.stem if path.stem in TRANSLATED else ZH)
    return {one.id: one.string for one in catalog if one.id and not one.fuzzy}


def as_list(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text)  # type: ignore[call-overload]


def placeholders(text: str) -> Counter[str]:
    fields = string.Formatter().parse(text)
    return Counter(f"{name}!{how}:{spec}" for _text, name, spec, how in fields if name is not None)


# --- Nothing lacks a translation ----------------------------------------------------------------


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_text_of_the_engine_is_translated(name: str) -> None:
    known = translations(engine_po(name))
    done = {as_list(id)[0] for id, said in known.items() if all(as_list(said))}

    missing = {as_list(text.id)[0] for text in engine_texts()} - done

    assert sorted(missing) == [], "fix: autograder translations, then write what is missing"


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_source_and_no_other(name: str) -> None:
    wrong = [
        (id, said)
        for id, all_said in translations(engine_po(name)).items()
        for said in as_list(all_said)
        if said and placeholders(said) != placeholders(as_list(id)[-1])
    ]

    assert wrong == []


@pytest.mark.parametrize("name", TRANSLATED)
def test_what_is_compiled_is_what_the_translations_say(name: str) -> None:
    path = engine_po(name)

    assert path.with_suffix(".mo").read_bytes() == compiled(path, name), (
        "fix: autograder translations"
    )


@pytest.mark.parametrize(("assignment", "name"), ASSIGNMENTS)
def test_every_text_of_an_assignment_is_translated(assignment: str, name: str) -> None:
    texts = HERE.texts(assignment, name)

    missing = {str(text.id) for text in assignment_texts(HERE, assignment)} - set(texts)

    assert sorted(missing) == [], "fix: autograder translations, then write what is missing"


@pytest.mark.parametrize(("assignment", "name"), ASSIGNMENTS)
def test_an_assignments_text_and_its_translation_say_the_same_numbers(
    assignment: str, name: str
) -> None:
    texts = HERE.texts(assignment, name)

    wrong = {source: other_numbers(source, said) for source, said in texts.items()}

    assert {source: numbers for source, numbers in wrong.items() if numbers} == {}


@pytest.mark.parametrize(("assignment", "name"), ASSIGNMENTS)
def test_a_translated_text_stands_in_its_list_and_has_the_rows_of_its_table(
    assignment: str, name: str
) -> None:
    def form(text: str) -> tuple[int, int]:
        lines = text.splitlines()
        return len(text) - len(text.lstrip()), sum(line.startswith("|") for line in lines)

    texts = HERE.texts(assignment, name)

    assert [source for source, said in texts.items() if form(source) != form(said)] == []


# --- Which language -----------------------------------------------------------------------------


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As on a machine that says nothing of languages."""
    for name in (VARIABLE, "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("zh_CN.UTF-8", ZH),
        ("zh-CN", ZH),
        ("zh", ZH),
        ("ZH_cn", ZH),
        ("zh_Hans", ZH),
        ("zh_SG", ZH),
        ("zh_TW", None),
        ("de_AT", "de"),
        ("en_GB.UTF-8", "en"),
        ("C.UTF-8", "en"),
        ("POSIX", "en"),
        ("fr", None),
    ],
)
def test_a_locales_name_means_the_catalog_that_its_reader_reads(
    name: str, found: str | None
) -> None:
    assert match(name, ("en", ZH, "de")) == found


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, ZH),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:zh_CN:en"}, ZH),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", VARIABLE: "zh_CN"}, ZH),
    ],
)
def test_the_environment_says_which_language_as_for_every_program(
    variables: dict[str, str], found: str, plain_environment: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        plain_environment.setenv(name, value)

    assert language() == found


def test_a_block_is_in_its_language_whatever_the_environment_says(
    plain_environment: pytest.MonkeyPatch,
) -> None:
    plain_environment.setenv("LANG", "en_US.UTF-8")

    with in_language(ZH):
        inside = language()

    assert (inside, language()) == (ZH, "en")


@pytest.fixture
def small_catalog(tmp_path: Path, plain_environment: pytest.MonkeyPatch) -> Path:
    """Of the engine's texts, one that `doctor`, one that `check` and one that help says."""
    po = tmp_path / ZH / "LC_MESSAGES" / "autograder.po"
    po.parent.mkdir(parents=True)
    help_of_check = "Run the visible checks on your own file, here on your machine."
    po.write_text(
        'msgid "practice on this machine, without isolation"\nmsgstr "本机练习，没有隔离"\n\n'
        f'msgid "{help_of_check}"\nmsgstr "在本机检查"\n\n'
        'msgid "{count} hidden check is not run here"\n'
        'msgid_plural "{count} hidden checks are not run here"\n'
        'msgstr[0] "这里不运行 {count} 项隐藏检查"\n'
    )
    po.with_suffix(".mo").write_bytes(compiled(po, ZH))
    plain_environment.setattr(messages, "LOCALE", tmp_path)
    for cached in (messages.languages, messages._match, messages._catalog):
        cached.cache_clear()
    yield po
    for cached in (messages.languages, messages._match, messages._catalog):
        cached.cache_clear()


RELEASED = ROOT / "assignments" / A


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lang", "zh_CN", "check", str(RELEASED)],
        ["check", "--lang", "zh_CN", str(RELEASED)],
        ["check", str(RELEASED), "--lang=zh"],
    ],
)
def test_the_language_may_be_asked_for_anywhere_in_the_command(
    arguments: list[str], small_catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments) == 0

    said = capsys.readouterr().out
    assert "本机练习，没有隔离" in said
    assert "这里不运行 36 项隐藏检查" in said
    assert VARIABLE not in os.environ


def test_a_language_that_there_is_not_is_a_usage_error_that_lists_those_there_are(
    small_catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["check", "--lang", "xx"]) == 2

    assert "'xx'\n  fix: one of en, zh_CN" in capsys.readouterr().err


def test_the_help_of_a_command_is_in_the_language(
    small_catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["check", "--help", "--lang", "zh_CN"]) == 0

    assert "在本机检查" in capsys.readouterr().out


def test_a_line_of_help_without_spaces_is_broken_and_not_cut_off(
    small_catalog: Path, plain_environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain_environment.setenv("COLUMNS", "60")
    said = "你的笔记本或脚本文件，也可以是它所在的文件夹；不写的话就是当前所在的文件夹。"
    small_catalog.write_text(f'msgid "Your notebook or script, or its folder."\nmsgstr "{said}"\n')
    small_catalog.with_suffix(".mo").write_bytes(compiled(small_catalog, ZH))

    assert run_command(["check", "--help", "--lang", "zh_CN"]) == 0

    shown = "".join(c for c in capsys.readouterr().out if c in said)
    assert said in shown


# --- What is graded is in the students' language ------------------------------------------------


@pytest.fixture
def toy(tmp_path: Path) -> Course:
    (tmp_path / "course.toml").write_text('course_id = "toys"\nlanguages = ["zh_CN", "en"]\n')
    folder = tmp_path / "solutions" / "toy"
    (folder / "locale").mkdir(parents=True)
    (folder / "assignment.toml").write_text(
        'title = "Toy"\nexercises = [{ name = "one", title = "The one", points = 1 }]\n'
    )
    (folder / "locale" / "zh_CN.po").write_text(
        'msgid "Toy"\nmsgstr "玩具"\n\nmsgid "The one"\nmsgstr "第一题"\n\n'
        '#, fuzzy\nmsgid "not sure"\nmsgstr "不确定"\n'
    )
    return find_course(tmp_path)


def test_students_read_the_courses_first_language_whatever_the_grader_reads(
    toy: Course, plain_environment: pytest.MonkeyPatch
) -> None:
    plain_environment.setenv("LANG", "en_US.UTF-8")

    spec = toy.assignment("toy")

    assert (spec.language, spec.title, spec.exercises[0].title) == (ZH, "玩具", "第一题")


def test_students_read_what_is_asked_for(
    toy: Course, plain_environment: pytest.MonkeyPatch
) -> None:
    plain_environment.setenv(VARIABLE, "en")

    assert toy.assignment("toy").title == "Toy"


def test_a_translation_that_has_to_be_looked_at_again_is_none(toy: Course) -> None:
    assert toy.assignment("toy", ZH).say("not sure") == "not sure"


def test_a_broken_catalog_is_the_authors_and_says_where(toy: Course) -> None:
    path = toy.translations("toy", ZH)
    path.write_text('msgid "a"\nmsgstr "b"\nthis is none\n')

    with pytest.raises(AuthorError, match=r"zh_CN\.po"):
        toy.assignment("toy", ZH)


def test_the_key_of_a_result_differs_by_language_and_not_by_the_words(toy: Course) -> None:
    keys = {one: setup_key(toy, toy.assignment("toy", one), b"secret") for one in ("en", ZH)}
    path = toy.translations("toy", ZH)
    path.write_text(path.read_text().replace("玩具", "小玩具"))
    os.utime(path, ns=(1, 1))
    reworded = toy.assignment("toy", ZH)

    assert keys["en"] != keys[ZH]
    assert reworded.title == "小玩具"
    assert setup_key(toy, reworded, b"secret") == keys[ZH]


def test_an_unknown_language_in_the_variable_is_told(
    plain_environment: pytest.MonkeyPatch, toy: Course
) -> None:
    plain_environment.setenv(VARIABLE, "xx")

    with pytest.raises(OperatorError, match="no language 'xx'"):
        toy.assignment("toy")


# --- The release in two languages ---------------------------------------------------------------


@pytest.fixture(scope="module")
def in_two_languages(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A copy of the course, all of its assignment's texts translated, Chinese first."""
    root = tmp_path_factory.mktemp("two languages")
    for folder in ("solutions", "tests/visible", "tests/hidden", "tests/submissions"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "course.toml").write_text('course_id = "both"\nlanguages = ["zh_CN", "en"]\n')
    course = find_course(root)
    path = course.translations(A, ZH)
    path.unlink(missing_ok=True)
    texts = [str(text.id) for text in assignment_texts(course, A)]
    path.parent.mkdir(exist_ok=True)
    write_catalog(path, {text: f"译文：{text}" for text in texts})
    write_release(course, A)
    return course


def write_catalog(path: Path, said: dict[str, str]) -> None:
    from babel.messages.catalog import Catalog

    catalog = Catalog(locale=ZH)
    for source, translation in said.items():
        catalog.add(source, translation)
    with path.open("wb") as file:
        write_po(file, catalog, width=0)


@pytest.fixture
def course(in_two_languages: Course, tmp_path: Path) -> Course:
    """The same for one test, which may break it."""
    return find_course(shutil.copytree(in_two_languages.root, tmp_path / "course"))


def cells(path: Path) -> list[Any]:
    return list(nbformat.read(path, as_version=4).cells)


def test_each_language_has_the_same_five_files(in_two_languages: Course) -> None:
    first, second = in_two_languages.releases(A).values()

    assert second == first / "en"
    assert sorted(p.name for p in first.iterdir() if p.is_file()) == sorted(
        p.name for p in second.iterdir()
    )
    assert len(list(second.iterdir())) == 5


def test_the_notebooks_differ_in_their_texts_alone(in_two_languages: Course) -> None:
    def code(cell: Any) -> str:
        tree = ast.parse(cell.source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
                node.body = node.body[1:]
        return ast.dump(tree)

    chinese, english = (
        cells(folder / f"{A}.ipynb") for folder in in_two_languages.releases(A).values()
    )

    assert [cell.id for cell in chinese] == [cell.id for cell in english]
    assert [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in chinese] == [
        cell.metadata.get("nbgrader", {}).get("grade_id") for cell in english
    ]
    for there, here in zip(chinese, english, strict=True):
        if here.cell_type == "code":
            assert code(there) == code(here)
            assert len(docstrings(there.source)) == len(docstrings(here.source))
            assert all(text.startswith("译文：") for text in docstrings(there.source))
        else:
            assert "译文：" in there.source


def test_a_student_reads_titles_and_hints_in_their_own_language(
    in_two_languages: Course, plain_environment: pytest.MonkeyPatch
) -> None:
    folder = in_two_languages.release(A)
    plain_environment.setenv("LANG", "zh_CN.UTF-8")

    released = read_released(folder)

    assert released.title == "译文：Convolutions for Images"
    assert released.spec.say("The losses are those before each update").startswith("译文：")


def test_students_are_given_no_text_of_a_hidden_check_in_any_language(
    in_two_languages: Course,
) -> None:
    texts = assignment_texts(in_two_languages, A)
    seen = set(seen_texts(in_two_languages, A))
    hidden = {
        str(text.id)
        for text in texts
        if "hidden check" in text.what or ": " in text.what  # misconceptions
    } - seen
    released = read_released(in_two_languages.release(A))

    assert hidden
    assert set(released.texts[ZH]) == seen
    for folder in in_two_languages.releases(A).values():
        for path in folder.iterdir():
            whole = path.read_text() if path.is_file() else ""
            assert [text for text in hidden if len(text) > 20 and text in whole] == []


@pytest.mark.parametrize("language_", ["zh_CN", "en"])
def test_an_untouched_release_is_as_it_was_handed_out_in_either_language(
    language_: str, in_two_languages: Course, tmp_path: Path
) -> None:
    folder = in_two_languages.releases(A)[language_]
    place = tmp_path / "ada" / A
    place.mkdir(parents=True)
    for name in (f"{A}.ipynb", f"{A}.py"):
        shutil.copy(folder / name, place)

    read = read_submission(tmp_path, "ada", A, released_forms(in_two_languages, A), 2**24)

    assert read.notes == (f"{A}.ipynb is as it was handed out",)


def test_a_translation_with_another_number_is_refused(course: Course) -> None:
    path = course.translations(A, ZH)
    said = {str(id): str(text) for id, text in translations(path).items()}
    hint = "forward(x) is corr2d of x and the layer's own weight, plus the layer's own bias."
    write_catalog(path, {**said, hint: "答案是 42"})
    os.utime(path, ns=(1, 1))

    with pytest.raises(AuthorError, match=r"zh_CN\.po:\d+: .*numbers: 42"):
        build_release(course, A, ZH)


def test_a_language_of_the_course_that_there_is_not_is_refused(course: Course) -> None:
    (course.root / "course.toml").write_text('course_id = "both"\nlanguages = ["zh_CN", "xx"]\n')

    with pytest.raises(AuthorError, match=r"course\.toml: there is no language 'xx'"):
        write_release(find_course(course.root), A)


def test_a_file_that_is_not_listed_is_refused_in_the_folder_of_a_language_too(
    course: Course,
) -> None:
    (course.release(A) / "en" / "answers.py").write_text("mine\n")

    with pytest.raises(AuthorError, match=r"en/answers\.py: it is not on the list"):
        write_release(course, A)


def test_the_solution_in_the_translated_notebook_earns_everything_and_no_stub_anything(
    course: Course,
) -> None:
    guarded = guard_release(course, A)

    assert guarded.checks == 44


def test_a_class_is_graded_in_the_courses_first_language_and_paged_in_it(
    course: Course, tmp_path: Path, run: Run
) -> None:
    place = tmp_path / "submitted" / "ada" / A
    place.mkdir(parents=True)
    shutil.copy(course.release(A) / f"{A}.ipynb", place)
    output = tmp_path / "out"

    done = run(
        ["autograder", "grade", str(tmp_path / "submitted"), "--output", str(output)],
        cwd=course.root,
        LANG="en_US.UTF-8",
    )

    assert done.returncode == 0, done.stderr
    report = msgspec.json.decode((output / "reports" / "ada" / A / "report.json").read_bytes())
    titles = [check["title"] for one in report["exercises"] for check in one["checks"]]
    assert all(title.startswith("译文：") for title in titles)
    assert "译文：Learning the kernel" in (output / "pages" / "ada" / A / "index.html").read_text()
    with in_language(ZH):
        as_handed_out = _("{file} is as it was handed out").format(file=f"{A}.ipynb")
        missing = _("still to be written")
        total = _("{score} of {max_score} points").format(score=0, max_score=100)
    assert as_handed_out in [remark["text"] for remark in report["remarks"]]
    said = {check["message"] for one in report["exercises"] for check in one["checks"]}
    assert missing in said
    assert total in (output / "pages" / "ada" / A / "index.html").read_text()
    assert "student" in done.stdout  # the table is for who grades


@pytest.mark.parametrize("language_", ["zh_CN", "en"])
def test_feedback_shows_the_texts_of_the_notebook_that_the_student_was_given(
    language_: str, in_two_languages: Course, tmp_path: Path
) -> None:
    released = in_two_languages.releases(A)[language_] / f"{A}.ipynb"
    shown = Autograded(in_two_languages, in_two_languages.assignment(A), tmp_path, tmp_path)
    place = tmp_path / "ada" / A
    place.mkdir(parents=True)
    shutil.copy(released, place)

    notebook = shown.notebook(report_on(released))

    texts = [cell.source for cell in cells(released) if cell.cell_type == "markdown"]
    assert [one["source"] for one in notebook["cells"] if one["source"] in texts] == texts


def report_on(path: Path) -> Report:
    """Of a file in which nothing was graded."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Report(
        assignment=A,
        student="ada",
        score=None,
        max_score=100,
        submission=SubmittedFile(file=path.name, sha256=sha256),
        exercises=(),
        remarks=(),
        duration_seconds=0.0,
        provenance=Provenance(
            grader_version="",
            tests_sha256="",
            secret_fingerprint="",
            seed="",
            torch="",
            python="",
            sandbox_layers=(),
            graded_at="",
        ),
    )


# --- The tool -----------------------------------------------------------------------------------


@pytest.fixture
def own_catalogs(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The course, with a place of its own for the engine's catalogs."""
    monkeypatch.setattr("autograder.authoring.translations.LOCALE", tmp_path / "locale")
    return course


def edited(course: Course, edit: Callable[[str], str]) -> None:
    readme = course.source(A).with_name("README.md")
    readme.write_text(edit(readme.read_text()))


def test_a_second_run_changes_nothing(own_catalogs: Course) -> None:
    first = update_translations(own_catalogs)
    again = update_translations(own_catalogs)

    assert [one.path.name for one in first] == ["autograder.po", "zh_CN.po"]
    assert [one.changed for one in again] == [False, False]


def test_a_changed_text_keeps_its_translation_to_be_looked_at_again(own_catalogs: Course) -> None:
    update_translations(own_catalogs)
    edited(own_catalogs, lambda text: text.replace("hand the file in.", "hand in the file."))

    ours = update_translations(own_catalogs)[-1]

    assert (ours.missing, ours.fuzzy) == (0, 1)
    path = own_catalogs.translations(A, ZH)
    assert "译文：Fill in `corr2d`, `Conv2D` and `train_kernel`" in path.read_text()
    assert not any("hand in the file." in source for source in own_catalogs.texts(A, ZH))


def test_of_a_text_that_is_gone_nothing_stays_and_a_new_one_is_missing(
    own_catalogs: Course,
) -> None:
    update_translations(own_catalogs)
    edited(
        own_catalogs,
        lambda text: text.replace("## Not graded", "Zebras quietly munch yellow grass."),
    )

    ours = update_translations(own_catalogs)[-1]

    assert (ours.missing, ours.fuzzy) == (1, 0)
    assert "## Not graded" not in own_catalogs.translations(A, ZH).read_text()


def test_a_text_that_is_said_alone_and_as_a_singular_is_translated_in_both_places(
    small_catalog: Path,
) -> None:
    with in_language(ZH):
        assert _("{count} hidden check is not run here") == "这里不运行 {count} 项隐藏检查"


def test_half_a_plural_is_not_compiled(tmp_path: Path) -> None:
    path = tmp_path / "autograder.po"
    path.write_text('msgid "one"\nmsgid_plural "many"\nmsgstr[0] ""\n')

    assert b"many" not in compiled(path, ZH)
