"""Our checks as a course without us would write them: asserts beside the student's functions.

One function for each of our checks, in the same order and on tensors of the same sizes; what it
tests are its parameters. stock_course.py cuts this file at its `# %%` lines: into the grade cells
of an nbgrader notebook, the hidden ones as its hidden tests, and into Otter's test files.
"""

# %% helpers
import torch
from torch import nn


def cross_correlation(X, K):
    return nn.functional.conv2d(X[None, None], K[None, None])[0, 0]


def same(answer, expected, rtol=1e-4, atol=1e-5):
    assert isinstance(answer, torch.Tensor)
    assert answer.shape == expected.shape
    answer = answer.detach().float()
    scale = max(1.0, expected.detach().abs().max().item())
    assert ((answer - expected.detach()).abs() <= (rtol + atol) * scale).all()


def bars(height=6, width=8, black=slice(2, 6)):
    image = torch.ones(height, width)
    image[:, black] = 0
    return image


def edges(image):
    return image[:, :-1] - image[:, 1:]


def layer_from(start, lazy=False):
    size = tuple(start.shape)
    if lazy:
        conv = nn.LazyConv2d(1, kernel_size=size, bias=False)
        conv(torch.zeros(1, 1, *size))
    else:
        conv = nn.Conv2d(1, 1, kernel_size=size, bias=False)
    with torch.no_grad():
        conv.weight.copy_(start[None, None])
    return conv


def descent(X, Y, start, epochs=10, lr=3e-2):
    kernel, losses, kernels = start.clone(), [], [start.clone()]
    for _ in range(epochs):
        kernel.requires_grad_()
        loss = ((cross_correlation(X, kernel) - Y) ** 2).sum()
        (gradient,) = torch.autograd.grad(loss, kernel)
        kernel = (kernel - lr * gradient).detach()
        losses.append(loss.item())
        kernels.append(kernel)
    return losses, kernels


def a_start(*shape):
    return torch.rand(*shape) * 1.4 - 0.7


def same_losses(losses, expected):
    losses = [float(loss) for loss in losses]
    assert len(losses) == len(expected)
    for loss, right in zip(losses, expected, strict=True):
        assert abs(loss - right) <= 2e-4 * expected[0]


def is_uniform(weight):
    ordered = weight.detach().flatten().sort().values
    assert ordered[0] >= 0 and ordered[-1] <= 1
    steps = torch.linspace(0, 1, len(ordered))
    assert (ordered - steps).abs().max() < 0.065


# %% corr2d-exact visible
def check_worked_example(corr2d):
    X = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    same(corr2d(X, K), torch.tensor([[19.0, 25.0], [37.0, 43.0]]))


def check_wide_image_and_tall_kernel(corr2d):
    X = torch.tensor([[1.0, 0.0, 2.0, -1.0], [0.0, 3.0, 1.0, 1.0], [2.0, 1.0, 0.0, 4.0]])
    K = torch.tensor([[1.0], [2.0], [-1.0]])
    same(corr2d(X, K), torch.tensor([[-1.0, 5.0, 4.0, -3.0]]))


# %% corr2d-exact hidden
def check_any_kernel_that_fits(corr2d):
    for width, size in ((5, (2, 3)), (7, (3, 2)), (8, (2, 3))):
        X, K = torch.randn(6, width), torch.randn(*size)
        same(corr2d(X, K), cross_correlation(X, K))


def check_tall_and_wide_kernels(corr2d):
    for contrast, shape, size in ((1, (4, 7), (3, 2)), (1, (7, 4), (2, 3)), (1000, (4, 7), (1, 4))):
        X, K = contrast * torch.randn(*shape), torch.randn(*size)
        same(corr2d(X, K), cross_correlation(X, K))


def check_single_row_and_single_column(corr2d):
    for shape, size in (((4, 5), (1, 3)), ((4, 5), (3, 1)), ((1, 5), (1, 2))):
        X, K = torch.randn(*shape), torch.randn(*size)
        same(corr2d(X, K), cross_correlation(X, K))


