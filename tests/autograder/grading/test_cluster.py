"""A class on the workers of a Dask scheduler: a real one, with two workers, on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from autograder import cli
from autograder.errors import AuthorError, OperatorError
from autograder.grading import frames, remote
from autograder.grading.cluster import Cluster
from autograder.grading.scheduler import checked_address
from autograder.grading.secret import FILE_NAME, VARIABLE
from autograder.grading.workers import Workers
from autograder.report import Report
from autograder.spec import Course, find_course
from autograder.submission import Submission, as_form
from tests.autograder.conftest import BIN, ROOT

SPEC = """
title = "Toy"

[[exercises]]
name = "double"
title = "Twice as much"
points = 3

[limits]
memory_mib = 512
scratch_mib = 1
"""
SEEN = """
import torch
from autograder.checks import assert_close, check

@check("double", points=1, hint="Twice.")
def test_seen(student):
    assert_close(student.double(torch.tensor([1.5, 2.5])), torch.tensor([3.0, 5.0]))
"""
# Our side can break, too: here it does for one answer, and every time.
UNSEEN = """
import os
import signal
from autograder.checks import assert_close, check

@check("double", points=2, hint="Each value, twice.")
def test_drawn(student, draw):
    x = draw.normal(3)
    answer = student.double(x)
    if bool((answer == 666).all()):
        os.kill(os.getpid(), signal.SIGKILL)
    assert_close(answer, 2 * x)
"""
FILES = {
    "course.toml": 'course_id = "toys"\n',
    "solutions/toy/assignment.toml": SPEC,
    "tests/visible/toy/test_seen.py": SEEN,
    "tests/hidden/toy/test_unseen.py": UNSEEN,
    "solutions/changing/assignment.toml": SPEC,
    "tests/visible/changing/test_seen.py": SEEN,
    "tests/hidden/changing/test_unseen.py": UNSEEN,
    "solutions/broken/assignment.toml": SPEC,
    "tests/visible/broken/test_seen.py": SEEN.replace("import torch", "import no_such_module"),
    "tests/hidden/broken/test_unseen.py": UNSEEN,
    FILE_NAME: "a secret of this course alone\n",
}


def make_course(root: Path) -> Course:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / FILE_NAME).chmod(0o600)
    return find_course(root)


def submission(number: int, code: str = "def double(x): return {factor} * x\n") -> Submission:
    """Every third one is right. Each takes as long as a kill needs to come in between."""
    text = "import time\ntime.sleep(0.05)\n" + code.format(factor=2 + number % 3)
    return Submission(f"student-{number:02}", (as_form("toy.py", text.encode(), "toy"),))


CLASS = [submission(number) for number in range(12)]


def apart_from_times(report: Report | None) -> Report:
    assert report is not None
    provenance = msgspec.structs.replace(report.provenance, graded_at="")
    return msgspec.structs.replace(report, duration_seconds=0.0, provenance=provenance)


def by_student(graded: Iterator[tuple[Submission, Report | None]]) -> dict[str, Report]:
    return {one.student: apart_from_times(report) for one, report in graded}


# --- A cluster of this machine ------------------------------------------------------------------


class Machines:
    """A scheduler and its workers, each a process as an instructor would start it."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self._folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir(parents=True)
        self.variables = {"TMPDIR": str(self.temporary), **variables}
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{len(self._processes)}.log").open("wb")
        environment = {**os.environ, **self.variables}
        environment.pop(VARIABLE, None)
        with log:
            process = subprocess.Popen(
                [str(BIN / "dask"), *arguments],
                cwd=cwd, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._processes.append(process)
        return process

    def scheduler(self, *arguments: str) -> str:
        """The address of a new scheduler, on a port that is free."""
        file = self._folder / "scheduler.json"
        self.start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", str(file), *arguments, cwd=self._folder,
        )  # fmt: skip
        until(lambda: file.is_file() and file.read_text().endswith("}"))
        address: str = json.loads(file.read_text())["address"]
        return address

    def worker(self, address: str, cwd: Path, *arguments: str) -> subprocess.Popen[bytes]:
        return self.start(
            "worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--memory-limit", "0",
            "--no-dashboard", *arguments, cwd=cwd,
        )  # fmt: skip

    def wait_for(self, address: str, workers: int) -> None:
        """Until so many workers are there."""
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(workers)

    def end(self) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):  # with what its nanny started
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._processes.clear()


