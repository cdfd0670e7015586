# mistake: slices end at h - 1 as if the end counted, so the kernel's last row is left out
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: kernel-cut-short
def corr2d(X, K):
    h, w = K.shape
    rows, cols = X.shape[0] - h + 1, X.shape[1] - w + 1
    blocks = X.unfold(0, h, 1).unfold(1, w, 1)
    # rows 0 to h-1 of every block with rows 0 to h-1 of the kernel
    products = blocks[:, :, 0 : h - 1] * K[0 : h - 1]
    return products.reshape(rows, cols, -1).sum(dim=2)
