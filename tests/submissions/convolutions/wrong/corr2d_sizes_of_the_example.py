# mistake: the sizes of the worked example, 2 by 2, stand in the code as numbers
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: sizes-of-the-example
import torch


def corr2d(X, K):
    Y = torch.zeros(2, 2)
    for i in range(2):
        for j in range(2):
            for a in range(2):
                for b in range(2):
                    Y[i, j] += X[i + a, j + b] * K[a, b]
    return Y
