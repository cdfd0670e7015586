"""Everything a child does, done before the fork on a sample, so that children find it done.

Python specialises its code while it runs, fills caches, and imports at first use. What happens here
happens once and is shared; what is left to the children happens in each of them, on pages that the
kernel must copy for it. The sample is nobody's answer to anything.
"""

from __future__ import annotations

import contextlib
import linecache
import random
import socket
import sys
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from . import child, wire

_TIMES = 12  # Python specialises a function after its eighth call
_MODULE = "rehearsal_sample"
_SAMPLE = '''
import math
import torch
from torch import nn


def mixed(a, b):
    """Each number of one beside its neighbour in the other."""
    height, width = a.shape
    out = torch.zeros((height, width))
    for i in range(height):
        for j in range(width):
            out[i, j] = (a[i : i + 1, j : j + 1] * 0.5).sum() + b[i, j]
    return out + a.new_zeros(height, width)


class Mixed(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.factor = nn.Parameter(torch.rand(size))
        self.shift = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return mixed(x, self.factor) * self.shift


def trained(layer, x, y, steps=2, lr=1e-2):
    past = []
    for step in range(steps):
        difference = layer(x) - y
        loss = (difference ** 2).sum()
        layer.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter -= lr * parameter.grad
            layer.weight[:] -= lr * layer.weight.grad
        past.append(loss.item())
        print(f"step {step}, loss {float(loss.detach()):.3f}")
    return past


def wrong(x):
    return x + math.inf + undefined
'''
_ONE, _NO = wire.ScalarArgument(1), wire.ScalarArgument(False)
_SEED = 20
_STREAMS = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")
_CONFIG = child.ChildConfig(
    layers=("Conv2d", "LazyConv2d"),
    stand_ins=(),
    readable=(),
    scratch="",
    private_scratch=False,
    landlock=False,
    memory_bytes=0,
    file_bytes=0,
    threads=None,
    cpu_seconds=0,
)


def rehearse() -> None:
    """Serve the sample several times. Nothing of it stays: no module, no seed, no stream."""
    with _put_back():
        for _ in range(_TIMES):
            _serve_once()


def _serve_once() -> None:
    here, there = socket.socketpair()
    with here, there:
        for number, (operation, tensors) in enumerate(_requests()):
            seed = None if number else _SEED
            here.sendall(wire.encode(wire.Request(number, seed, operation), tensors))
        here.shutdown(socket.SHUT_WR)
        child.serve(there, _CONFIG, ())


def _requests() -> Iterator[tuple[wire.Operation, Sequence[Tensor]]]:
    square, image = torch.ones(2, 2), torch.ones(1, 1, 2, 2)
    size = wire.SequenceArgument("tuple", (2, 2))
    contiguous = wire.TensorArgument(0, "contiguous", False)
    leaf = wire.TensorArgument(0, "transposed", True)
    sliced = wire.TensorArgument(1, "sliced", False)
    yield wire.Load((wire.Cell(_SAMPLE, f"{_MODULE}.py", 1),), (), _MODULE), ()
    yield wire.Call("mixed", (contiguous, sliced)), (square, square)
    yield wire.Gradients("mixed", (leaf, sliced), None), (square, square)
    yield wire.Gradients("mixed", (leaf, sliced), 2), (square, square, square)
    yield wire.Make("Mixed", False, (size,), {}), ()
    yield wire.Call(0, (contiguous,)), (square,)
    yield wire.ReadParameter(0, "factor"), ()
    yield wire.WriteParameter(0, "factor", 0), (square,)
    yield wire.Gradients(0, (contiguous,), None), (square,)
    for name in ("Conv2d", "LazyConv2d"):
        pair = (_ONE, _ONE, wire.SequenceArgument("tuple", (1, 2)))
        yield wire.Make(name, True, pair[name == "LazyConv2d" :], {"bias": _NO}), ()
    for handle in (1, 2):
        target = wire.TensorArgument(1, "contiguous", False)
        layer = wire.HandleArgument(handle)
        yield wire.Call(handle, (contiguous,)), (image,)
        yield wire.WriteParameter(handle, "weight", 0), (torch.ones(1, 1, 1, 2),)
        yield wire.Call("trained", (layer, contiguous, target)), (image, image[..., 1:])
        yield wire.ReadParameter(handle, "weight"), ()
    yield wire.Call("wrong", (contiguous,)), (square,)
    yield wire.Call("missing", ()), ()


@contextlib.contextmanager
def _put_back() -> Iterator[None]:
    """Whatever serving changes in this process is as it was afterwards."""
    streams = {name: getattr(sys, name) for name in _STREAMS}
    finders, lines = list(sys.meta_path), dict(linecache.cache)
    own, numbers, tensors = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, stream in streams.items():
            setattr(sys, name, stream)
        sys.meta_path[:] = finders
        sys.modules.pop(_MODULE, None)
        linecache.cache.clear()
        linecache.cache.update(lines)
        random.setstate(own)
        np.random.set_state(numbers)
        torch.set_rng_state(tensors)
