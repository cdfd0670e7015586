# hidden canary: b72e6055e7578709
"""corr2d on every shape it must take, its gradients, and what it leaves alone: 16 points."""

from reference import correlate, gradient_to_image, gradient_to_kernel, present

from autograder.checks import assert_close, check


@check(
    "corr2d-exact",
    points=2,
    hint="Try an image and a kernel of your own, work out one number by hand, and compare.",
)
def test_any_kernel_that_fits_gives_the_sum_of_products_at_every_place(student, draw):
    for width in (5, 7, 8):  # never square, or a mistake would cost its points by luck
        h = draw.integer(2, 3)
        X, K = draw.normal(6, width), draw.normal(h, 5 - h)
        expected = correlate(X, K)

        response = student.corr2d(X, K)

        assert_close(response, expected)


@check(
    "corr2d-exact",
    points=2,
    hint="A tall kernel shortens the height of the result, a wide one its width.",
)
def test_tall_and_wide_kernels_keep_height_and_width_apart(student, draw):
    for contrast, shape, kernel_shape in [
        (1, (4, 7), (3, 2)),
        (1, (7, 4), (2, 3)),
        (1000, (4, 7), (1, 4)),  # an image has no range
    ]:
        X, K = contrast * draw.normal(*shape), draw.normal(*kernel_shape)
        expected = correlate(X, K)

        response = student.corr2d(X, K)

        assert_close(response, expected)


@check(
    "corr2d-exact",
    points=1,
    hint="A kernel may have one row or one column: what do your sizes become when h or w is 1?",
)
def test_kernels_of_a_single_row_or_a_single_column_work(student, draw):
    for shape, kernel_shape in [((4, 5), (1, 3)), ((4, 5), (3, 1)), ((1, 5), (1, 2))]:
        X, K = draw.normal(*shape), draw.normal(*kernel_shape)
        expected = correlate(X, K)

        response = student.corr2d(X, K)

        assert_close(response, expected)


@check(
    "corr2d-exact",
    points=1,
    hint="With h = w = 1 the result has the size of the image.",
)
def test_a_kernel_of_one_number_scales_every_pixel(student, draw):
    X, K = draw.normal(3, 5), draw.uniform(1, 1, low=2, high=3)
    expected = K.item() * X

    response = student.corr2d(X, K)

    assert_close(response, expected)


@check(
    "corr2d-exact",
    points=1,
    hint="A kernel as large as the image fits in one place; the result still has two dimensions.",
)
def test_a_kernel_as_large_as_the_image_gives_one_number(student, draw):
    X = draw.uniform(3, 4, low=-1.5, high=-0.5)
    K = draw.uniform(3, 4, low=0.5, high=1.5)
    expected = correlate(X, K)

    response = student.corr2d(X, K)

    assert_close(response, expected)


@check(
    "corr2d-exact",
    points=1,
    hint="X.t() shares memory with X: use its shape and its indices, not view() or its storage.",
)
def test_a_transposed_view_is_read_in_its_own_order(student, draw):
    X, K = draw.normal(5, 7).t(), draw.normal(3, 2).t()
    expected = correlate(X, K)

    response = student.corr2d(X, K)

    assert_close(response, expected)


@check(
    "corr2d-exact",
    points=1,
    hint="A slice with a step has gaps in memory: use indices, not view() or the storage.",
)
def test_a_slice_with_a_step_is_read_without_its_gaps(student, draw):
    X, K = draw.normal(8, 10)[:, ::2], draw.normal(4, 3)[::2]
    expected = correlate(X, K)

    response = student.corr2d(X, K)

    assert_close(response, expected)


@check(
    "corr2d-exact",
    points=1,
    hint="Make the result anew in each call; keep nothing from an earlier image.",
)
def test_every_call_starts_afresh(student, draw):
    first, second, K = draw.normal(4, 5), draw.normal(4, 5), draw.normal(2, 2)

    before = student.corr2d(first, K)
    between = student.corr2d(second, K)
    after = student.corr2d(first, K)

    assert_close(before, correlate(first, K))
    assert_close(between, correlate(second, K))
    assert_close(after, correlate(first, K))


@check(
    "corr2d-exact",
    points=2,
    hint="Work on values without changing X or K in place: no X *= ..., no unsqueeze_().",
)
def test_image_and_kernel_stay_as_they_were(student, draw):
    X, K = draw.normal(5, 6), draw.normal(2, 3)
    X_before, K_before, expected = X.clone(), K.clone(), correlate(X, K)

    answer = student.call("corr2d", X, K)

    assert_close(answer.tensor(), expected)
    assert_close(present(answer.arguments, 0, "X"), X_before, what="X after the call")
    assert_close(present(answer.arguments, 1, "K"), K_before, what="K after the call")


@check(
    "corr2d-exact",
    points=2,
    hint="Compute with X itself: .data, .item(), .numpy() and torch.tensor(...) cut the graph.",
)
def test_gradients_reach_the_image(student, draw):
    turned, part = draw.normal(4, 5).t(), draw.normal(3, 2)
    whole, cover = draw.normal(3, 4), draw.normal(3, 4)
    upstream, one = draw.normal(3, 3), draw.uniform(1, 1, low=0.5, high=2)

    alone = student.gradients("corr2d", turned.requires_grad_(), part, upstream=upstream)
    with_kernel = student.gradients(
        "corr2d", whole.requires_grad_(), cover.requires_grad_(), upstream=one
    )

    for gradients, expected in [
        (alone, gradient_to_image(part, upstream)),
        (with_kernel, gradient_to_image(cover, one)),
    ]:
        gradient = present(gradients.arguments, 0, "gradient of X")
        assert_close(gradient, expected, what="the gradient of X")


@check(
    "corr2d-exact",
    points=2,
    hint="Compute with K itself: .data, .item(), .numpy() and torch.tensor(...) cut the graph.",
)
def test_gradients_reach_the_kernel(student, draw):
    X, K, upstream = draw.normal(5, 4), draw.normal(3, 2), draw.normal(3, 3)
    K[1, 0] = 0  # what adds nothing to the result still has a gradient
    image, single, all_of_it = draw.normal(3, 4), draw.normal(1, 1), draw.normal(3, 4)

    alone = student.gradients("corr2d", X, K.requires_grad_(), upstream=upstream)
    with_image = student.gradients(
        "corr2d", image.requires_grad_(), single.requires_grad_(), upstream=all_of_it
    )

    for gradients, position, expected in [
        (alone, 0, gradient_to_kernel(X, upstream)),
        (with_image, 1, gradient_to_kernel(image, all_of_it)),
    ]:
        gradient = present(gradients.arguments, position, "gradient of K")
        assert_close(gradient, expected, what="the gradient of K")
