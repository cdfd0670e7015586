# mistake: the sum of squared errors is divided by the number of pixels
# loses: learned-kernel
# misconception: mean-loss
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    n = Y.shape[2] * Y.shape[3]
    losses = []
    while len(losses) < num_epochs:
        diff = conv(X) - Y
        mse = (diff * diff).sum() / n
        grad, = torch.autograd.grad(mse, conv.weight)
        conv.weight.data.sub_(grad, alpha=lr)
        losses.append(mse.item())
    return losses
