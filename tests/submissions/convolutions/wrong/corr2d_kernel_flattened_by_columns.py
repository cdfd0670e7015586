# mistake: windows are flattened row by row, the kernel column by column
# loses: corr2d-exact, transposed-input
# misconception: transposed-kernel
import torch.nn.functional as F


def corr2d(X, K):
    h, w = K.shape
    Ho, Wo = X.shape[0] - h + 1, X.shape[1] - w + 1
    # im2col: one column per place
    cols = F.unfold(X[None, None], (h, w))[0]  # (h*w, Ho*Wo)
    weights = K.t().reshape(1, -1)
    return (weights @ cols).reshape(Ho, Wo)
