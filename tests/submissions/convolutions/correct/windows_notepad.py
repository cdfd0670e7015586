"""Written in Notepad on Windows.

Data loader from the last exercise used again: one batch = the whole data.
"""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, \
                         j:j + w] * K).sum()
    return Y

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias

def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    loader = DataLoader(TensorDataset(X, Y), batch_size=len(X), shuffle=True)
    sgd = torch.optim.SGD(conv.parameters(), lr=lr)
    criterion = nn.MSELoss(reduction="sum")
    losses = []
    for epoch in range(num_epochs):
        total = 0.0
        for images, targets in loader:
            sgd.zero_grad()
            loss = criterion(conv(images), targets)
            loss.backward()
            sgd.step()
            total += loss.item()
        losses.append(total)
    return losses

TEXT = """two
lines"""
print(TEXT.count("\n"))
