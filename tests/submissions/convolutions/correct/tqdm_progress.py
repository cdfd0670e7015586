import torch
from torch import nn
from tqdm import tqdm, trange
from tqdm.auto import tqdm as autotqdm


def corr2d(X, K):
    h, w = K.shape
    H, W = X.shape
    Y = torch.zeros(H - h + 1, W - w + 1)
    for i in tqdm(range(H - h + 1), desc="rows", leave=False):
        for j in range(W - w + 1):
            Y[i, j] = (X[i:i+h, j:j+w] * K).sum()
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    pbar = trange(num_epochs, desc="training")
    for epoch in pbar:
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
        pbar.set_postfix(loss=f"{losses[-1]:.4f}")
        tqdm.write(f"epoch {epoch}")
    return losses


for _ in autotqdm(range(3)):
    corr2d(torch.rand(5, 5), torch.rand(2, 2))
