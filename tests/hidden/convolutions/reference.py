# hidden canary: 507bd9a7fe393881
"""What is right: float64, by hand, sharing no code with any solution."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]

DEFAULT_LR = 3e-2
DEFAULT_EPOCHS = 10
EDGE_KERNEL = torch.tensor([[1.0, -1.0]])
STEEPEST = 1.8  # lr * largest eigenvalue on the image of the text; from 2 on the loss grows


# --- Images -------------------------------------------------------------------------------------


def bars(height: int, width: int, *black: slice) -> Tensor:
    """A white image (1) with the columns ``black`` black (0), float32, shape (height, width)."""
    image = torch.ones(height, width)
    for columns in black:
        image[:, columns] = 0
    return image


def bars_of_the_text() -> Tensor:
    """The 6x8 image of the text, columns 2 to 5 black."""
    return bars(6, 8, slice(2, 6))


# --- Cross-correlation --------------------------------------------------------------------------


def correlate(image: Tensor, kernel: Tensor) -> Tensor:
    """Valid cross-correlation as D2L section 7.2.1 defines it.

    ``Y[i, j] = sum over a, b of X[i + a, j + b] * K[a, b]``, for all i and j at once.

    Args:
        image: X, shape (H, W).
        kernel: K, shape (h, w).

    Returns:
        Y, float64, shape (H - h + 1, W - w + 1).
    """
    X, K = _float64(image), _float64(kernel)
    (H, W), (h, w) = X.shape, K.shape
    rows, columns = H - h + 1, W - w + 1
    Y = np.zeros((rows, columns))
    for a in range(h):
        for b in range(w):
            Y += X[a : a + rows, b : b + columns] * K[a, b]
    return torch.from_numpy(Y)


def gradient_to_image(kernel: Tensor, upstream: Tensor) -> Tensor:
    """Gradient of ``(correlate(X, K) * upstream).sum()`` to X: every window gets its share of K."""
    (h, w), (rows, columns) = kernel.shape, upstream.shape
    gradient = torch.zeros(rows + h - 1, columns + w - 1, dtype=torch.float64)
    for a in range(h):
        for b in range(w):
            gradient[a : a + rows, b : b + columns] += kernel[a, b].item() * upstream.double()
    return gradient


def gradient_to_kernel(image: Tensor, upstream: Tensor) -> Tensor:
    """Gradient of ``(correlate(X, K) * upstream).sum()`` to K: X seen through ``upstream``."""
    return correlate(image, upstream)


# --- Gradient descent on the sum of squared errors ----------------------------------------------
#
# One row of ``patches`` for each place of the kernel: the loss is ||patches @ w - y||^2, a
# quadratic with Hessian 2 * patches^T @ patches, so each epoch multiplies the distance to the
# minimum by I - lr * Hessian. Nothing is differentiated and no step is taken.


class Descent(NamedTuple):
    """What every epoch must show, float64."""

    kernels: Tensor  # (num_epochs + 1, h, w): the start, then after each epoch
    losses: Tensor  # (num_epochs,): each before its epoch's update


def descend(image: Tensor, output: Tensor, start: Tensor, *, lr: float, num_epochs: int) -> Descent:
    """The exact path of full-batch gradient descent on ``((conv(X) - Y) ** 2).sum()``.

    Args:
        image: X, shape (H, W).
        output: Y, shape (H - h + 1, W - w + 1).
        start: The kernel before the first epoch, shape (h, w).
        lr: Learning rate.
        num_epochs: Full-batch steps.

    Raises:
        ValueError: ``lr`` is too near to divergence for float32 to follow the path.
    """
    patches, y = _patches(image, start.shape), _float64(output).reshape(-1)
    minimum = np.linalg.solve(patches.T @ patches, patches.T @ y)  # the normal equations
    contraction = _contraction(patches, lr)
    path = [_float64(start).reshape(-1)]
    for _ in range(num_epochs):
        path.append(minimum + contraction @ (path[-1] - minimum))
    losses = ((np.stack(path[:-1]) @ patches.T - y) ** 2).sum(axis=1)
    kernels = np.stack(path).reshape(-1, *start.shape)
    return Descent(torch.from_numpy(kernels), torch.from_numpy(losses))


def fit_for_default_lr(image: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    """``image`` in another contrast, so that the default lr * the largest eigenvalue is 0.6.

    Then ten epochs still end well before the minimum, and only the exact path leads there.
    """
    steepness = DEFAULT_LR * _largest_eigenvalue(_hessian(_patches(image, kernel_shape)))
    return image * math.sqrt(0.6 / steepness)


def learned_kernel_bound(
    image: Tensor, target: Tensor, *, lr: float, num_epochs: int, start: float
) -> float:
    """Largest distance that can be left to the target kernel after gradient descent.

    For the sum of squared errors the error contracts by ``M = I - lr * H`` each epoch, where
    ``H`` is the Hessian, twice the Gram matrix of the image's patches. From any start in the box
    ``[-start, start]`` the error ``M^n (w - target)`` is at most ``|M^n target| + start * |M^n|``
    in each weight. On the 6x8 image at lr 0.03 after 10 epochs that is 0.0874 for
    ``start = 0.5 ** 0.5``, the bound of torch's default draw for two weights.

    Args:
        image: X, shape (H, W).
        target: The kernel that made the output, shape (h, w).
        lr: Learning rate.
        num_epochs: Full-batch steps.
        start: Largest magnitude of an initial weight.

    Raises:
        ValueError: ``lr`` diverges on this image, or nearly so.
    """
    contraction = _contraction(_patches(image, target.shape), lr)
    left = np.linalg.matrix_power(contraction, num_epochs)
    from_target = abs(left @ _float64(target).reshape(-1))
    return float((from_target + start * abs(left).sum(axis=1)).max())


def _float64(values: Tensor) -> Array:
    return values.detach().numpy().astype(np.float64)


def _patches(image: Tensor, kernel_shape: Sequence[int]) -> Array:
    """Every window of the image as a row, shape ((H - h + 1) * (W - w + 1), h * w)."""
    h, w = kernel_shape
    return sliding_window_view(_float64(image), (h, w)).reshape(-1, h * w)


def _hessian(patches: Array) -> Array:
    return 2 * patches.T @ patches


def _largest_eigenvalue(hessian: Array) -> float:
    return float(np.linalg.eigvalsh(hessian)[-1])


def _contraction(patches: Array, lr: float) -> Array:
    """``I - lr * Hessian``. Raises ValueError above the steepness that the text itself has."""
    hessian = _hessian(patches)
    steepness = lr * _largest_eigenvalue(hessian)
    if steepness > STEEPEST + 1e-9:
        raise ValueError(f"lr * largest eigenvalue is {steepness:.3g}, above {STEEPEST}")
    return np.eye(len(hessian)) - lr * hessian


# --- Reading answers ----------------------------------------------------------------------------


def present(
    tensors: Sequence[Tensor | None] | Mapping[str, Tensor | None], key: int | str, what: str
) -> Tensor:
    """The tensor at ``key``. Raises AssertionError where the student's side sent none.

    A missing gradient is the student's failure; an IndexError would look like ours.
    """
    try:
        found = tensors[key]  # type: ignore[index]
    except LookupError:
        found = None
    assert found is not None, f"there is no {what}"
    return found
