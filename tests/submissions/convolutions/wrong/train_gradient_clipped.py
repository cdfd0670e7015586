# mistake: the gradient is cut to a length of one before each step
# loses: learned-kernel
# misconception: other-optimizer
import torch
from torch.nn.utils import clip_grad_norm_


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        clip_grad_norm_(conv.parameters(), max_norm=1.0)
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
