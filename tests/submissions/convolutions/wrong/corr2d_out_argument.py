# mistake: torch.mul writes into out=, which autograd does not follow
# loses: corr2d-exact
# misconception: autograd-refused
import torch


def corr2d(X, K):
    h, w = K.shape
    H_out, W_out = X.shape[0] - h + 1, X.shape[1] - w + 1
    Y = torch.zeros(H_out, W_out)
    product = torch.zeros(H_out, W_out)
    for a in range(h):
        for b in range(w):
            torch.mul(X[a : a + H_out, b : b + W_out], K[a, b], out=product)
            Y += product
    return Y
