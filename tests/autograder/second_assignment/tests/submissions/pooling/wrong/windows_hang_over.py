# mistake: windows that hang over the border count too
# loses: max-pooling
# misconception: none
import torch.nn.functional as F

def pool2d(X, pool_size):
    return F.max_pool2d(X.unsqueeze(0), pool_size, ceil_mode=True).squeeze(0)
