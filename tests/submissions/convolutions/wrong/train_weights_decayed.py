# mistake: the optimiser has a weight decay of 0.1, which adds a term to the loss
# loses: learned-kernel
# misconception: other-optimizer
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    optimizer = torch.optim.SGD(conv.parameters(), lr=lr, weight_decay=0.1)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
