# mistake: multiplies the spectra without the conjugate, which is convolution, not correlation
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: flipped-kernel
import torch


def corr2d(X, K):
    """Convolution theorem: a product in the frequency domain."""
    h, w = K.shape
    size = tuple(X.shape)
    spectrum = torch.fft.rfft2(X) * torch.fft.rfft2(K, s=size)
    circular = torch.fft.irfft2(spectrum, s=size)
    # the first h - 1 rows and w - 1 columns wrapped round, the rest is valid
    return circular[h - 1 :, w - 1 :]
