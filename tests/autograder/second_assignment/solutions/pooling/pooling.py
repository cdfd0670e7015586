# %% [markdown]
# # Max pooling
#
# Pooling makes an image smaller: it is cut into windows, and of each window only the largest value
# stays. Write the function `pool2d` and the layer `MaxPool2D`. Put your code where it says
# `YOUR CODE HERE`, in the place of `raise NotImplementedError()`.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from torch import nn

from autograder.student import check

# %% [markdown]
# ## 1. The largest value of each window
#
# Windows of `p` rows and `q` columns lie side by side from the top left corner, and none overlaps
# another. Rows and columns that are left over at the bottom and on the right, too few for a window,
# are not used.
#
#     X =  1  5  2  0      pool2d(X, (2, 2)) =  5  8
#          3 -1  4  8                          -2  9
#         -2 -6  7  1
#         -3 -4  0  9
#
# **The contract** of `pool2d(X, pool_size)`:
#
# - `X` of shape `(H, W)` and the pair `pool_size = (p, q)`, with `p <= H` and `q <= W`, give a
#   tensor of shape `(H // p, W // q)`.
# - Gradients of the result reach `X`.
# - `X` keeps its values.


# %% nbgrader={"grade": false, "grade_id": "pool2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pool2d(X, pool_size):
    """Return the largest value of each window of an image.

    Args:
        X: Image, float tensor of shape (H, W).
        pool_size: The pair (p, q), rows and columns of a window.

    Returns:
        Float tensor of shape (H // p, W // q).
    """
    ### BEGIN SOLUTION
    # canary: 6f1d0a92c47be835
    p, q = pool_size
    return X.unfold(0, p, p).unfold(1, q, q).amax((2, 3))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "max-pooling", "locked": true, "points": 30, "schema_version": 3, "solution": false, "task": false}
check("max-pooling")

# %% [markdown]
# ## 2. A layer that pools
#
# **The contract** of `MaxPool2D(pool_size)`: a layer whose `forward(x)` is `pool2d(x, pool_size)`.


# %% nbgrader={"grade": false, "grade_id": "layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MaxPool2D(nn.Module):
    """A layer that keeps the largest value of each window."""

    def __init__(self, pool_size):
        """Keep the pair (p, q)."""
        super().__init__()
        ### BEGIN SOLUTION
        # canary: d83b5e07a1f96c24
        self.pool_size = pool_size
        ### END SOLUTION

    def forward(self, x):
        """Return the layer's response to an image of shape (H, W)."""
        ### BEGIN SOLUTION
        # canary: 20c7f4e98ab6153d
        return pool2d(x, self.pool_size)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "pooling-layer", "locked": true, "points": 20, "schema_version": 3, "solution": false, "task": false}
check("pooling-layer")
