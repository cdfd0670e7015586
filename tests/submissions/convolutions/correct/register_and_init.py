import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.parameter import Parameter
from torch.nn.utils import parameters_to_vector, vector_to_parameters

class Conv2D(nn.Module):
    __constants__ = ['kernel_size']

    def __init__(self, kernel_size, device=None, dtype=None):
        factory_kwargs = {'device': device, 'dtype': dtype}
        super().__init__()
        self.kernel_size = tuple(kernel_size)
        self.register_parameter('weight', Parameter(torch.empty(self.kernel_size, **factory_kwargs)))
        self.register_parameter('bias', Parameter(torch.empty((), **factory_kwargs)))
        self.reset_parameters()

    def reset_parameters(self):
        with torch.no_grad():
            self.weight.uniform_()
            self.bias.fill_(0)

    def extra_repr(self):
        return 'kernel_size={kernel_size}'.format(**self.__dict__)

    def forward(self, input):
        return corr2d(input, self.weight) + self.bias

def corr2d(X, K):
    h, w = K.size()
    unfold = nn.Unfold(kernel_size=(h, w))
    columns = unfold(X.view(1, 1, *X.size()) if X.is_contiguous() else X.contiguous()[None, None])
    return (K.reshape(1, -1, 1) * columns).sum(1).view(X.size(0) - h + 1, X.size(1) - w + 1)

def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        conv.zero_grad()
        loss = F.mse_loss(conv(X), Y, reduction='none').sum()
        loss.backward()
        w = parameters_to_vector(conv.parameters()).detach()
        g = parameters_to_vector([p.grad for p in conv.parameters()])
        vector_to_parameters(w - lr * g, conv.parameters())
        losses.append(loss.item())
    return losses