def check_kernel_of_one_number(corr2d):
    X, K = torch.randn(3, 5), torch.rand(1, 1) + 2
    same(corr2d(X, K), K.item() * X)


def check_kernel_as_large_as_the_image(corr2d):
    X, K = torch.rand(3, 4) - 1.5, torch.rand(3, 4) + 0.5
    same(corr2d(X, K), cross_correlation(X, K))


def check_transposed_view(corr2d):
    X, K = torch.randn(5, 7).t(), torch.randn(3, 2).t()
    same(corr2d(X, K), cross_correlation(X, K))


def check_slice_with_a_step(corr2d):
    X, K = torch.randn(8, 10)[:, ::2], torch.randn(4, 3)[::2]
    same(corr2d(X, K), cross_correlation(X, K))


def check_every_call_starts_afresh(corr2d):
    first, second, K = torch.randn(4, 5), torch.randn(4, 5), torch.randn(2, 2)
    before, between, after = corr2d(first, K), corr2d(second, K), corr2d(first, K)
    same(before, cross_correlation(first, K))
    same(between, cross_correlation(second, K))
    same(after, cross_correlation(first, K))


def check_image_and_kernel_stay(corr2d):
    X, K = torch.randn(5, 6), torch.randn(2, 3)
    X_before, K_before = X.clone(), K.clone()
    same(corr2d(X, K), cross_correlation(X_before, K_before))
    same(X, X_before)
    same(K, K_before)


def check_gradients_reach_the_image(corr2d):
    for shape, size in (((5, 4), (3, 2)), ((3, 4), (3, 4))):
        X, K = torch.randn(*shape, requires_grad=True), torch.randn(*size)
        response = corr2d(X, K)
        upstream = torch.randn(*response.shape)
        (expected,) = torch.autograd.grad((cross_correlation(X, K) * upstream).sum(), X)
        (gradient,) = torch.autograd.grad((response * upstream).sum(), X)
        same(gradient, expected)


def check_gradients_reach_the_kernel(corr2d):
    for shape, size in (((5, 4), (3, 2)), ((3, 4), (1, 1))):
        X, K = torch.randn(*shape), torch.randn(*size, requires_grad=True)
        response = corr2d(X, K)
        upstream = torch.randn(*response.shape)
        (expected,) = torch.autograd.grad((cross_correlation(X, K) * upstream).sum(), K)
        (gradient,) = torch.autograd.grad((response * upstream).sum(), K)
        same(gradient, expected)


# %% conv2d visible
def check_new_layer(Conv2D):
    layer = Conv2D((2, 3))
    assert isinstance(layer.weight, nn.Parameter) and isinstance(layer.bias, nn.Parameter)
    assert tuple(layer.weight.shape) == (2, 3)
    assert tuple(layer.bias.shape) in ((1,), ()) and layer.bias.item() == 0
    many = Conv2D((20, 30)).weight
    assert 0 <= many.min() < many.max() <= 1


def check_layer_answers(Conv2D):
    X = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    layer = Conv2D((2, 2))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
        layer.bias.fill_(10.0)
    same(layer(X), torch.tensor([[29.0, 35.0], [47.0, 53.0]]))


# %% conv2d hidden
def check_weight_has_the_shape_of_a_tuple(Conv2D):
    for shape in ((4, 2), (1, 3)):
        assert tuple(Conv2D(shape).weight.shape) == shape


def check_kernel_size_may_be_a_list(Conv2D):
    assert tuple(Conv2D([2, 5]).weight.shape) == (2, 5)
    assert tuple(Conv2D(torch.Size([3, 1])).weight.shape) == (3, 1)


def check_both_can_be_trained(Conv2D):
    layer = Conv2D((3, 2))
    assert {"weight", "bias"} <= set(dict(layer.named_parameters()))
    assert layer.weight.requires_grad and layer.bias.requires_grad


def check_bias_is_a_single_zero(Conv2D):
    for shape in ((1, 1), (2, 4)):
        layer = Conv2D(shape)
        assert tuple(layer.bias.shape) in ((1,), ()) and layer.bias.item() == 0
        with torch.no_grad():
            layer.bias.fill_(3.0)


