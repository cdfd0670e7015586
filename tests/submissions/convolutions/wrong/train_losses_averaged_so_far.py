# mistake: each entry is the mean of all losses so far
# loses: learned-kernel
# misconception: losses-summed-up
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    seen, curve = [], []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        seen.append(loss.item())
        curve.append(sum(seen) / len(seen))
    return curve
