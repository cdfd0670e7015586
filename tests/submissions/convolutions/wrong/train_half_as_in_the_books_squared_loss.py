# mistake: the squared loss of linear regression is used, which divides by two
# loses: learned-kernel
# misconception: half-loss
import torch


def squared_loss(y_hat, y):
    """均方损失"""
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params, lr):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad
            param.grad.zero_()


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        l = squared_loss(conv(X), Y).sum()
        l.backward()
        sgd(conv.parameters(), lr)
        losses.append(l.item())
    return losses
