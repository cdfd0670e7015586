# mistake: a deep copy of the layer is trained, the caller's stays as it was
# loses: learned-kernel
# misconception: trains-another-layer
import copy

import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    net = copy.deepcopy(conv)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = ((net(X) - Y) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
