# mistake: Adam takes the steps
# loses: learned-kernel
# misconception: other-optimizer
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    optimizer = torch.optim.Adam(conv.parameters(), lr=lr)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
