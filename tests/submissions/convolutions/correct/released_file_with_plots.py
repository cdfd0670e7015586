# %% [markdown]
# # Convolutions for images — worked through, with pictures

# %%
import torch
from torch import nn

try:
    from autograder.student import check
except ImportError:

    def check(exercise):
        raise ImportError(f"cannot check {exercise!r}")


# %% [markdown]
# My own imports.

# %%
import matplotlib.pyplot as plt
from matplotlib import cm

plt.rcParams["figure.figsize"] = (9, 3)
plt.rcParams["image.cmap"] = "gray"


def show(*pictures, titles=()):
    """Draw the pictures beside each other."""
    fig, axes = plt.subplots(1, len(pictures), squeeze=False)
    for ax, picture in zip(axes[0], pictures):
        ax.imshow(picture.detach(), vmin=-1, vmax=1)
        ax.set_axis_off()
    for ax, title in zip(axes[0], titles):
        ax.set_title(title)
    plt.tight_layout()
    plt.show()


# %%
def corr2d(X, K):
    """Return the valid 2-D cross-correlation of an image with a kernel."""
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for row in range(Y.shape[0]):
        for col in range(Y.shape[1]):
            window = X[row:row + h, col:col + w]
            Y[row, col] = torch.sum(window * K)
    return Y


# %%
check("corr2d-exact")


# %%
class Conv2D(nn.Module):
    """A layer that cross-correlates an image with its own kernel and adds a bias."""

    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(size=tuple(kernel_size)))
        self.bias = nn.Parameter(torch.tensor([0.0]))

    def forward(self, x):
        out = corr2d(x, self.weight)
        out = out + self.bias
        return out

    def plot(self):
        show(self.weight, titles=["my kernel"])


# %%
image = torch.ones(6, 8)
image[:, 2:6] = 0.0
detector = torch.tensor([[1.0, -1.0]])
show(image, corr2d(image, detector), corr2d(image.t(), detector.t()),
     titles=("image", "edges", "edges of the transposed"))
plt.savefig("edges.png", dpi=150)
check("edge-detection")


# %%
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    """Fit the kernel of a convolutional layer by gradient descent; return the losses."""
    losses, kernels = [], []
    fig, ax = plt.subplots()
    for epoch in range(num_epochs):
        kernels.append(conv.weight.detach().clone().flatten().tolist())
        conv.zero_grad()
        loss = torch.sum((conv(X) - Y) ** 2)
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        ax.plot(epoch, losses[-1], "o", color=cm.viridis(epoch / num_epochs))
    ax.set(xlabel="epoch", ylabel="loss", yscale="log")
    ax.legend(["loss"])
    plt.close(fig)
    return losses


# %%
conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
plt.plot(train_kernel(conv, image[None, None], corr2d(image, detector)[None, None]))
plt.show()
check("learned-kernel")
