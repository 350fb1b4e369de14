"""Max pooling where no gradient is wanted: PyTorch finds the place of each maximum all the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor

from ..._precision import whole_numbers

MAX_POOL2D = (F.max_pool2d, torch.max_pool2d)
LARGEST = 4  # a window's side up to which a pass for each of its places is quicker


def max_pool2d(
    input: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | None:
    """The maxima of windows side by side; None for another pooling, which is left to PyTorch.

    >>> max_pool2d(torch.arange(16.0).view(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """
    window = _pair(kernel_size)
    if (stride and _pair(stride) != window) or max(window) > LARGEST:
        return None
    if (_pair(padding), _pair(dilation)) != ((0, 0), (1, 1)) or ceil_mode or return_indices:
        return None
    rows, columns = (size // k * k for size, k in zip(input.shape[-2:], window, strict=True))
    if not rows or not columns or (torch.is_grad_enabled() and input.requires_grad):
        return None
    lines = reduce(torch.maximum, (input[..., i : rows : window[0], :] for i in range(window[0])))
    return reduce(torch.maximum, (lines[..., j : columns : window[1]] for j in range(window[1])))


def _pair(size: int | Sequence[int]) -> tuple[int, int]:
    """The two sides that a number or a sequence of one or two stands for."""
    sizes = whole_numbers(size)
    return sizes[0], sizes[-1]
