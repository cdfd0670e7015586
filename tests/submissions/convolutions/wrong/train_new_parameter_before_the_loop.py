# mistake: the layer's parameter is exchanged once for a copy, and the copy is trained in place
# loses: learned-kernel
# misconception: replaces-parameter
import torch
from torch import nn


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    # make sure it needs a gradient
    conv.weight = nn.Parameter(conv.weight.detach().clone(), requires_grad=True)
    optimizer = torch.optim.SGD([conv.weight], lr=lr)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
