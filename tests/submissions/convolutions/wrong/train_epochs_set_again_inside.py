# mistake: num_epochs is set to 10 inside the function, over what was passed
# loses: learned-kernel
# misconception: ignores-epochs
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    # hyperparameters
    num_epochs = 10

    history = torch.zeros(num_epochs)
    for e in range(num_epochs):
        conv.weight.grad = None
        out = conv(X)
        loss = torch.sum((out - Y) ** 2)
        loss.backward()
        conv.weight.data = conv.weight.data - lr * conv.weight.grad
        history[e] = loss.detach()
    return history
