"""What hostile and broken student code does to its own checks, and to nothing else."""

import gc
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from autograder.checks import Student
from autograder.errors import FailureKind, StudentFailure
from autograder.sandbox import session as session_module
from autograder.sandbox.host import Sandbox
from autograder.sandbox.inside import wire
from autograder.sandbox.session import (
    MAX_RELOADS,
    QUICK_CPU_SECONDS,
    SandboxedStudent,
    WallTimeout,
)
from autograder.spec import AssignmentSpec
from autograder.submission import Cell
from tests.autograder.sandbox.conftest import SPEC

Load = Callable[..., Any]  # the fixture's function, see conftest.py

GOOD = """
def good():
    return 42
"""
# Finds the one socket, and the number of the request that is being answered.
ATTACK = """
import os, stat, struct, sys
from inside import wire
def forge(data):
    for fd in range(3, 64):
        try:
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                continue
        except OSError:
            continue
        while data:
            data = data[os.write(fd, data):]
def the_number():
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request"].id
"""
SPIN = "while True: pass"

ENDING_STATEMENTS = {
    "exit": "import os; os._exit(0)",
    "abort": "import os; os.abort()",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "alarm": "import signal; signal.setitimer(signal.ITIMER_REAL, 0.01); signal.pause()",
    "closed": "import os; os.closerange(3, 64)",
}


# --- Loading ------------------------------------------------------------------------------------


def test_an_endless_loop_while_loading_loses_only_itself_and_is_named_by_file_and_line(
    load: Load,
) -> None:
    loaded = load("x = 1\n\nwhile x:\n    pass\ny = 2\n", "def sum():\n    return x + y\n")

    [problem] = loaded.problems

    assert problem.line == 3
    assert problem.message.startswith("hers.py:3: stopped: it ran too long")
    assert loaded.check("sum") == 3


@pytest.mark.parametrize("statement", ENDING_STATEMENTS.values(), ids=ENDING_STATEMENTS)
def test_a_statement_that_ends_the_process_loses_only_itself(statement: str, load: Load) -> None:
    loaded = load(f"a = 1\nif True: {statement}\nb = 2\ndef sum(): return a + b\n", wall_factor=0.5)

    assert [problem.line for problem in loaded.problems] == [2]
    assert loaded.check("sum") == 3


@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP", "SIGTERM"])
def test_a_signal_to_itself_does_nothing_to_the_first_process_of_a_namespace(
    number: str, load: Load, sandbox: Sandbox
) -> None:
    assert "pid-namespace" in sandbox.layers

    loaded = load(f"import os, signal\nos.kill(os.getpid(), signal.{number})\n", GOOD)

    assert loaded.problems == []
    assert loaded.check("good") == 42


@pytest.mark.parametrize(
    "statement", ["raise SystemExit(3)", "exit()", "raise KeyboardInterrupt", "1 / 0", "def f(:"]
)
def test_a_statement_that_raises_costs_no_reload(
    statement: str, load: Load, sandbox: Sandbox
) -> None:
    before = sandbox._count

    loaded = load(statement, GOOD)

    assert len(loaded.problems) == 1
    assert loaded.check("good") == 42
    assert sandbox._count == before + 1


def test_a_statement_that_eats_all_memory_loses_only_itself(load: Load) -> None:
    loaded = load("import torch\nhog = [torch.empty(2**24) for _ in range(99)]\n", GOOD)

    [problem] = loaded.problems

    assert "Error" in problem.message or "out of memory" in problem.message
    assert loaded.check("good") == 42


def test_a_file_is_loaded_without_all_statements_that_kill_it(load: Load, sandbox: Sandbox) -> None:
    before = sandbox._count

    loaded = load("import os\n" + "os._exit(1)\n" * (MAX_RELOADS - 1) + GOOD)

    assert len(loaded.problems) == MAX_RELOADS - 1
    assert loaded.check("good") == 42
    assert sandbox._count == before + 1 + MAX_RELOADS  # the first one told no places


