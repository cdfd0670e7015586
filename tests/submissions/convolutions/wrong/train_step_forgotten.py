# mistake: the optimiser's step is never called
# loses: learned-kernel
# misconception: kernel-never-moves
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    optimizer = torch.optim.SGD(conv.parameters(), lr=lr)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        losses.append(loss.item())
    return losses
