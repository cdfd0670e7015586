import torch
from torch import nn

torch.set_printoptions(precision=2, sci_mode=False, linewidth=160)
DEBUG = True
step_counter = 0


def log(*args):
    if DEBUG:
        print("[DEBUG]", *args)


def corr2d(X, K):
    global step_counter
    h, w = K.shape
    log("X", X.shape, "K", K.shape)
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            window = X[i:i + h, j:j + w]
            Y[i, j] = (window * K).sum()
            step_counter += 1
            log(f"step {step_counter}: place ({i}, {j})", "window", window, "value", Y[i, j].item())
    log("done\n", Y, "\n" + "=" * 60)
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))
        log("new layer", self, list(self.named_parameters()))

    def forward(self, x):
        log("forward with", self.weight, self.bias)
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        Y_hat = conv(X)
        loss = ((Y_hat - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        print(f"epoch {epoch + 1}/{num_epochs} loss={loss.item():.6f} grad={conv.weight.grad}")
        print("Y_hat =", Y_hat)
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        print("weight =", conv.weight.data)
        losses.append(loss.item())
    return losses


for size in range(2, 12):
    corr2d(torch.ones(size, size), torch.ones(2, 2))
