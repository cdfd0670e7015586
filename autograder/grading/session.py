"""pytest as the trusted session: the checks are collected once and run for one student after
another, and nothing of one student is left for the next."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from autograder.checks import Draw, Student
from autograder.checks.asserts import said, say
from autograder.errors import AuthorError, StudentFailure
from autograder.grading.collect import Check, collected_checks
from autograder.messages import _
from autograder.report import Outcome
from autograder.spec import AssignmentSpec

# The session needs collection, fixtures, marks and assertion rewriting. The other default plugins
# double the time per submission and keep every report of a class in memory.
_UNUSED_PLUGINS = (
    "terminal",
    "capture",
    "logging",
    "warnings",
    "cacheprovider",
    "junitxml",
    "pastebin",
    "doctest",
    "faulthandler",
    "unraisableexception",
    "threadexception",
    "setuponly",
    "setupplan",
    "stepwise",
    "debugging",
    "skipping",
    "unittest",
    "recwarn",
    "monkeypatch",
    "tmpdir",
    "legacypath",
    "pytester_assertions",
    "reports",
    "subtests",
)

_OURS = frozenset(("student", "draw"))  # the fixtures
_EMPTY_INI = Path(__file__).with_name("pytest.ini")  # so that none is looked for


class Verdict(msgspec.Struct, frozen=True):
    """What one run of one check came to. ``error`` is the exception, None when it passed."""

    outcome: Outcome
    error: BaseException | None = None
    trace: str = ""


class Runner:
    """Runs collected checks; given to the function that ``run_session`` calls."""

    def __init__(self, checks: Sequence[Check], plugin: _Plugin) -> None:
        self.checks = tuple(checks)
        self._plugin = plugin
        self._direct = {check.name for check in checks if _asks_for_ours_alone(check.item)}

    def run(self, check: Check, student: Student, draw: Draw) -> Verdict:
        """Run one check for one student, set up and torn down wholly."""
        if check.name in self._direct:
            return _run_directly(check.item, {"student": student, "draw": draw})
        with self._plugin.serving(student, draw):
            # nextitem None: everything is torn down, so no fixture outlives its student.
            check.item.config.hook.pytest_runtest_protocol(item=check.item, nextitem=None)
            _forget_the_last_error()
            return self._plugin.verdict()


def _asks_for_ours_alone(item: pytest.Item) -> bool:
    """Whether there is nothing for pytest to set up or tear down: as nearly every check is."""
    return (
        isinstance(item, pytest.Function)
        and item.cls is None
        and not hasattr(item, "callspec")
        and _OURS.issuperset(item.fixturenames)
        and not inspect.iscoroutinefunction(item.obj)
        and not inspect.isgeneratorfunction(item.obj)
    )


def _run_directly(item: pytest.Item, ours: Mapping[str, object]) -> Verdict:
    """The verdict as pytest would come to it, without the 0.2 ms that its protocol takes.

    Comparisons in an assert are still explained by pytest's own plugin.
    """
    assert isinstance(item, pytest.Function)
    plugin: Any = item.config.pluginmanager.get_plugin("assertion")
    explained = plugin.pytest_runtest_protocol(item)
    next(explained)
    try:
        item.obj(**{name: ours[name] for name in item.fixturenames})
    except (KeyboardInterrupt, pytest.exit.Exception):
        raise
    except BaseException as error:
        return _verdict(error, "call")
    finally:
        next(explained, None)
    return Verdict(Outcome.PASSED)


def run_session(
    visible: Path, hidden: Path | None, spec: AssignmentSpec, body: Callable[[Runner], None]
) -> None:
    """Collect the checks, hold them against ``spec``, and call ``body`` once.

    ``visible`` and ``hidden`` are each a folder of check files, or one such file.

    Raises AuthorError when a check cannot be collected or does not fit the spec, and whatever
    ``body`` raises.
    """
    plugin = _Plugin(spec, visible, hidden, body)
    folders = [str(folder) for folder in (visible, hidden) if folder is not None]
    root = os.path.commonpath([visible if visible.is_dir() else visible.parent, *folders[1:]])
    arguments = [
        "-c",
        str(_EMPTY_INI),
        "--noconftest",
        "--rootdir",
        root,
        "--confcutdir",
        root,
        "--import-mode=prepend",
        *(f"-pno:{name}" for name in _UNUSED_PLUGINS),
        *folders,
    ]
    with _no_configuration_from_outside(), _modules_of(folders), _one_thread(), _told_by(spec):
        code = pytest.main(arguments, plugins=[plugin])
    if plugin.raised is not None:
        raise plugin.raised
    if not plugin.ran:
        raise AuthorError(
            _("the checks of {name} cannot be collected:\n{why}").format(
                name=spec.name, why="\n".join(plugin.collect_errors) or f"pytest: {code!r}"
            )
        )


def _forget_the_last_error() -> None:
    """pytest leaves the last failure for a debugger, with every answer in its frames."""
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)


@contextmanager
def _no_configuration_from_outside() -> Iterator[None]:
    """No plugins or options from the environment, no bytecode beside the checks."""
    names = [name for name in os.environ if name.startswith("PYTEST_")]
    saved_environment = {name: os.environ.pop(name) for name in names}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    saved_flag, saved_path = sys.dont_write_bytecode, list(sys.path)
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = saved_flag
        sys.path[:] = saved_path
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(saved_environment)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Tensors this small are faster without a second thread, many times so on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _told_by(spec: AssignmentSpec) -> Iterator[None]:
    """What checks say is said in the language of ``spec``."""
    token = say.set(spec.say)
    try:
        yield
    finally:
        say.reset(token)


@contextmanager
def _modules_of(folders: Sequence[str]) -> Iterator[None]:
    """Forget the check files' modules afterwards: the next session may have others of the name."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(tuple(folders)):
                del sys.modules[name]


