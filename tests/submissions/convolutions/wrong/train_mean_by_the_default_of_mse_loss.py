# mistake: nn.MSELoss() takes the mean unless it is told to sum
# loses: learned-kernel
# misconception: mean-loss
import torch
from torch import nn, optim


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    criterion = nn.MSELoss()
    opt = optim.SGD(conv.parameters(), lr=lr)
    losses = []
    for epoch in range(1, num_epochs + 1):
        opt.zero_grad()
        loss = criterion(conv(X), Y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
        print(f"epoch {epoch}: {loss.item():.4f}")
    return losses
