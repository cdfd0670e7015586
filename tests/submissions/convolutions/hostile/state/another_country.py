# wants: commas for points, another clock and another alphabet in everything that is printed or read
# honest: corr2d-exact 25, edge-detection 10, transposed-input 10, conv2d 25, learned-kernel 30
import locale
import os
import sys
import time

import torch
from torch import nn


for name in ("de_DE.UTF-8", "tr_TR.UTF-8", "C.UTF-8", "ps_AF", ""):
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        pass
os.environ.update(LANG="tr_TR.UTF-8", LC_ALL="tr_TR.UTF-8", TZ="Pacific/Kiritimati", LANGUAGE="tr")
time.tzset()
torch.set_printoptions(precision=0, threshold=0, sci_mode=True)
locale.localeconv = lambda: {"decimal_point": ","}
sys.set_int_max_str_digits(640)


def corr2d(X, K):
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((-1, -2))


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
