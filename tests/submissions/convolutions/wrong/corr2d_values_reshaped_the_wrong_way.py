# mistake: all values are right and in order, then reshaped to width times height
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: swapped-height-width
import torch


def corr2d(X, K):
    h, w = K.shape
    height = X.shape[0] - h + 1
    width = X.shape[1] - w + 1

    values = []
    for top in range(height):
        for left in range(width):
            patch = X[top : top + h, left : left + w]
            values.append((patch * K).sum())

    # reshape(x, y): width comes first
    return torch.stack(values).reshape(width, height)