class _Plugin:
    """What pytest calls. Between two checks it holds nothing of a student."""

    def __init__(
        self,
        spec: AssignmentSpec,
        visible: Path,
        hidden: Path | None,
        body: Callable[[Runner], None],
    ) -> None:
        self._spec = spec
        self._hidden = hidden
        self._body = body
        self._student: Student | None = None
        self._draw: Draw | None = None
        self._verdict = Verdict(Outcome.PASSED)
        self.collect_errors: list[str] = []
        self.raised: BaseException | None = None
        self.ran = False

    @contextmanager
    def serving(self, student: Student, draw: Draw) -> Iterator[None]:
        """The fixtures give these while this is open."""
        self._student, self._draw = student, draw
        self._verdict = Verdict(Outcome.PASSED)
        try:
            yield
        finally:
            self._student = self._draw = None
            self._verdict = Verdict(Outcome.PASSED)

    def verdict(self) -> Verdict:
        """What the run that just ended came to."""
        return self._verdict

    # --- fixtures ------------------------------------------------------------------------------

    @pytest.fixture
    def student(self) -> Student:
        """The student's code, as a thin proxy."""
        if self._student is None:
            raise RuntimeError("no student is being graded")
        return self._student

    @pytest.fixture
    def draw(self) -> Draw:
        """Inputs seeded by course secret, student, assignment and check."""
        if self._draw is None:
            raise RuntimeError("no student is being graded")
        return self._draw

    # --- hooks ---------------------------------------------------------------------------------

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            self.collect_errors.append(report.longreprtext)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In the place of pytest's own loop: the whole class, submission by submission."""
        if self.collect_errors:
            return True
        self.ran = True
        try:
            checks = collected_checks(session.items, self._spec, self._hidden)
            self._body(Runner(checks, self))
        except BaseException as error:  # pytest would print it and go on
            self.raised = error
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """Keep the verdict; give pytest a report without texts, which are slow to make."""
        if call.excinfo is not None and self._verdict.outcome is not Outcome.ERRORED:
            self._verdict = _verdict(call.excinfo.value, call.when)
        if call.when == "teardown":  # pytest never clears these between runs of an item
            item._report_sections.clear()
            item.user_properties.clear()
        return pytest.TestReport(
            item.nodeid,
            item.location,
            {},
            "passed" if call.excinfo is None else "failed",
            None,
            call.when,  # type: ignore[arg-type]  # this hook is not called for "collect"
            duration=call.duration,
            start=call.start,
            stop=call.stop,
        )


def _verdict(error: BaseException, when: str) -> Verdict:
    """Only the check's own AssertionError, or StudentFailure, is the student's."""
    if when == "call" and isinstance(error, AssertionError | StudentFailure):
        outcome = Outcome.FAILED
    else:
        outcome = Outcome.ERRORED
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame
        for frame in frames
        if "_pytest" not in frame.filename
        and "pluggy" not in frame.filename
        and frame.filename != __file__
    ]
    if type(error) is AssertionError and error.args:
        told, *explained = str(error).split("\n")  # pytest explains in the lines below
        error.args = ("\n".join((said(told), *explained)),)
    error.__traceback__ = None  # its frames hold the student's answers
    error.__context__ = error.__cause__ = None
    return Verdict(outcome, error, "".join(traceback.format_list(ours)))
