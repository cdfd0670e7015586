# mistake: only the product is computed under no_grad, the step itself is outside
# loses: learned-kernel
# misconception: no-no-grad
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            step = lr * conv.weight.grad
        conv.weight.add_(-step)
        losses.append(loss.item())
    return losses
