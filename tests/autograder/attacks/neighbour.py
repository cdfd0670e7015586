# An honest neighbour of the hostile, handed in between any two of them: corr2d and Conv2D are
# right, and train_kernel tells what the world looks like from in here. Its text ends up in the
# report, so whatever an attack changed for the next submission shows there.
import gc
import locale
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import numpy
import torch
from torch import nn


def corr2d(X, K):
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K).sum((-1, -2))


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def names_below(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    world = {
        "scratch": names_below(os.environ["HOME"]),
        "working folder": names_below(Path.cwd()),
        "environment": sorted(os.environ),
        "modules": len(sys.modules),
        "hostile modules": [name for name in sys.modules if "hostile" in name],
        "path": len(sys.path),
        "random": (random.random(), float(numpy.random.rand()), float(torch.rand(()))),
        "dtype": (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "threads": threading.active_count(),
        "signals": sorted(
            int(s)
            for s in signal.valid_signals()
            if signal.getsignal(s) not in (signal.SIG_DFL, None)
        ),
        "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
        "mask": os.umask(0o077),
        "locale": locale.setlocale(locale.LC_ALL),
        "zone": time.tzname,
        "recursion": sys.getrecursionlimit(),
        "gc": gc.get_threshold(),
        "marker": getattr(torch, "hostile", None) or getattr(sys, "hostile", None),
    }
    raise RuntimeError(f"the world: {world}")
