# mistake: the list of losses is a default argument and still holds those of earlier calls
# loses: learned-kernel
# misconception: none
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2, losses=[]):
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