def test_a_file_that_kills_its_process_over_and_over_is_given_up(
    load: Load, sandbox: Sandbox
) -> None:
    before = sandbox._count

    loaded = load("import os\n" + "os._exit(1)\n" * 50 + GOOD)

    assert sandbox._count == before + 1 + MAX_RELOADS
    for _ in range(2):
        failure = loaded.failure("good")
        assert failure.kind is FailureKind.DIED
        assert "hers.py:" in failure.message
    assert sandbox._count == before + 1 + MAX_RELOADS


def test_a_statement_that_waits_is_tried_twice_before_it_counts(
    load: Load, sandbox: Sandbox
) -> None:
    before = sandbox._count

    loaded = load("import time\ntime.sleep(60)\n", GOOD, wall_factor=0.8)

    assert sandbox._count == before + 4
    assert "waited too long" in loaded.problems[0].message
    assert loaded.check("good") == 42


def test_what_loads_quickly_loads_in_one_child_without_a_word_on_the_way(
    load: Load, sandbox: Sandbox
) -> None:
    before = sandbox._count

    loaded = load("x = 1\nx / 0\n" + GOOD)

    assert sandbox._count == before + 1
    assert [(one.line, one.message) for one in loaded.problems] == [
        (2, "hers.py:2: ZeroDivisionError: division by zero")
    ]
    assert loaded.check("good") == 42


def test_cycles_that_hold_tensors_do_not_use_up_the_memory_of_right_code(load: Load) -> None:
    loaded = load(
        """
import torch
class Step:
    def __init__(self):
        self.me = self.undo
        self.notes = [[] for _ in range(20)]
        self.buffer = torch.zeros(256, 1024)
    def undo(self): pass
def good():
    for _ in range(4 * 1024):  # a MiB each, four times what there is
        Step()
    return 42
""",
        memory_mib=1024,
        check_cpu_seconds=60.0,
    )

    assert loaded.check("good") == 42


def test_the_collector_of_a_child_is_as_in_any_python_and_finds_nothing_of_the_rehearsal(
    load: Load,
) -> None:
    loaded = load(
        """
import gc
from torch import nn
def good():
    of_the_sample = [one for one in nn.Module.__subclasses__() if one.__name__ == "Mixed"]
    return f"{gc.isenabled()} {gc.get_threshold()} {of_the_sample}"
"""
    )

    assert loaded.check("good") == f"True {gc.get_threshold()} []"


def test_what_takes_longer_than_a_quick_load_has_all_its_time(load: Load, sandbox: Sandbox) -> None:
    before = sandbox._count

    loaded = load(
        f"import time\nwhile time.process_time() < {QUICK_CPU_SECONDS * 2}: pass\n" + GOOD,
        statement_cpu_seconds=QUICK_CPU_SECONDS * 10,
    )

    assert loaded.problems == []
    assert loaded.check("good") == 42
    assert sandbox._count == before + 2


def test_a_thousand_statements_that_each_wait_a_little_do_not_hold_up_the_class(
    load: Load, sandbox: Sandbox
) -> None:
    before = sandbox._count

    loaded = load("import time\n" + "time.sleep(0.05)\n" * 1000, GOOD, wall_factor=0.2)

    assert sandbox._count <= before + MAX_RELOADS
    assert loaded.kind("good") is FailureKind.DIED


def test_loading_again_and_again_takes_a_bounded_time(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "ALL_LOADS_WORTH", 1)
    busy = "import os, time\nwhile time.process_time() < 0.2: pass\ndef die(): os._exit(1)\n"

    loaded = load(busy)
    kinds = [loaded.kind("die") for _ in range(10)]

    assert kinds[0] is FailureKind.DIED
    assert kinds[-1] is FailureKind.NOT_RUN
    assert loaded.problems == []


def test_all_checks_together_take_a_bounded_time(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "ALL_CHECKS_WORTH", 1)
    loaded = load(
        "import time\ndef nap():\n    time.sleep(0.1)\n    return 1\n",
        check_cpu_seconds=0.1,
        wall_factor=3.0,
    )

    kinds = []
    for _ in range(6):  # each of them within its own time
        try:
            kinds.append(loaded.check("nap"))
        except StudentFailure as failure:
            kinds.append(failure.kind)

    assert kinds[0] == 1
    assert kinds[-1] is FailureKind.NOT_RUN


