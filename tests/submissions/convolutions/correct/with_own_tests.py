import unittest

import pytest
import torch
from torch import nn


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = torch.einsum('ab,ab', X[i:i + h, j:j + w], K)
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    before = id(conv.weight)
    for _ in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        conv.weight.data -= lr * conv.weight.grad
        losses.append(loss.item())
    assert id(conv.weight) == before, "still the same parameter"
    assert len(losses) == num_epochs
    return losses


def against_torch(H, W, h, w):
    X, K = torch.randn(H, W), torch.randn(h, w)
    torch.testing.assert_close(corr2d(X, K), nn.functional.conv2d(X[None, None], K[None, None])[0, 0])


for sizes in [(3, 3, 2, 2), (6, 8, 1, 2), (8, 6, 2, 1), (4, 5, 4, 5), (4, 5, 1, 1)]:
    against_torch(*sizes)


@pytest.mark.parametrize("sizes", [(5, 5, 3, 3), (5, 9, 3, 2)])
def test_corr2d(sizes):
    against_torch(*sizes)


class TestLayer(unittest.TestCase):
    def setUp(self):
        self.layer = Conv2D((2, 3))

    def test_parameters(self):
        self.assertEqual([n for n, _ in self.layer.named_parameters()], ["weight", "bias"])

    def test_backward(self):
        self.layer(torch.rand(4, 4)).sum().backward()
        self.assertIsNotNone(self.layer.weight.grad)
        self.assertEqual(self.layer.bias.grad.item(), 6.0)

    def test_start(self):
        self.assertTrue((self.layer.weight >= 0).all() and (self.layer.weight < 1).all())


unittest.main(argv=[""], exit=False)
