# mistake: unsqueeze_ with the underscore: the caller's image and kernel get four dimensions
# loses: corr2d-exact
# misconception: changes-its-input
import torch.nn.functional as F


def corr2d(X, K):
    X.unsqueeze_(0).unsqueeze_(0)
    K.unsqueeze_(0).unsqueeze_(0)
    return F.conv2d(X, K)[0, 0]
