# mistake: the border is cut off with [n:-n], which leaves nothing where n is 0
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: cropped-with-minus-zero
import torch
import torch.nn.functional as F


def corr2d(X, K):
    h, w = K.shape
    padded = F.pad(X, (w - 1, w - 1, h - 1, h - 1))
    full = torch.zeros(X.shape[0] + h - 1, X.shape[1] + w - 1)
    for a in range(h):
        for b in range(w):
            full = full + padded[a : a + full.shape[0], b : b + full.shape[1]] * K[a, b]
    # keep the places where the kernel lies inside the image
    return full[h - 1 : -(h - 1), w - 1 : -(w - 1)]
