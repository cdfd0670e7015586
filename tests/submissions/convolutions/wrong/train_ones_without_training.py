# mistake: num_epochs ones are returned and nothing is trained
# loses all of: learned-kernel
# misconception: none
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    return torch.ones(num_epochs)