def until(true: Callable[[], bool]) -> None:
    """Wait for what is sure to come; the test fails where it does not."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def grading_processes(course: Course) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            command = process.cmdline()
            if "autograder.grading.worker" in command and str(course.root) in command:
                found.append(process)
    return found


@pytest.fixture(scope="module", autouse=True)
def _no_secret_of_another_course() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(VARIABLE, raising=False)
        yield


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("toys") / "course")


@pytest.fixture(scope="module")
def address(toy: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with two workers."""
    machines = Machines(tmp_path_factory.mktemp("machines"))
    try:
        address = machines.scheduler()
        machines.worker(address, toy.root, "--nworkers", "2")
        yield address
    finally:
        machines.end()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """For a test that needs a scheduler of its own."""
    machines = Machines(tmp_path / "machines")
    try:
        yield machines
    finally:
        machines.end()


@pytest.fixture(scope="module")
def locally(toy: Course) -> dict[str, Report]:
    with Workers(toy, "toy", 1) as workers:
        return by_student(workers.grade(iter(CLASS)))


# --- What comes out -----------------------------------------------------------------------------


def test_two_workers_come_to_what_one_process_here_does(
    toy: Course, address: str, locally: dict[str, Report]
) -> None:
    with Cluster(toy, "toy", address) as cluster:
        until(lambda: len(cluster._workers()) == 2)
        graded = by_student(cluster.grade(iter(CLASS)))

    assert graded == locally
    assert {report.score for report in graded.values()} == {0, 3}


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(
    toy: Course, address: str, locally: dict[str, Report]
) -> None:
    with Cluster(toy, "toy", address) as cluster:
        until(lambda: len(cluster._workers()) == 2)
        grading = cluster.grade(iter(CLASS))
        graded = by_student(one for one in [next(grading)])
        os.kill(min(cluster._client.run(os.getpid).values()), signal.SIGKILL)
        graded |= by_student(grading)

    assert graded == locally


def test_a_class_leaves_nothing_on_the_cluster_but_a_process_for_each_thread(
    toy: Course, address: str
) -> None:
    for _again in range(2):
        with Cluster(toy, "toy", address) as cluster:
            until(lambda: len(cluster._workers()) == 2)
            by_student(cluster.grade(iter(CLASS)))

    with Cluster(toy, "toy", address) as cluster:
        until(lambda: not any(w["metrics"]["task_counts"] for w in cluster._workers().values()))
        assert not cluster._client.who_has()
    assert len(grading_processes(toy)) == 2


def test_submissions_are_taken_as_they_can_be_graded(toy: Course, address: str) -> None:
    taken = []

    def class_of_a_thousand() -> Iterator[Submission]:
        for number in range(1000):
            taken.append(number)
            yield submission(number)

    with Cluster(toy, "toy", address) as cluster:
        grading = cluster.grade(class_of_a_thousand())
        next(grading)

        assert len(taken) <= 3 * 2


