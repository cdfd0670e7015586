# mistake: the kernel is transposed before anything else is done
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: transposed-kernel
import torch


def corr2d(X, K):
    K = K.t()  # rows <-> columns, like in the lecture
    kh, kw = K.size()
    H, W = X.size()
    lines = []
    for i in range(H - kh + 1):
        line = [torch.sum(X[i : i + kh, j : j + kw] * K) for j in range(W - kw + 1)]
        lines.append(torch.stack(line))
    return torch.stack(lines)
