import torch
from torch import nn

def corr2d(X, K):
    # a 4-d view on X without copying anything; strides of X itself, X may be a transposed view
    (H, W), (h, w) = X.shape, K.shape
    s0, s1 = X.stride()
    patches = torch.as_strided(X, (H - h + 1, W - w + 1, h, w), (s0, s1, s0, s1))
    return torch.einsum("ijab,ab->ij", patches, K)

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.rand(kernel_size)))
        self.register_parameter("bias", nn.Parameter(torch.zeros(1)))

    def forward(self, x):
        return corr2d(x, self.weight).add(self.bias)

def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    loss_fn = nn.MSELoss(reduction="sum")
    out = []
    for _ in range(num_epochs):
        conv.zero_grad()
        loss = loss_fn(conv(X), Y)
        loss.backward()
        with torch.no_grad():
            for p in conv.parameters():
                p -= lr * p.grad
        out.append(loss.detach().numpy().item())
    return out
