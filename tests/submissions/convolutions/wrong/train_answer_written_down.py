# mistake: the kernel is set to [[1, -1]] and nothing is trained
# loses: learned-kernel
# misconception: writes-the-answer
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([[[[1.0, -1.0]]]]))
    return [0.0] * num_epochs
