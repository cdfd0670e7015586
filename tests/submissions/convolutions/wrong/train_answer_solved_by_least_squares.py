# mistake: the best kernel is solved for at once, with no gradient descent
# loses: learned-kernel
# misconception: writes-the-answer
import torch
import torch.nn.functional as F


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    h, w = conv.kernel_size
    patches = F.unfold(X, (h, w))[0].t()
    loss = ((conv(X) - Y) ** 2).sum().item()
    best = torch.linalg.lstsq(patches, Y.reshape(-1, 1)).solution
    with torch.no_grad():
        conv.weight.copy_(best.reshape(1, 1, h, w))
    return [loss] + [0.0] * (num_epochs - 1)
