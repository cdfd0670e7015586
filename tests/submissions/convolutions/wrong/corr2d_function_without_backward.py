# mistake: a torch.autograd.Function of one's own that has a forward but no backward
# loses: corr2d-exact
# misconception: autograd-refused
import torch


class CrossCorrelation(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, K):
        ctx.save_for_backward(X, K)
        h, w = K.shape
        Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
        for i in range(Y.shape[0]):
            for j in range(Y.shape[1]):
                Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
        return Y


def corr2d(X, K):
    return CrossCorrelation.apply(X, K)
