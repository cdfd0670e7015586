"""nbgrader's own tests, stock and with our preprocessors in its lists: the same pass and fail.

    python tests/nbgrader_suite.py                          all, then the comparison
    python tests/nbgrader_suite.py run ours preprocessors   one part, one way
    python tests/nbgrader_suite.py compare                  what the last runs say

Only the lists are put in: its tests join literal names of folders, so they cannot run with our
directories. Its assignments are none of ours; they are listed by name, as an instructor would.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "nbgrader-suite"
DIFFERENCES = Path(__file__).with_suffix(".toml")
WAYS = ("stock", "ours")
PARTS = {
    "autograde": "nbgrader.tests.apps.test_nbgrader_autograde",
    "generate_assignment": "nbgrader.tests.apps.test_nbgrader_generate_assignment",
    "generate_feedback": "nbgrader.tests.apps.test_nbgrader_generate_feedback",
    "export": "nbgrader.tests.apps.test_nbgrader_export",
    "zip_collect": "nbgrader.tests.apps.test_nbgrader_zip_collect",
    "preprocessors": "nbgrader.tests.preprocessors",
}
# Those that its tests generate and grade.
ASSIGNMENTS = ["ps1", "ps2", "foo"]
CONFIG = f"""
from pathlib import Path

from autograder.authoring.nbgrader_source import generate_assignment_preprocessors
from autograder.nbgrader.steps import autograde_preprocessors, sanitize_preprocessors

c = get_config()
c.GenerateAssignment.preprocessors = generate_assignment_preprocessors()
c.Autograde.sanitize_preprocessors = sanitize_preprocessors()
c.Autograde.autograde_preprocessors = autograde_preprocessors()
c.AddReleasedFiles.others = {ASSIGNMENTS!r}
c.GradeInSandbox.unsandboxed = {ASSIGNMENTS!r}
Path(__file__).with_name("loaded").touch()
"""


class SuiteError(Exception):
    """The comparison says nothing: a run did not do what it is there for."""


def run(way: str, part: str) -> None:
    """Run one part one way; the results go to build/nbgrader-suite/<way>/<part>.xml."""
    results = RESULTS / way / f"{part}.xml"
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    # Not under build/: a test that looks for its course must not find ours.
    folder = Path(tempfile.mkdtemp(prefix="nbgrader-suite-"))
    try:
        environment = _environment(folder, way)
        subprocess.run(
            [sys.executable, "-P", "-m", "pytest", "-q", "-c", str(folder / "pytest.ini"),
             "-p", "no:cacheprovider", "--numprocesses", "6", "--tb=short", "--disable-warnings",
             f"--junit-xml={results}", "--pyargs", PARTS[part]],
            cwd=folder / "cwd",
            env=environment,
            check=False,  # nbgrader's own failures are compared like everything else
        )  # fmt: skip
        if not results.is_file():
            raise SuiteError(f"{way}: {part}: pytest left no results\n  fix: read what it said")
        if way == "ours" and part != "preprocessors" and not (folder / "config/loaded").exists():
            raise SuiteError(f"{part}: our lists were not read\n  fix: look at JUPYTER_CONFIG_PATH")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, way: str) -> dict[str, str]:
    """Variables that keep nbgrader away from this machine's and this repository's settings."""
    for name in ("home", "config", "data", "runtime", "tmp", "cwd"):
        (folder / name).mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    # Some tests look for its documents from where pytest was started.
    package = importlib.util.find_spec("nbgrader")
    assert package is not None and package.origin is not None
    (folder / "cwd" / "nbgrader").mkdir()
    (folder / "cwd" / "nbgrader" / "docs").symlink_to(Path(package.origin).with_name("docs"))
    # Its course folders are made in here; to our preprocessors they are of a course of no
    # assignments.
    (folder / "tmp" / "course.toml").write_text('course_id = "nbgrader-suite"\n')
    if way == "ours":
        (folder / "config" / "nbgrader_config.py").write_text(CONFIG)
    return {
        **os.environ,
        "HOME": str(folder / "home"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        # Some tests set the one above themselves, and none of them this one.
        "JUPYTER_CONFIG_PATH": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "TMPDIR": str(folder / "tmp"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }


def outcomes(results: Path) -> dict[str, str]:
    """Each test of a results file, and whether it ``passed``, ``failed`` or was ``skipped``."""
    found = {}
    for case in ElementTree.parse(results).iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "passed"
        if "skipped" in kinds:
            outcome = "skipped"
        found[f"{case.get('classname')}::{case.get('name')}"] = outcome
    return found


def differences(stock: dict[str, str], ours: dict[str, str]) -> dict[str, str]:
    """What is not the same both ways, as ``stock -> ours`` for each test."""
    return {
        test: f"{stock.get(test, 'not run')} -> {ours.get(test, 'not run')}"
        for test in sorted(stock.keys() | ours.keys())
        if stock.get(test) != ours.get(test)
    }


def verdict(found: dict[str, str], listed: dict[str, dict[str, str]]) -> list[str]:
    """What is wrong: a difference that is not listed, or one that is listed and is not there."""
    wrong = [
        f"{test}: {what}\n  fix: mend it, or list it with its reason in {DIFFERENCES.name}"
        for test, what in found.items()
        if listed.get(test, {}).get("what") != what
    ]
    gone = [
        f"{test}: is listed in {DIFFERENCES.name} and came out the same both ways\n"
        "  fix: take it from the list"
        for test in listed.keys() - found.keys()
    ]
    return wrong + sorted(gone)


def compare() -> int:
    """Print what the last runs say; 1 where something is not as listed."""
    both: dict[str, dict[str, str]] = {}
    for way in WAYS:
        both[way] = {}
        for part in PARTS:
            results = RESULTS / way / f"{part}.xml"
            if not results.is_file():
                raise SuiteError(f"{way}: {part} was not run\n  fix: make nbgrader-suite")
            both[way] |= outcomes(results)
        counts = {
            outcome: list(both[way].values()).count(outcome)
            for outcome in ("passed", "failed", "skipped")
        }
        print(f"{way:>5}:", ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    listed = tomllib.loads(DIFFERENCES.read_text(encoding="utf-8"))
    found = differences(both["stock"], both["ours"])
    for test, what in found.items():
        print(f"{test}: {what}: {listed.get(test, {}).get('why', 'NOT LISTED')}")
    wrong = verdict(found, listed)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{len(found)} tests differ, {len(wrong)} not as listed")
    return 1 if wrong else 0


def main(arguments: list[str]) -> int:
    """Run what is asked for; see the module's text."""
    try:
        match arguments:
            case []:
                for way in WAYS:
                    for part in PARTS:
                        run(way, part)
                return compare()
            case ["compare"]:
                return compare()
            case ["run", way, *parts] if way in WAYS and set(parts) <= PARTS.keys():
                for part in parts or PARTS:
                    run(way, part)
                return 0
    except SuiteError as error:
        print(error, file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
