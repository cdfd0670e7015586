# %% [markdown]
# # Convolutions for images
#
# A convolutional layer slides a small grid of numbers, the *kernel*, over an image and
# notes how well the two agree at each place. In this assignment you write that operation,
# put it into a layer, find the edges of a picture with it, and finally let gradient descent
# discover the edge detector from nothing but examples.
#
# There are three things to write: the function `corr2d`, the class `Conv2D` and the function
# `train_kernel`. Put your code where it says `YOUR CODE HERE`, in the place of
# `raise NotImplementedError()`. Keep the three names and the order of their arguments. The
# rest is yours: helper functions, more imports, more cells, prints and plots all do no harm.
#
# | exercise | points | what is asked |
# |---|---|---|
# | `corr2d-exact` | 25 | `corr2d` gives the right numbers, shapes and gradients |
# | `edge-detection` | 10 | `corr2d` finds the edges of an image, with the right signs |
# | `transposed-input` | 10 | `corr2d` on a transposed image, with both kernels |
# | `conv2d` | 25 | the layer `Conv2D` |
# | `learned-kernel` | 30 | the training loop `train_kernel` |
#
# That makes 100 points. `corr2d` carries 45 of them, in three exercises, by design:
# everything else here is built on it.
#
# Visible checks carry 40 of the 100 points. You can read them in `test_visible.py`, beside
# this file, and run them as often as you like. Hidden checks carry the other 60. They test
# what is written here, nothing more, on other images and other kernels; so an answer that
# fits only the examples below does not earn them. Of a hidden check you are told its title, a
# hint and, where we recognise it, the name of the mistake.
#
# What counts, exactly, stands under **The contract** in each part. The last part, *How this
# is graded*, has the rules that hold for all of them.

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
#
# Lay a kernel of shape `(h, w)` on the top left corner of an image of shape `(H, W)`.
# Multiply each kernel value by the pixel under it and add the products up: one number. Then
# move the kernel one column to the right and do it again, to the end of the row, and in this
# way row by row down the image. The numbers, kept in the order of the places they were taken
# at, are the output:
#
# $$Y_{i,j} = \sum_{a=0}^{h-1} \sum_{b=0}^{w-1} X_{i+a,\,j+b} \; K_{a,b}$$
#
# The kernel never hangs over the border (this is called *valid*), so it fits at `H - h + 1`
# heights and `W - w + 1` widths, and that is the shape of the output.
#
# An example. Image and kernel are
#
#     X = 0 1 2      K = 0 1
#         3 4 5          2 3
#         6 7 8
#
# and the kernel fits at four places:
#
#     0*0 + 1*1 + 3*2 + 4*3 = 19      1*0 + 2*1 + 4*2 + 5*3 = 25
#     3*0 + 4*1 + 6*2 + 7*3 = 37      4*0 + 5*1 + 7*2 + 8*3 = 43
#
# Mathematicians call this *cross-correlation*. Their *convolution* turns the kernel upside
# down and left to right first. A network that learns its kernel would just learn the turned
# one, so deep learning leaves the turning out and keeps the name. So do we: **no flip**.
#
# **The contract** of `corr2d(X, K)`:
#
# - `X` of shape `(H, W)` and `K` of shape `(h, w)` give a tensor of shape
#   `(H - h + 1, W - w + 1)`, for every `h <= H` and `w <= W`: kernels and images that are not
#   square, a 1 by 1 kernel, a kernel as large as the image.
# - `X` and `K` may be views that are not contiguous in memory, such as `X.t()` or a slice.
# - Gradients of the result reach `X` and `K`.
# - `X` and `K` keep their values and their shapes.
#
# Not graded: whole-number tensors, a kernel larger than the image, the dtype of the result
# (a remark, no deduction), calls by keyword. Speed does not count either, as long as a check
# stays within its time; plain loops do, by far. Write the sum yourself: a ready-made
# convolution such as `torch.nn.functional.conv2d` costs no points, but the instructor is told.

