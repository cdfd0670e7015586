# mistake: the kernel is copied with torch.tensor, so no gradient reaches it; the image's does
# loses: corr2d-exact
# misconception: graph-cut
import torch


def corr2d(X, K):
    weights = torch.tensor(K.tolist())  # 防止修改 K
    h, w = weights.shape
    Ho, Wo = X.shape[0] - h + 1, X.shape[1] - w + 1
    Y = torch.zeros(Ho, Wo)
    for a in range(h):
        for b in range(w):
            Y = Y + weights[a, b] * X[a : a + Ho, b : b + Wo]
    return Y