def test_a_second_session_goes_on_with_the_time_of_the_first(load: Load, sandbox: Sandbox) -> None:
    first = load(GOOD).session
    first._loading.spend(first._loading.cpu_seconds, 0.0)

    second = SandboxedStudent(
        sandbox, [Cell(GOOD, "hers.py", 1)], "hers", SPEC.limits, 7, earlier=first
    )
    second.load()
    second.begin_check("one", 0)

    with pytest.raises(StudentFailure) as failure:
        second.request(wire.Call("good", ()), [])
    assert failure.value.kind is FailureKind.NOT_RUN


def test_frames_sent_while_loading_do_not_stretch_the_time(load: Load) -> None:
    loaded = load(
        ATTACK,
        """
import time
while True:
    frame = wire.encode(wire.Reply(the_number(), wire.Progress(0, 3, "x" * 10**6, 99), 0, ""), [])
    forge(frame)
    time.sleep(0.02)
""",
        wall_factor=0.2,
    )

    assert loaded.kind("anything") is FailureKind.DIED
    assert all(len(problem.message) < 2 * wire.MAX_TEXT for problem in loaded.problems)


def test_forged_problems_are_few_short_and_readable(load: Load) -> None:
    loaded = load(
        ATTACK,
        """
text = "\\x1b[2J\\x00\\u202e" + "x" * 9000
failed = tuple(wire.StatementStatus(n, n, n, text) for n in range(400))
forge(wire.encode(wire.Reply(the_number(), wire.Loaded(failed), 0, ""), []))
""",
    )

    assert len(loaded.problems) <= 257
    for problem in loaded.problems:
        assert len(problem.message) < 2 * wire.MAX_TEXT
        assert "\x1b" not in problem.message
        assert "\x00" not in problem.message
        assert "\u202e" not in problem.message


