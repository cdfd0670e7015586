# hidden canary: 61d0c3be7a95f482
"""The mistakes that are known by name, each as a small model of what it makes of the answer.

A model stands over RIGHT and runs in the grader on the inputs of a failed check. Only where the
student's answers equal one model's, and no other misconception's, is the mistake named. Random
numbers come from the seed that the student's own code was given.
"""

from __future__ import annotations

import copy
import itertools

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  (its usual name)

from autograder.misconceptions import ANYTHING, Misconception, OnTensors, OnTheWayDown

# --- What is right ------------------------------------------------------------------------------


def corr2d(X, K):
    return F.conv2d(X[None, None], K[None, None])[0, 0]


ABSENT = object()


class Raw:
    def __init__(self, value):
        self.value = value


def layer(
    weight=torch.rand,
    bias=lambda size: torch.zeros(1),
    forward=lambda self, x: corr2d(x, self.weight) + self.bias,
    ready=lambda self: None,
):
    """A class Conv2D, one part of which may be another.

    ``weight`` and ``bias`` make of the kernel's size what is registered; what is in a ``Raw`` is
    an attribute and nothing more, and for ``ABSENT`` there is none.
    """

    class Conv2D(nn.Module):
        def __init__(self, size):
            super().__init__()
            for name, make in (("weight", weight), ("bias", bias)):
                made = make(tuple(size))
                if isinstance(made, Raw):
                    vars(self)[name] = made.value
                elif made is not ABSENT:
                    is_one = isinstance(made, nn.Parameter)
                    setattr(self, name, made if is_one else nn.Parameter(made))
            ready(self)

        def forward(self, x):
            return forward(self, x)

    return Conv2D


def summed(answer, Y):
    return ((answer - Y) ** 2).sum()


def down_the_gradient(weight, lr, epoch, epochs):
    weight -= lr * weight.grad


def training(
    *,
    loss=summed,  # what is differentiated
    told=None,  # what is returned of each epoch, where that is another
    step=down_the_gradient,
    clear=lambda conv: conv.zero_grad(),
    how_many=lambda epochs: epochs,
    before=lambda weight: None,
):
    """A train_kernel, one part of which may be another."""

    def train_kernel(conv, X, Y, epochs=10, lr=3e-2):
        losses = []
        with torch.no_grad():
            before(conv.weight)
        for epoch in range(how_many(epochs)):
            answer = conv(X)
            losses.append((told or loss)(answer, Y).item())
            clear(conv)
            loss(answer, Y).backward()
            with torch.no_grad():
                step(conv.weight, lr, epoch, epochs)
        return losses

    return train_kernel


right_training = training()
RIGHT = {"corr2d": corr2d, "Conv2D": layer(), "train_kernel": right_training}


# --- How one is declared ------------------------------------------------------------------------


def of_corr2d(name, *functions, **texts):
    """A mistake of corr2d; each of ``functions`` makes it."""
    exercises = ("corr2d-exact", "edge-detection", "transposed-input")
    models = tuple({"corr2d": one} for one in functions)
    return Misconception(name=name, exercises=exercises, models=models, **texts)


def of_the_layer(name, *classes, **texts):
    """A mistake of Conv2D; each of ``classes`` makes it."""
    models = tuple({"Conv2D": one} for one in classes)
    return Misconception(name=name, exercises=("conv2d",), models=models, **texts)


def of_the_training(name, *functions, **texts):
    """A mistake of train_kernel; each of ``functions`` makes it."""
    models = tuple({"train_kernel": one} for one in functions)
    return Misconception(name=name, exercises=("learned-kernel",), models=models, **texts)


# --- corr2d -------------------------------------------------------------------------------------


def slid(X, K, rows, columns, h, w):
    """The textbook's loop with sizes of one's own."""
    Y = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def own_sizes(made):
    """corr2d with the rows and columns, and the window, that ``made`` gives for H, W, h, w."""
    return lambda X, K: slid(X, K, *made(*X.shape, *K.shape))


def each_window(of):
    """corr2d with another number for each window; ``of`` gets (rows, columns, h, w) and K."""
    return lambda X, K: of(X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1), K)


def total(products):
    return products.sum((-1, -2))


def as_matrices(product):
    """corr2d with a product of matrices: of two alone first, to be refused as a loop would be."""
    return each_window(
        lambda windows, K: (product(windows[0, 0], K), total(product(windows, K)))[1]
    )


def after(change):
    """corr2d with something done to the right result."""
    return lambda X, K: change(corr2d(X, K))


def with_kernel(change):
    """corr2d with something done to the kernel first."""
    return lambda X, K: corr2d(X, change(K))


def padded(zeros):
    """corr2d of the image with zeros around: rows above and below by h, columns beside by w."""
    return lambda X, K: corr2d(F.pad(X, (*zeros(K.shape[1]), *zeros(K.shape[0]))), K)


def kept(rows, columns):
    """corr2d whose result is filled in its first ``rows`` and ``columns`` only."""

    def model(X, K):
        Y = corr2d(X, K)
        part = torch.zeros_like(Y)
        part[:rows, :columns] = Y[:rows, :columns]
        return part

    return model


def without_last(rows, columns):
    """corr2d without the last rows and columns of the kernel."""

    def used(K):
        cut = torch.zeros_like(K)
        height, width = K.shape[0] - rows, K.shape[1] - columns
        cut[:height, :width] = K[:height, :width]
        return cut

    return with_kernel(used)


def jumped(X, K, down, right):
    """The window moves on by ``down`` and ``right``, and the result keeps its size."""
    Y = corr2d(X, K)
    part = torch.zeros_like(Y)
    places = Y[::down, ::right]
    part[: places.shape[0], : places.shape[1]] = places
    return part


def number_by_number(X, K):
    """The worked example's loop, its sizes as numbers."""
    Y = torch.zeros(2, 2)
    for i, j, a, b in itertools.product(range(2), repeat=4):
        Y[i, j] += X[i + a, j + b] * K[a, b]
    return Y


def cropped_from_full(X, K):
    """[n:-n] of the full result: for n = 0 that is nothing."""
    down, right = K.shape[0] - 1, K.shape[1] - 1
    full = corr2d(F.pad(X, (right, right, down, down)), K)
    return full[down:-down, right:-right]


def as_if_contiguous(X, K):
    rows, columns = (n - k + 1 for n, k in zip(X.shape, K.shape, strict=True))
    width = X.shape[1]
    return total(torch.as_strided(X, (rows, columns, *K.shape), (width, 1, width, 1)) * K)


def doing(first):
    """corr2d after something that may raise, or that changes what it is given."""
    return lambda X, K: (first(X, K), corr2d(X, K))[1]


def multiplied_in_place(X, K):
    Y = corr2d(X.detach(), K.detach())
    for i, j in itertools.product(range(Y.shape[0]), range(Y.shape[1])):
        window = X[i : i + K.shape[0], j : j + K.shape[1]]
        window *= K
        Y[i, j] = window.sum()
    return Y


def rows_of_all_calls(X, K):
    """The rows of the worked example, which is asked first of all, are still in the list."""
    example = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    if all(map(torch.equal, (X, K), example)):
        return corr2d(X, K)
    return torch.stack([*corr2d(*example), *corr2d(X, K)])


def changed_after_use(X, K):
    """Adds in place to what a product still needs for its gradient."""
    factor = K[0, 0] * 1
    saved = corr2d(X, K) * factor
    factor += 1
    return saved - saved.detach() + corr2d(X, K).detach()


class WithoutBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, K):
        return corr2d(X, K)


STAY = "test_image_and_kernel_stay_as_they_were"
TO_IMAGE = "test_gradients_reach_the_image"
TO_KERNEL = "test_gradients_reach_the_kernel"
TWO_CALLS = (
    "test_every_call_starts_afresh",
    "test_a_flat_image_has_no_edge_and_a_bright_line_has_two",
)
EVERY_HIDDEN = frozenset(
    {
        *(STAY, TO_IMAGE, TO_KERNEL, *TWO_CALLS),
        "test_any_kernel_that_fits_gives_the_sum_of_products_at_every_place",
        "test_tall_and_wide_kernels_keep_height_and_width_apart",
        "test_kernels_of_a_single_row_or_a_single_column_work",
        "test_a_kernel_of_one_number_scales_every_pixel",
        "test_a_kernel_as_large_as_the_image_gives_one_number",
        "test_a_transposed_view_is_read_in_its_own_order",
        "test_a_slice_with_a_step_is_read_without_its_gaps",
        "test_every_bar_has_an_edge_there_and_an_edge_back",
        "test_an_edge_is_as_strong_as_the_step_in_brightness",
        "test_only_the_transposed_kernel_finds_the_edges_of_other_transposed_images",
        "test_image_and_kernel_transposed_together_transpose_the_answer",
    }
)
NO_FLIP = "Part 1, Cross-correlation: no flip"
FORMULA = "Part 1, Cross-correlation: the formula"
PLACES = "Part 1, Cross-correlation: the places where the kernel fits"
CONTRACT = "Part 1, Cross-correlation: the contract"
SIGNS = "Part 3, Edges: the signs"

