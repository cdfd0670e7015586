# mistake: products are added along each kernel row, then the rows are averaged
# loses: corr2d-exact, transposed-input
# misconception: mean-for-sum
def corr2d(X, K):
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    per_row = (windows * K).sum(dim=3)
    return per_row.mean(dim=2)
