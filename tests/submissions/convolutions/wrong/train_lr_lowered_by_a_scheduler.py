# mistake: a cosine schedule lowers the learning rate of the optimiser
# loses: learned-kernel
# misconception: decaying-lr
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    optimizer = torch.optim.SGD(conv.parameters(), lr=lr)
    scheduler = CosineAnnealingLR(optimizer, T_max=num_epochs)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses
