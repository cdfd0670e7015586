# hidden canary: 6957fe926af28eec
"""The layer: what it starts from, what it answers, what trains it: 16 points.

Only the last four checks run the layer forward. The others hold whatever became of corr2d.
"""

import torch
from reference import correlate, gradient_to_kernel, present

from autograder.checks import assert_close, check


@check(
    "conv2d",
    points=1,
    hint="weight has exactly the shape of kernel_size: first the height, then the width.",
)
def test_the_weight_has_the_shape_of_a_tuple(student):
    for shape in [(4, 2), (1, 3)]:
        assert_shape(student.make("Conv2D", shape).read("weight").value, shape)


@check(
    "conv2d",
    points=1,
    hint="torch.rand takes any sequence of sizes as it is; do not ask what type kernel_size has.",
)
def test_the_kernel_size_may_be_a_list_or_a_torch_size(student):
    assert_shape(student.make("Conv2D", [2, 5]).read("weight").value, (2, 5))
    assert_shape(student.make("Conv2D", torch.Size([3, 1])).read("weight").value, (3, 1))


@check(
    "conv2d",
    points=2,
    hint="Both are nn.Parameter, set on self after super().__init__(), with gradients left on.",
)
def test_weight_and_bias_are_parameters_that_can_be_trained(student):
    layer = student.make("Conv2D", (3, 2))

    assert layer.read("weight").requires_grad, "weight does not require a gradient"
    assert layer.read("bias").requires_grad, "bias does not require a gradient"


@check(
    "conv2d",
    points=1,
    hint="One bias serves the whole image, whatever the kernel's size, and it starts at zero.",
)
def test_the_bias_is_a_single_zero_for_every_kernel_size(student):
    for shape in [(1, 1), (2, 4)]:
        layer = student.make("Conv2D", shape)
        bias = layer.read("bias").value

        assert tuple(bias.shape) in ((1,), ()), f"bias has shape {tuple(bias.shape)}"
        assert bias.item() == 0, "bias is not zero"
        layer.write("bias", torch.tensor([3.0]))  # which no later layer starts from


@check(
    "conv2d",
    points=2,
    hint="Look at the smallest, the largest and the mean of a large new weight.",
)
def test_the_weights_of_a_new_layer_are_uniform_between_zero_and_one(student):
    weight = student.make("Conv2D", (50, 60)).read("weight").value

    assert_shape(weight, (50, 60))
    assert_uniform(weight)


@check(
    "conv2d",
    points=1,
    hint="Draw in __init__, for each layer anew, and leave the seed alone.",
)
def test_each_layer_draws_its_own_weights(student):
    first = student.make("Conv2D", (60, 50)).read("weight").value
    second = student.make("Conv2D", (60, 50)).read("weight").value

    for weight in (first, second):  # two layers of noise would be fresh, too
        assert_shape(weight, (60, 50))
        assert_uniform(weight)
    assert (first != second).any(), "two layers start from the same weights"


@check(
    "conv2d",
    points=3,
    hint="forward uses self.weight and self.bias as they are: corr2d(x, self.weight) + self.bias.",
)
def test_the_layer_adds_its_bias_to_the_cross_correlation_with_its_weight(student, draw):
    X, weight = draw.normal(5, 6), draw.normal(2, 3)
    expected = correlate(X, weight) + 1.75
    layer = layer_with(student, weight, bias=1.75)

    response = layer(X)

    assert_close(response, expected)


@check(
    "conv2d",
    points=1,
    hint="Compute in forward from the parameters of now; keep no copy and no size from before.",
)
def test_the_layer_follows_its_parameters_and_takes_images_of_any_size(student, draw):
    layer = layer_with(student, draw.normal(3, 2), bias=0.5)
    layer(draw.normal(4, 5))
    X, weight = draw.normal(2, 6).t(), draw.normal(3, 2)  # one column is left
    expected = correlate(X, weight) - 2.5

    set_parameters(layer, weight, bias=-2.5)
    response = layer(X)

    assert_close(response, expected)


@check(
    "conv2d",
    points=2,
    hint="forward must compute with self.weight itself, not with its .data or a copy.",
)
def test_the_weight_receives_its_gradient(student, draw):
    X, weight, upstream = draw.normal(5, 4), draw.normal(2, 3), draw.normal(4, 2)
    expected = gradient_to_kernel(X, upstream)
    layer = layer_with(student, weight, bias=0.25)

    gradients = layer.gradients(X, upstream=upstream)

    gradient = present(gradients.parameters, "weight", "gradient of weight")
    assert_close(gradient, expected, what="the gradient of weight")


@check(
    "conv2d",
    points=2,
    hint="forward must compute with self.bias itself, not with its .data or .item().",
)
def test_the_bias_receives_its_gradient(student, draw):
    X, weight, upstream = draw.normal(4, 5), draw.normal(3, 2), draw.uniform(2, 4, low=0.5, high=2)
    layer = layer_with(student, weight, bias=0.25)

    gradients = layer.gradients(X, upstream=upstream)

    gradient = present(gradients.parameters, "bias", "gradient of bias")
    assert_close(gradient.reshape(-1), upstream.double().sum().reshape(1), what="gradient of bias")


# --- What the checks above share ----------------------------------------------------------------


def layer_with(student, weight, bias):
    layer = student.make("Conv2D", tuple(weight.shape))
    set_parameters(layer, weight, bias)
    return layer


def set_parameters(layer, weight, bias):
    layer.write("weight", weight)
    layer.write("bias", torch.tensor([bias]))  # of shape (1,) or (), both are right


def assert_shape(value, shape):
    assert tuple(value.shape) == shape, f"weight has shape {tuple(value.shape)}, expected {shape}"


def assert_uniform(values):
    """Pass when the values lie in [0, 1] and their distribution is uniform there.

    With F the share of values up to x, the Dvoretzky-Kiefer-Wolfowitz inequality (Massart's
    constant) bounds P(largest |F(x) - x| > d) by 2 exp(-2 n d^2). At d = 0.065 and n >= 3000 a
    right layer fails with probability 2 exp(-25.3) < 2e-11. What is caught for certain: constants
    and rounding to whole numbers (distance at least 0.5); and but for as small a chance, all
    that is off by 0.13 or more: rand ** 2 (0.25), |randn| cut to the range (0.3). randn, Kaiming,
    rand - 0.5 and 2 * rand leave the range. 1.0 itself is let in: float32 rounds up to it.
    """
    ordered = values.double().flatten().sort().values
    n = len(ordered)
    assert ordered[0] >= 0 and ordered[-1] <= 1, "some weights lie outside [0, 1)"
    steps = torch.arange(n + 1, dtype=torch.float64) / n
    distance = torch.maximum((steps[1:] - ordered).max(), (ordered - steps[:-1]).max())
    assert distance <= 0.065, "the weights are not uniform on [0, 1)"
