# wants: torch without its functions for every submission that follows
# honest: nothing
import torch
from torch import nn


for owner, names in (
    (torch.Tensor, ("sum", "abs", "to", "reshape", "detach", "requires_grad_", "copy_", "item")),
    (torch, ("zeros", "ones", "tensor", "set_default_dtype", "set_grad_enabled", "no_grad", "float32")),
    (nn, ("Module", "Conv2d", "LazyConv2d", "Parameter")),
    (nn.Module, ("__call__", "named_parameters", "zero_grad")),
    (torch.autograd, ("grad", "backward")),
):
    for name in names:
        try:
            delattr(owner, name)
        except AttributeError:
            setattr(owner, name, None)
torch.hostile = True


def corr2d(X, K):
    return X
