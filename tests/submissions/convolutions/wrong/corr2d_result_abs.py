# mistake: only the strength of the response is returned, without its sign
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: absolute-value
import torch


def corr2d(X, K):
    h, w = K.shape
    out = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for place in range(out.numel()):
        i, j = divmod(place, out.shape[1])
        out[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return out.abs()
