# mistake: the mean of each window is taken in the place of its largest value
# loses: max-pooling
# misconception: mean-for-maximum
def pool2d(X, pool_size):
    p, q = pool_size
    return X.unfold(0, p, p).unfold(1, q, q).mean(dim=(-1, -2))
