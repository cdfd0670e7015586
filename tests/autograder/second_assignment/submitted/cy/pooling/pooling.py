# %%
def pool2d(X, pool_size):
    p, q = pool_size
    return X.unfold(0, p, p).unfold(1, q, q).amax((2, 3))

# %%
class MaxPool2D(nn.Module):  # nn is not imported
    pass
