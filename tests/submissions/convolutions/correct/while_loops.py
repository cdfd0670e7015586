import torch;
import torch.nn as nn;

# translated from my C program, sorry for the style :)

def corr2d(X, K):
    i = 0;
    n = X.size(0) - K.size(0) + 1;
    m = X.size(1) - K.size(1) + 1;
    Y = torch.empty(n, m);
    while i < n:
        j = 0;
        while j < m:
            acc = 0.0;
            p = 0;
            while p < K.size(0):
                q = 0;
                while q < K.size(1):
                    acc = acc + X[i + p][j + q] * K[p][q];
                    q += 1;
                p += 1;
            Y[i][j] = acc;
            j += 1;
        i += 1;
    return Y;


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        nn.Module.__init__(self);
        rows = kernel_size[0]; cols = kernel_size[1];
        self.weight = nn.Parameter(torch.FloatTensor(rows, cols).uniform_(0, 1));
        self.bias = nn.Parameter(torch.FloatTensor([0]));

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias;


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = [];
    epoch = 0;
    while True:
        if epoch >= num_epochs:
            break;
        conv.zero_grad();
        r = conv(X) - Y;
        loss = (r * r).sum();
        loss.backward();
        losses.append(loss.item());
        conv.weight.data.sub_(lr * conv.weight.grad.data);
        epoch += 1;
    return losses;
