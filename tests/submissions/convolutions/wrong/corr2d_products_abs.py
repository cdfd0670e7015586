# mistake: each product loses its sign before it is added
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: absolute-value
def corr2d(X, K):
    h, w = K.shape
    Ho, Wo = X.shape[0] - h + 1, X.shape[1] - w + 1
    Y = 0
    for a in range(h):
        for b in range(w):
            Y = Y + abs(X[a : a + Ho, b : b + Wo] * K[a, b])
    return Y
