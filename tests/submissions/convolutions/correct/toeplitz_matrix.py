# Cross-correlation as ONE matrix: y = T x with T doubly block Toeplitz (see my notes, p. 4)
import torch
from torch import nn


def toeplitz(K, H, W):
    """The (out_h*out_w, H*W) matrix T with T @ X.flatten() == corr2d(X, K).flatten()."""
    h, w = K.shape
    oh, ow = H - h + 1, W - w + 1
    i, j, a, b = torch.meshgrid(torch.arange(oh), torch.arange(ow),
                                torch.arange(h), torch.arange(w), indexing="ij")
    row = i * ow + j
    col = (i + a) * W + (j + b)
    T = torch.zeros(oh * ow, H * W, dtype=K.dtype)
    return T.index_put((row.flatten(), col.flatten()), K.expand(oh, ow, h, w).flatten())


def corr2d(X, K):
    H, W = X.shape
    T = toeplitz(K, H, W)
    y = T.mv(X.reshape(-1))
    return y.reshape(H - K.shape[0] + 1, W - K.shape[1] + 1)


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        weight = torch.zeros(tuple(kernel_size))
        torch.nn.init.uniform_(weight, a=0.0, b=1.0)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    w = conv.weight
    for _ in range(num_epochs):
        loss = (conv(X) - Y).square().sum()
        (g,) = torch.autograd.grad(loss, [w])
        w.data.add_(g, alpha=-lr)
        losses.append(loss.item())
    return losses


if __name__ == '__main__':
    print(toeplitz(torch.tensor([[1.0, -1.0]]), 2, 3))
