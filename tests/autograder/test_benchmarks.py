"""The benchmarks' class and record; the peers, which take minutes, only run in `make bench`."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
COLUMNS = "| figure | median | range | runs | command |"
SECTIONS = ("peers", "one submission", "growth", "cluster", "watch")


@pytest.fixture(autouse=True)
def beside_the_programs(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture
def class_of():
    import class_of

    return class_of


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Reports of a class of six, by student number."""
    folder, output = tmp_path_factory.mktemp("class"), tmp_path_factory.mktemp("output")
    make = [sys.executable, BENCHMARKS / "class_of.py", "6", folder]
    subprocess.run(make, check=True, capture_output=True)

    command = [sys.executable, "-P", "-m", "autograder", "grade", folder, "--output", output]
    subprocess.run(
        [*command, "--jobs", "1"],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "AUTOGRADER_COURSE_SECRET": "a secret of the tests alone"},
    )

    paths = sorted(output.glob("reports/*/convolutions/report.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def test_of_a_class_of_six_the_right_ones_earn_full_marks_and_the_wrong_ones_fewer(
    class_of, graded
):
    full = [report["score"] == report["max_score"] for report in graded]

    right = [class_of.answer_of(number).right for number in range(6)]

    assert full == right
    assert set(right) == {True, False}


def test_stock_tools_get_as_many_checks_in_each_exercise_as_we_have(graded):
    import stock_course

    ours = Counter(
        f"{exercise['name']} {check['visibility']}"
        for exercise in graded[0]["exercises"]
        for check in exercise["checks"]
    )

    parts = stock_course.sections()
    theirs = {name: text.count("def check_") for name, text in parts.items() if name != "helpers"}

    assert theirs == ours


def test_a_class_is_the_same_every_time(class_of, tmp_path):
    class_of.make_class(12, tmp_path / "one")
    class_of.make_class(12, tmp_path / "two")

    assert _files(tmp_path / "one") == _files(tmp_path / "two")


def test_no_two_notebooks_of_a_class_have_the_same_bytes(class_of, tmp_path):
    class_of.make_class(250, tmp_path)

    contents = _files(tmp_path).values()

    assert len(set(contents)) == 250


def test_every_ten_hold_three_wrong_answers_and_every_hundred_is_the_same_mix(class_of):
    names = [class_of.answer_of(number).name for number in range(200)]

    wrong = [name.startswith("wrong/") for name in names]

    assert {sum(wrong[start : start + 10]) for start in range(0, 200, 10)} == {3}
    assert names[:100] == names[100:]


def test_an_answer_brings_neither_its_label_nor_the_marks_of_a_solution(class_of, tmp_path):
    class_of.make_class(100, tmp_path)

    text = b"\n".join(_files(tmp_path).values()).decode()

    assert not re.search(r"# (mistake|loses|misconception|canary)|BEGIN SOLUTION", text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required: COUNT, FOLDER"),
        (["12"], "required: FOLDER"),
        (["many", "class"], "COUNT: 'many' is no number from 1 to"),
        (["-3", "class"], "COUNT: '-3' is no number from 1 to"),
        (["0", "class"], "COUNT: '0' is no number from 1 to"),
        (["1", "a-file/class"], "a-file/class: Not a directory"),
    ],
)
def test_wrong_arguments_for_a_class_are_told_with_the_usage(
    class_of, arguments, said, tmp_path, monkeypatch, capsys
):
    (tmp_path / "a-file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["class_of.py", *arguments])

    with pytest.raises(SystemExit) as ended:
        class_of.main()

    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert told.startswith("usage: class_of.py") and said in told


def test_each_section_of_the_readme_has_a_table_with_its_columns():
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")

    for section in SECTIONS:
        begin, end = f"<!-- {section}: written by make bench -->", f"<!-- end of {section} -->"
        assert COLUMNS in text.partition(begin)[2].partition(end)[0], section


def test_new_figures_replace_their_own_section_and_leave_the_rest(tmp_path):
    import figures

    readme = tmp_path / "README.md"
    readme.write_text((BENCHMARKS / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
    figure = figures.Figure("a walk", (2.0, 1.0, 4.0), "s", "make walk")

    figures.publish("growth", [figure], "By hand.", readme)
    figures.publish("growth", [figure], "By hand.", readme)

    text = readme.read_text(encoding="utf-8")
    assert text.count("| a walk | 2.0 s | 1.0 to 4.0 | 3 | `make walk` |") == 1
    assert text.count(COLUMNS) == len(SECTIONS)
    assert "## More than one machine" in text


def test_figures_for_a_section_that_is_not_there_are_refused(tmp_path):
    import figures

    readme = tmp_path / "README.md"
    readme.write_text("# Benchmarks\n", encoding="utf-8")

    with pytest.raises(ValueError, match="no section growth"):
        figures.publish("growth", [], "", readme)


def test_cpu_counts_a_process_whose_parent_did_not_wait_for_it(tmp_path):
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {burn!r}])"

    shown = _measured(parent, "cost.cpu_seconds", tmp_path)

    assert float(shown) >= 0.5


def test_a_sampled_run_tells_the_memory_of_each_process(tmp_path):
    child = "import time; data = bytes(range(256)) * 2**18; time.sleep(2)"  # 64 MiB
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

    shown = _measured(parent, "sorted(cost.peaks), cost.peaks['worker'].rss_mib > 64", tmp_path)

    assert shown == "['all together', 'grader', 'worker'] True"


def _measured(code, told, folder):
    """What ``measure.run`` tells of Python running ``code``.

    In a process of its own, which takes in the orphans of all that it starts.
    """
    program = (
        "import measure, pathlib, sys\n"
        f"command = [sys.executable, '-c', {code!r}]\n"
        "cost = measure.run(command, pathlib.Path('log'), sampled=True)\n"
        f"print({told})"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(BENCHMARKS)},
    )
    return shown.stdout.strip()


def _files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.ipynb")}
