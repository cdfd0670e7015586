"""A term's round by nbgrader's own commands, through a real exchange: those of docs/nbgrader.md."""

from __future__ import annotations

import contextlib
import csv
import html
import os
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.grading.secret import VARIABLE
from autograder.report import Report, Visibility, decode_report
from autograder.submission.forms import is_pair
from tests.autograder.conftest import BIN, ROOT

pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

DOCUMENT = ROOT / "docs" / "nbgrader.md"
NAME = "convolutions"
EXAMPLES = ROOT / "examples" / "submitted"
COURSE = ("assignments", "solutions", "tests/visible", "tests/hidden")
OF_THE_EXCHANGE = {"timestamp.txt", "submission_secret.txt"}


class Site:
    """A machine with a course and an exchange folder; each person has a home and a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exchange = folder / "exchange"
        self.root = folder / "course"
        for name in COURSE:
            shutil.copytree(
                ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in ("course.toml", "nbgrader_config.py"):
            shutil.copy(ROOT / name, self.root)
        (folder / "site").mkdir()
        (folder / "site" / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.Exchange.root = {str(self.exchange)!r}\n"
        )

    def folder_of(self, student: str) -> Path:
        """Where a student works; made with a login name of their own, since here all are one."""
        home = self.folder / "homes" / student
        if not home.exists():
            (home / "jupyter").mkdir(parents=True)
            (home / "jupyter" / "nbgrader_config.py").write_text(
                f"c = get_config()\nc.CourseDirectory.student_id = {student!r}\n"
            )
        return home

    def environment(self, who: str) -> dict[str, str]:
        """The variables of somebody's shell."""
        home = self.folder_of(who) if who else self.folder / "homes" / "staff"
        (home / "jupyter").mkdir(parents=True, exist_ok=True)
        return {
            **{name: value for name, value in os.environ.items() if name != VARIABLE},
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
            "JUPYTER_CONFIG_PATH": str(self.folder / "site"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
        }

    def types(self, who: str, command: str) -> str:
        """What a command says when ``who`` types it, "" being the instructor; it must succeed."""
        program, *arguments = shlex.split(command)
        done = subprocess.run(
            [str(BIN / program), *arguments],
            cwd=self.folder_of(who) if who else self.root,
            env=self.environment(who),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{who}$ {command}\n{done.stdout}"
        return done.stdout


class Round(Site):
    """The document's commands, in order, and what people do between them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        text = DOCUMENT.read_text(encoding="utf-8")
        [pattern] = re.findall(r"(?ms)^(c\.FileNameCollectorPlugin.*?)^```", text)
        with (self.root / "nbgrader_config.py").open("a") as file:
            file.write(f"\n{pattern}\n")
        between: dict[str, Callable[[], None]] = {
            "fatima$ nbgrader fetch_assignment": self._fatima_works_in_the_notebook,
            "carla$ nbgrader fetch_assignment": self._carla_works_in_the_script,
            "carla$ nbgrader submit": self._goran_hands_in_a_script_alone,
            "$ nbgrader collect": self._an_lms_gives_a_zip,
            "$ nbgrader autograde": self._somebody_grades_by_hand,
            "$ nbgrader export": self._carla_hands_in_again,
        }
        self.shown: list[tuple[str, list[str], str]] = []  # command, expected lines, what it said
        for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
            for prompted in re.split(r"^(?=\w*\$ )", block, flags=re.MULTILINE)[1:]:
                line, *expected = prompted.splitlines()
                who, _prompt, command = line.partition("$ ")
                self.shown.append((line, expected, self.types(who, command)))
                for start in list(between):
                    if line.startswith(start):
                        between.pop(start)()
        assert not between, "the document has no such commands any more"

    def _fatima_works_in_the_notebook(self) -> None:
        mine = self.folder_of("fatima") / NAME
        shutil.copy(EXAMPLES / "fatima" / NAME / f"{NAME}.ipynb", mine)

    def _carla_works_in_the_script(self) -> None:
        mine = self.folder_of("carla") / NAME
        shutil.copy(EXAMPLES / "carla" / NAME / f"{NAME}.py", mine)

    def _goran_hands_in_a_script_alone(self) -> None:
        mine = self.folder_of("goran") / NAME
        shutil.copytree(EXAMPLES / "goran" / NAME, mine)
        self.types("goran", f"nbgrader submit {NAME} --course convolutions-for-images")

    def _an_lms_gives_a_zip(self) -> None:
        archive = self.root / "downloaded" / NAME / "archive" / "class.zip"
        archive.parent.mkdir(parents=True)
        with zipfile.ZipFile(archive, "w") as file:
            for student, suffix in (("jin", ".py"), ("ada", ".ipynb")):
                name = f"{student}_2026-10-01-10-00-00_{NAME}{suffix}"
                file.write(EXAMPLES / student / NAME / f"{NAME}{suffix}", name)

    def _somebody_grades_by_hand(self) -> None:
        with self.gradebook() as gradebook:
            grade = gradebook.find_grade("learned-kernel", NAME, NAME, "fatima")
            grade.manual_score = 12.5
            gradebook.db.commit()

    def _carla_hands_in_again(self) -> None:
        self._grades = list(csv.DictReader((self.root / "grades.csv").open(encoding="utf-8")))
        mine = self.folder_of("carla") / NAME
        shutil.copy(EXAMPLES / "goran" / NAME / f"{NAME}.py", mine)
        self.types("carla", f"nbgrader submit {NAME} --course convolutions-for-images")

    @contextlib.contextmanager
    def gradebook(self) -> Iterator[object]:
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.root}/gradebook.db", "convolutions-for-images") as opened:
            yield opened

    def exported(self, student: str) -> dict[str, str]:
        """The student's row as it stood after the document's export."""
        [row] = [row for row in self._grades if row["student_id"] == student]
        return row

    def report(self, student: str) -> Report:
        return decode_report((self.root / "reports" / student / NAME / "report.json").read_bytes())

    def submitted(self, student: str) -> Path:
        return self.root / "submitted" / student / NAME

    def feedback(self) -> dict[str, str]:
        """The pages that students get, by name, as somebody reads them."""
        return {
            page.parts[-3]: html.unescape(page.read_text(encoding="utf-8"))
            for page in self.root.glob(f"feedback/*/{NAME}/{NAME}.html")
        }


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Round:
    return Round(tmp_path_factory.mktemp("round"))


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- What the document shows ----------------------------------------------------------------------


def test_each_command_says_what_the_document_shows(played: Round) -> None:
    for command, expected, said in played.shown:
        for line in expected:
            pattern = ".*".join(re.escape(part) for part in line.split("..."))
            assert re.search(rf"^{pattern}\s*$", said, re.MULTILINE), f"{command}: {line}\n{said}"


# --- What goes out and comes back -----------------------------------------------------------------


def test_students_fetch_the_released_files_byte_for_byte_and_no_other(played: Round) -> None:
    all_languages = files(ROOT / "assignments" / NAME)
    released = {name: data for name, data in all_languages.items() if "/" not in name}

    assert files(played.exchange / "convolutions-for-images" / "outbound" / NAME) == released


@pytest.mark.parametrize("student", ["fatima", "goran"])
def test_what_was_submitted_is_collected_byte_for_byte(student: str, played: Round) -> None:
    mine = files(EXAMPLES / student / NAME)

    collected = files(played.submitted(student))

    assert {name: collected[name] for name in mine} == mine


def test_a_notebook_of_ours_is_put_beside_a_script_alone_and_in_the_place_of_no_other(
    played: Round,
) -> None:
    pairs = {
        student: is_pair((played.submitted(student) / f"{NAME}.ipynb").read_bytes())
        for student in ("goran", "jin", "carla", "fatima", "ada")
    }

    assert pairs == {"goran": True, "jin": True, "carla": False, "fatima": False, "ada": False}


def test_scripts_and_notebooks_of_an_lms_are_graded_as_of_when_they_were_handed_in(
    played: Round,
) -> None:
    reports = {student: played.report(student) for student in ("jin", "ada")}

    assert {name: report.score for name, report in reports.items()} == {"jin": 75, "ada": 100}
    assert reports["jin"].submission.file == f"{NAME}.py"
    assert str(reports["jin"].submission.submitted_at).startswith("2026-10-01")


def test_a_newer_submission_takes_the_place_of_the_one_before(played: Round) -> None:
    assert played.exported("carla")["score"] == "100.0"
    assert played.report("carla").score == 76
    with played.gradebook() as gradebook:
        assert gradebook.find_submission(NAME, "carla").score == 76  # type: ignore[attr-defined]


def test_nothing_the_round_leaves_in_the_course_could_be_committed(played: Round) -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    tracked = {name.partition("/")[0] for name in listed}
    made = {path.name for path in played.root.iterdir()} - tracked

    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin"],
        cwd=ROOT,
        input="\n".join(f"{name}/" if (played.root / name).is_dir() else name for name in made),
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()

    assert {name.rstrip("/") for name in ignored} == made >= {"downloaded", "gradebook.db"}


# --- What students read ---------------------------------------------------------------------------


def test_a_students_page_holds_our_results(played: Round) -> None:
    page = played.feedback()["fatima"]

    for exercise in played.report("fatima").exercises:
        for check in exercise.checks:
            assert check.title in page
    assert "by the checks" in page


def test_students_fetch_the_page_that_was_made_for_them(played: Round) -> None:
    made = {
        student: (played.root / "feedback" / student / NAME / f"{NAME}.html").read_bytes()
        for student in ("fatima", "carla")
    }

    for student, page in made.items():
        [fetched] = (played.folder_of(student) / NAME / "feedback").rglob("*.html")
        assert fetched.read_bytes() == page


def hidden_lines(played: Round) -> set[str]:
    """Lines of the hidden checks and of the solution that no student has."""
    sources = [*(ROOT / "tests" / "hidden").rglob("*.py"), *(ROOT / "solutions").rglob("*.py")]
    lines = {line.strip() for path in sources for line in path.read_text("utf-8").splitlines()}
    students = [*(ROOT / "assignments").rglob("*.*"), *played.root.glob(f"submitted/*/{NAME}/*.*")]
    known = "".join(path.read_text("utf-8") for path in students if path.is_file())
    known += known.replace('\\"', '"')  # as a notebook has it
    return {line for line in lines if len(line) > 20 and line not in known}


def instructors_values(report: Report) -> set[str]:
    """Lines and numbers of the details of hidden checks that students see nowhere else."""
    told = "".join(
        check.message + check.title + check.hint + (check.detail or "") * is_visible
        for exercise in report.exercises
        for check in exercise.checks
        for is_visible in [check.visibility is Visibility.VISIBLE]
    )
    hidden = [
        check.detail or ""
        for exercise in report.exercises
        for check in exercise.checks
        if check.visibility is Visibility.HIDDEN
    ]
    pieces = {line.strip() for detail in hidden for line in detail.splitlines()}
    pieces |= {number for detail in hidden for number in re.findall(r"-?\d+\.\d{4,}", detail)}
    return {piece for piece in pieces if len(piece) > 6 and piece not in told}


def test_no_page_holds_a_hidden_check_a_value_of_one_a_traceback_or_the_canary(
    played: Round,
) -> None:
    pages = played.feedback()
    details = instructors_values(played.report("fatima"))
    lines = hidden_lines(played)
    assert len(pages) == 5 and len(details) > 10 and len(lines) > 300

    for student, page in pages.items():
        shown = re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL)  # names a colour of each
        for text in (shown, re.sub(r"<[^>]+>", "", shown)):
            assert not {line for line in lines if line in text}, student
            assert not {detail for detail in details if detail in text}, student
            assert "Traceback" not in text and "tests/hidden" not in text
    assert not re.search("canary", "".join(pages.values()), re.IGNORECASE)


def test_nothing_of_the_instructors_lies_in_feedback_or_in_the_exchange(played: Round) -> None:
    exchange = played.exchange / "convolutions-for-images"
    assert {path.name for path in exchange.iterdir()} == {"feedback", "inbound", "outbound"}
    assert {path.suffix for path in (exchange / "feedback").iterdir()} == {".html"}
    assert len(list((exchange / "feedback").iterdir())) == 3  # ada and jin handed in elsewhere

    for student in ("fatima", "goran", "ada", "jin"):
        given = files(played.root / "feedback" / student / NAME)
        handed_in = files(played.submitted(student))
        assert given.pop(f"{NAME}.html")
        assert given.items() <= handed_in.items()
        assert not [name for name in given if name.endswith(".json")]


def test_who_did_not_hand_in_through_the_exchange_is_named_and_stops_no_other(
    played: Round,
) -> None:
    [said] = [said for line, _, said in played.shown if "release_feedback" in line]

    assert "jin: did not hand in through the exchange" in said
    assert "Releasing feedback for student 'fatima'" in said


# --- Final grades ---------------------------------------------------------------------------------


def test_points_given_by_hand_are_in_the_export_and_on_the_page_and_not_in_the_report(
    played: Round,
) -> None:
    report = played.report("fatima")
    earned = sum(e.score or 0 for e in report.exercises if e.name != "learned-kernel")

    assert played.exported("fatima")["score"] == str(earned + 12.5)
    assert played.exported("fatima")["status"] == "graded"
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", played.feedback()["fatima"]))
    assert f"(Score: {earned + 12.5} / 100.0)" in page
    assert report.score == earned + 30


def test_a_page_is_made_anew_after_points_were_given_by_hand(played: Round) -> None:
    with played.gradebook() as gradebook:
        grade = gradebook.find_grade("conv2d", NAME, NAME, "ada")  # type: ignore[attr-defined]
        grade.manual_score = 3.25
        gradebook.db.commit()  # type: ignore[attr-defined]

    played.types("", f"nbgrader generate_feedback {NAME} --student ada")

    assert "78.25" in played.feedback()["ada"]


# --- What students can run ------------------------------------------------------------------------


def test_validate_shows_what_fails_of_the_visible_checks_and_no_more(played: Round) -> None:
    [said] = [said for line, _, said in played.shown if "nbgrader validate" in line]

    assert "a visible check fails" in said
    assert "shown here" in said
    assert "corr2d" in said


def test_validate_passes_a_right_notebook(played: Round) -> None:
    mine = played.folder_of("bo") / NAME
    shutil.copytree(ROOT / "assignments" / NAME, mine)
    shutil.copy(EXAMPLES / "bo" / NAME / f"{NAME}.ipynb", mine)

    said = played.types("bo", f"nbgrader validate {NAME}/{NAME}.ipynb")

    assert "Success! Your notebook passes all the tests." in said
