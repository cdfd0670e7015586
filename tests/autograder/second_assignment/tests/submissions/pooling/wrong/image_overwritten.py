# mistake: what is not the largest of its window is made zero in the image itself
# loses: max-pooling
# misconception: none
import torch

def pool2d(X, pool_size):
    p, q = pool_size
    Y = torch.stack([torch.stack([X[i:i+p, j:j+q].max() for j in range(0, X.shape[1]-q+1, q)])
                     for i in range(0, X.shape[0]-p+1, p)])
    with torch.no_grad():
        X[X < Y.min()] = 0
    return Y
