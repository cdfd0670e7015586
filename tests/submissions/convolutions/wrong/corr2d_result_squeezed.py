# mistake: squeeze() takes away every dimension of size 1, also those of the result itself
# loses: corr2d-exact
# misconception: extra-dimensions
import torch.nn.functional as F


def corr2d(X, K):
    # conv2d wants (batch, channel, height, width)
    Y = F.conv2d(X[None, None], K[None, None])
    return Y.squeeze()
