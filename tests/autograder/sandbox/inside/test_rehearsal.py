"""What the zygote does beforehand is done as a child does it, and leaves nothing behind."""

from __future__ import annotations

import gc
import linecache
import random
import socket
import sys
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from autograder.sandbox.inside import child, rehearsal, wire


def replies() -> list[wire.Reply]:
    """What serving the sample once gives, but for the progress of loading it."""
    here, there = socket.socketpair()
    requests = list(rehearsal._requests())
    for number, (operation, tensors) in enumerate(requests):
        seed = None if number else 20
        here.sendall(wire.encode(wire.Request(number, seed, operation), tensors))
    here.shutdown(socket.SHUT_WR)
    with there, rehearsal._put_back():
        child.serve(there, rehearsal._CONFIG, ())
    found = []
    with here, here.makefile("rb") as stream:
        while header := stream.read(wire.HEADER.size):
            message_bytes, tensor_bytes = wire.sizes(header)
            reply, _ = wire.decode_reply(stream.read(message_bytes), stream.read(tensor_bytes))
            if not isinstance(reply.result, wire.Progress):
                found.append(reply)
    return found


def state() -> tuple[object, ...]:
    """What student code could see of an earlier run in its process."""
    gc.collect()
    return (
        [id(getattr(sys, name)) for name in ("stdin", "stdout", "stderr", "__stdout__")],
        [id(finder) for finder in sys.meta_path],
        dict(linecache.cache),
        random.getstate(),
        [str(part) for part in np.random.get_state()],
        torch.get_rng_state().tolist(),
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        list(warnings.filters),
        {one.__name__ for one in nn.Module.__subclasses__()},
    )


def test_the_sample_is_answered_but_where_it_is_wrong():
    failed = [reply for reply in replies() if isinstance(reply.result, wire.Failed)]

    assert [reply.result.values["name"] for reply in failed] == ["wrong", "missing"]


def test_every_operation_but_bind_is_rehearsed():
    rehearsed = {type(operation) for operation, _ in rehearsal._requests()}

    assert rehearsed == set(wire.Operation.__args__) - {wire.Bind}


def test_nothing_of_a_rehearsal_stays(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rehearsal, "_TIMES", 1)
    rehearsal.rehearse()  # what is imported at first use does stay, and is meant to
    before, modules = state(), set(sys.modules)

    rehearsal.rehearse()

    assert state() == before
    assert set(sys.modules) == modules
