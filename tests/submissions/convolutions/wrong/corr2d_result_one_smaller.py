# mistake: the result is H - h by W - w: the plus one is forgotten
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: one-place-short
def corr2d(X, K):
    H, W = X.shape
    h, w = K.shape
    out_h, out_w = H - h, W - w
    Y = X.new_zeros(out_h, out_w)
    for a in range(h):
        for b in range(w):
            Y = Y + K[a, b] * X[a : a + out_h, b : b + out_w]
    return Y
