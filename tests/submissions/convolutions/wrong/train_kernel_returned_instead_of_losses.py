# mistake: the learned kernel is returned instead of the losses
# loses: learned-kernel
# misconception: returns-the-kernel
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    return conv.weight.data.reshape(conv.kernel_size)
