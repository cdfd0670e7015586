# mistake: the loss after the last step is returned as well, one too many
# loses: learned-kernel
# misconception: one-epoch-long
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    def loss_now():
        return ((conv(X) - Y) ** 2).sum()

    losses = []
    for _ in range(num_epochs):
        loss = loss_now()
        losses.append(loss.item())
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    losses.append(loss_now().item())
    return losses
