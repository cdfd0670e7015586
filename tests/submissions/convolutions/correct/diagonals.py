import torch
from torch import nn

# All products at once in a table P[p, a, q, b] = X[p, q] * K[a, b].
# Y[i, j] needs those with p = i + a and q = j + b, and these are diagonals of the table:
# offset=-i says a - p = -i.

def corr2d(X, K):
    (H, W), (h, w) = X.shape, K.shape
    P = torch.einsum("pq,ab->paqb", X, K)
    Y = []
    for i in range(H - h + 1):
        in_rows = P.diagonal(offset=-i, dim1=0, dim2=1)[..., :h]          # (W, w, h)
        for j in range(W - w + 1):
            Y.append(in_rows.diagonal(offset=-j, dim1=0, dim2=1)[..., :w].sum())
    return torch.stack(Y).view(H - h + 1, W - w + 1)

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        d = torch.distributions.Uniform(0.0, 1.0)
        self.weight = nn.Parameter(d.sample(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias

def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for k in range(num_epochs):
        conv.zero_grad(set_to_none=False)
        L = torch.einsum("ncij,ncij->", conv(X) - Y, conv(X) - Y)
        L.backward()
        losses.append(L.item())
        torch.set_grad_enabled(False)
        conv.weight.sub_(conv.weight.grad * lr)
        torch.set_grad_enabled(True)
    return losses
