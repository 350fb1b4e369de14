"""One pass over the data in batches."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def batches(
    x: Tensor,
    y: Tensor,
    batch_size: int,
    *,
    generator: torch.Generator | None,
    drop_last: bool = False,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Iterate once over the data in batches, in random order.

    Args:
        x: Inputs, shape (n, ...).
        y: Targets, shape (n, ...).
        batch_size: Number of samples a batch, at least 1. The last one may be smaller.
        generator: Shuffles. None keeps the order.
        drop_last: Leave a smaller last batch out.

    Returns:
        An iterator over pairs (inputs, targets), on the device of the data.

    Raises:
        ValueError: If batch_size is less than 1, or inputs and targets differ in number.

    Example:
        >>> x = torch.arange(5.0)
        >>> [part.tolist() for part, _ in batches(x, x, 2, generator=None)]
        [[0.0, 1.0], [2.0, 3.0], [4.0]]
    """
    if batch_size < 1:
        raise ValueError(f"batches: batch_size must be at least 1, got {batch_size}")
    if len(x) != len(y):
        raise ValueError(f"batches: as many inputs as targets, got {len(x)} and {len(y)}")
    n = len(x)
    if generator is None:
        order = torch.arange(n, device=x.device)
    else:
        order = torch.randperm(n, generator=generator, device=generator.device)
    kept = n - n % batch_size if drop_last else n
    parts = order[:kept].to(x.device).split(batch_size)
    return ((x[part], y[part]) for part in parts if len(part) > 0)
