import torch
from torch import nn
from torch.nn.functional import pad


def corr2d(X, K=None, *, stride=1, padding=0, flip=False, **kwargs):
    """One function for all the variants of the chapter; the default is the valid correlation."""
    if kwargs:
        print("ignored:", ", ".join(kwargs))
    if K is None:
        K = torch.tensor([[1.0, -1.0]])
    if flip:
        K = K.flip(0).flip(1)
    if padding:
        X = pad(X, [padding] * 4)
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h) // stride + 1, (X.shape[1] - w) // stride + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            top, left = i * stride, j * stride
            Y[i, j] = (X[top:top + h, left:left + w] * K).sum()
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size=(3, 3), stride=1, padding=0, init="uniform", **options):
        super().__init__()
        self.stride, self.padding = stride, padding
        starts = {"uniform": torch.rand, "ones": torch.ones, "normal": torch.randn}
        self.weight = nn.Parameter(starts[init](tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    @classmethod
    def edge_detector(cls):
        layer = cls((1, 2))
        layer.weight.data = torch.tensor([[1.0, -1.0]])
        return layer

    def forward(self, x):
        return corr2d(x, self.weight, stride=self.stride, padding=self.padding) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2, momentum=0.0, weight_decay=0.0,
                 callback=None, print_every=0):
    velocity = torch.zeros_like(conv.weight)
    losses = []
    for epoch in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            velocity = momentum * velocity + conv.weight.grad + weight_decay * conv.weight
            conv.weight -= lr * velocity
        if callback is not None:
            callback(epoch, conv, losses)
        if print_every and epoch % print_every == 0:
            print(f"{epoch:4d} {loss:.5f}")
    return losses
