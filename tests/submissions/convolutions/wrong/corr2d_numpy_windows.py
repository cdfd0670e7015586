# mistake: everything is computed in numpy and only the result becomes a tensor again
# loses: corr2d-exact
# misconception: graph-cut
import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view


def corr2d(X, K):
    x = X.detach().cpu().numpy()
    k = K.detach().cpu().numpy()
    y = np.einsum("ijab,ab->ij", sliding_window_view(x, k.shape), k)
    return torch.from_numpy(y.astype(np.float32))
