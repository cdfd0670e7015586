# mistake: nn.L1Loss is taken in the place of the squared error
# loses: learned-kernel
# misconception: absolute-error
import torch
import torch.nn as nn


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    loss_fn = nn.L1Loss(reduction='sum')
    trainer = torch.optim.SGD(conv.parameters(), lr=lr)
    losses = []
    for epoch in range(num_epochs):
        trainer.zero_grad()
        l = loss_fn(conv(X), Y)
        l.backward()
        trainer.step()
        losses.append(l.detach().item())
    return losses
