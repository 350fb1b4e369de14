"""Data sets that need no download, and batches of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor


class Split(NamedTuple):
    """Training and test data."""

    x_train: Tensor
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor


def load_digits(
    *,
    standardize: bool = False,
    as_images: bool = False,
    test_size: int = 360,
    flip_labels: float = 0.0,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    device: Any = None,
) -> Split:
    """Load the 1,797 handwritten 8×8 digits of scikit-learn, split by class."""
    from sklearn.datasets import load_digits as load
    from sklearn.model_selection import train_test_split

    x, y = load(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        x / 16, y, test_size=test_size, stratify=y, random_state=seed
    )
    rng = np.random.default_rng(seed)
    flipped = rng.permutation(len(y_train))[: round(flip_labels * len(y_train))]
    y_train[flipped] = (y_train[flipped] + rng.integers(1, 10, len(flipped))) % 10
    if standardize:
        mean, std = x_train.mean(0), x_train.std(0)
        std[std == 0] = 1
        x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
    shape = (-1, 1, 8, 8) if as_images else (-1, 64)
    return Split(
        torch.tensor(x_train.reshape(shape), dtype=dtype, device=device),
        torch.tensor(y_train, dtype=torch.long, device=device),
        torch.tensor(x_test.reshape(shape), dtype=dtype, device=device),
        torch.tensor(y_test, dtype=torch.long, device=device),
    )


def batches(
    x: Tensor,
    y: Tensor,
    batch_size: int,
    *,
    generator: torch.Generator | None,
    drop_last: bool = False,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (x, y) in batches, shuffled by the generator; None keeps the order."""
    n = len(x)
    order = torch.arange(n) if generator is None else torch.randperm(n, generator=generator)
    for index in order.to(x.device).split(batch_size):
        if drop_last and len(index) < batch_size:
            return
        yield x[index], y[index]
