# mistake: range(1, num_epochs) runs one time too few
# loses: learned-kernel
# misconception: one-epoch-short
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(1, num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
        if epoch % 2 == 0:
            print(f'epoch {epoch}, loss {loss:.3f}')
    return losses
