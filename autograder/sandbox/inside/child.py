"""What a forked child does: shut itself in for good, then answer requests until it is killed."""

from __future__ import annotations

import os
import signal
import socket
import tempfile

import msgspec
from torch import Tensor

from . import lockdown, namespaces, output, proof, standins, wire, words
from .cells import describe, student_traceback
from .interpreter import Interpreter


class ChildConfig(msgspec.Struct, frozen=True):
    """What one child is started with; sent by the trusted side before any student code."""

    layers: tuple[str, ...]  # torch.nn classes that may be made
    stand_ins: tuple[str, ...]
    readable: tuple[str, ...]  # absolute paths
    scratch: str  # absolute path of a folder of its own
    private_scratch: bool  # that folder is the zygote's: put a file system of its own over it
    landlock: bool
    memory_bytes: int  # on top of what is mapped already
    file_bytes: int  # of one file, and of all files in a private scratch
    threads: int | None  # of this uid; None where the uid is not the sandbox's alone
    cpu_seconds: int  # backstop; the real limits are enforced from outside
    attempts: proof.Attempts | None = None  # what to try, in a child that is there for nothing else


def run(sock: socket.socket, config: ChildConfig, mapped_bytes: int) -> None:
    """The whole life of a child; it ends with the process."""
    _let_go_of_everything_but(sock)
    _move_to_scratch(config)
    if config.attempts is None:
        serve(sock, config, _shut_in(config, mapped_bytes))
    else:
        proofs = proof.before_lockdown(config.attempts)
        layers = _shut_in(config, mapped_bytes)
        proofs += proof.after_lockdown(config.attempts)
        proof.send(sock, layers, proofs)


def _move_to_scratch(config: ChildConfig) -> None:
    if config.private_scratch:
        namespaces.private_scratch(config.scratch, config.file_bytes)
    os.chdir(config.scratch)
    os.environ.update(HOME=config.scratch, TMPDIR=config.scratch)
    tempfile.tempdir = config.scratch  # the zygote has settled on a folder of its own by now


def _shut_in(config: ChildConfig, mapped_bytes: int) -> tuple[str, ...]:
    """Locked down from here on; the layers put on."""
    scratch = ("private-scratch",) if config.private_scratch else ()
    return scratch + lockdown.lock_down(
        lockdown.Lockdown(
            readable=config.readable,
            writable=(config.scratch, os.devnull),  # what people redirect prints to
            address_space_bytes=mapped_bytes + config.memory_bytes,
            file_bytes=config.file_bytes,
            cpu_seconds=config.cpu_seconds,
            threads_of_uid=config.threads,
            landlock=config.landlock,
        )
    )


def serve(sock: socket.socket, config: ChildConfig, active: tuple[str, ...]) -> None:
    """Answer requests until the other end closes."""
    printed = output.CappedOutput()
    output.replace_standard_streams(printed)
    standins.replace("autograder")  # a submission's own check() calls do nothing here
    interpreter = Interpreter(config.layers, config.stand_ins)
    send(sock, wire.Reply(0, wire.Hello(active), 0, ""), [])
    while True:
        received = receive(sock)
        if received is None:
            return
        request, tensors = received

        def progress(
            cell: int, statement: int, name: str, line: int, number: int = request.id
        ) -> None:
            at = wire.Progress(cell, statement, name, line)
            send(sock, wire.Reply(number, at, 0, ""), [])

        result: wire.Result
        try:
            result, back = interpreter.answer(request, tensors, progress)
        except BaseException as error:  # student code broke what we call without it in between
            values = {"name": "it", "error": describe(error), "where": ""}
            result = wire.Failed("raised", words.RAISED, values, student_traceback(error))
            back = []
        send(sock, wire.Reply(request.id, result, *printed.take()), back)


def send(sock: socket.socket, reply: wire.Reply, tensors: list[Tensor]) -> None:
    """Write one frame."""
    try:
        frame = wire.encode(reply, tensors)
    except wire.WireError:
        refused = wire.Failed("refused", words.REFUSED_FRAME, {}, "")
        frame = wire.encode(wire.Reply(reply.id, refused, 0, ""), [])
    sock.sendall(frame)


def receive(sock: socket.socket) -> tuple[wire.Request, list[Tensor]] | None:
    """Read one frame; None at the end of the stream."""
    header = _exactly(sock, wire.HEADER.size)
    if header is None:
        return None
    body_bytes, blob_bytes = wire.sizes(header)
    content = _exactly(sock, body_bytes + blob_bytes)
    if content is None:
        return None
    return wire.decode_request(content[:body_bytes], content[body_bytes:])


def _exactly(sock: socket.socket, count: int) -> bytes | None:
    content = sock.recv(count) if count else b""  # nearly always all of it
    while len(content) < count:
        more = sock.recv(count - len(content))
        if not more:
            return None
        content += more
    return content


def _let_go_of_everything_but(sock: socket.socket) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    keep = sock.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, 1024)
