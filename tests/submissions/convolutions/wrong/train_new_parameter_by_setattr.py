# mistake: every parameter is set anew by its name
# loses: learned-kernel
# misconception: replaces-parameter
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = torch.sum((conv(X) - Y) ** 2)
        conv.zero_grad()
        loss.backward()
        for name, p in list(conv.named_parameters()):
            setattr(conv, name, torch.nn.Parameter((p - lr * p.grad).detach()))
        losses.append(loss.item())
    return losses
