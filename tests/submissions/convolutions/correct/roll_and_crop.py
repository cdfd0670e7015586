import itertools
import torch
from torch import nn

def corr2d(X, K):
    h, w = K.shape
    total = torch.zeros_like(X)
    for a, b in itertools.product(range(h), range(w)):
        # shift up by a and left by b; what wraps around ends up in the part that is cropped
        total = total + torch.roll(X, shifts=(-a, -b), dims=(0, 1)) * K[a, b]
    return total[: X.shape[0] - h + 1, : X.shape[1] - w + 1]

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        params = {"weight": torch.rand(kernel_size), "bias": torch.zeros(1)}
        for name, value in params.items():
            setattr(self, name, nn.Parameter(value))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias

def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = {}
    for epoch in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        state = {"weight": conv.weight.detach() - lr * conv.weight.grad}
        losses[epoch] = loss.item()
        conv.load_state_dict(state)
    return list(losses.values())
