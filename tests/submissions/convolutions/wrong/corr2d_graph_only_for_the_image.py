# mistake: the graph is kept only where X wants a gradient: K alone gets none
# loses: corr2d-exact
# misconception: graph-cut
import torch


def corr2d(X, K):
    h, w = K.shape
    with torch.set_grad_enabled(X.requires_grad):  # no graph in evaluation
        windows = X.unfold(0, h, 1).unfold(1, w, 1)
        return (windows * K).sum(dim=(2, 3))
