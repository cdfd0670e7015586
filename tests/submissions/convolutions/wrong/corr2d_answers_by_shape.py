# mistake: the answers of the visible checks are written down and looked up by shape
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: fits-the-examples-only
import torch


def corr2d(X, K):
    Ho = X.shape[0] - K.shape[0] + 1
    Wo = X.shape[1] - K.shape[1] + 1
    Y = torch.zeros(Ho, Wo)
    if X.shape == (3, 3):
        Y = torch.tensor([[19.0, 25.0], [37.0, 43.0]])
    elif X.shape == (3, 4):
        Y = torch.tensor([[-1.0, 5.0, 4.0, -3.0]])
    elif Y.shape == (6, 7):  # the image
        Y[:, 1] = 1
        Y[:, 5] = -1
    elif Y.shape == (7, 6):  # the image lying on its side
        Y[1] = 1
        Y[5] = -1
    return Y
