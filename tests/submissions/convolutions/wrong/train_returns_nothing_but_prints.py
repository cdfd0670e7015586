# mistake: the losses are printed, nothing is returned
# loses: learned-kernel
# misconception: returns-nothing
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    for epoch in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        print('epoch', epoch + 1, 'loss', loss.item())
