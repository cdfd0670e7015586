# mistake: the kernel's rows are taken from the bottom to the top
# loses: corr2d-exact, transposed-input
# misconception: half-flipped-kernel
import torch


def corr2d(image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    rows = image.shape[0] - kernel.shape[0] + 1
    cols = image.shape[1] - kernel.shape[1] + 1
    result = torch.zeros(rows, cols)
    # the bottom row of the kernel first, as rows of an image are counted from below
    for a, weights in enumerate(reversed(list(kernel))):
        for b, weight in enumerate(weights):
            result = result + weight * image[a : a + rows, b : b + cols]
    return result
