import torch
from torch import nn


def corr2d(X, K):
    """Fill the result starting from its last place, walking backwards."""
    h, w = K.shape
    H_out, W_out = X.shape[0] - h + 1, X.shape[1] - w + 1
    Y = X.new_zeros((H_out, W_out))
    for i in reversed(range(H_out)):
        for j in range(W_out - 1, -1, -1):
            Y[i, j] = torch.dot(X[i:i + h, j:j + w].reshape(-1), K.reshape(-1))
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        # 1 - u is uniform too, but (0, 1]; rand gives [0, 1) as asked
        weight = torch.rand(*kernel_size)
        self.bias, self.weight = nn.Parameter(torch.zeros(1)), nn.Parameter(weight)

    def forward(self, x):
        return self.bias + corr2d(x, self.weight)


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = [None] * num_epochs
    for remaining in range(num_epochs, 0, -1):
        loss = (Y - conv(X)).pow(2).sum()      # sign inside the square does not matter
        losses[num_epochs - remaining] = loss.item()
        conv.zero_grad(set_to_none=True)
        loss.backward()
        with torch.no_grad():
            conv.weight.add_(conv.weight.grad, alpha=-lr)
    return losses
