# hidden canary: c955ca82c07468da
"""train_kernel against the exact path of gradient descent, on torch's own layers: 18 points.

The loss is a quadratic, so given the start every loss and every kernel is known (see
reference.descend); float32 follows them to about 1e-6, and what is asked is 1e-4. A kernel that
is right without having been trained is off this path.
"""

import torch
from reference import (
    DEFAULT_EPOCHS,
    DEFAULT_LR,
    EDGE_KERNEL,
    bars_of_the_text,
    correlate,
    descend,
    fit_for_default_lr,
    learned_kernel_bound,
    present,
)

from autograder.checks import assert_close, check


@check(
    "learned-kernel",
    points=2,
    hint="Each loss is the sum of all squared errors, taken before that epoch's update.",
)
def test_every_loss_is_the_sum_of_squared_errors_before_its_update(student, draw):
    X, Y, start = bars_of_the_text(), edges_of_the_text(), a_start(draw, 1, 2)
    expected = descend(X, Y, start, lr=DEFAULT_LR, num_epochs=DEFAULT_EPOCHS).losses
    conv = conv2d(student, start)

    losses = student.call("train_kernel", conv, batch(X), batch(Y)).numbers()

    assert_losses(losses, expected)


@check(
    "learned-kernel",
    points=2,
    hint="The step is lr times the gradient of the summed loss, not of its mean, and downhill.",
)
def test_one_epoch_is_one_step_down_the_gradient_of_the_summed_loss(student, draw):
    X, Y, start = bars_of_the_text(), edges_of_the_text(), a_start(draw, 1, 2)
    expected = descend(X, Y, start, lr=DEFAULT_LR, num_epochs=1).kernels[1]
    conv = conv2d(student, start)

    student.call("train_kernel", conv, batch(X), batch(Y), 1, DEFAULT_LR)

    assert_kernel(conv, expected)


@check(
    "learned-kernel",
    points=2,
    hint="backward() adds to the gradient that is there: clear it in every epoch.",
)
def test_no_gradient_is_carried_from_one_epoch_to_the_next(student, draw):
    X, Y, start = bars_of_the_text(), edges_of_the_text(), a_start(draw, 1, 2)
    expected = descend(X, Y, start, lr=DEFAULT_LR, num_epochs=4).kernels

    for num_epochs in (2, 4):
        conv = conv2d(student, start)
        student.call("train_kernel", conv, batch(X), batch(Y), num_epochs, DEFAULT_LR)

        assert_kernel(conv, expected[num_epochs])


@check(
    "learned-kernel",
    points=2,
    hint="After ten epochs at the default learning rate print conv.weight next to the edge kernel.",
)
def test_the_edge_kernel_is_learned_from_any_start_by_both_layer_classes(student, draw):
    X, Y = bars_of_the_text(), edges_of_the_text()
    how = {"lr": DEFAULT_LR, "num_epochs": DEFAULT_EPOCHS}
    bound = learned_kernel_bound(X, EDGE_KERNEL, start=0.5**0.5, **how)  # 0.0874; we promise 0.1

    for make in (conv2d, lazy_conv2d):
        start = a_start(draw, 1, 2)
        conv = make(student, start)
        student.call("train_kernel", conv, batch(X), batch(Y))

        learned = conv.read("weight").value
        assert_close(learned, batch(EDGE_KERNEL), what="the learned kernel", atol=bound)
        assert_kernel(conv, descend(X, Y, start, **how).kernels[-1])  # trained, not written there


@check(
    "learned-kernel",
    points=2,
    hint="Take every size from the layer and the data: any image and any kernel size can come.",
)
def test_a_larger_kernel_is_learned_on_another_image(student, draw):
    target = torch.tensor([[1.0, -2.0], [0.5, 1.5]])
    X = fit_for_default_lr(draw.normal(6, 7), (2, 2))
    Y, start = correlate(X, target).float(), a_start(draw, 2, 2)
    expected = descend(X, Y, start, lr=DEFAULT_LR, num_epochs=DEFAULT_EPOCHS).kernels[-1]
    conv = conv2d(student, start)

    student.call("train_kernel", conv, batch(X), batch(Y), DEFAULT_EPOCHS, DEFAULT_LR)

    assert_kernel(conv, expected)


@check(
    "learned-kernel",
    points=2,
    hint="A LazyConv2d that has been called once is a Conv2d: treat them alike for every kernel.",
)
def test_a_lazy_layer_with_a_kernel_of_another_shape_goes_down_its_own_path(student, draw):
    target = torch.tensor([[2.0], [-1.0], [0.5]])
    X = fit_for_default_lr(draw.normal(7, 5), (3, 1))
    Y, start = correlate(X, target).float(), a_start(draw, 3, 1)
    expected = descend(X, Y, start, lr=DEFAULT_LR, num_epochs=4)
    conv = lazy_conv2d(student, start)

    losses = student.call("train_kernel", conv, batch(X), batch(Y), 4, DEFAULT_LR).numbers()

    assert_losses(losses, expected.losses)
    assert_kernel(conv, expected.kernels[-1])


