"""A process that waits ahead with torch loaded and the checks collected, for one run of them.

It runs what the student wrote, so it is used once: threads, patches and endless loops end with it.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from multiprocessing import connection
from pathlib import Path

import torch

from autograder import escape
from autograder.errors import AutograderError
from autograder.student.local import LocalStudent
from autograder.student.orders import Alive, Order, Told, read_order, send
from autograder.student.practice import Practise, Practised, Tried, with_checks
from autograder.student.released import Released, read_released
from autograder.student.render import render
from autograder.student.run import check_form
from autograder.student.screen import line
from autograder.submission import Form, as_form

with contextlib.suppress(Exception):  # torch's own, and not the same in every version
    # It takes a second, and torch loads it in the middle of a run: when an optimizer is made.
    import torch._dynamo

# What is slow the first time, done before there is anybody to wait for it.
_REHEARSAL = b"""
%matplotlib inline
import torch
K = torch.ones(2, 2, requires_grad=True)
torch.nn.functional.conv2d(torch.ones(1, 1, 3, 3), K[None, None]).sum().backward()
torch.optim.SGD([K], lr=0.1).step()
"""


def serve(pipe: connection.Connection, folder: str, modules: Iterable[str]) -> None:
    """Wait for an order on ``pipe``, answer it, and end the process.

    ``modules`` are loaded while there is time: a plotting library takes longer than all checks.
    """
    _end_with(pipe)
    torch.set_num_threads(1)
    import_ahead(modules)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):  # whoever asked is gone
        _Service(pipe, Path(folder)).run()
    os._exit(0)  # threads of the student's would keep the process


def _end_with(pipe: connection.Connection) -> None:
    """End this process when whoever asks is gone, even from a loop that swallows exceptions."""
    if not hasattr(select, "poll"):
        return
    poll = select.poll()
    poll.register(pipe.fileno(), 0)  # of its end alone: what it says is read elsewhere

    def wait() -> None:
        poll.poll()
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def imported_by(form: Form) -> tuple[str, ...]:
    """The modules that the student's code imports, as far as it can be read; nothing is run."""
    found: set[str] = set()
    for cell in form.cells:
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    found.update(alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module)
    return tuple(sorted(found))


def import_ahead(modules: Iterable[str]) -> None:
    """Load ``modules`` from where packages are installed: the student's folder is not looked into.

    What fails to load is left for the student's own import to tell of.
    """
    for name in modules:
        with contextlib.suppress(Exception, SystemExit):
            if name not in sys.modules:
                importlib.import_module(name)


class _Service:
    def __init__(self, pipe: connection.Connection, folder: Path) -> None:
        self._pipe = pipe
        self._folder = folder
        self._order: Order | None = None

    def run(self) -> None:
        try:
            released = read_released(self._folder)
            with_checks(self._folder, released, lambda practise: self._answer(released, practise))
        except AutograderError as error:
            if self._order is None:  # the checks are broken: it is told when somebody asks
                read_order(self._pipe)
            send(self._pipe, Told(tuple(line(one) for one in escape.lines(error).split("\n"))))

    def _answer(self, released: Released, practise: Practise) -> None:
        LocalStudent(released.spec).load(as_form("rehearsal.py", _REHEARSAL, "rehearsal"))
        self._order = order = read_order(self._pipe)
        send(self._pipe, Alive())

        def tell_between(connection: Practised, exercises: Sequence[str]) -> list[Tried]:
            tried: list[Tried] = []
            for exercise in released.exercises:
                send(self._pipe, Alive())
                tried += practise(connection, (exercise.name,))
            return tried

        form = as_form(order.file, order.data, released.name)
        shown = check_form(self._folder, released, form, tell_between, about=order.about)
        lines = tuple(render(shown, order.screen))
        verdict = f"{shown.done}; {shown.total}"
        send(self._pipe, Told(lines, verdict, imported_by(form)))
