"""The class page and its CSV: what they say, that they are safe, and when they are made anew."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

pytest.importorskip("altair", reason="altair is in the extra `grade`")

from autograder.grading.course import ClassResult
from autograder.grading.regrade import Change
from autograder.grading.stored import report_path, write_pending, write_report
from autograder.outputs.class_folder import ClassFolder
from autograder.outputs.class_line import Concern, Trouble, line_of, with_troubles
from autograder.outputs.class_page import class_page
from autograder.outputs.class_table import class_csv, late_text
from autograder.outputs.class_view import ClassView
from autograder.outputs.terminal import class_table
from autograder.report import MisconceptionText, Outcome, Remark, Report
from autograder.spec import Course, CourseSpec, Exercise
from tests.autograder.outputs.made_class import SPEC, made_class
from tests.autograder.outputs.test_student_page import HOSTILE, Parsed

SMALL = made_class(60)


def view(reports: Sequence[Report] = SMALL, **more: object) -> ClassView:
    lines = tuple(line_of(report, SPEC) for report in reports)
    return msgspec.structs.replace(ClassView(SPEC, lines), **more)


def text_of(page: str) -> str:
    """What the page says, without tags, in one line."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def hostile(report: Report) -> Report:
    """``report`` with text that would break out, wherever somebody else could put it."""
    named = MisconceptionText(
        name=HOSTILE, to_student=HOSTILE, to_instructor=HOSTILE, read_on=HOSTILE
    )
    exercises = tuple(
        msgspec.structs.replace(
            exercise,
            checks=tuple(
                msgspec.structs.replace(check, name=check.name + HOSTILE, title=HOSTILE)
                for check in exercise.checks
            ),
        )
        for exercise in report.exercises
    )
    return msgspec.structs.replace(
        report,
        student=HOSTILE,
        exercises=exercises,
        misconceptions=(named,),
        remarks=(Remark(text=HOSTILE, audience="instructor"),),
    )


# --- the page -----------------------------------------------------------------------------------


def test_a_page_loads_nothing_and_runs_its_own_script_alone() -> None:
    page = class_page(view())

    tags = Parsed(page).tags
    names = [tag for tag, _attributes in tags]
    assert not {"link", "img", "iframe", "object", "embed", "form", "image", "use"} & set(names)
    assert not [a for _tag, a in tags if {"src", "onclick", "onload", "xlink:href"} & a.keys()]
    assert names.count("script") == 1
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for tag, a in tags if tag == "meta" and "http-equiv" in a)
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_whatever_a_name_or_message_holds_is_text() -> None:
    spec = msgspec.structs.replace(
        SPEC, title=HOSTILE, exercises=(*SPEC.exercises, Exercise(HOSTILE, HOSTILE, 1))
    )
    troubles = [Trouble(concern, HOSTILE, HOSTILE) for concern in Concern]
    lines = [with_troubles(line_of(hostile(one), spec), *troubles) for one in SMALL]
    made = ClassView(spec, tuple(lines), (HOSTILE,), (HOSTILE,))

    page = class_page(made)

    plain = {tag for tag, _attributes in Parsed(class_page(view())).tags}
    assert {tag for tag, _attributes in Parsed(page).tags} <= plain | {"pre"}
    assert page.count("<script") == 1 and "<img" not in page
    hrefs = {a["href"] or "" for tag, a in Parsed(page).tags if tag == "a"}
    assert all(href.startswith(("#", "../pages/", "../reports/", "class.csv")) for href in hrefs)


def test_links_lead_to_the_report_and_the_page_whatever_the_name() -> None:
    report = msgspec.structs.replace(SMALL[0], student="李 #1%41")

    tags = Parsed(class_page(view([report]))).tags

    hrefs = {unquote(a["href"] or "") for tag, a in tags if tag == "a"}
    assert f"../pages/李 #1%41/{SPEC.name}/index.html" in hrefs
    assert f"../reports/李 #1%41/{SPEC.name}/report.json" in hrefs


