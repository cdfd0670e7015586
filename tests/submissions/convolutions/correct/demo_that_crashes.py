import torch
from torch import nn

# quick test of the shapes
X = torch.arange(9.).reshape(3, 3)
K = torch.arange(4.).reshape(2, 2)
print(corr2d(X, K))          # moved up here from the bottom, run the next cell first


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for a in range(h):
        for b in range(w):
            Y += X[a:a + Y.shape[0], b:b + Y.shape[1]] * K[a, b]
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


from my_pictures import load_cat       # only on my computer
cat = load_cat("cat.png")
print(corr2d(cat, K).shape)

print(corr2d(K, X))                    # the wrong way round, what happens?
Conv2D(3)
layer = Conv2D((2, 2))
layer.weight += 1
nn.Conv2d(1, 1, (1, 2))(X)


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        conv.weight.data -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses


losses = train_kernel(layer, X, K)
assert losses[-1] < 0.1, "does not converge??"
1 / 0
input("press enter to close ")
exit()
