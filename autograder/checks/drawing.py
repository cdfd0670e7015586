"""Inputs drawn from a seed: the same for an appeal, different for every student and check."""

from __future__ import annotations

import functools
import hashlib
import hmac

import torch
from torch import Tensor


def seed_for(secret: bytes, domain: str, *names: str) -> int:
    """A 63-bit seed from HMAC-SHA256(secret, domain and names), see RFC 2104.

    ``domain`` keeps seeds of different uses apart: the child's own seed must not tell the inputs.
    Every part is preceded by its length, so ("ab", "c") and ("a", "bc") differ.
    """
    text = b"".join(
        len(part).to_bytes(4, "little") + part
        for part in (name.encode() for name in (domain, *names))
    )
    keyed = _keyed(secret).copy()
    keyed.update(text)
    return int.from_bytes(keyed.digest()[:8], "little") >> 1


@functools.lru_cache(maxsize=1)
def _keyed(secret: bytes) -> hmac.HMAC:
    """To be copied: OpenSSL sets up a key in several times what one such text then takes."""
    return hmac.new(secret, digestmod=hashlib.sha256)


class Draw:
    """Draws float32 tensors and whole numbers, the same sequence for the same seed."""

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal values, shape ``shape``."""
        return torch.randn(*shape, generator=self._generator)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Values uniform on [low, high), shape ``shape``."""
        return low + (high - low) * torch.rand(*shape, generator=self._generator)

    def integers(self, *shape: int, low: int, high: int) -> Tensor:
        """Whole numbers from ``low`` to ``high``, both included, as float32."""
        return torch.randint(low, high + 1, shape, generator=self._generator).float()

    def integer(self, low: int, high: int) -> int:
        """One whole number from ``low`` to ``high``, both included."""
        return int(torch.randint(low, high + 1, (), generator=self._generator))
