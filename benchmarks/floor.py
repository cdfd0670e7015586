"""CPU seconds of the least that grading a submission of the class can take.

The same checks through the same pytest loop in one warm process, without isolation and with
nothing written: what a submission costs beyond it is ours. Prints the mean over the hundred
answers that every class is made of.
"""

from __future__ import annotations

import contextlib
import io
import os
import time

import class_of
import torch

from autograder.checks import Draw, Student
from autograder.checks.drawing import seed_for
from autograder.grading.session import Runner, run_session
from autograder.student.local import LocalStudent
from autograder.submission import as_form

COURSE, ASSIGNMENT = class_of.COURSE, class_of.ASSIGNMENT
_WARM_UP = 10  # the first answers import what later ones find


def main() -> None:
    torch.set_num_threads(1)
    spec = COURSE.assignment(ASSIGNMENT)
    released = class_of.released_notebook()
    forms = [
        as_form(f"{ASSIGNMENT}.ipynb", class_of.filled_in(released, number), ASSIGNMENT)
        for number in range(class_of.BLOCK)
    ]
    spent: list[float] = []

    def body(runner: Runner) -> None:
        local = LocalStudent(spec)
        for form in (*forms[:_WARM_UP], *forms):
            _forget_settings()
            start = time.process_time()
            local.load(form)
            for check in runner.checks:
                seed = seed_for(b"benchmark", "inputs", check.name)
                local.begin_check()
                runner.run(check, Student(local), Draw(seed))
            spent.append(time.process_time() - start)

    with contextlib.redirect_stdout(io.StringIO()):  # students print
        run_session(COURSE.visible_checks(ASSIGNMENT), COURSE.hidden_checks(ASSIGNMENT), spec, body)
    print(sum(spent[_WARM_UP:]) / len(forms), flush=True)
    os._exit(0)  # what students' code left behind does not matter here


def _forget_settings() -> None:
    """Undo what an answer may have set; in the sandbox each has a process of its own.

    Autograd's search for anomalies alone makes the answers after it cost five times as much.
    """
    torch.autograd.set_detect_anomaly(False)
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(1)


if __name__ == "__main__":
    main()
