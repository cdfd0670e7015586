"""What ``autograder watch`` and the warm processes it keeps say to each other, as JSON.

Nothing heavy is imported here: the watching process itself never loads torch, nor student code.
"""

from __future__ import annotations

import os
import signal
from multiprocessing import connection
from typing import TypeAlias

import msgspec

from autograder.student.screen import Line, Screen


class Order(msgspec.Struct, frozen=True):
    """What is to be checked, what to say of it, and what the answer is drawn for."""

    file: str
    data: bytes
    screen: Screen
    about: str = ""


class Alive(msgspec.Struct, frozen=True, tag="alive"):
    """The order was taken, or an exercise comes next."""


class Told(msgspec.Struct, frozen=True, tag="told"):
    """What the student is told; ``verdict`` is one line of it, and empty for an error.

    ``modules`` are what the student's code imports, to be loaded ahead for the next run.
    """

    lines: tuple[Line, ...]
    verdict: str = ""
    modules: tuple[str, ...] = ()


Message: TypeAlias = Alive | Told


def work(pipe: connection.Connection, folder: str, modules: tuple[str, ...]) -> None:
    """The whole of a warm process: wait for an order on ``pipe``, answer it, and end."""
    _stand_apart()  # before torch is loaded, which takes its time
    from autograder.student.warm import serve

    serve(pipe, folder, modules)


def _stand_apart() -> None:
    """The keyboard's Control-C is the parent's, and what is printed past us goes nowhere."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        os.setsid()  # so that it can be ended with all that it started
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (1, 2):
        os.dup2(nowhere, number)


def send(pipe: connection.Connection, message: Order | Message) -> None:
    """Send ``message``."""
    pipe.send_bytes(msgspec.json.encode(message))


def read_order(pipe: connection.Connection) -> Order:
    """The order, when it comes. Raises EOFError when nobody is left to send one."""
    return msgspec.json.decode(pipe.recv_bytes(), type=Order)


def read_message(pipe: connection.Connection) -> Message:
    """The next message. Raises EOFError or OSError when the process has ended."""
    message: Message = msgspec.json.decode(pipe.recv_bytes(), type=Message)
    return message
