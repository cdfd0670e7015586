# mistake: results are kept by the shapes of image and kernel, as if the values never changed
# loses: corr2d-exact, edge-detection
# misconception: remembers-earlier-call
import torch

_cache = {}


def corr2d(X, K):
    key = (tuple(X.shape), tuple(K.shape))
    if key not in _cache:
        h, w = K.shape
        _cache[key] = (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((-1, -2))
    return _cache[key]
