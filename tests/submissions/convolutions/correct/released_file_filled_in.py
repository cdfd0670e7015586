# %% [markdown]
# # Convolutions for images
# (the long texts deleted so that I can see my code)

# %%
import torch
from torch import nn

try:
    from autograder.student import check
except ImportError:

    def check(exercise):
        """Say why nothing can be checked here, and what to do about it."""
        raise ImportError(
            f"cannot check {exercise!r}: the course's checker is not installed for this Python\n"
            "  fix: install the course's checker as the README beside this notebook says"
        )


# %% [markdown]
# ## 1. Cross-correlation

# %%
def corr2d(X, K):
    """Return the valid 2-D cross-correlation of an image with a kernel.

    Args:
        X: Image, float tensor of shape (H, W).
        K: Kernel, float tensor of shape (h, w), with h <= H and w <= W.

    Returns:
        Float tensor of shape (H - h + 1, W - w + 1).
    """
    H, W = X.shape
    h, w = K.shape
    out_h = H - h + 1
    out_w = W - w + 1
    result = 0
    # go over the kernel, not over the image: only h*w steps
    for a in range(h):
        for b in range(w):
            result = result + K[a, b] * X[a:a + out_h, b:b + out_w]
    return result


# %%
X = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
corr2d(X, K)

# %%
check("corr2d-exact")

# %% [markdown]
# ## 2. A layer with a kernel of its own

# %%
class Conv2D(nn.Module):
    """A layer that cross-correlates an image with its own kernel and adds a bias.

    Parameters to register:
        weight: Kernel, shape (h, w), uniform on [0, 1).
        bias: A single zero, shape (1,) or ().
    """

    def __init__(self, kernel_size):
        """Make the parameters.

        Args:
            kernel_size: The pair (h, w).
        """
        super().__init__()
        h, w = kernel_size
        self.weight = nn.Parameter(torch.rand(h, w))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        """Return the layer's response to an image.

        Args:
            x: Image, float tensor of shape (H, W).

        Returns:
            Float tensor of shape (H - h + 1, W - w + 1).
        """
        return corr2d(x, self.weight) + self.bias


# %%
Conv2D((2, 2))(X)

# %%
check("conv2d")

# %% [markdown]
# ## 3. Edges

# %%
image = torch.ones(6, 8)
image[:, 2:6] = 0.0
image

# %%
detector = torch.tensor([[1.0, -1.0]])
corr2d(image, detector)

# %%
check("edge-detection")

# %% [markdown]
# ## 4. The transposed image

# %%
corr2d(image.t(), detector)

# %%
corr2d(image.t(), detector.t())

# %%
check("transposed-input")

# %% [markdown]
# ## 5. Learning the kernel

# %%
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    """Fit the kernel of a convolutional layer by gradient descent; return the losses.

    Args:
        conv: An nn.Conv2d (or an nn.LazyConv2d that has been called) without bias. Its weight
            is changed in place.
        X: Image, float tensor of shape (1, 1, H, W).
        Y: What conv(X) should become, float tensor of shape (1, 1, H', W').
        num_epochs: Number of steps.
        lr: Learning rate.

    Returns:
        List of num_epochs floats: the sum of squared errors before each step.
    """
    history = []
    for epoch in range(num_epochs):
        conv.weight.grad = None
        error = ((conv(X) - Y) ** 2).sum()
        error.backward()
        history.append(error.item())
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    return history


# %%
conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
image_in = image.reshape(1, 1, 6, 8)
edges_out = (image[:, :-1] - image[:, 1:]).reshape(1, 1, 6, 7)

for epoch, loss in enumerate(train_kernel(conv, image_in, edges_out), start=1):
    print(f"epoch {epoch:2}: loss {loss:.3f}")
conv.weight.detach().reshape(1, 2)

# %%
check("learned-kernel")
