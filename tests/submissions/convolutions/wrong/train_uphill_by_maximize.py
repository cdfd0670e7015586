# mistake: the optimiser is told to maximise
# loses: learned-kernel
# misconception: uphill
import torch
import torch.nn.functional as F


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    optimizer = torch.optim.SGD(conv.parameters(), lr, maximize=True)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = F.mse_loss(conv(X), Y, reduction="sum")
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
