import torch
from torch import nn
from torch.autograd import Function


class Corr2dFunction(Function):
    """Forward and backward written by hand.

    dX: every window hands its upstream value back through K.   dK: X seen through dY.
    """

    @staticmethod
    def forward(ctx, X, K):
        ctx.save_for_backward(X, K)
        h, w = K.shape
        Y = X.new_empty(X.shape[0] - h + 1, X.shape[1] - w + 1)
        for i in range(Y.shape[0]):
            for j in range(Y.shape[1]):
                Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
        return Y

    @staticmethod
    def backward(ctx, dY):
        X, K = ctx.saved_tensors
        h, w = K.shape
        dX = dK = None
        if ctx.needs_input_grad[0]:
            dX = torch.zeros_like(X)
            for i in range(dY.shape[0]):
                for j in range(dY.shape[1]):
                    dX[i:i + h, j:j + w] += dY[i, j] * K
        if ctx.needs_input_grad[1]:
            dK = torch.zeros_like(K)
            for a in range(h):
                for b in range(w):
                    dK[a, b] = (X[a:a + dY.shape[0], b:b + dY.shape[1]] * dY).sum()
        return dX, dK


corr2d = Corr2dFunction.apply


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    """Without autograd: d/dK sum((conv(X) - Y)^2) = corr2d(X, 2 (conv(X) - Y))."""
    losses = []
    with torch.no_grad():
        for _ in range(num_epochs):
            residual = (conv(X) - Y)[0, 0]
            losses.append((residual ** 2).sum().item())
            gradient = corr2d(X[0, 0], 2 * residual)
            conv.weight -= lr * gradient.reshape(conv.weight.shape)
    return losses


# compare with numerical derivatives
a = torch.rand(4, 5, dtype=torch.float64, requires_grad=True)
k = torch.rand(2, 3, dtype=torch.float64, requires_grad=True)
print("gradcheck:", torch.autograd.gradcheck(corr2d, (a, k)))
