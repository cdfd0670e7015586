# mistake: whatever was trained is overwritten with [[1, -1]]
# loses: learned-kernel
# misconception: writes-the-answer
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for i in range(num_epochs):
        l = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        l.backward()
        conv.weight.data[:] -= lr * conv.weight.grad
        losses.append(l.item())
    # should be close to this
    conv.weight.data = torch.tensor([1.0, -1.0]).reshape(1, 1, 1, 2)
    return losses
