# mistake: SGD is given a momentum of 0.9
# loses: learned-kernel
# misconception: other-optimizer
import torch
from torch import nn


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    opt = torch.optim.SGD(conv.parameters(), lr=lr, momentum=0.9)
    criterion = nn.MSELoss(reduction='sum')
    losses = []
    for _ in range(num_epochs):
        loss = criterion(conv(X), Y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return losses
