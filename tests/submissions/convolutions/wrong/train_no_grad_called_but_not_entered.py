# mistake: torch.no_grad() is called as a statement, without with, and has no effect on the step
# loses: learned-kernel
# misconception: no-no-grad
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        y_hat = conv(X)
        loss = torch.sum((y_hat - Y) ** 2)
        conv.zero_grad()
        loss.backward()
        torch.no_grad()
        for p in conv.parameters():
            p.sub_(lr * p.grad)
        losses.append(loss.item())
    return losses