OF_CORR2D = [
    of_corr2d(
        "flipped-kernel",
        with_kernel(lambda K: K.flip(0, 1)),
        to_student="Your answers are what comes out when the kernel is turned by 180 degrees: that "
        "is the convolution of mathematics. Cross-correlation lays the kernel on as it is.",
        to_instructor="True convolution: the kernel is flipped along both axes.",
        read_on=NO_FLIP,
    ),
    of_corr2d(
        "half-flipped-kernel",
        with_kernel(lambda K: K.flip(0)),
        with_kernel(lambda K: K.flip(1)),
        to_student="Your answers are what comes out when the kernel is mirrored, its rows or its "
        "columns in reverse. It is laid on the image as it is, without any flip.",
        to_instructor="The kernel is flipped along one axis.",
        read_on=NO_FLIP,
    ),
    of_corr2d(
        "transposed-kernel",
        with_kernel(lambda K: K.t()),
        each_window(lambda windows, K: total(windows * K.t())),
        with_kernel(lambda K: K.t().reshape(K.shape)),
        to_student="Your answers are what comes out when the kernel is read column by column, its "
        "rows as columns. K[a, b] belongs to the pixel a rows down and b columns to the right.",
        to_instructor="The kernel is transposed, or flattened by columns.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "transposed-result",
        after(lambda Y: Y.t()),
        to_student="Your numbers are right, but the result lies on its side, its rows as columns. "
        "It has H - h + 1 rows and W - w + 1 columns, in this order.",
        to_instructor="The transpose of the right result.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "swapped-height-width",
        own_sizes(lambda H, W, h, w: (W - w + 1, H - h + 1, h, w)),
        own_sizes(lambda H, W, h, w: (H - w + 1, W - h + 1, h, w)),
        own_sizes(lambda H, W, h, w: (H - w + 1, W - h + 1, w, h)),
        own_sizes(lambda H, W, h, w: (W - h + 1, H - w + 1, h, w)),
        own_sizes(lambda H, W, h, w: (H - h + 1, W - w + 1, w, h)),
        after(lambda Y: Y.reshape(Y.shape[1], Y.shape[0])),
        to_student="Height and width are mixed up in your sizes: it comes out right on squares "
        "only. The result has H - h + 1 rows and W - w + 1 columns, in this order.",
        to_instructor="Height and width are exchanged in the result's shape or in the window.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "square-kernel-only",
        own_sizes(lambda H, W, h, w: (H - h + 1, W - h + 1, h, h)),
        own_sizes(lambda H, W, h, w: (H - w + 1, W - w + 1, w, w)),
        own_sizes(lambda H, W, h, w: (H - h + 1, W - h + 1, h, w)),
        own_sizes(lambda H, W, h, w: (H - w + 1, W - w + 1, h, w)),
        to_student="You use one size of the kernel for both its height and its width: it comes out "
        "right for square kernels only. A kernel has h rows and w columns.",
        to_instructor="One kernel size stands for both; right on square kernels.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "sizes-of-the-example",
        number_by_number,
        own_sizes(lambda H, W, h, w: (2, 2, 2, 2)),
        own_sizes(lambda H, W, h, w: (2, 2, h, w)),
        own_sizes(lambda H, W, h, w: (H - 1, W - 1, 2, 2)),
        to_student="Your loops have the sizes of the worked example, 2 by 2, whatever image and "
        "kernel are. Take them from X.shape and K.shape.",
        to_instructor="The sizes of the worked example stand in the code as numbers.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "one-place-short",
        own_sizes(lambda H, W, h, w: (H - h, W - w, h, w)),
        own_sizes(lambda H, W, h, w: (H - h, W - w + 1, h, w)),
        own_sizes(lambda H, W, h, w: (H - h + 1, W - w, h, w)),
        kept(-1, -1),
        kept(-1, None),
        kept(None, -1),
        to_student="Your result ends one place too early: the kernel also fits at the last row and "
        "the last column, so there are H - h + 1 by W - w + 1 places.",
        to_instructor="Off by one: H - h (or W - w) places in the place of H - h + 1.",
        read_on=PLACES,
    ),
    of_corr2d(
        "kernel-cut-short",
        without_last(1, 1),
        without_last(1, 0),
        without_last(0, 1),
        to_student="Your sum leaves out the last row or the last column of the kernel: all h * w "
        "products belong in it.",
        to_instructor="Off by one inside the window: the kernel's last row or column is unused.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "same-padding",
        padded(lambda h: ((h - 1) // 2, h // 2)),
        padded(lambda h: (h // 2, (h - 1) // 2)),
        padded(lambda h: (h // 2, h // 2)),
        padded(lambda h: (0, h - 1)),
        padded(lambda h: (h - 1, 0)),
        padded(lambda h: (1, 1)),
        to_student="Your result has places in which the kernel hangs over the border, on zeros put "
        "around the image. Here it stays inside, and the result is smaller than the image.",
        to_instructor="Zero padding, mostly so that the result keeps the image's size.",
        read_on=PLACES,
    ),
    of_corr2d(
        "full-padding",
        padded(lambda h: (h - 1, h - 1)),
        to_student="Your result is larger than the image: it has every place in which the kernel "
        "touches it (called full). Here the kernel never hangs over the border.",
        to_instructor="Full padding, h - 1 and w - 1 zeros on every side.",
        read_on=PLACES,
    ),
    of_corr2d(
        "cropped-with-minus-zero",
        cropped_from_full,
        to_student="Your result is empty where the kernel has a single row or column: x[n:-n] "
        "holds nothing for n = 0. Write the end out, x[n : n + size].",
        to_instructor="A border is cut off with [n:-n], which is empty where n is 0.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "stride-two",
        after(lambda Y: Y[::2, ::2]),
        after(lambda Y: Y[:, ::2]),
        after(lambda Y: Y[::2]),
        lambda X, K: corr2d(X, K)[:: K.shape[0], :: K.shape[1]],
        lambda X, K: jumped(X, K, 2, 2),
        lambda X, K: jumped(X, K, *K.shape),
        to_student="Your kernel moves by more than one pixel at a time. It goes on by one column, "
        "and at the end of a row by one row.",
        to_instructor="A stride of two, or of the kernel's own size.",
        read_on="Part 1, Cross-correlation",
    ),
    of_corr2d(
        "contiguous-only",
        as_if_contiguous,
        doing(lambda X, K: X.view(-1)),
        doing(lambda X, K: K.view(-1)),
        doing(lambda X, K: (X.view(-1), K.view(-1))),
        to_student="Your code is right only where image and kernel lie in memory without gaps, row "
        "by row. It fails on X.t() and on slices: use indices or reshape(), not view() or strides.",
        to_instructor="view() or as_strided on tensors that are not contiguous.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "returns-too-early",
        kept(1, None),
        kept(None, 1),
        kept(1, 1),
        after(lambda Y: Y[:1]),
        after(lambda Y: Y[0]),
        after(lambda Y: Y[:1, :1]),
        after(lambda Y: Y[0, 0]),
        each_window(lambda windows, K: windows[..., 0, 0] * K[0, 0]),
        to_student="Your corr2d returns before its loops are done: only what comes first is in the "
        "result. Look at how far the return is indented.",
        to_instructor="return inside the loop: the first row, number or product alone.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "never-filled",
        lambda X, K: torch.zeros(corr2d(X, K).shape),
        lambda X, K: torch.ones(corr2d(X, K).shape),
        to_student="Your result has the right shape and the same number everywhere: nothing of "
        "image and kernel has come into it.",
        to_instructor="Zeros or ones in the right shape.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "result-not-returned",
        lambda X, K: None,
        to_student="Your corr2d gives nothing back: printing a result does not hand it over, "
        "return does.",
        to_instructor="corr2d ends without return.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "mean-for-sum",
        lambda X, K: corr2d(X, K) / K.numel(),
        lambda X, K: corr2d(X, K) / K.shape[0],
        lambda X, K: corr2d(X, K) / K.shape[1],
        to_student="Your answers are averages, the right ones divided by the number of products, "
        "or of rows or columns. The products must be added up.",
        to_instructor="A mean over the window, or along one side of it, for the sum.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "maximum-for-sum",
        each_window(lambda windows, K: (windows * K).amax((-1, -2))),
        each_window(lambda windows, K: windows.amax((-1, -2))),
        to_student="Your answers are the largest value in each window: that is pooling. Here the "
        "products are added up.",
        to_instructor="The maximum of a window where the sum of products is asked for.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "sum-never-reset",
        after(lambda Y: Y.flatten().cumsum(0).reshape(Y.shape)),
        after(lambda Y: Y.t().flatten().cumsum(0).reshape(Y.shape[::-1]).t()),
        after(lambda Y: Y.cumsum(1)),
        after(lambda Y: Y.cumsum(0)),
        to_student="Your sum runs on from one place to the next: each answer still holds the ones "
        "before it. Begin at zero in every place.",
        to_instructor="The running sum is not set back to zero for each place.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "last-product-only",
        each_window(lambda windows, K: windows[..., -1, -1] * K[-1, -1]),
        each_window(lambda windows, K: (windows[..., -1, :] * K[-1]).sum(-1)),
        each_window(lambda windows, K: (windows[..., -1] * K[:, -1]).sum(-1)),
        to_student="Your answers hold the last product of each window, or of its last row, alone: "
        "the next one takes its place where it should be added to it.",
        to_instructor="= in the place of +=, or a sum begun again too often.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "negated",
        after(torch.neg),
        to_student="Your answers are the right ones with the opposite sign: look for a stray "
        "minus, or for a difference taken the wrong way round.",
        to_instructor="The sign of the result is turned round.",
        read_on=SIGNS,
    ),
    of_corr2d(
        "absolute-value",
        after(torch.abs),
        each_window(lambda windows, K: total((windows * K).abs())),
        with_kernel(torch.abs),
        to_student="Your answers have lost their minus signs: keep what is negative as it is. An "
        "edge from white to black is +1, one back is -1.",
        to_instructor="The absolute value of the result, of the products or of the kernel.",
        read_on=SIGNS,
    ),
    of_corr2d(
        "clipped-at-zero",
        after(torch.relu),
        after(lambda Y: Y.clamp(0, 1)),
        after(lambda Y: Y.clamp(0, 255)),
        each_window(lambda windows, K: total((windows * K).clamp(min=0))),
        to_student="Negative numbers are missing from your answers, zeros stand in their place: "
        "they belong to the result as they are.",
        to_instructor="A ReLU, or a clamp, on the result or on the products.",
        read_on=SIGNS,
    ),
    of_corr2d(
        "matrix-product",
        as_matrices(lambda window, K: window @ K),
        as_matrices(lambda window, K: window @ K.t()),
        as_matrices(lambda window, K: window.mT @ K),
        to_student="Your code multiplies window and kernel as matrices. They are multiplied value "
        "by value, with *, and then added up.",
        to_instructor="@, mm or matmul where the product of values is asked for.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "kernel-ignored",
        each_window(lambda windows, K: total(windows)),
        each_window(lambda windows, K: windows.mean((-1, -2))),
        each_window(lambda windows, K: total(windows) * K.sum()),
        each_window(lambda windows, K: total(windows) + K.sum()),
        to_student="Your answers add up the pixels of each window without weighing them: multiply "
        "each pixel by the kernel value on it first.",
        to_instructor="The window is summed without the kernel, or the kernel's sum comes in once.",
        read_on=FORMULA,
    ),
    of_corr2d(
        "extra-dimensions",
        after(lambda Y: Y[None, None]),
        after(lambda Y: Y[None]),
        after(lambda Y: Y[..., None]),
        after(lambda Y: Y[..., None, None]),
        after(lambda Y: Y.flatten()),
        after(lambda Y: Y.flatten()[:, None]),
        after(lambda Y: Y.flatten()[None]),
        after(lambda Y: Y.squeeze()),
        to_student="Your numbers are right, their shape is not: the result has two dimensions, H - "
        "h + 1 by W - w + 1, for every image and kernel.",
        to_instructor="The right numbers with dimensions too many or too few.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "rounded",
        *(after(f) for f in (torch.round, torch.floor, torch.trunc, torch.Tensor.long)),
        *(after(lambda Y, f=f: f(Y.detach())) for f in (torch.round, torch.floor, torch.trunc)),
        *(after(lambda Y, n=n: torch.round(Y, decimals=n)) for n in (1, 2, 3)),
        *(after(lambda Y, n=n: torch.round(Y.detach(), decimals=n)) for n in (1, 2, 3)),
        to_student="Your answers are rounded, or cut to whole numbers: the result has to keep its "
        "decimals.",
        to_instructor="The result is rounded, or kept in a tensor of whole numbers.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "changes-its-input",
        multiplied_in_place,
        failed=(
            frozenset({STAY}),
            frozenset({STAY, TO_IMAGE}),
            frozenset({STAY, TO_KERNEL}),
            frozenset({STAY, TO_IMAGE, TO_KERNEL}),
        ),
        to_student="After your call the image or the kernel is no longer what it was. Compute with "
        "new tensors: no X *= ..., X[...] = ..., or method that ends in _.",
        to_instructor="X or K is changed in place.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "remembers-earlier-call",
        rows_of_all_calls,
        failed=(frozenset(TWO_CALLS), frozenset({*TWO_CALLS, TO_IMAGE, TO_KERNEL})),
        to_student="Your answer depends on calls made before it: a global, a cache or a list in "
        "the def line (rows=[]) outlives the call. Make everything anew inside the function.",
        to_instructor="State between calls: a cache, a global or a mutable default argument.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "graph-cut",
        after(torch.detach),
        lambda X, K: corr2d(X.detach(), K),
        lambda X, K: corr2d(X, K.detach()),
        after(lambda Y: Y.detach().requires_grad_()),
        to_student="Your numbers are right, but autograd finds no way back from them to the image "
        "or the kernel: .data, .item(), .detach(), .tolist() or torch.tensor(...) cut it.",
        to_instructor="Right values, detached from X, from K or from both.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "autograd-refused",
        doing(lambda X, K: X.numpy()),
        doing(lambda X, K: K.numpy()),
        doing(lambda X, K: (X.numpy(), K.numpy())),
        doing(lambda X, K: X.add_(0)),
        doing(lambda X, K: X[:1].add_(0)),
        doing(lambda X, K: torch.mul(X, K[0, 0], out=torch.empty(X.shape))),
        doing(lambda X, K: torch.add(X, K[0, 0], out=torch.empty(X.shape))),
        changed_after_use,
        WithoutBackward.apply,
        to_student="Your numbers are right, but where gradients are asked for your code raises: "
        "in-place changes, out=, numpy or a function without backward stand in autograd's way.",
        to_instructor="Right values; with requires_grad, forward or backward raises.",
        read_on=CONTRACT,
    ),
    of_corr2d(
        "fits-the-examples-only",
        failed=(EVERY_HIDDEN,),
        to_student="Your corr2d is right on the examples that you can see and on nothing else: it "
        "has to compute the answer from X and K, whatever they are.",
        to_instructor="Every visible check of corr2d passes, and no hidden one: made to fit.",
        read_on=CONTRACT,
    ),
]


# --- Conv2D -------------------------------------------------------------------------------------


def whole(*shape):
    return torch.zeros(*shape, dtype=torch.long)


def frozen(tensor):
    return nn.Parameter(tensor, requires_grad=False)


def drawn(init):
    """A layer whose weight is drawn by ``init``, in place."""
    return layer(weight=lambda size: init(torch.empty(size)))


def by_numpy(draw):
    return layer(weight=lambda size: torch.tensor(draw(size), dtype=torch.float32))


def ending_in(function):
    return layer(forward=lambda self, x: function(corr2d(x, self.weight) + self.bias))


class NoSuperInit(nn.Module):
    def __init__(self, size):
        self.weight = nn.Parameter(torch.rand(tuple(size)))


WithoutInit = type("Conv2D", (nn.Module,), {})
WithoutForward = layer()
del WithoutForward.forward


def copied(self):
    self.kept, self.kept_bias = self.weight.detach().clone(), self.bias.detach().clone()


def cloned(self):
    self.kept = self.weight.clone()


LAYER = "Part 2, A layer with a kernel of its own: the contract"
REGISTERED = "Part 2, A layer with a kernel of its own: registered"

OF_THE_LAYER = [
    of_the_layer(
        "bias-not-added",
        layer(forward=lambda self, x: corr2d(x, self.weight)),
        to_student="Your layer has a bias and does not use it: forward(x) is corr2d(x, "
        "self.weight) + self.bias.",
        to_instructor="forward leaves the bias out.",
        read_on=LAYER,
    ),
    of_the_layer(
        "bias-in-the-kernel",
        layer(forward=lambda self, x: corr2d(x, self.weight + self.bias)),
        layer(forward=lambda self, x: corr2d(x, self.weight + self.bias) + self.bias),
        to_student="Your layer adds the bias to the kernel. It is added to each value of the "
        "result, after corr2d.",
        to_instructor="corr2d(x, weight + bias) in the place of corr2d(x, weight) + bias.",
        read_on=LAYER,
    ),
    of_the_layer(
        "bias-in-the-image",
        layer(forward=lambda self, x: corr2d(x + self.bias, self.weight)),
        to_student="Your layer adds the bias to the image. It is added to each value of the "
        "result, after corr2d.",
        to_instructor="corr2d(x + bias, weight) in the place of corr2d(x, weight) + bias.",
        read_on=LAYER,
    ),
    of_the_layer(
        "bias-in-every-product",
        layer(forward=lambda self, x: corr2d(x, self.weight) + self.bias * self.weight.numel()),
        to_student="Your layer adds the bias once for every product in a window. It is added once "
        "to each value of the result, after the sum.",
        to_instructor="(window * weight + bias).sum(): the bias counts h * w times.",
        read_on=LAYER,
    ),
    of_the_layer(
        "bias-subtracted",
        layer(forward=lambda self, x: corr2d(x, self.weight) - self.bias),
        to_student="Your layer takes the bias away; it must be added.",
        to_instructor="corr2d(x, weight) - bias.",
        read_on=LAYER,
    ),
    of_the_layer(
        "bias-as-a-factor",
        layer(forward=lambda self, x: corr2d(x, self.weight) * self.bias),
        to_student="Your layer multiplies by the bias; it must be added.",
        to_instructor="corr2d(x, weight) * bias.",
        read_on=LAYER,
    ),
    of_the_layer(
        "no-bias-parameter",
        *(
            layer(bias=lambda size, made=made: made, forward=lambda self, x: corr2d(x, self.weight))
            for made in (ABSENT, Raw(None), Raw(0), Raw(0.0))
        ),
        to_student="Your layer has no parameter called bias: make it in __init__, an nn.Parameter "
        "that holds one zero.",
        to_instructor="The layer registers no bias; there is none, or it is a plain number.",
        read_on=LAYER,
    ),
    of_the_layer(
        "no-weight-parameter",
        layer(weight=lambda size: ABSENT),
        layer(weight=lambda size: ABSENT, bias=lambda size: ABSENT),
        to_student="Your layer has no parameter called weight: make it in __init__ under just this "
        "name, self.weight = nn.Parameter(...).",
        to_instructor="The layer registers no weight, or under another name.",
        read_on=LAYER,
    ),
    of_the_layer(
        "bias-per-weight",
        layer(bias=torch.zeros),
        layer(bias=lambda size: torch.zeros(size[0])),
        layer(bias=lambda size: torch.zeros(size[1])),
        layer(bias=lambda size: torch.zeros(size[0], 1)),
        layer(bias=lambda size: torch.zeros(1, 1)),
        to_student="The shape of your bias is not right. One number is added to every value of the "
        "result, so it is (1,) or (), whatever the kernel's size.",
        to_instructor="The bias has the kernel's shape, or that of a row or column of it.",
        read_on=LAYER,
    ),
    of_the_layer(
        "bias-not-zero",
        layer(bias=lambda size: torch.ones(1)),
        *(layer(bias=lambda size, f=f: f(1)) for f in (torch.rand, torch.randn)),
        layer(bias=lambda size: torch.tensor(1.0)),
        *(layer(bias=lambda size, f=f: f(())) for f in (torch.rand, torch.randn)),
        to_student="Your bias does not start at zero: torch.zeros(1) makes one that does.",
        to_instructor="The bias starts at one, or at random.",
        read_on=LAYER,
    ),
    of_the_layer(
        "not-registered",
        layer(weight=lambda size: Raw(torch.rand(size))),
        layer(bias=lambda size: Raw(torch.zeros(1))),
        *(
            layer(
                weight=lambda size, f=f: Raw(f(torch.rand(size))),
                bias=lambda size, f=f: Raw(f(torch.zeros(1))),
            )
            for f in (torch.clone, nn.Parameter)
        ),
        to_student="Your weight or bias is not registered, so no optimiser can find it: wrap it in "
        "nn.Parameter and set that itself on self, not in a list and not as a plain tensor.",
        to_instructor="weight or bias is a plain tensor, a buffer, or in a list.",
        read_on=REGISTERED,
    ),
    of_the_layer(
        "whole-number-parameter",
        layer(bias=lambda size: whole(1)),
        to_student="Your layer cannot be made: only decimal numbers can be trained, and yours is a "
        "whole one. torch.zeros(1) or torch.tensor(0.0) is right for the bias.",
        to_instructor="An nn.Parameter is made of whole numbers, torch.tensor([0]).",
        read_on=LAYER,
    ),
    of_the_layer(
        "frozen-parameters",
        layer(weight=lambda size: frozen(torch.rand(size))),
        layer(bias=lambda size: frozen(torch.zeros(1))),
        layer(
            weight=lambda size: frozen(torch.rand(size)), bias=lambda size: frozen(torch.zeros(1))
        ),
        to_student="Your weight or bias does not want a gradient (requires_grad is False): nothing "
        "can train it. Leave requires_grad as it is by default.",
        to_instructor="requires_grad is switched off for weight, bias or both.",
        read_on=LAYER,
    ),
    of_the_layer(
        "normal-weights",
        layer(weight=torch.randn),
        layer(weight=lambda size: torch.randn(size).abs()),
        *(drawn(lambda w, sd=sd: nn.init.normal_(w, 0, sd)) for sd in (0.01, 0.02, 0.05, 0.1)),
        *(drawn(init) for init in (nn.init.kaiming_normal_, nn.init.xavier_normal_)),
        by_numpy(lambda size: np.random.randn(*size)),
        to_student="Your weights are drawn from a normal distribution (randn); uniform on [0, 1) "
        "is asked for: torch.rand.",
        to_instructor="randn, or another normal draw, where rand is asked for.",
        read_on=LAYER,
    ),
    of_the_layer(
        "centred-weights",
        layer(weight=lambda size: torch.rand(size) - 0.5),
        *(drawn(lambda w, d=d: w.uniform_(-d, d)) for d in (1.0, 0.01, 0.05, 0.07, 0.1)),
        *(drawn(init) for init in (nn.init.kaiming_uniform_, nn.init.xavier_uniform_)),
        drawn(lambda w: nn.init.kaiming_uniform_(w, a=5**0.5)),
        drawn(lambda w: w.uniform_(-(w.numel() ** -0.5), w.numel() ** -0.5)),
        by_numpy(lambda size: np.random.uniform(-1, 1, size)),
        by_numpy(lambda size: np.random.uniform(-0.5, 0.5, size)),
        to_student="Your weights are drawn from a range around zero; uniform on [0, 1) is asked "
        "for: torch.rand as it is.",
        to_instructor="rand - 0.5, 2 * rand - 1, Kaiming or Xavier: uniform, on another range.",
        read_on=LAYER,
    ),
    of_the_layer(
        "constant-weights",
        *(layer(weight=f) for f in (torch.zeros, torch.ones)),
        *(layer(weight=lambda size, n=n: torch.full(size, n)) for n in (0.5, 0.1, 0.01)),
        layer(weight=lambda size: torch.ones(size) / (size[0] * size[1])),
        layer(weight=lambda size: torch.full(size, torch.rand(1).item())),
        to_student="All weights of your new layer are alike: draw each by itself, with torch.rand.",
        to_instructor="The weight starts from zeros, ones or one number in all places.",
        read_on=LAYER,
    ),
    of_the_layer(
        "same-weights-every-time",
        failed=(frozenset({"test_each_layer_draws_its_own_weights"}),),
        to_student="Two new layers of yours start from the same weights: draw them anew in "
        "__init__, and leave the seed alone.",
        to_instructor="The seed is set in __init__, or the weights are shared by all layers.",
        read_on=LAYER,
    ),
    of_the_layer(
        "kernel-size-swapped",
        layer(weight=lambda size: torch.rand(size[::-1])),
        to_student="Your weight has the shape (w, h): kernel_size is (h, w), height first, and the "
        "weight has exactly that shape.",
        to_instructor="The two numbers of kernel_size are exchanged; right on squares.",
        read_on=LAYER,
    ),
    of_the_layer(
        "square-weight-only",
        layer(weight=lambda size: torch.rand(size[0], size[0])),
        layer(weight=lambda size: torch.rand(size[1], size[1])),
        to_student="Your weight is always square: kernel_size is a pair (h, w), and both numbers "
        "count.",
        to_instructor="Only one number of kernel_size is used.",
        read_on=LAYER,
    ),
    of_the_layer(
        "weight-with-channels",
        layer(
            weight=lambda size: torch.rand(1, 1, *size),
            forward=lambda self, x: corr2d(x, self.weight[0, 0]) + self.bias,
        ),
        to_student="Your weight has four dimensions, as torch's own layer has it: here it is (h, "
        "w), exactly kernel_size.",
        to_instructor="The weight is made (1, 1, h, w).",
        read_on=LAYER,
    ),
    of_the_layer(
        "layer-graph-cut",
        layer(forward=lambda self, x: corr2d(x, self.weight.data) + self.bias),
        layer(forward=lambda self, x: corr2d(x, self.weight) + self.bias.item()),
        ending_in(torch.detach),
        to_student="Your layer's numbers are right, but no gradient reaches its weight or its "
        "bias: forward must use them as they are, without .data, .detach(), .item() or no_grad.",
        to_instructor="forward computes with detached parameters.",
        read_on=LAYER,
    ),
    of_the_layer(
        "keeps-a-copy",
        layer(ready=copied, forward=lambda self, x: corr2d(x, self.kept) + self.bias),
        layer(ready=copied, forward=lambda self, x: corr2d(x, self.kept) + self.kept_bias),
        layer(ready=cloned, forward=lambda self, x: corr2d(x, self.kept) + self.bias),
        to_student="Your layer answers with a copy of its first weights: when they are trained or "
        "set, it goes on with the old ones. Use self.weight itself in forward.",
        to_instructor="forward uses a copy of the weight made in __init__.",
        read_on=LAYER,
    ),
    of_the_layer(
        "draws-in-forward",
        layer(forward=lambda self, x: corr2d(x, torch.rand(self.weight.shape)) + self.bias),
        to_student="Your layer answers with new random weights in every call: draw them once, in "
        "__init__, and use self.weight in forward.",
        to_instructor="forward draws a weight of its own.",
        read_on=LAYER,
    ),
    of_the_layer(
        "activation-in-the-layer",
        *(ending_in(f) for f in (torch.sigmoid, torch.relu, torch.tanh)),
        to_student="Your layer sends its result through an activation function: forward(x) is "
        "corr2d(x, self.weight) + self.bias and nothing more.",
        to_instructor="A sigmoid, ReLU or tanh at the end of forward.",
        read_on=LAYER,
    ),
    of_the_layer(
        "no-super-init",
        NoSuperInit,
        to_student="Your layer cannot be made: super().__init__() has to come first in __init__, "
        "with its brackets, before any parameter is set.",
        to_instructor="super().__init__() is missing or comes too late.",
        read_on=REGISTERED,
    ),
    of_the_layer(
        "method-misspelled",
        WithoutInit,
        WithoutForward,
        to_student="PyTorch does not find __init__ or forward in your class: look at how they are "
        "spelled (two underscores on each side) and indented.",
        to_instructor="_init_, foward, or a method outside the class.",
        read_on=LAYER,
    ),
    of_the_layer(
        "self-left-out",
        layer(forward=lambda self, x: corr2d(x, weight) + self.bias),  # noqa: F821  (the mistake)
        layer(forward=lambda self, x: corr2d(x, self.weight) + bias),  # noqa: F821
        to_student="Your forward uses a name that exists only on the layer: write self.weight and "
        "self.bias.",
        to_instructor="weight or bias without self.",
        read_on=LAYER,
    ),
    of_the_layer(
        "forward-returns-nothing",
        layer(forward=lambda self, x: None),
        to_student="Your forward computes its answer and does not give it back: return it.",
        to_instructor="forward ends without return.",
        read_on=LAYER,
    ),
]


# --- train_kernel -------------------------------------------------------------------------------


def with_loss(loss):
    """Both are affected, or only the step, or only what is returned."""
    return training(loss=loss), training(loss=loss, told=summed), training(told=loss)


def stepping(change):
    """Another change of the weight, made of weight, lr, epoch and epochs."""
    return training(step=lambda weight, *at: weight.sub_(change(weight, *at)))


def by_rate(rate):
    """Another learning rate, made of the right one, the epoch and their number."""
    return stepping(lambda weight, *at: rate(*at) * weight.grad)


def starting_from(start):
    return training(before=start)


def by_optimiser(kind, learning=lambda conv, X, Y: [conv.weight], **options):
    """Training with one of torch's optimisers; ``learning`` says of what, if not of the kernel."""

    def train_kernel(conv, X, Y, epochs=10, lr=3e-2):
        learned = [one.requires_grad_() for one in learning(conv, X, Y)]
        optimiser = kind(learned, lr=lr, **options)
        losses = []
        for _ in range(epochs):
            loss = summed(conv(X), Y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        return losses

    return train_kernel


def giving(change):
    """The right training, with another account of its losses."""
    return lambda *given: change(right_training(*given))


def loss_now(conv, X, Y):
    return summed(conv(X), Y).item()


def without_last_step(conv, X, Y, epochs=10, *lr):
    return [*right_training(conv, X, Y, epochs - 1, *lr), loss_now(conv, X, Y)]


def starts_over_each_time(conv, X, Y, epochs=10, *lr):
    return right_training(conv, X, Y, 1, *lr) * epochs


def another_layer(conv, *given):
    return right_training(nn.Conv2d(1, 1, conv.kernel_size, bias=False), *given)


def on_other_image(change):
    return lambda conv, X, *given: right_training(conv, change(X), *given)


def first_changing(change):
    """Right training after a change of X or Y in place."""
    return lambda conv, X, Y, *given: (change(X, Y), right_training(conv, X, Y, *given))[1]


@torch.no_grad()
def difference_in_place(conv, X, Y, epochs=10, lr=3e-2):
    losses = []
    for _ in range(epochs):
        Y -= conv(X)
        losses.append((Y**2).sum().item())
        conv.weight += 2 * lr * F.conv2d(X, Y)
    return losses


def solved(conv, X, Y):
    patches = F.unfold(X, conv.kernel_size)[0].t()
    return torch.linalg.lstsq(patches, Y.reshape(-1, 1)).solution.reshape(conv.weight.shape)


def edge_kernel(conv, X, Y):
    return torch.tensor([[[[1.0, -1.0]]]])


def copied_in(kernel):
    """Values copied into the weight, which keeps its shape; nothing is trained."""

    def train_kernel(conv, X, Y, *given):
        with torch.no_grad():
            conv.weight.copy_(kernel(conv, X, Y))
        return ANYTHING

    return train_kernel


def put_in(kernel, train=lambda *given: ANYTHING):
    """Values put in the place of the weight's, after a training or without one."""

    def train_kernel(conv, X, Y, *given):
        losses = train(conv, X, Y, *given)
        conv.weight.data = kernel(conv, X, Y)
        return losses

    return train_kernel


def after_backward(update):
    """One step by ``update(conv, lr)``, to be refused."""

    def train_kernel(conv, X, Y, epochs=10, lr=3e-2):
        conv.zero_grad()
        summed(conv(X), Y).backward()
        update(conv, lr)

    return train_kernel


def weight_changed(conv, lr):
    conv.weight -= lr * conv.weight.grad


def tensor_assigned(conv, lr):
    conv.weight = conv.weight - lr * conv.weight.grad


def replaced(conv, lr):
    conv.weight = nn.Parameter(conv.weight.detach() - lr * conv.weight.grad)


def replacing(conv, X, Y, epochs=10, lr=3e-2):
    losses = []
    for _ in range(epochs):
        losses.append(loss_now(conv, X, Y))
        after_backward(replaced)(conv, X, Y, 1, lr)
    return losses


def gradient_once(conv, X, Y, epochs=10, lr=3e-2):
    after_backward(lambda conv, lr: None)(conv, X, Y)
    step, losses = conv.weight.grad.clone(), []
    for _ in range(epochs):
        losses.append(loss_now(conv, X, Y))
        conv.weight.data -= lr * step
    return losses


def gradient_and_loss_once(conv, X, Y, *given):
    first = loss_now(conv, X, Y)
    return [first for _ in gradient_once(conv, X, Y, *given)]


TRAINING = "Part 5, Learning the kernel: the contract"
LOSS = "Part 5, Learning the kernel: the loss"
STEP = "Part 5, Learning the kernel: the step"

OF_THE_TRAINING = [
    of_the_training(
        "gradient-accumulates",
        training(clear=lambda conv: None),
        to_student="Your kernel follows the sum of all gradients so far: backward() adds to the "
        "gradient that is there. Clear it in every epoch, with conv.zero_grad().",
        to_instructor="The gradient is never cleared between epochs.",
        read_on="Part 5, Learning the kernel: PyTorch adds",
    ),
    of_the_training(
        "mean-loss",
        *with_loss(lambda answer, Y: ((answer - Y) ** 2).mean()),
        to_student="Your loss is the mean of the squared errors; their sum is asked for, and the "
        "learning rate is made for it.",
        to_instructor="The mean of the squared errors (also nn.MSELoss()) for their sum.",
        read_on=LOSS,
    ),
    of_the_training(
        "half-loss",
        *with_loss(lambda answer, Y: summed(answer, Y) / 2),
        to_student="Your loss, or its gradient, is half of what is asked for: the sum of the "
        "squared errors has no factor in front, and its derivative has a 2.",
        to_instructor="A factor of one half before the sum of squares.",
        read_on=LOSS,
    ),
    of_the_training(
        "absolute-error",
        *with_loss(lambda answer, Y: (answer - Y).abs().sum()),
        *with_loss(lambda answer, Y: (answer - Y).abs().mean()),
        *with_loss(lambda answer, Y: (answer - Y).sum()),
        *with_loss(lambda answer, Y: (answer - Y).sum() ** 2),
        to_student="Your loss does not square each error before it adds them up: the sum of the "
        "squared errors is asked for.",
        to_instructor="The sum of absolute errors, of errors, or its square.",
        read_on=LOSS,
    ),
    of_the_training(
        "uphill",
        by_rate(lambda lr, *at: -lr),
        to_student="Your kernel walks up the gradient, and the loss grows: the step is conv.weight "
        "-= lr * gradient.",
        to_instructor="+= in the place of -=.",
        read_on=STEP,
    ),
    of_the_training(
        "loss-after-step",
        lambda conv, X, Y, *given: [
            *right_training(conv, X, Y, *given)[1:],
            loss_now(conv, X, Y),
        ],
        to_student="Your losses are one step late: each is taken after the update, and the loss "
        "from before the epoch's step is asked for.",
        to_instructor="The loss is measured again after the step.",
        read_on=TRAINING,
    ),
    of_the_training(
        "ignores-lr",
        *(by_rate(lambda *at, fixed=fixed: fixed) for fixed in (0.03, 0.01, 0.001, 0.1, 1.0)),
        to_student="Your steps do not depend on lr: use the learning rate that is passed in.",
        to_instructor="A fixed learning rate, or none.",
        read_on=TRAINING,
    ),
    of_the_training(
        "ignores-epochs",
        *(training(how_many=lambda epochs, fixed=fixed: fixed) for fixed in (10, 5, 20)),
        to_student="Your loop always makes the same number of steps: make num_epochs of them.",
        to_instructor="A fixed number of epochs.",
        read_on=TRAINING,
    ),
    of_the_training(
        "other-defaults",
        *(
            lambda conv, X, Y, epochs=10, lr=lr: right_training(conv, X, Y, epochs, lr)
            for lr in (0.01, 0.001, 0.1)
        ),
        *(
            lambda conv, X, Y, epochs=epochs, lr=3e-2: right_training(conv, X, Y, epochs, lr)
            for epochs in (5, 20)
        ),
        to_student="Your function is right where it is told lr and num_epochs, and has other "
        "defaults than asked for: num_epochs=10 and lr=3e-2.",
        to_instructor="Other default values of lr or num_epochs.",
        read_on=TRAINING,
    ),
    of_the_training(
        "arguments-swapped",
        lambda conv, X, Y, lr=3e-2, epochs=10: right_training(conv, X, Y, epochs, lr),
        to_student="Your function takes lr before num_epochs: the order is conv, X, Y, num_epochs, "
        "lr, and they are passed by position.",
        to_instructor="lr and num_epochs are exchanged in the signature.",
        read_on=TRAINING,
    ),
    of_the_training(
        "one-epoch-only",
        training(how_many=lambda epochs: 1),
        lambda *given: training(how_many=lambda epochs: 1)(*given)[0],
        to_student="Your training ends after its first epoch. Look at how far the return is "
        "indented: it belongs behind the loop.",
        to_instructor="return inside the loop.",
        read_on=TRAINING,
    ),
    of_the_training(
        "one-epoch-short",
        training(how_many=lambda epochs: epochs - 1),
        without_last_step,
        to_student="Your kernel makes one step too few: num_epochs steps are asked for.",
        to_instructor="range(num_epochs - 1) or range(1, num_epochs), or the last step left out.",
        read_on=TRAINING,
    ),
    of_the_training(
        "one-epoch-long",
        training(how_many=lambda epochs: epochs + 1),
        lambda conv, X, Y, *given: [*right_training(conv, X, Y, *given), loss_now(conv, X, Y)],
        to_student="Your training has a step or a loss too many: num_epochs steps are asked for, "
        "and one loss for each.",
        to_instructor="range(num_epochs + 1), or the loss after the last step as well.",
        read_on=TRAINING,
    ),
    of_the_training(
        "replaces-parameter",
        replacing,
        to_student="The numbers are right, but conv.weight is another object afterwards: an "
        "optimiser would hold on to the old one. Change its values in place, under "
        "torch.no_grad().",
        to_instructor="A new nn.Parameter is put in the place of conv.weight.",
        read_on=TRAINING,
    ),
    of_the_training(
        "trains-another-layer",
        lambda conv, *given: right_training(copy.deepcopy(conv), *given),
        another_layer,
        to_student="You train another layer than the one that you are given: conv.weight itself is "
        "still what it was.",
        to_instructor="A copy of conv, or a new layer, is trained.",
        read_on=TRAINING,
    ),
    of_the_training(
        "changes-the-data",
        first_changing(lambda X, Y: X.sub_(X.mean())),
        first_changing(lambda X, Y: X.sub_(X.mean()).div_(X.std())),
        *(
            by_optimiser(torch.optim.SGD, learning)
            for learning in (
                lambda conv, X, Y: [X, conv.weight],
                lambda conv, X, Y: [Y, conv.weight],
                lambda conv, X, Y: [Y],
                lambda conv, X, Y: [X],
            )
        ),
        difference_in_place,
        failed=(frozenset({"test_training_leaves_image_and_target_alone"}),),
        to_student="X or Y is no longer what it was after your training: only the kernel learns.",
        to_instructor="X or Y is changed in place.",
        read_on=TRAINING,
    ),
    of_the_training(
        "rescales-the-image",
        on_other_image(lambda X: (X - X.mean()) / X.std()),
        on_other_image(lambda X: X - X.mean()),
        on_other_image(lambda X: X / X.max()),
        to_student="Your kernel is trained on another image than X, one that was centred or "
        "rescaled first. Train on X as it is.",
        to_instructor="The image is standardised before training.",
        read_on=TRAINING,
    ),
    of_the_training(
        "only-the-last-loss",
        giving(lambda losses: losses[-1]),
        giving(lambda losses: torch.tensor(losses[-1])),
        giving(lambda losses: losses[-1:]),
        to_student="You return the last loss alone: a list with the loss of each epoch is asked "
        "for.",
        to_instructor="One loss is returned where num_epochs are asked for.",
        read_on=TRAINING,
    ),
    of_the_training(
        "losses-left-out",
        giving(lambda losses: losses[1::2]),
        giving(lambda losses: losses[::2]),
        giving(lambda losses: losses[1:]),
        to_student="Some of your losses are missing: one is asked for of every epoch, also of "
        "those that print nothing.",
        to_instructor="Only every second loss is kept, or the first is left out.",
        read_on=TRAINING,
    ),
    of_the_training(
        "losses-summed-up",
        giving(lambda losses: list(itertools.accumulate(losses))),
        giving(lambda losses: [sum(losses[:n]) / n for n in range(1, len(losses) + 1)]),
        to_student="Each number that you return is the sum or the mean of all losses so far: the "
        "loss of that epoch alone is asked for.",
        to_instructor="Running totals or running means of the losses.",
        read_on=TRAINING,
    ),
    of_the_training(
        "returns-nothing",
        giving(lambda losses: None),
        giving(lambda losses: []),
        to_student="Your training returns no loss at all: give the list of the losses back.",
        to_instructor="return losses is missing, or the list is empty.",
        read_on=TRAINING,
    ),
    of_the_training(
        "returns-the-kernel",
        lambda conv, *given: (right_training(conv, *given), conv.weight.detach())[1],
        lambda conv, *given: (right_training(conv, *given), conv.weight.detach()[0, 0])[1],
        lambda conv, *given: (right_training(conv, *given), conv)[1],
        to_student="You return the layer or its kernel: the list of the losses is asked for. The "
        "kernel is read from conv.weight.",
        to_instructor="conv or its weight is returned in the place of the losses.",
        read_on=TRAINING,
    ),
    of_the_training(
        "no-no-grad",
        after_backward(weight_changed),
        to_student="Your update raises: conv.weight may be changed in place only where autograd "
        "does not look, inside `with torch.no_grad():`.",
        to_instructor="The update in place is not under no_grad.",
        read_on=TRAINING,
    ),
    of_the_training(
        "assigns-a-tensor",
        after_backward(tensor_assigned),
        to_student="Your update raises: a tensor cannot be put in the place of the parameter "
        "conv.weight. Change its values: conv.weight -= ... under torch.no_grad().",
        to_instructor="conv.weight = conv.weight - lr * gradient.",
        read_on=TRAINING,
    ),
    of_the_training(
        "loss-without-graph",
        torch.no_grad()(lambda conv, X, Y, *given: summed(conv(X), Y).backward()),
        lambda conv, X, Y, *given: summed(conv(X), Y).item().backward(),
        to_student="Your backward() raises: the loss has no graph, because it was computed under "
        "no_grad() or made a plain number first. Only the update belongs under no_grad().",
        to_instructor="Forward pass under no_grad, or .item() or .data before backward().",
        read_on=TRAINING,
    ),
    of_the_training(
        "kernel-never-moves",
        by_rate(lambda *at: 0.0),
        lambda conv, X, Y, epochs=10, lr=3e-2: lr * None,
        to_student="Your kernel stays where it started: no step is taken, backward() is missing, "
        "or the gradient is cleared before the step.",
        to_instructor="No step, no backward(), or a step along a cleared gradient.",
        read_on=STEP,
    ),
    of_the_training(
        "starts-over",
        starting_from(lambda weight: weight.zero_()),
        starting_from(lambda weight: weight.fill_(1.0)),
        *(
            starting_from(lambda weight, draw=draw: weight.copy_(draw(weight.shape)))
            for draw in (torch.rand, torch.randn)
        ),
        starting_from(lambda weight: weight.uniform_(-1, 1)),
        starting_from(lambda weight: nn.init.kaiming_uniform_(weight, a=5**0.5)),
        starting_from(nn.init.xavier_uniform_),
        starts_over_each_time,
        to_student="Your training throws the kernel away that is there and begins again: start "
        "once, from conv.weight as it is, and go on from there.",
        to_instructor="conv.weight is initialised again, before the first epoch or in each.",
        read_on=TRAINING,
    ),
    of_the_training(
        "writes-the-answer",
        copied_in(edge_kernel),
        copied_in(solved),
        put_in(edge_kernel),
        put_in(edge_kernel, right_training),
        to_student="Your kernel is written down or solved for, not learned: it has to come from "
        "num_epochs steps down the gradient.",
        to_instructor="[[1, -1]], or the solution by least squares, is put into conv.weight.",
        read_on=TRAINING,
    ),
    of_the_training(
        "other-optimizer",
        *(
            by_optimiser(kind)
            for kind in (
                torch.optim.Adam,
                torch.optim.AdamW,
                torch.optim.RMSprop,
                torch.optim.Adagrad,
            )
        ),
        *(by_optimiser(torch.optim.SGD, momentum=m) for m in (0.9, 0.5)),
        by_optimiser(torch.optim.SGD, momentum=0.9, nesterov=True),
        *(by_optimiser(torch.optim.SGD, weight_decay=d) for d in (0.1, 0.01, 0.001)),
        stepping(lambda weight, lr, *at: lr * weight.grad.sign()),
        stepping(lambda weight, lr, *at: lr * weight.grad / weight.grad.norm()),
        stepping(lambda weight, lr, *at: lr * weight.grad / weight.grad.norm().clamp(min=1)),
        stepping(lambda weight, lr, *at: lr * weight.grad.clamp(-1, 1)),
        to_student="Your steps are not those of plain gradient descent: momentum, weight decay, "
        "Adam, or a gradient that is clipped or scaled.",
        to_instructor="Momentum, Adam, RMSprop, Adagrad, weight decay, clipping or the sign.",
        read_on=STEP,
    ),
    of_the_training(
        "gradient-once",
        gradient_once,
        gradient_and_loss_once,
        to_student="Your steps all go along the first gradient: it changes with the kernel, so "
        "compute loss and gradient anew in every epoch.",
        to_instructor="Loss and gradient are computed once, before the loop.",
        read_on=STEP,
    ),
    of_the_training(
        "decaying-lr",
        *(by_rate(lambda lr, at, n, q=q: lr * q**at) for q in (0.5, 0.9, 0.95, 0.99)),
        by_rate(lambda lr, at, n: lr / (at + 1)),
        by_rate(lambda lr, at, n: lr * (1 + np.cos(np.pi * at / n)) / 2),
        to_student="Your steps get shorter from epoch to epoch: the learning rate must stay as it "
        "is given.",
        to_instructor="A learning rate that decays with the epochs.",
        read_on=STEP,
    ),
]

MISCONCEPTIONS = [*OF_CORR2D, *OF_THE_LAYER, *OF_THE_TRAINING]


# --- What a mistake is drawn on -----------------------------------------------------------------
#
# Nothing of a hidden check: the example and the image of the text, and small ones made for this,
# on which mistakes show that the first one hides. Pages show these numbers.


def table(*rows):
    return torch.tensor(rows, dtype=torch.float32)


WORKED = table([0, 1, 2], [3, 4, 5], [6, 7, 8]), table([0, 1], [2, 3])
TALL = table([1, 0, 2, -1], [0, 3, 1, 1], [2, 1, 0, 4]), table([1], [2], [-1])
WIDE = table([1, 2, 0, 4, 1], [3, 1, 2, 0, 2]), table([1, -1, 2])
LARGE = (
    table([1, 2, 0, 1, 3], [0, 1, 3, 2, 1], [2, 0, 1, 1, 0], [1, 3, 2, 0, 1], [0, 1, 1, 2, 2]),
    table([1, 0, -1], [2, 1, 0], [0, 1, 0.5]),
)
DETECTOR = table([1, -1])


def the_image():
    image = torch.ones(6, 8)
    image[:, 2:6] = 0
    return image


def response_of_a_layer(Conv2D, x, weight, bias):
    made = Conv2D(tuple(weight.shape))
    with torch.no_grad():
        made.weight.copy_(weight)
        made.bias.copy_(bias)
        return made(x)


def walk_on_the_image(train_kernel, epochs=10, start=(0.65, 0.45)):
    """The losses, and the kernel after each number of steps, of trainings that start alike."""
    X, Y = the_image()[None, None], corr2d(the_image(), DETECTOR)[None, None]
    path = []
    for steps in range(epochs + 1):
        conv = nn.Conv2d(1, 1, (1, 2), bias=False)
        with torch.no_grad():
            conv.weight.copy_(torch.tensor(start).reshape(1, 1, 1, 2))
        losses = train_kernel(conv, X.clone(), Y.clone(), steps) if steps else []
        path.append(tuple(conv.weight.detach().flatten().tolist()))
    return losses, path


EXAMPLES = [
    OnTensors("corr2d", WORKED),
    OnTensors("corr2d", TALL),
    OnTensors("corr2d", WIDE),
    OnTensors("corr2d", LARGE),
    OnTensors("corr2d", (the_image(), DETECTOR)),
    OnTensors("Conv2D", (*WORKED, torch.tensor([10.0])), response_of_a_layer),
    OnTheWayDown(
        "train_kernel",
        walk_on_the_image,
        lowest=(1.0, -1.0),
        curvature=((36.0, 24.0), (24.0, 36.0)),
    ),
]
