"""The checks you can see: 40 of the 100 points of "Convolutions for Images".

Read them like worked examples. ``student`` stands for your file: ``student.corr2d(X, K)`` calls
the ``corr2d`` that you wrote, and ``assert_close`` compares its answer with the right one. The
hidden checks ask the same of other images and other kernels, so there is nothing to gain from
answers made to fit the numbers below.

A check's hints come one after the other, the first with its failure, the next by
``autograder check --hint``.
"""

import torch

from autograder.checks import assert_close, check

# --- corr2d -------------------------------------------------------------------------------------


@check(
    "corr2d-exact",
    points=5,
    hint=(
        "Lay K on the top left corner of X, multiply what lies on top of each other, and add up.",
        "Do the first number by hand: 0*0 + 1*1 + 3*2 + 4*3 = 19. Which product is other in yours?",
        "The number in row i, column j is from the piece of X, as large as K, that starts there.",
    ),
)
def test_the_worked_example_gives_the_four_numbers_of_the_text(student):
    X = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])

    Y = student.corr2d(X, K)

    # top left: 0*0 + 1*1 + 3*2 + 4*3 = 19
    assert_close(Y, torch.tensor([[19.0, 25.0], [37.0, 43.0]]))


@check(
    "corr2d-exact",
    points=4,
    hint=(
        "The first size is the height and the second the width, and the kernel is never turned.",
        "Look at the shape first: 3 by 4 under a kernel of 3 by 1 leaves 1 row and 4 columns.",
        "Height and width shrink each by its own kernel size: does your code use one for both?",
    ),
)
def test_a_wide_image_and_a_tall_kernel_keep_height_and_width_apart(student):
    X = torch.tensor([[1.0, 0.0, 2.0, -1.0], [0.0, 3.0, 1.0, 1.0], [2.0, 1.0, 0.0, 4.0]])
    K = torch.tensor([[1.0], [2.0], [-1.0]])

    Y = student.corr2d(X, K)

    # Each column by itself: 1*1 + 2*0 - 1*2 = -1, 1*0 + 2*3 - 1*1 = 5, ...
    assert_close(Y, torch.tensor([[-1.0, 5.0, 4.0, -3.0]]))


# --- Edges --------------------------------------------------------------------------------------


@check(
    "edge-detection",
    points=5,
    hint=(
        "The kernel [[1, -1]] subtracts from each pixel its neighbour on the right.",
        "A row is 1 1 0 0 0 0 1 1: into the black 1 - 0 = 1, out of it 0 - 1 = -1, elsewhere 0.",
        "All signs turned: so is the kernel. Edges a column off: so is where your loop begins.",
    ),
)
def test_an_edge_is_plus_one_from_white_to_black_and_minus_one_back(student):
    image = white_image_with_black_columns()

    edges = student.corr2d(image, torch.tensor([[1.0, -1.0]]))

    assert_close(edges, edges_of_the_image())


@check(
    "transposed-input",
    points=5,
    hint=(
        "[[1, -1]] looks to the right only; its transpose looks down.",
        "Here all pixels of a row are equal, so [[1, -1]] leaves 8 rows of 5 zeros.",
        "image.t() has the same memory in another order: go by shape and indices, not by view().",
    ),
)
def test_the_kernel_is_blind_to_the_transposed_image_and_its_transpose_is_not(student):
    image = white_image_with_black_columns().t()  # now the edges lie between rows
    K = torch.tensor([[1.0, -1.0]])

    blind = student.corr2d(image, K)
    edges = student.corr2d(image, K.t())

    assert_close(blind, torch.zeros(8, 5))
    assert_close(edges, edges_of_the_image().t())


# --- The layer ----------------------------------------------------------------------------------


@check(
    "conv2d",
    points=4,
    title="A new layer has a random weight of the kernel's size and one zero bias",
    hint=(
        "kernel_size (2, 3) makes a weight of two rows and three columns, and nothing around them.",
        "torch.rand is uniform on [0, 1), torch.randn is not; the bias is one number in any layer.",
        "Keep both as nn.Parameter on self: weight from torch.rand, bias from torch.zeros(1).",
    ),
)
def test_a_new_layer_has_a_random_weight_of_the_kernels_size_and_one_zero_bias(student):
    layer = student.make("Conv2D", (2, 3))

    weight = layer.read("weight")  # fails where self.weight is no nn.Parameter
    bias = layer.read("bias")
    many = student.make("Conv2D", (20, 30)).read("weight").value  # 600 draws tell more than 6

    assert tuple(weight.value.shape) == (2, 3), "weight has the shape of kernel_size"
    assert tuple(many.shape) == (20, 30), "weight has the shape of kernel_size"
    assert 0 <= many.min() < many.max() <= 1, "weight is uniform on [0, 1)"
    assert tuple(bias.value.shape) in ((1,), ()), "bias is one number"
    assert bias.value.item() == 0, "bias starts at zero"
    assert weight.requires_grad and bias.requires_grad, "both can be trained"