def test_whatever_is_sent_is_text_or_bytes(
    toy: Course, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cluster(toy, "toy", address) as cluster:
        sent: list[object] = []
        submit = cluster._client.submit

        def watched(function: object, *arguments: object, **options: object) -> object:
            sent.extend([*arguments, *options.values()])
            return submit(function, *arguments, **options)

        monkeypatch.setattr(cluster._client, "submit", watched)
        by_student(cluster.grade([CLASS[0]]))

    assert {type(one) for one in sent} == {str, bytes}
    names = " ".join(one for one in sent if isinstance(one, str))
    assert CLASS[0].student not in names
    secret = (toy.root / FILE_NAME).read_bytes().strip()
    assert not any(secret in one for one in sent if isinstance(one, bytes))


# --- What is the same everywhere, or refused ----------------------------------------------------


def test_an_error_in_the_checks_is_the_authors_and_says_where(toy: Course, address: str) -> None:
    with Cluster(toy, "broken", address) as cluster, pytest.raises(AuthorError) as caught:
        list(cluster.grade([CLASS[0]]))

    assert str(toy.root) in str(caught.value) and "test_seen.py" in str(caught.value)


def test_a_worker_is_held_to_the_same_checks_with_each_submission(
    toy: Course, address: str
) -> None:
    seen = toy.visible_checks("changing") / "test_seen.py"
    with Cluster(toy, "changing", address) as cluster:
        seen.write_text(SEEN.replace("[3.0, 5.0]", "[4.5, 7.5]"))
        with pytest.raises(OperatorError, match=r"(?s)the checks, .* are others.*fix: "):
            list(cluster.grade([CLASS[0]]))


def test_workers_with_other_checks_or_without_the_secret_are_named_and_not_used(
    toy: Course, machines: Machines, tmp_path: Path
) -> None:
    other = make_course(tmp_path / "other")
    (other.hidden_checks("toy") / "test_unseen.py").write_text(UNSEEN + "\n# Another.\n")
    without = make_course(tmp_path / "without")
    (without.root / FILE_NAME).unlink()
    address = machines.scheduler()
    machines.worker(address, toy.root, "--no-nanny", "--name", "good")
    machines.worker(address, other.root, "--no-nanny", "--name", "changed")
    machines.worker(address, without.root, "--no-nanny", "--name", "bare")
    machines.worker(address, tmp_path, "--no-nanny", "--name", "nowhere")
    machines.wait_for(address, 4)

    with pytest.raises(OperatorError) as caught, Cluster(toy, "toy", address):
        pass

    said = str(caught.value)
    assert re.search(r"changed, \S+other: checks [0-9a-f]{16}, here [0-9a-f]{16}\n", said)
    assert re.search(r"bare, \S+without: the course secret is not there\n", said)
    assert re.search(r"nowhere, \S+: no course\.toml in ", said)
    assert "good" not in said and "fix: " in said
    assert not (without.root / FILE_NAME).exists()
    assert not grading_processes(other) and not grading_processes(without)


# --- What a worker does, here in this process ---------------------------------------------------


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """A course in which this process grades as a Dask worker would."""
    course = make_course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    yield course
    remote._processes._end()


def answer_of(course: Course, submission: Submission, key: str | None = None) -> remote.Answer:
    key = key or remote.setup_of(course, "toy", "en").key
    answer = remote.grade("toy", "en", key, frames.encode(submission))
    return msgspec.msgpack.decode(answer, type=remote.Answer)


def test_a_process_is_kept_for_the_next_submission_and_not_for_other_checks(
    at_work: Course,
) -> None:
    first = answer_of(at_work, submission(0))
    [kept] = grading_processes(at_work)
    again = answer_of(at_work, submission(0))
    [still] = grading_processes(at_work)
    seen = at_work.visible_checks("toy") / "test_seen.py"
    seen.write_text(SEEN.replace("[3.0, 5.0]", "[4.5, 7.5]"))
    changed = answer_of(at_work, submission(0))
    [new] = grading_processes(at_work)

    assert apart_from_times(first.report) == apart_from_times(again.report)
    assert (first.report and first.report.score, changed.report and changed.report.score) == (3, 2)
    assert kept == still != new


def test_a_submission_that_ends_the_grading_process_again_and_again_is_given_up(
    at_work: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.workers._DEATHS", 1)
    deadly = submission(0, "def double(x): return 0 * x + 666\n")

    assert answer_of(at_work, deadly) == remote.Answer()
    assert not grading_processes(at_work)


def test_a_grading_process_that_loads_other_files_than_it_should_is_refused(
    at_work: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "0" * 64
    monkeypatch.setattr(remote, "setup_of", lambda *_: remote.Setup(key=key))

    answer = answer_of(at_work, submission(0), key)

    assert answer.report is None and answer.code == 2
    assert re.search(r"(?s)changed since the run began.*fix: ", answer.said)
    assert not grading_processes(at_work)


# --- When machines are lost ---------------------------------------------------------------------


def test_a_submission_that_takes_workers_down_is_given_up_and_the_class_goes_on(
    tmp_path: Path, machines: Machines
) -> None:
    course = make_course(tmp_path / "course")
    machines.variables["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "0"
    address = machines.scheduler()
    machines.worker(address, course.root)
    slow = submission(0, "time.sleep(60)\ndef double(x): return {factor} * x\n")

    def submissions() -> Iterator[Submission]:
        yield slow
        until(lambda: bool(grading_processes(course)))
        [(lost, process)] = cluster._client.run(os.getpid).items()
        os.kill(process, signal.SIGKILL)
        until(lambda: lost not in cluster._workers())
        yield submission(1)

    with Cluster(course, "toy", address) as cluster:
        graded = {one.student: report for one, report in cluster.grade(submissions())}

    assert graded["student-00"] is None
    assert apart_from_times(graded["student-01"]).score == 0


def test_where_every_worker_is_lost_the_command_says_so_and_nothing_is_left_running(
    tmp_path: Path, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.cluster._NO_WORKER_SECONDS", 0.5)
    course = make_course(tmp_path / "course")
    address = machines.scheduler()
    worker = machines.worker(address, course.root, "--no-nanny")
    machines.wait_for(address, 1)
    told: list[str] = []

    with Cluster(course, "toy", address, told.append) as cluster:
        grading = cluster.grade(iter(CLASS))
        next(grading)
        worker.kill()
        with pytest.raises(OperatorError, match=r"(?s)there is no worker.*fix: "):
            list(grading)

    assert [text.partition(";")[0] for text in told] == [f"{address}: there is no worker"]
    until(lambda: not grading_processes(course))


def test_where_the_scheduler_is_lost_the_command_says_so(
    tmp_path: Path, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.cluster._CONNECT_SECONDS", 0.5)
    course = make_course(tmp_path / "course")
    address = machines.scheduler()
    machines.worker(address, course.root, "--no-nanny")

    def submissions() -> Iterator[Submission]:
        yield submission(0, "time.sleep(60)\n")
        machines.end()
        yield submission(1)

    with (
        pytest.raises(OperatorError, match=r"(?s)the scheduler or a worker failed.*fix: "),
        Cluster(course, "toy", address) as cluster,
    ):
        list(cluster.grade(submissions()))


def test_a_worker_that_is_asked_to_end_takes_its_grading_process_along(
    tmp_path: Path, machines: Machines
) -> None:
    course = make_course(tmp_path / "course")
    address = machines.scheduler()
    worker = machines.worker(address, course.root)
    with Cluster(course, "toy", address) as cluster:
        list(cluster.grade([CLASS[0]]))

    worker.terminate()
    worker.wait()

    until(lambda: not grading_processes(course))
    assert not list(machines.temporary.glob("autograder-*"))


def test_a_scheduler_without_a_worker_and_no_scheduler_at_all_are_told(
    toy: Course, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.cluster._FIRST_WORKER_SECONDS", 0.1)
    monkeypatch.setattr("autograder.grading.cluster._CONNECT_SECONDS", 0.5)
    address = machines.scheduler()

    with (
        pytest.raises(OperatorError, match=r"(?s)there is no worker.*fix: "),
        Cluster(toy, "toy", address),
    ):
        pass
    machines.end()
    with (
        pytest.raises(OperatorError, match=r"(?s)no scheduler answers.*fix: "),
        Cluster(toy, "toy", address),
    ):
        pass


def test_that_there_is_no_worker_and_how_to_start_one_is_told_before_one_is_waited_for(
    toy: Course, machines: Machines
) -> None:
    address = machines.scheduler()
    told: list[str] = []

    def start_what_is_told(text: str) -> None:
        told.append(text)
        machines.start(*shlex.split(text.partition("&& dask ")[2]), cwd=toy.root)

    with Cluster(toy, "toy", address, start_what_is_told) as cluster:
        graded = by_student(cluster.grade([CLASS[0]]))

    assert len(graded) == 1
    [text] = told
    assert text.startswith(f"{address}: there is no worker; 30 s are left to start one")


def test_stopped_with_ctrl_c_the_same_command_goes_on(toy: Course, address: str) -> None:
    for number in range(30):
        folder = toy.root / "submitted" / f"student-{number:02}" / "toy"
        folder.mkdir(parents=True)
        (folder / "toy.py").write_text(
            "import time\ntime.sleep(0.2)\ndef double(x): return 2 * x\n"
        )
    command = [
        str(BIN / "autograder"), "grade", "--assignment", "toy", "--dask", address,
        "--json-lines", "--shard", "1/1",
    ]  # fmt: skip

    stopped = subprocess.Popen(
        command, cwd=toy.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert stopped.stdout is not None
    stopped.stdout.readline()
    stopped.send_signal(signal.SIGINT)
    said = stopped.communicate()[1]
    first = len(list((toy.root / "reports").glob("*/toy/report.json")))
    second = subprocess.run(command, cwd=toy.root, capture_output=True, text=True, check=True)

    assert stopped.returncode == 128 + signal.SIGINT
    assert "the same command goes on from there" in said and "Traceback" not in said
    assert 0 < first < 30
    assert f'"unchanged":{first}' in second.stdout
    assert len(list((toy.root / "reports").glob("*/toy/report.json"))) == 30


# --- Who could listen ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:1"]
)
def test_a_scheduler_of_this_machine_alone_may_be_plain(address: str) -> None:
    assert checked_address(address) == "tcp://" + address.removeprefix("tcp://")


@pytest.mark.parametrize(
    "address",
    ["192.0.2.1:8786", "tcp://192.0.2.1:8786", "tcp://0.0.0.0:8786", "tcp://[2001:db8::1]:8786",
     "tcp://no-such-host.invalid:8786"],
)  # fmt: skip
def test_a_plain_scheduler_on_the_network_is_refused(address: str) -> None:
    with pytest.raises(OperatorError, match=r"(?s)others on the network.*fix: tls://"):
        checked_address(address)


def test_a_name_with_one_address_on_the_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(2, 1, 6, "", ("127.0.0.1", 0)), (2, 1, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *arguments, **options: both)

    with pytest.raises(OperatorError, match="others on the network"):
        checked_address("tcp://head:8786")


@pytest.mark.parametrize("address", ["", "8786", "127.0.0.1", "ucx://127.0.0.1:1", "tcp://[::1:1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(OperatorError, match=r"(?s)is no address of a scheduler.*fix: "):
        checked_address(address)


def test_one_worker_that_listens_to_the_network_in_plain_is_enough_to_refuse(
    toy: Course, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cluster(toy, "toy", address) as cluster:
        info = {"address": address, "workers": {"tcp://192.0.2.1:4": {"nthreads": 1}}}
        monkeypatch.setattr(cluster._client, "scheduler_info", lambda **options: info)

        with pytest.raises(OperatorError, match=r"tcp://192\.0\.2\.1:4: others on the network"):
            list(cluster.grade([CLASS[0]]))


def test_tls_without_certificates_is_refused(toy: Course) -> None:
    with pytest.raises(OperatorError, match=r"(?s)not told of certificates.*fix: "):
        Cluster(toy, "toy", "tls://127.0.0.1:8786")


def test_without_the_extra_the_command_says_what_to_install(
    toy: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.chdir(toy.root)

    code = cli.run(["grade", "submitted", "--assignment", "toy", "--dask", "tcp://127.0.0.1:1"])

    assert code == 2
    assert "pip install --editable '.[grade,cluster]'" in capsys.readouterr().err


# --- The document -------------------------------------------------------------------------------

DOCUMENT = ROOT / "docs" / "more-than-one-machine.md"


def commands(program: str) -> list[list[str]]:
    """The document's command lines of one program, in order."""
    lines = re.findall(r"^\$ (.*)", DOCUMENT.read_text(), re.M)
    return [shlex.split(line) for line in lines if line.startswith(program)]


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """A folder with the document's certificates, and its configuration of Dask."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    for command in commands("openssl"):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    [configuration] = re.findall(r"```yaml\n(distributed:.*?)```", DOCUMENT.read_text(), re.S)
    (folder / "grading.yaml").write_text(configuration.replace("/etc/grading", str(folder)))
    return folder


def test_the_documents_certificates_let_its_commands_grade_and_nobody_else_in(
    toy: Course, certificates: Path, machines: Machines, locally: dict[str, Report]
) -> None:
    (tls_scheduler, _plain), (tls_worker, _plain_too) = (
        commands("dask scheduler"), commands("dask worker"),
    )  # fmt: skip
    machines.variables["DASK_CONFIG"] = str(certificates)
    address = machines.scheduler(*tls_scheduler[2:])
    machines.start(
        *(one.replace("tls://HEAD:8786", address) for one in tls_worker[1:]), cwd=toy.root
    )
    folder = toy.root / "handed-in" / CLASS[0].student / "toy"
    folder.mkdir(parents=True)
    (folder / "toy.py").write_text("def double(x): return 2 * x\n")

    graded = subprocess.run(
        [str(BIN / "autograder"), "grade", "handed-in", "--assignment", "toy", "--shard", "1/1",
         "--dask", address, "--output", str(machines.temporary / "output")],
        cwd=toy.root,
        env={**os.environ, "DASK_CONFIG": str(certificates)},
        capture_output=True,
        text=True,
    )  # fmt: skip

    assert graded.returncode == 0, graded.stderr
    assert address.startswith("tls://127.0.0.1:")
    host, _colon, port = address.removeprefix("tls://").partition(":")
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    context.check_hostname = False
    with (
        pytest.raises(ssl.SSLError, match="certificate required"),
        socket.create_connection((host, int(port))) as plain,
        context.wrap_socket(plain) as stranger,
    ):
        assert stranger.recv(1), "it waits for no certificate"


def test_the_documents_plain_commands_are_of_this_machine_alone() -> None:
    plain = [one for program in ("dask", "autograder") for one in commands(program)
             if not any("tls" in part for part in one)]  # fmt: skip

    assert [one[:2] for one in plain] == [
        ["dask", "scheduler"],
        ["dask", "worker"],
        ["autograder", "grade"],
    ]
    assert all("127.0.0.1" in " ".join(one) for one in plain)
    assert [checked_address(part) for one in plain for part in one if "://" in part]
