# mistake: image and kernel are both given to the optimiser
# loses: learned-kernel
# misconception: changes-the-data
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    X.requires_grad_()
    optimizer = torch.optim.SGD([X, conv.weight], lr=lr)
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
