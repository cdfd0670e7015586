# mistake: the function is decorated with no_grad
# loses: corr2d-exact
# misconception: graph-cut
import torch


@torch.no_grad()  # faster
def corr2d(X, K):
    h, w = K.shape
    out = [
        [(X[i : i + h, j : j + w] * K).sum() for j in range(X.shape[1] - w + 1)]
        for i in range(X.shape[0] - h + 1)
    ]
    return torch.stack([torch.stack(row) for row in out])
