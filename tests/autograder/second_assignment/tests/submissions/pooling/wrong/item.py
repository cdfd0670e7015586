# mistake: the values are taken out of the graph with item()
# loses: max-pooling
# misconception: none
import torch

def pool2d(X, pool_size):
    p, q = pool_size
    return torch.tensor([[X[i:i+p, j:j+q].max().item() for j in range(0, X.shape[1] // q * q, q)]
                         for i in range(0, X.shape[0] // p * p, p)])
