# mistake: the result is clamped to the range of a picture's pixels, 0 to 255
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: clipped-at-zero
import torch


def corr2d(img, kernel):
    kh, kw = kernel.shape
    oh, ow = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    rows = []
    for y in range(oh):
        rows.append(torch.stack([(img[y : y + kh, x : x + kw] * kernel).sum() for x in range(ow)]))
    return torch.stack(rows).clamp(0, 255)
