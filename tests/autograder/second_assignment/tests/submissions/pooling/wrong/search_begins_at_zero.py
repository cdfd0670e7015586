# mistake: the largest value is searched from zero on, so nothing is ever below it
# loses: max-pooling
# misconception: at-least-zero
import torch

def pool2d(X, pool_size):
    p, q = pool_size
    result = []
    for i in range(0, X.shape[0] - p + 1, p):
        for j in range(0, X.shape[1] - q + 1, q):
            best = torch.tensor(0.)
            for value in X[i:i+p, j:j+q].flatten():
                if value > best:
                    best = value
            result.append(best)
    return torch.stack(result).reshape(X.shape[0] // p, -1)