@check(
    "learned-kernel",
    points=2,
    hint="Loop num_epochs times and return one loss for each.",
)
def test_as_many_epochs_are_trained_as_are_asked_for(student, draw):
    X, Y, start = bars_of_the_text(), edges_of_the_text(), a_start(draw, 1, 2)
    expected = descend(X, Y, start, lr=DEFAULT_LR, num_epochs=5).kernels
    # Next to nothing is left to learn from here, and it is trained all the same. Not nothing: a
    # print of the last loss over the first, say, must not divide by zero.
    near = (1 + 2**-14) * EDGE_KERNEL
    nearer = descend(X, Y, near, lr=DEFAULT_LR, num_epochs=4).kernels[4]

    for num_epochs, begin, end in [
        (3, start, expected[3]),
        (5, start, expected[5]),
        (4, near, nearer),
    ]:
        conv = conv2d(student, begin)
        losses = student.call("train_kernel", conv, batch(X), batch(Y), num_epochs).numbers()

        assert len(losses) == num_epochs, f"{len(losses)} losses for {num_epochs} epochs"
        assert_kernel(conv, end)


@check(
    "learned-kernel",
    points=2,
    hint="Use the lr that is passed in, not 0.03.",
)
def test_the_step_is_as_long_as_the_learning_rate_says(student, draw):
    X, Y, start = bars_of_the_text(), edges_of_the_text(), a_start(draw, 1, 2)
    rates = (0.004, 0.02)

    trained = []
    for lr in rates:
        trained.append(conv2d(student, start))
        student.call("train_kernel", trained[-1], batch(X), batch(Y), 1, lr)
    kernels = [conv.read("weight") for conv in trained]

    for lr, kernel in zip(rates, kernels, strict=True):
        assert_close_to_path(kernel, descend(X, Y, start, lr=lr, num_epochs=1).kernels[1])


@check(
    "learned-kernel",
    points=1,
    hint="Change the values of conv.weight in place; do not put a new Parameter there.",
)
def test_the_layer_keeps_its_parameter(student, draw):
    X, Y, start = bars_of_the_text(), edges_of_the_text(), a_start(draw, 1, 2)
    expected = descend(X, Y, start, lr=DEFAULT_LR, num_epochs=1).kernels[1]
    conv = conv2d(student, start)
    conv.read("weight")  # "the same object" is the same as at this first reading

    student.call("train_kernel", conv, batch(X), batch(Y), 1)

    assert_kernel(conv, expected)
    assert conv.read("weight").same_object, "conv.weight is another object than before"


@check(
    "learned-kernel",
    points=1,
    hint="Only conv.weight learns; X and Y are data.",
)
def test_training_leaves_image_and_target_alone(student, draw):
    X, Y, start = bars_of_the_text(), edges_of_the_text(), a_start(draw, 1, 2)
    expected = descend(X, Y, start, lr=DEFAULT_LR, num_epochs=1).kernels[1]
    conv = conv2d(student, start)

    arguments = student.call("train_kernel", conv, batch(X), batch(Y), 1).arguments

    assert_kernel(conv, expected)
    assert_close(present(arguments, 0, "X"), batch(bars_of_the_text()), what="X after training")
    assert_close(present(arguments, 1, "Y"), batch(edges_of_the_text()), what="Y after training")


# --- What the checks above share ----------------------------------------------------------------


def edges_of_the_text():
    return correlate(bars_of_the_text(), EDGE_KERNEL).float()


def a_start(draw, *shape):
    """A kernel within torch's default range for two weights, shape ``shape``."""
    return draw.uniform(*shape, low=-0.7, high=0.7)


def batch(image):
    """One image with one channel, shape (1, 1, H, W)."""
    return image.clone(memory_format=torch.contiguous_format)[None, None]


def conv2d(student, start):
    """An nn.Conv2d that starts from the kernel ``start``, shape (h, w)."""
    layer = student.torch_layer("Conv2d", 1, 1, kernel_size=tuple(start.shape), bias=False)
    layer.write("weight", batch(start))
    return layer


def lazy_conv2d(student, start):
    """An nn.LazyConv2d, called once, that starts from the kernel ``start``, shape (h, w)."""
    layer = student.torch_layer("LazyConv2d", 1, kernel_size=tuple(start.shape), bias=False)
    layer(torch.zeros(1, 1, *start.shape))
    layer.write("weight", batch(start))
    return layer


def assert_kernel(conv, expected):
    assert_close_to_path(conv.read("weight"), expected)


def assert_close_to_path(kernel, expected):
    assert_close(
        kernel.value,
        batch(expected),
        what="the kernel",
        rtol=1e-4,
        atol=1e-5,
        scale=max(1.0, float(expected.abs().max())),
    )


def assert_losses(losses, expected):
    assert_close(
        losses, expected, what="the losses", rtol=1e-4, atol=1e-5, scale=float(expected[0])
    )