def test_a_file_too_large_to_send_is_the_students_failure(load: Load) -> None:
    loaded = load("# " + "\N{GRINNING FACE}" * (wire.MAX_MESSAGE_BYTES // 4))

    failure = loaded.failure("good")

    assert failure.kind is FailureKind.DIED
    assert "too large" in failure.message


def test_lone_surrogates_in_the_source_do_no_harm(load: Load) -> None:
    loaded = load("text = '\ud800'\n" + GOOD)

    assert loaded.check("good") == 42


def test_ten_megabytes_printed_are_counted_and_cut(load: Load) -> None:
    loaded = load("print('x' * 10**7)\n" + GOOD)

    assert loaded.session.printed_bytes >= 10**7
    assert len(loaded.session.printed) <= wire.MAX_TEXT
    assert loaded.check("good") == 42


# --- Calls that run too long or end the process -------------------------------------------------


def test_an_endless_loop_fails_its_check_with_a_hint_at_the_loop(load: Load) -> None:
    loaded = load(f"def spin():\n    {SPIN}\n", GOOD)

    failure = loaded.failure("spin")

    assert failure.kind is FailureKind.TIMEOUT
    assert "loop that never ends" in failure.message
    assert loaded.check("good") == 42


def test_after_two_time_outs_in_one_exercise_its_other_checks_are_not_run(load: Load) -> None:
    loaded = load(f"def spin():\n    {SPIN}\n", GOOD)

    assert loaded.kind("spin") is FailureKind.TIMEOUT
    assert loaded.check("good") == 42
    assert loaded.kind("spin") is FailureKind.TIMEOUT

    failure = loaded.failure("good")
    assert (failure.kind, failure.message) == (FailureKind.NOT_RUN, "not run: time used up")
    assert loaded.check("good", exercise="two") == 42


def test_the_requests_of_one_check_share_one_budget(load: Load) -> None:
    loaded = load("""
        import time
        def work():
            start = time.process_time()
            while time.process_time() < start + 0.12: pass
    """)
    loaded.session.begin_check("one", 0)

    with pytest.raises(StudentFailure, match="too long"):
        for _ in range(10):
            loaded.student.call("work")


def test_a_call_that_waits_is_told_apart_so_that_it_can_be_tried_again(load: Load) -> None:
    loaded = load("import time\ndef sleep():\n    time.sleep(60)\n", GOOD, wall_factor=2.0)

    for _ in range(3):
        failure = loaded.failure("sleep")
        assert isinstance(failure, WallTimeout)
        assert failure.kind is FailureKind.TIMEOUT
    assert loaded.check("good") == 42


@pytest.mark.parametrize("statement", ENDING_STATEMENTS.values(), ids=ENDING_STATEMENTS)
def test_a_call_that_ends_the_process_fails_only_its_own_check(statement: str, load: Load) -> None:
    loaded = load(f"def end():\n    {statement}\n", GOOD, wall_factor=2.0)

    assert loaded.kind("end") in (FailureKind.DIED, FailureKind.TIMEOUT)
    assert loaded.check("good") == 42


def test_a_memory_hog_is_named_and_its_neighbours_are_fine(load: Load) -> None:
    neighbour = load(GOOD)
    loaded = load(
        "import torch\ndef hog():\n    return [torch.empty(2**24) for _ in range(99)]\n", GOOD
    )  # fmt: skip

    failure = loaded.failure("hog")

    assert failure.kind in (FailureKind.RAISED, FailureKind.DIED)
    assert "memory" in failure.message
    assert neighbour.check("good") == 42
    assert loaded.check("good") == 42


def test_a_spinning_thread_harms_only_the_file_that_started_it(load: Load) -> None:
    neighbour = load(GOOD)
    loaded = load(
        f"import threading\ndef spin():\n    {SPIN}\ndef start():\n"
        "    for _ in range(4): threading.Thread(target=spin).start()\n", GOOD,
    )  # fmt: skip

    loaded.check("start")

    assert neighbour.check("good") == 42


# --- What is sent in place of an answer ---------------------------------------------------------

BYTES = {
    "half a frame": (b'struct.pack("<II", 1000, 0) + b"half"', FailureKind.TIMEOUT),
    "garbage": (b'struct.pack("<II", 999, 0) + bytes(range(256)) * 4', FailureKind.REFUSED),
    "a huge length": (b'b"\\xff" * 8', FailureKind.REFUSED),
    "nothing": (b'struct.pack("<II", 0, 0)', FailureKind.REFUSED),
    "huge tensors": (
        b'struct.pack("<II", 8, 16) + b"\\xc0" * 8 + b"\\xff" * 16', FailureKind.REFUSED,
    ),
    "another number": (
        b'wire.encode(wire.Reply(the_number() + 9, wire.Done(), 0, ""), [])', FailureKind.REFUSED,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "kind"), BYTES.values(), ids=BYTES)
def test_bytes_that_are_no_answer_fail_the_check_and_the_next_one_is_fine(
    frame: bytes, kind: FailureKind, load: Load
) -> None:
    attack = f"def attack():\n    forge({frame.decode()})\n    import signal; signal.pause()\n"
    loaded = load(ATTACK, attack, GOOD, wall_factor=2.0)

    assert loaded.kind("attack") is kind
    assert loaded.check("good") == 42


ANSWERS = {
    "of another kind": 'wire.Hello(("all",))',
    "with progress": 'wire.Progress(0, 0, "x", 1)',
    "without its tensor": 'wire.Returned("tensor", "t", 7, None, "", False, ())',
    "with tensors from behind": 'wire.Returned("number", "t", None, 1, "", False, (-1,))',
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_does_not_fit_fails_the_check(answer: str, load: Load) -> None:
    attack = f"def attack():\n    forge(wire.encode(wire.Reply(the_number(), {answer}, 0, ''), []))"
    loaded = load(ATTACK, attack, GOOD)

    assert loaded.kind("attack") is FailureKind.REFUSED
    assert loaded.kind("good") is FailureKind.REFUSED, "the real answer comes too late"
    assert loaded.check("good") == 42


def test_an_answer_dripped_byte_by_byte_runs_out_of_wall_time(load: Load) -> None:
    loaded = load(
        ATTACK,
        """
import time
def drip():
    forge(struct.pack("<II", 10**6, 0))
    while True:
        forge(b"\\x07")
        time.sleep(0.01)
""",
        GOOD,
        wall_factor=2.0,
    )

    assert loaded.kind("drip") is FailureKind.TIMEOUT
    assert loaded.check("good") == 42


def test_a_child_that_never_reads_does_not_block_the_grader(load: Load) -> None:
    loaded = load("import signal\ndef freeze(image):\n    signal.pause()\n", GOOD, wall_factor=1.0)
    loaded.session.begin_check("one", 0)
    image = torch.zeros(1000, 1000)

    with pytest.raises(WallTimeout):
        loaded.student.call("freeze", image)
    assert loaded.check("good") == 42


def test_a_child_that_stops_reading_in_the_middle_does_not_block_the_grader(load: Load) -> None:
    loaded = load(
        ATTACK,
        """
import signal, inside.child
def stop_reading():
    inside.child.receive = lambda sock: signal.pause()
""",
        wall_factor=1.0,
    )
    loaded.session.begin_check("one", 0)
    loaded.student.call("stop_reading")

    with pytest.raises(WallTimeout):
        loaded.student.call("stop_reading", torch.zeros(2000, 2000))


def test_answers_sent_ahead_are_answers_to_her_own_questions_only(load: Load) -> None:
    neighbour = load(GOOD)
    loaded = load(
        ATTACK,
        """
def cheat():
    returned = wire.Returned("number", "int", None, 1000.0, "", False, ())
    for ahead in range(1, 4):
        reply = wire.Reply(the_number() + ahead, returned, 0, "")
        forge(wire.encode(reply, []))
    return 1
""",
        GOOD,
    )

    loaded.session.begin_check("one", 0)
    with pytest.raises(StudentFailure, match="refuse to read"):
        loaded.student.call("cheat")

    assert neighbour.check("good") == 42
    assert loaded.check("good") == 42


def test_a_forged_answer_is_data_and_ends_the_child_when_the_real_one_comes(load: Load) -> None:
    loaded = load(
        ATTACK,
        """
def cheat():
    returned = wire.Returned("number", "int", None, 1000.0, "", False, ())
    forge(wire.encode(wire.Reply(the_number(), returned, 0, ""), []))
    return 1
""",
        GOOD,
    )

    assert loaded.check("cheat") == 1000
    assert loaded.kind("good") is FailureKind.REFUSED
    assert loaded.check("good") == 42


def test_forged_texts_are_short_and_hold_no_control_characters(load: Load) -> None:
    loaded = load(
        ATTACK,
        """
def cheat():
    text = "\\x1b[31mred\\x00\\u202e" + "x" * 10**6
    sentence = "{name} raised {error}{where}"
    failed = wire.Failed("raised", sentence, {"name": text, "error": "", "where": ""}, text)
    forge(wire.encode(wire.Reply(the_number(), failed, 2**63, text), []))
""",
    )

    failure = loaded.failure("cheat")

    for text in (failure.message, failure.detail, loaded.session.printed):
        assert len(text) < 2 * wire.MAX_TEXT
        assert text.startswith(r"\x1b[31mred\x00\u202e")


# --- What is returned and raised ----------------------------------------------------------------

RETURNS = {
    "expanded": ("torch.ones(1).expand(10**9)", FailureKind.REFUSED),
    "100 MB": ("torch.zeros(25, 10**6)", FailureKind.REFUSED),
    "many": ("[torch.zeros(2**20)] * 100", FailureKind.WRONG_TYPE),
    "sparse": ("torch.eye(3).to_sparse()", FailureKind.REFUSED),
    "meta": ("torch.ones(3, device='meta')", FailureKind.REFUSED),
    "complex": ("torch.ones(3, dtype=torch.complex64)", FailureKind.REFUSED),
    "nested": ("torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])", FailureKind.REFUSED),
    "a loop in a generator": ("(x for x in iter(lambda: None, 1))", FailureKind.WRONG_TYPE),
    "itself": ("(lambda l: l.append(l) or l)([])", FailureKind.WRONG_TYPE),
    "recursion": ("again()", FailureKind.RAISED),
    "exit": ("__import__('sys').exit(1)", FailureKind.RAISED),
    "interrupt": ("(_ for _ in ()).throw(KeyboardInterrupt)", FailureKind.RAISED),
}


@pytest.mark.parametrize(("value", "kind"), RETURNS.values(), ids=RETURNS)
def test_an_answer_of_a_kind_we_do_not_read_fails_and_leaves_the_child_alive(
    value: str, kind: FailureKind, load: Load, sandbox: Sandbox
) -> None:
    loaded = load(f"import torch\ndef answer():\n    return {value}\nagain = answer\n", GOOD)
    before = sandbox._count
    loaded.session.begin_check("one", 0)

    with pytest.raises(StudentFailure) as caught:
        loaded.student.answer()

    assert caught.value.kind is kind
    assert loaded.check("good") == 42
    assert sandbox._count == before


def test_an_exception_whose_text_never_ends_runs_out_of_time(load: Load) -> None:
    loaded = load(
        f"class Bad(Exception):\n    def __str__(self):\n        {SPIN}\ndef fail():\n"
        "    raise Bad\n", GOOD,
    )  # fmt: skip

    assert loaded.kind("fail") is FailureKind.TIMEOUT
    assert loaded.check("good") == 42


@pytest.mark.parametrize(
    "text",
    ["'x' * 10**8", r"'\ud800\x00\x1b[2J\u202e'", "1 / 0", "exit()", "None", "'x' * 10**12"],
)
def test_an_exceptions_text_is_cut_and_readable_whatever_it_is(text: str, load: Load) -> None:
    loaded = load(
        f"class Bad(Exception):\n    def __str__(self):\n        return {text}\ndef fail():\n"
        "    raise Bad\n", GOOD, check_cpu_seconds=2.0,
    )  # fmt: skip

    failure = loaded.failure("fail")

    assert failure.kind is FailureKind.RAISED
    for shown in (failure.message, failure.detail):
        assert len(shown.encode()) < 2 * wire.MAX_TEXT
        assert all(c.isprintable() or c == "\n" for c in shown)
    assert loaded.check("good") == 42


def test_a_traceback_names_her_file_and_none_of_ours(load: Load) -> None:
    loaded = load("def fail():\n    return 1 / 0\n")

    failure = loaded.failure("fail")

    assert "ZeroDivisionError" in failure.message and "line 2" in failure.message
    assert 'File "hers.py", line 2, in fail' in failure.detail
    assert "autograder" not in failure.detail


BROKEN_STREAMS = {
    "closed": "sys.stdout.close()",
    "none": "sys.stdout = sys.stderr = None",
    "deleted": "del sys.stdout",
    "replaced": "sys.stdout = open('log', 'w')",
    "raises": "sys.stdout = object()",
    "fds": "os.close(0); os.close(1); os.close(2)",
}


@pytest.mark.parametrize("break_it", BROKEN_STREAMS.values(), ids=BROKEN_STREAMS)
def test_broken_standard_streams_cost_nothing(break_it: str, load: Load) -> None:
    loaded = load(f"import os, sys\n{break_it}\ndef also():\n    {break_it}\n", GOOD)

    loaded.session.begin_check("one", 0)
    with_errors = loaded.student
    try:
        with_errors.call("also")
    except StudentFailure as failure:
        assert failure.kind is FailureKind.RAISED
    assert loaded.check("good") == 42


STATE = """
import random, numpy, torch
def state():
    return torch.tensor([
        torch.rand(()), numpy.random.rand(), random.random(),
        torch.is_grad_enabled(), torch.get_default_dtype() == torch.float32,
    ])
"""
MESS = """
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.manual_seed(1), numpy.random.seed(1), random.seed(1)
torch.set_num_threads(4)
"""


def test_each_check_starts_with_its_seed_gradients_and_float32(load: Load) -> None:
    tidy = load(STATE)
    messy = load(STATE + MESS, "def mess():\n" + "".join(f"    {m}\n" for m in MESS.split("\n")))
    expected = tidy.check("state", seed=11)

    at_load = messy.check("state", seed=11)
    messy.check("mess", seed=12)
    after_call = messy.check("state", seed=11)

    assert expected[3:].tolist() == [1.0, 1.0]
    assert torch.equal(at_load, expected)
    assert torch.equal(after_call, expected)
    assert not torch.equal(messy.check("state", seed=12), expected)


SABOTAGE = {
    "deleted": "for name in list(vars(torch)):\n    delattr(torch, name)",
    "wrong": "torch.Tensor.__add__ = torch.ones = torch.Tensor.detach = lambda *a, **k: 1 / 0",
    "seeds": "del torch.manual_seed, torch.default_generator, torch.set_grad_enabled",
    "builtins": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = None",
    "ours": "import inside.wire, inside.values\ndel inside.wire.encode, inside.values.returned",
    "errors": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('now')",
    "trace": "import sys\nsys.settrace(lambda *a: 1 / 0)",
    "recursion": "import sys\nsys.setrecursionlimit(60)",
    "garbage": "import gc\nfor o in gc.get_objects():\n    if type(o) is dict: o.clear()",
}


@pytest.mark.parametrize("sabotage", SABOTAGE.values(), ids=SABOTAGE)
def test_sabotage_of_torch_python_or_our_side_harms_nobody_else(sabotage: str, load: Load) -> None:
    saboteur = load("import torch\n" + sabotage, GOOD)

    try:
        saboteur.check("good")
    except StudentFailure as failure:
        assert failure.kind in FailureKind

    assert load(GOOD, STATE).check("good") == 42


def test_warnings_as_errors_cost_nothing_where_there_is_no_warning(load: Load) -> None:
    loaded = load("import warnings\nwarnings.simplefilter('error')\n", STATE)

    assert loaded.check("state").shape == (5,)


def test_what_raises_between_her_code_and_ours_is_her_error_and_not_a_crash(load: Load) -> None:
    loaded = load(
        "from torch import nn\nclass Lazy(nn.Module):\n    @property\n"
        "    def weight(self):\n        raise RuntimeError('not yet')\n", GOOD,
    )  # fmt: skip
    loaded.session.begin_check("one", 0)
    layer = loaded.student.make("Lazy")

    with pytest.raises(StudentFailure) as caught:
        layer.read("weight")

    assert caught.value.kind is FailureKind.RAISED
    assert "not yet" in caught.value.message


# --- Loading again ------------------------------------------------------------------------------


def test_the_seed_of_a_check_arrives_when_its_first_request_loads_the_file_again(
    load: Load,
) -> None:
    loaded = load(STATE, "import os\ndef die():\n    os._exit(0)\n")
    expected = loaded.check("state", seed=3)
    assert loaded.kind("die") is FailureKind.DIED

    after_a_reload = loaded.check("state", seed=3)

    assert torch.equal(after_a_reload, expected)


def test_loading_again_sees_nothing_of_the_child_before(load: Load) -> None:
    loaded = load("""
        import os, builtins
        kept = []
        def keep(value):
            kept.append(value)
            builtins.kept = value
            open("kept", "w").write("x")
        def found():
            return len(kept) + hasattr(builtins, "kept") + os.path.exists("kept")
        def die():
            os._exit(0)
    """)
    loaded.check("keep", 5.0)
    assert loaded.check("found") == 3

    loaded.kind("die")

    assert loaded.check("found") == 0


def test_numbers_that_no_float_holds_come_back_as_infinity(load: Load) -> None:
    loaded = load("def large():\n    return 10**400\n")

    assert loaded.check("large") == math.inf


def test_a_connection_that_was_closed_loads_again_when_asked(
    sandbox: Sandbox, spec: AssignmentSpec
) -> None:
    session = SandboxedStudent(sandbox, [Cell(GOOD, "hers.py", 1)], "hers", spec.limits, 0)
    session.load()
    session.close()
    session.close()

    assert Student(session).call("good").value == 42
    session.close()


def test_of_an_answer_only_what_remarks_are_made_of_is_kept(load: Load) -> None:
    loaded = load("import torch\ndef f(x):\n    return torch.ones(1000)\n")

    answer = loaded.student.call("f", torch.ones(1000))

    assert len(answer.value) == 1000
    [kept] = loaded.student._answers
    assert kept.value is None and kept.arguments == ()
    assert kept.dtype == answer.dtype