def check_weights_are_uniform(Conv2D):
    weight = Conv2D((50, 60)).weight
    assert tuple(weight.shape) == (50, 60)
    is_uniform(weight)


def check_each_layer_draws_its_own(Conv2D):
    first, second = Conv2D((60, 50)).weight, Conv2D((60, 50)).weight
    is_uniform(first)
    is_uniform(second)
    assert (first != second).any()


def check_layer_adds_its_bias(Conv2D):
    X, layer = torch.randn(5, 6), Conv2D((2, 3))
    with torch.no_grad():
        layer.weight.copy_(torch.randn(2, 3))
        layer.bias.fill_(1.75)
    same(layer(X), cross_correlation(X, layer.weight) + 1.75)


def check_layer_follows_its_parameters(Conv2D):
    layer = Conv2D((3, 2))
    layer(torch.randn(4, 5))
    X = torch.randn(2, 6).t()
    with torch.no_grad():
        layer.weight.copy_(torch.randn(3, 2))
        layer.bias.fill_(-2.5)
    same(layer(X), cross_correlation(X, layer.weight) - 2.5)


def check_weight_receives_its_gradient(Conv2D):
    X, layer = torch.randn(5, 4), Conv2D((2, 3))
    weight = torch.randn(2, 3, requires_grad=True)
    with torch.no_grad():
        layer.weight.copy_(weight)
    upstream = torch.randn(4, 2)
    (layer(X) * upstream).sum().backward()
    (expected,) = torch.autograd.grad((cross_correlation(X, weight) * upstream).sum(), weight)
    same(layer.weight.grad, expected)


def check_bias_receives_its_gradient(Conv2D):
    X, layer = torch.randn(4, 5), Conv2D((3, 2))
    upstream = torch.rand(2, 4) + 0.5
    (layer(X) * upstream).sum().backward()
    same(layer.bias.grad.reshape(1), upstream.sum().reshape(1))


# %% edge-detection visible
def check_edges_of_the_text(corr2d):
    same(corr2d(bars(), torch.tensor([[1.0, -1.0]])), edges(bars()))


# %% edge-detection hidden
def check_every_bar_has_two_edges(corr2d):
    image = bars(5, 12, slice(2, 4))
    image[:, 7:10] = 0
    same(corr2d(image, torch.tensor([[1.0, -1.0]])), edges(image))


def check_edges_are_as_strong_as_the_step(corr2d):
    image = (2 * torch.rand(7) - 1).repeat(4, 1)
    same(corr2d(image, torch.tensor([[1.0, -1.0]])), edges(image))


def check_flat_image_and_bright_line(corr2d):
    flat = torch.full((4, 6), 0.4)
    lined = flat.clone()
    lined[:, 3] += 0.75
    same(corr2d(flat, torch.tensor([[1.0, -1.0]])), torch.zeros(4, 5))
    same(corr2d(lined, torch.tensor([[1.0, -1.0]])), edges(lined))


# %% transposed-input visible
def check_kernel_is_blind_to_the_transposed_image(corr2d):
    image, K = bars().t(), torch.tensor([[1.0, -1.0]])
    same(corr2d(image, K), torch.zeros(8, 5))
    same(corr2d(image, K.t()), edges(bars()).t())


# %% transposed-input hidden
def check_other_transposed_images(corr2d):
    image, K = bars(5, 9, slice(3, 7)), torch.tensor([[1.0, -1.0]])
    same(corr2d(image.t(), K), torch.zeros(9, 4))
    same(corr2d(image.t(), K.t()), edges(image).t())


def check_transposed_together(corr2d):
    X, K = torch.randn(5, 7), torch.randn(2, 3)
    same(corr2d(X.t(), K.t()), cross_correlation(X, K).t())


# %% learned-kernel visible
def check_ten_epochs(train_kernel):
    X, Y = bars()[None, None], edges(bars())[None, None]
    once, ten_times = layer_from(torch.zeros(1, 2)), layer_from(torch.zeros(1, 2))
    train_kernel(once, X, Y, 1)
    train_kernel(ten_times, X, Y)
    same(once.weight, torch.tensor([[[[0.36, -0.36]]]]))
    same(ten_times.weight, torch.tensor([[[[1.0, -1.0]]]]), atol=0.1)


