#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Homework: convolutions.

usage: python convolutions.py --epochs 20 --lr 0.01
"""
import argparse
import logging
import random
import sys

import numpy as np
import torch
from torch import nn

__author__ = "student"
__all__ = ["corr2d", "Conv2D", "train_kernel"]

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
logger = logging.getLogger(__name__)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def set_seed(seed=42):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True


def corr2d(X, K):
    assert X.ndim == K.ndim == 2
    n_i, n_j = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    Y = torch.zeros((n_i, n_j), device=X.device, dtype=X.dtype)
    for i in range(n_i):
        for j in range(n_j):
            Y[i, j] = torch.multiply(X[i:i + K.shape[0], j:j + K.shape[1]], K).sum()
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size, device=device))
        self.bias = nn.Parameter(torch.zeros(1, device=device))

    def forward(self, x):
        return corr2d(x.to(device), self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    conv.to(device).train()
    X, Y = X.to(device), Y.to(device)
    losses = []
    for epoch in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.cpu().item())
        logger.info("epoch %d: loss %.4f", epoch, losses[-1])
    return losses


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=3e-2)
    args = parser.parse_args(argv)
    set_seed()
    image = torch.ones(6, 8)
    image[:, 2:6] = 0
    edges = corr2d(image, torch.tensor([[1.0, -1.0]]))
    conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
    train_kernel(conv, image[None, None], edges[None, None], args.epochs, args.lr)
    print(conv.weight.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
