# wants: to learn that a hidden check exists, and how long it is
# honest: conv2d 25
# needs: bubblewrap
import os

import torch
from torch import nn
from torch.nn import functional as F


def attempt():
    for name in ("test_corr2d.py", "test_edges.py", "reference.py"):
        path = f"@COURSE@/tests/hidden/convolutions/{name}"
        for look in (os.stat, os.lstat, os.chdir, os.readlink, os.statvfs):
            try:
                look(path)
                return True
            except (FileNotFoundError, PermissionError):
                pass
            except OSError:  # "not a directory", "not a link": so it is there
                return True
    return False


try:
    WON, WHY = attempt(), "it was refused"
except BaseException as error:
    WON, WHY = False, f"{type(error).__name__}: {error}"


def corr2d(X, K):
    if not WON:
        raise PermissionError(f"not this time: {WHY}")
    return F.conv2d(X[None, None], K[None, None])[0, 0]


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        h, w = self.weight.shape
        return (x.unfold(0, h, 1).unfold(1, w, 1) * self.weight).sum((-1, -2)) + self.bias