# %%
def corr2d(X, K):
    """Return the valid 2-D cross-correlation of an image with a kernel.

    Args:
        X: Image, float tensor of shape (H, W).
        K: Kernel, float tensor of shape (h, w), with h <= H and w <= W.

    Returns:
        Float tensor of shape (H - h + 1, W - w + 1).
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The example from above. It should show `19 25` and, below, `37 43`.

# %%
X = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
corr2d(X, K)

# %% [markdown]
# The next cell runs the visible checks of this exercise on the `corr2d` that is in memory *now*.
# Cells that were run out of order can fool it; the command `autograder check` reads the saved
# file from top to bottom, as the grader does. Run that before you hand in.

# %%
check("corr2d-exact")


# %% [markdown]
# ## 2. A layer with a kernel of its own
#
# A layer is an operation together with the numbers it can learn. For ours these are the
# kernel, called `weight`, and a `bias` that is added to every value of the output:
# `corr2d(x, weight) + bias`. What is wrapped in `nn.Parameter` and assigned to `self` is
# *registered*: `parameters()` lists it, and an optimiser can find it.
#
# **The contract** of `Conv2D(kernel_size)`:
#
# - `kernel_size` is a pair `(h, w)`, as a tuple, a list or a `torch.Size`.
# - `weight` is a registered parameter of that shape. It is drawn uniformly from [0, 1), anew
#   for each layer.
# - `bias` is a registered parameter that holds a single zero, in shape `(1,)` or `()`.
# - `forward(x)` is `corr2d(x, weight) + bias`, for `x` of shape `(H, W)`.
# - Both parameters receive gradients.
#
# Not graded: a single number as `kernel_size`, further buffers, how you draw the uniform
# numbers, whether `forward` calls the function `corr2d` or does its work in another way.

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
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(self, x):
        """Return the layer's response to an image.

        Args:
            x: Image, float tensor of shape (H, W).

        Returns:
            Float tensor of shape (H - h + 1, W - w + 1).
        """
        # YOUR CODE HERE
        raise NotImplementedError()


# %% [markdown]
# A new layer on the same image. Its kernel is random, so your numbers will be others each
# time; only their shape, 2 by 2, stays.

# %%
Conv2D((2, 2))(X)

# %%
check("conv2d")

# %% [markdown]
# ## 3. Edges
#
# There is nothing to write in this part or the next: both look at what your `corr2d` does.
#
# The image has 6 rows and 8 columns. It is white, 1, with a black block, 0, in the four
# columns of the middle.

# %%
image = torch.ones(6, 8)
image[:, 2:6] = 0.0
image

# %% [markdown]
# The kernel `[[1, -1]]` subtracts from each pixel its neighbour on the right. Where the two
# are equal nothing is left. Going from white to black gives `1 - 0 = 1`, coming back from
# black to white gives `0 - 1 = -1`. So the output, 6 by 7, is 1 all down column 1, -1 all
# down column 5, and 0 elsewhere.
#
# **The contract**: `corr2d` finds the edges there and back, with these signs and in the right
# columns, on this image and on others like it.

# %%
detector = torch.tensor([[1.0, -1.0]])
corr2d(image, detector)

# %%
check("edge-detection")

# %% [markdown]
# ## 4. The transposed image
#
# Transposed, the image has 8 rows and 6 columns, and its edges run across instead of down.
# Within a row all pixels are now equal. The detector, which compares neighbours in a row, sees
# nothing: zeros, 8 by 5. Transpose the detector as well and it compares neighbours in a
# column; the edges are back, in rows 1 and 5 of a 7 by 6 output.
#
# **The contract**: on transposed images `[[1, -1]]` gives zeros everywhere, and its transpose
# gives the edges, with their signs.

# %%
corr2d(image.t(), detector)

# %%
corr2d(image.t(), detector.t())

# %%
check("transposed-input")


# %% [markdown]
# ## 5. Learning the kernel
#
# We knew what an edge looks like and wrote `[[1, -1]]` down. Now suppose we have only the
# image and the output that somebody's kernel made of it. Start from a random kernel, measure
# how far its output is off, and step downhill:
#
# - the loss is the sum of the squared differences, `((conv(X) - Y) ** 2).sum()`;
# - its gradient says how it changes with each kernel value;
# - the step is `conv.weight -= lr * gradient`, and one step is one *epoch*.
#
# PyTorch *adds* each new gradient to the one a parameter already has. Clear it in every epoch,
# or you step along the sum of all gradients so far.
#
# Here the layer is PyTorch's own `nn.Conv2d`. Its images have two more dimensions in front,
# one for the example in the batch and one for the channel, each of size 1 here. This part
# does not use your `corr2d` or `Conv2D`: go on even if they do not work yet.
#
# **The contract** of `train_kernel(conv, X, Y, num_epochs=10, lr=3e-2)`:
#
# - `conv` is an `nn.Conv2d` without bias, or an `nn.LazyConv2d` without bias that has been
#   called once. `X` has shape `(1, 1, H, W)`, `Y` has the shape of `conv(X)`, `(1, 1, H', W')`.
# - It makes exactly `num_epochs` steps of gradient descent on the loss above, each over the
#   whole image, with the learning rate `lr`.
# - In each epoch the old gradient is cleared and `conv.weight` changes by `-lr` times the new
#   one. `conv.weight` remains the very same Parameter object throughout.
# - It returns the `num_epochs` losses in order, each taken *before* its step.
# - `X` and `Y` stay as they were.
#
# Not graded: the container and the number type of the losses (a list of floats is asked for;
# anything else readable gets a remark), a gradient left over from before the call, a layer
# with a bias, what you print.
#
# **How near is near enough?** On the 6 by 8 image with the default settings every value of
# the kernel must end within 0.1 of `[[1, -1]]`. That is not a guess. Write the kernel's error
# as a part along (1, 1), both values too high together, and a part along (1, -1), one too high
# and the other too low. For this loss they do not mix, and its curvature is 60 along the first
# and 12 along the second (these are the eigenvalues of its matrix of second derivatives). A
# step multiplies a part by 1 minus `lr` times the curvature: the first by 1 - 0.03 * 60 = -0.8,
# the second by 1 - 0.03 * 12 = 0.64. After ten steps a factor of 0.107 is left of the first
# and 0.0115 of the second. PyTorch starts both kernel values between -0.71 and 0.71, and from
# the worst such start the result is 0.0874 off. So a right loop is always within 0.1.
#
# And since gradient descent throws no dice, the start fixes the whole path. Checks compare
# your losses and the weights with it step by step. They use other images, other target
# kernels, other starts, learning rates and numbers of epochs too, never more than 10 epochs,
# and always with a learning rate at which a right loop settles down. The allowance is 1.1e-4 of
# the first loss (for losses) or of the largest target weight, at least 1 (for weights). Setting the weight to `[[1, -1]]` without training earns nothing.

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
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The target is the difference of neighbours, written without `corr2d`. The loss should fall
# to below 1 and the kernel should come close to `1 -1`.

# %%
conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
image_in = image.reshape(1, 1, 6, 8)
edges_out = (image[:, :-1] - image[:, 1:]).reshape(1, 1, 6, 7)

for epoch, loss in enumerate(train_kernel(conv, image_in, edges_out), start=1):
    print(f"epoch {epoch:2}: loss {loss:.3f}")
conv.weight.detach().reshape(1, 2)

# %%
check("learned-kernel")

# %% [markdown]
# ## How this is graded
#
# - **Calls.** Your functions are called with positional arguments, float32 data, on the CPU.
#   Outside the training path, numbers may differ from the expected ones by rtol = atol = 1e-5,
#   both scaled by the largest expected magnitude (at least 1).
# - **A check passes or fails as a whole** and is worth a whole number of points.
# - **Running the file.** Cells run in order, statement by statement. A statement that raises
#   loses only itself, a cell with a syntax error loses only itself, and the rest goes on. When
#   a name is defined twice the last one wins. A `.py` file is split into cells at its `# %%`
#   lines. Magics and shell lines do nothing. Modules for show, such as matplotlib or d2l, do
#   nothing where they are missing.
# - **`__name__`** is `"__main__"` in a notebook and the module's name in a `.py` file, so what
#   stands under `if __name__ == "__main__":` in a `.py` file does not run.
# - **Time and memory.** A check may use 2 seconds of processor time, a statement that runs
#   while the file is loaded 5 seconds (the whole file 25), and all of it 1 GiB of memory
#   beside PyTorch itself. What takes longer is stopped and the rest goes on; after two such
#   stops in one exercise its other checks are not run and fail.
# - **Errors carried forward.** If `corr2d` lost points, the checks of `conv2d` that failed run
#   again with a right `corr2d` in the place of yours (also where your layer has a method of
#   that name), and the better outcome counts. A mistake in `corr2d` does not cost its points a
#   second time in the layer that uses it.
# - **Two forms.** You have this file as `convolutions.ipynb` and as `convolutions.py`. Work in
#   the one you like and hand it in. If you changed both, both are graded and the better counts.
# - **Remarks never cost points**: the dtype of a result, losses that still hold their graph,
#   a ready-made convolution inside `corr2d` (this one goes to the instructor), both forms
#   changed.