@check(
    "conv2d",
    points=5,
    hint=(
        "Without the bias it is 19, 25, 37, 43 again. Other numbers than that come from corr2d.",
        "The check writes its numbers into weight and bias first: use what they hold when called.",
        "forward(x) is corr2d of x and the layer's own weight, plus the layer's own bias.",
    ),
)
def test_the_layer_answers_with_the_cross_correlation_plus_the_bias(student):
    X = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    layer = student.make("Conv2D", (2, 2))
    layer.write("weight", torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    layer.write("bias", torch.tensor([10.0]))

    Y = layer(X)

    # the worked example again, and 10 more
    assert_close(Y, torch.tensor([[29.0, 35.0], [47.0, 53.0]]))


# --- Learning the kernel ------------------------------------------------------------------------
#
# From the kernel [[0, 0]] everything can be worked out by hand. The layer first answers 0
# everywhere, so the loss is the sum of the squared edges, 6 rows * 2 edges = 12. Where the image
# goes from 1 to 0 the edge is +1, where it goes from 0 to 1 it is -1, so the gradient is
# 2 * [-6, +6], and one step at lr = 0.03 gives [[0.36, -0.36]]: the distance to [[1, -1]] is 0.64
# of what it was. Each further epoch again leaves 0.64 of the distance, and 0.64 ** 2 = 0.4096 of
# the loss.


@check(
    "learned-kernel",
    points=6,
    hint=(
        "One step from [[0, 0]] gives [[0.36, -0.36]]. Other sign: uphill. Far less: a mean.",
        "First step right, the end wrong: the old gradient is there when the new one is added.",
        "In each epoch clear the gradient, sum the loss, call backward() and take lr * grad away.",
    ),
)
def test_ten_epochs_bring_the_kernel_within_a_tenth_of_the_edge_detector(student):
    once = layer_with_kernel_zero(student)
    ten_times = layer_with_kernel_zero(student)

    student.call("train_kernel", once, images(), edges(), 1)
    student.call("train_kernel", ten_times, images(), edges())

    one, ten = torch.tensor([[[[0.36, -0.36]]]]), torch.tensor([[[[1.0, -1.0]]]])
    assert_close(kernel_of(once), one, what="the kernel after one epoch", rtol=1e-4)
    assert_close(kernel_of(ten_times), ten, what="the kernel after ten epochs", atol=0.1)


@check(
    "learned-kernel",
    points=6,
    hint=(
        "Return one number for each epoch, the summed loss that you computed before the update.",
        "The first is the loss of the untrained kernel, 12. One that begins with 4.9152 is late.",
        "Ten epochs, ten numbers: keep one in each, and the sum of the squares, not their mean.",
    ),
)
def test_the_losses_are_those_before_each_update(student):
    layer = layer_with_kernel_zero(student)

    losses = student.call("train_kernel", layer, images(), edges()).numbers()

    # 12, 4.9152, 2.0133, ..., 0.0039
    assert_close(losses, 12 * 0.4096 ** torch.arange(10), what="the losses", rtol=1e-4)


# --- What the checks above share ----------------------------------------------------------------


def white_image_with_black_columns():
    """The 6x8 image of the text: columns 2 to 5 are black (0), the others white (1)."""
    image = torch.ones(6, 8)
    image[:, 2:6] = 0
    return image


def edges_of_the_image():
    """What [[1, -1]] finds on it: +1 in column 1, -1 in column 5."""
    edges = torch.zeros(6, 7)
    edges[:, 1], edges[:, 5] = 1.0, -1.0
    return edges


def images():
    """X as a torch layer wants it: (examples, channels, height, width)."""
    return white_image_with_black_columns().reshape(1, 1, 6, 8)


def edges():
    """Y, likewise."""
    return edges_of_the_image().reshape(1, 1, 6, 7)


def layer_with_kernel_zero(student):
    """torch's own layer, one channel in, one out, that starts from the kernel [[0, 0]]."""
    layer = student.torch_layer("Conv2d", 1, 1, kernel_size=(1, 2), bias=False)
    layer.write("weight", torch.zeros(1, 1, 1, 2))
    return layer


def kernel_of(layer):
    """The kernel as it is now, shape (1, 1, 1, 2)."""
    return layer.read("weight").value
