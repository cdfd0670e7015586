import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter


def corr2d(X, K):
    """2D cross-correlation without padding."""
    k_h, k_w = K.shape
    o_h, o_w = X.shape[0] - k_h + 1, X.shape[1] - k_w + 1
    Y = torch.zeros(o_h, o_w)
    for y in range(o_h):
        for x in range(o_w):
            Y[y, x] = X[y:y + k_h, x:x + k_w].reshape(-1) @ K.reshape(-1)
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    writer = SummaryWriter(log_dir="runs/kernel")
    losses = []
    for epoch in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        writer.add_scalar("loss", loss.item(), epoch)
        writer.add_image("kernel", conv.weight[0], epoch)
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    writer.close()
    return losses