def check_losses(train_kernel):
    X, Y = bars()[None, None], edges(bars())[None, None]
    losses = train_kernel(layer_from(torch.zeros(1, 2)), X, Y)
    same_losses(losses, [12 * 0.4096**epoch for epoch in range(10)])


# %% learned-kernel hidden
def check_every_loss(train_kernel):
    X, Y, start = bars(), edges(bars()), a_start(1, 2)
    losses = train_kernel(layer_from(start), X[None, None], Y[None, None])
    same_losses(losses, descent(X, Y, start)[0])


def check_one_epoch(train_kernel):
    X, Y, start = bars(), edges(bars()), a_start(1, 2)
    conv = layer_from(start)
    train_kernel(conv, X[None, None], Y[None, None], 1, 3e-2)
    same(conv.weight[0, 0], descent(X, Y, start)[1][1])


def check_no_gradient_is_carried(train_kernel):
    X, Y, start = bars(), edges(bars()), a_start(1, 2)
    for epochs in (2, 4):
        conv = layer_from(start)
        train_kernel(conv, X[None, None], Y[None, None], epochs, 3e-2)
        same(conv.weight[0, 0], descent(X, Y, start)[1][epochs])


def check_edge_kernel_from_any_start(train_kernel):
    X, Y = bars(), edges(bars())
    for lazy in (False, True):
        start = a_start(1, 2)
        conv = layer_from(start, lazy)
        train_kernel(conv, X[None, None], Y[None, None])
        same(conv.weight[0, 0], torch.tensor([[1.0, -1.0]]), atol=0.1)
        same(conv.weight[0, 0], descent(X, Y, start)[1][-1])


def check_larger_kernel(train_kernel):
    X, start = 0.3 * torch.randn(6, 7), a_start(2, 2)
    Y = cross_correlation(X, torch.tensor([[1.0, -2.0], [0.5, 1.5]]))
    conv = layer_from(start)
    train_kernel(conv, X[None, None], Y[None, None], 10, 3e-2)
    same(conv.weight[0, 0], descent(X, Y, start)[1][-1])


def check_lazy_layer_of_another_shape(train_kernel):
    X, start = 0.3 * torch.randn(7, 5), a_start(3, 1)
    Y = cross_correlation(X, torch.tensor([[2.0], [-1.0], [0.5]]))
    conv = layer_from(start, lazy=True)
    losses = train_kernel(conv, X[None, None], Y[None, None], 4, 3e-2)
    right_losses, kernels = descent(X, Y, start, 4)
    same_losses(losses, right_losses)
    same(conv.weight[0, 0], kernels[-1])


def check_as_many_epochs_as_asked_for(train_kernel):
    X, Y, start = bars(), edges(bars()), a_start(1, 2)
    for epochs in (3, 5, 4):
        conv = layer_from(start)
        losses = train_kernel(conv, X[None, None], Y[None, None], epochs)
        assert len(losses) == epochs
        same(conv.weight[0, 0], descent(X, Y, start)[1][epochs])


def check_learning_rate(train_kernel):
    X, Y, start = bars(), edges(bars()), a_start(1, 2)
    for lr in (0.004, 0.02):
        conv = layer_from(start)
        train_kernel(conv, X[None, None], Y[None, None], 1, lr)
        same(conv.weight[0, 0], descent(X, Y, start, 1, lr)[1][1])


def check_layer_keeps_its_parameter(train_kernel):
    X, Y = bars()[None, None], edges(bars())[None, None]
    conv = layer_from(a_start(1, 2))
    weight = conv.weight
    train_kernel(conv, X, Y, 1)
    assert conv.weight is weight


def check_image_and_target_stay(train_kernel):
    X, Y = bars()[None, None], edges(bars())[None, None]
    train_kernel(layer_from(a_start(1, 2)), X, Y, 1)
    same(X, bars()[None, None])
    same(Y, edges(bars())[None, None])
