import torch
from torch import nn

def corr2d(X, K):
    h, w = K.shape
    rows = range(X.shape[0] - h + 1)
    cols = range(X.shape[1] - w + 1)
    return torch.stack([
        torch.stack([(X[i:i+h, j:j+w] * K).sum() for j in cols])
        for i in rows
    ])

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand([*kernel_size]))
        self.bias = nn.Parameter(torch.zeros(()))   # a scalar bias

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias

def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        grad, = torch.autograd.grad(loss, conv.weight)
        with torch.no_grad():
            conv.weight -= lr * grad
        losses.append(loss)
    # convert at the end
    return [float(l) for l in losses]
