# mistake: the first size of the window is taken for its width
# loses: max-pooling
# misconception: rows-for-columns
import torch.nn.functional as F

def pool2d(X, pool_size):
    w, h = pool_size
    return F.max_pool2d(X[None], (h, w))[0]