def test_each_picture_has_a_name_of_its_own_and_its_numbers_beside_it() -> None:
    page = class_page(view())

    tags = Parsed(page).tags
    ids = [a["id"] for _tag, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    pictures = [a for tag, a in tags if tag == "svg"]
    assert [a["role"] for a in pictures] == ["img"] * 3
    assert all(a["aria-labelledby"] in ids for a in pictures)
    assert page.count("The numbers of this picture") == 2
    assert page.count("The 25 strongest pairs") == 1


def test_pictures_have_the_pages_colours_and_no_text_of_a_student() -> None:
    pictures = re.findall(r"<svg.*?</svg>", class_page(view()), flags=re.DOTALL)

    for picture in pictures:
        root = ET.fromstring(picture)
        colours = {one.get(name) for one in root.iter() for name in ("fill", "stroke")} - {None}
        assert all(re.fullmatch(r"var\(--[a-z]+\)|none", colour or "") for colour in colours)
        assert not [line.student for line in view().lines if line.student in picture]


def test_few_are_counted_in_whole_numbers() -> None:
    picture = class_page(view(SMALL[:1])).partition("<svg")[2].partition("</svg>")[0]

    labels = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    assert labels[-3:-1] == ["0", "1"], labels


def test_a_score_that_is_missing_and_what_is_flagged_stand_on_top() -> None:
    flagged = msgspec.structs.replace(
        SMALL[3],
        student="flo",
        remarks=(
            Remark(text="corr2d uses conv2d", audience="instructor"),
            Remark(text="for the student"),
        ),
    )
    unread = msgspec.structs.replace(
        SMALL[4], student="una", score=None, exercises=(), remarks=(Remark(text="una: no file"),)
    )
    rest = [msgspec.structs.replace(one, remarks=()) for one in SMALL[:3]]

    said = text_of(class_page(view([*rest, flagged, unread]))).partition("Scores 4")[0]

    assert "What needs a person 2 submissions of 5" in said or "2 submissions of 5" in said
    assert "No score (1) una: no file : una" in said
    assert "Flagged (1) corr2d uses conv2d : flo" in said
    assert "for the student" not in said


def test_a_check_that_broke_is_told_once_for_all_with_its_detail() -> None:
    check = msgspec.structs.replace(
        SMALL[0].exercises[0].checks[0], outcome=Outcome.ERRORED, score=None, detail="Boom: line 3"
    )
    exercise = msgspec.structs.replace(SMALL[0].exercises[0], score=None, checks=(check,))
    broken = [
        msgspec.structs.replace(SMALL[0], student=name, score=None, exercises=(exercise,))
        for name in ("ada", "bo")
    ]

    page = class_page(view(broken))

    assert page.count(f"the check {check.name} broke on our side") == 1
    assert page.count("Boom: line 3") == 1


def test_those_who_handed_in_nothing_stand_in_one_line() -> None:
    unread = [
        msgspec.structs.replace(
            SMALL[0], student=name, score=None, exercises=(),
            remarks=(Remark(text=f"{name}/toy: holds no toy.py\n  fix: hand in one"),),
        )
        for name in ("ada", "bo")
    ]  # fmt: skip

    said = text_of(class_page(view(unread)))

    assert "No score (2) toy: holds no toy.py : ada" in said
    assert said.count("holds no toy.py") == 1 and "fix: hand in one" in said


def test_a_calm_class_is_told_so() -> None:
    calm = [msgspec.structs.replace(one, remarks=()) for one in SMALL if one.score is not None]

    assert "Nothing: every submission has a score" in text_of(class_page(view(calm)))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_smallest_classes_have_a_page(count: int) -> None:
    assert "</html>" in class_page(view(SMALL[:count]))


def test_a_class_that_could_not_be_read_has_a_page() -> None:
    unread = msgspec.structs.replace(
        SMALL[0], score=None, exercises=(), remarks=(), misconceptions=(), duration_seconds=0.0
    )

    said = text_of(class_page(view([unread])))

    assert "Nobody has a score yet." in said and "Nothing was run." in said


def test_weak_checks_are_counted_before_the_table_and_marked_in_it() -> None:
    page = class_page(view(made_class(300)))

    counted = re.search(r"(\d+) checks to look at, marked below", page)
    marks = re.findall(r'<td class="flag">([^<]+)</td>', page)
    assert counted is not None and int(counted[1]) == len(marks)
    assert "the better ones fail it" in marks


def test_who_passes_nothing_is_said_to_be_left_out() -> None:
    lines = view(made_class(300)).lines
    none = sum(not line.has_begun for line in lines)

    said = text_of(class_page(ClassView(SPEC, lines)))

    assert none > 1
    assert f"at least one check ({300 - none}); {none} pass none and are left out." in said


@pytest.mark.parametrize(
    ("seconds", "penalty", "said"),
    [
        (0, 0.0, ""), (30, 0.0, "1 min"), (3599, 5.0, "59 min, −5"), (3600, 0.0, "0 d 1 h"),
        (90_000, 2.5, "1 d 1 h, −2.5"),
    ],
)  # fmt: skip
def test_how_late_is_said_in_few_words(seconds: int, penalty: float, said: str) -> None:
    line = line_of(SMALL[0], SPEC)

    late = msgspec.structs.replace(line, late_seconds=seconds, late_penalty=penalty)

    assert late_text(late) == said


# --- the CSV ------------------------------------------------------------------------------------


def read_csv(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf"), "Excel takes it for another encoding"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_csv_has_a_line_for_each_student_with_every_check() -> None:
    rows = read_csv(class_csv(view().lines, SPEC))

    assert [row["student"] for row in rows] == [report.student for report in SMALL]
    by_name = {row["student"]: row for row in rows}
    for report in SMALL:
        row = by_name[report.student]
        assert row["score"] == ("" if report.score is None else str(report.score))
        for exercise in report.exercises:
            score = "" if exercise.score is None else str(exercise.score)
            assert row[exercise.name] == score
            for check in exercise.checks:
                assert row[check.name] == check.outcome.value


def test_no_cell_of_the_csv_is_a_formula() -> None:
    evil = msgspec.structs.replace(
        SMALL[0],
        student="=cmd()",
        remarks=(Remark(text="@SUM(A1)\n=1+1", audience="instructor"),),
        score=50,
    )

    rows = read_csv(class_csv(view([evil]).lines, SPEC))

    assert rows[0]["student"] == "'=cmd()"
    assert rows[0]["needs_a_person"].startswith("'@SUM")
    assert not [cell for cell in rows[0].values() if cell.startswith(("=", "+", "@"))]


def test_the_csv_has_what_the_student_is_told_of_the_submission() -> None:
    remarks = (
        Remark(text="=as it was handed out"),
        Remark(text="for us", audience="instructor"),
        Remark(text="cell 3 was stopped\n  fix: run it"),
    )
    told = msgspec.structs.replace(SMALL[0], remarks=remarks)

    [row] = read_csv(class_csv(view([told]).lines, SPEC))

    assert row["remarks"] == "'=as it was handed out; cell 3 was stopped fix: run it"


def test_chinese_names_are_as_they_were() -> None:
    named = msgspec.structs.replace(SMALL[0], student="王小明")

    assert read_csv(class_csv(view([named]).lines, SPEC))[0]["student"] == "王小明"


# --- where it is written ------------------------------------------------------------------------


class Folder:
    """A course with a class in it, graded before by other runs, or not yet."""

    def __init__(self, root: Path, *assignments: str) -> None:
        self.root = root
        (root / "submitted").mkdir()
        for name in assignments or (SPEC.name,):
            (root / "solutions" / name).mkdir(parents=True)
            (root / "solutions" / name / "assignment.toml").touch()
        self.course = Course(root, CourseSpec("course"))

    def write(self, reports: Sequence[Report], only: Sequence[str] = (), **result: object) -> Path:
        """As `grade` does at its end."""
        folder = ClassFolder(self.course, SPEC, self.root / "submitted", self.root)
        for report in reports:
            write_report(self.root, report)
            folder.add(report)
        made = msgspec.structs.replace(ClassResult((), ()), **result)
        return folder.write(made, only)

    def state(self) -> list[tuple[str, int, bytes]]:
        files = sorted((self.root / "class").rglob("*.*"))
        return [(one.name, one.stat().st_mtime_ns, one.read_bytes()) for one in files]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_where_nothing_changed_both_files_are_left_alone(folder: Folder) -> None:
    path = folder.write(SMALL[:5])
    before = folder.state()

    folder.write(SMALL[:5])

    assert path == folder.root / "class" / "index.html"
    assert [name for name, *_rest in before] == ["class.csv", "index.html"]
    assert folder.state() == before


def test_one_other_score_makes_both_anew(folder: Folder) -> None:
    folder.write(SMALL[:5])
    before = folder.state()

    folder.write([msgspec.structs.replace(SMALL[0], score=1), *SMALL[1:5]])

    assert all(now[2] != then[2] for now, then in zip(folder.state(), before, strict=True))


@pytest.mark.parametrize("gone", ["index.html", "class.csv"])
def test_what_somebody_removed_comes_again(folder: Folder, gone: str) -> None:
    folder.write(SMALL[:5])
    (folder.root / "class" / gone).unlink()

    folder.write(SMALL[:5])

    assert (folder.root / "class" / gone).stat().st_size > 1000


def test_where_one_is_graded_the_page_is_of_the_whole_class(folder: Folder) -> None:
    folder.write(SMALL[:5])
    changed = msgspec.structs.replace(SMALL[1], score=1)

    said = text_of(folder.write([changed], only=[changed.student]).read_text())

    assert "5 students" in said and f"graded only {changed.student}" in said
    assert all(report.student in said for report in SMALL[:5])


def test_a_report_that_cannot_be_read_is_told_and_the_rest_is_there(folder: Folder) -> None:
    folder.write(SMALL[:3])
    report_path(folder.root, SMALL[0].student, SPEC.name).write_text("no report")

    said = text_of(folder.write([SMALL[1]], only=[SMALL[1].student]).read_text())

    assert "2 students" in said and "cannot be read" in said


def test_what_is_no_students_folder_is_told(folder: Folder) -> None:
    (folder.root / "submitted" / "not a student").mkdir()

    said = text_of(folder.write(SMALL[:2], only=[SMALL[0].student]).read_text())

    assert "not a student: is no student id" in said


def test_a_lower_score_that_waits_is_told_with_the_command(folder: Folder) -> None:
    stands = msgspec.structs.replace(SMALL[0], score=80)
    write_pending(folder.root, msgspec.structs.replace(stands, score=60))

    said = text_of(folder.write([stands]).read_text())

    assert "60 in the place of 80" in said
    assert f"autograder grade --student {stands.student} --allow-lower" in said


def test_where_the_new_file_came_to_no_score_that_is_told(folder: Folder) -> None:
    change = Change(SMALL[0].student, 80.0, None, kept=True, why="x.py: is no text")

    said = text_of(folder.write(SMALL[:2], changes=(change,)).read_text())

    assert "The score of an earlier file stands (1) x.py: is no text" in said


def without_time(report: Report) -> Report:
    file = msgspec.structs.replace(report.submission, submitted_at=None)
    return msgspec.structs.replace(report, submission=file, remarks=())


def test_whose_time_is_not_known_is_told_where_it_is_known_of_others(folder: Folder) -> None:
    said = text_of(folder.write([without_time(SMALL[0]), *SMALL[1:4]]).read_text())

    assert f"no timestamp.txt says when : {SMALL[0].student}" in said


def test_where_nobodys_time_is_known_it_is_no_news(folder: Folder) -> None:
    said = text_of(folder.write([without_time(one) for one in SMALL[:4]]).read_text())

    assert "timestamp.txt" not in said


def test_of_several_assignments_each_has_a_page_of_its_own(tmp_path: Path) -> None:
    folder = Folder(tmp_path, SPEC.name, "sums")

    path = folder.write(SMALL[:2])

    assert path == tmp_path / "class" / SPEC.name / "index.html"
    assert f"../../pages/{SMALL[0].student}/" in path.read_text()


def test_the_terminals_last_lines_name_the_page(tmp_path: Path) -> None:
    result = ClassResult((), (), graded=1)

    shown = class_table(SPEC, result, tmp_path, page=tmp_path / "class" / "index.html")

    assert "class/index.html" in shown
    assert "class/index.html" not in class_table(SPEC, result, tmp_path)
