# mistake: the step uses a global constant instead of the argument
# loses: learned-kernel
# misconception: ignores-lr
import torch

LEARNING_RATE = 0.03


def train_kernel(conv, X, Y, num_epochs=10, lr=LEARNING_RATE):
    losses = []
    for epoch in range(num_epochs):
        Y_hat = conv(X)
        loss = ((Y_hat - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        conv.weight.data[:] -= LEARNING_RATE * conv.weight.grad
        losses.append(loss.item())
    return losses
