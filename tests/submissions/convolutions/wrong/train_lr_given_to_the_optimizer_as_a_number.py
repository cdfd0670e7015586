# mistake: the optimiser is made with lr=0.03, not with the argument
# loses: learned-kernel
# misconception: ignores-lr
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    optimizer = torch.optim.SGD(conv.parameters(), lr=0.03)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(conv(X), Y, reduction='sum')
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
