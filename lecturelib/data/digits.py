"""The handwritten digits of scikit-learn: real data of 8×8 pixels that need no download."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lecturelib.data._split import Split

SIZE, CLASSES = 1797, 10


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
    """Load scikit-learn's 1,797 handwritten digits of 8×8 pixels, split with equal class shares.

    Pixels are counts from 0 to 16, divided by 16. The data come with scikit-learn: there is no
    download.

    Args:
        standardize: Give each pixel mean 0 and variance 1. Mean and variance are those of the
            training data, for the test data too; a pixel that is constant there is centred alone.
        as_images: Shape (n, 1, 8, 8) rather than (n, 64).
        test_size: Number of test samples, from 10 to 1,787.
        flip_labels: Share of the training labels, in [0, 1], that are replaced by another class at
            random. Test labels stay true.
        seed: Decides the split and the flipped labels.
        dtype: Floating point type of the inputs.
        device: Where the tensors lie; None for PyTorch's default device.

    Returns:
        Inputs and classes (0 to 9, int64) for training and test.

    Raises:
        ValueError: If test_size or flip_labels is out of range.
        TypeError: If dtype is not floating point.

    Example:
        >>> digits = load_digits()
        >>> digits.x_train.shape, digits.x_test.shape
        (torch.Size([1437, 64]), torch.Size([360, 64]))

    Source:
        Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI repository: its
        test part, which scikit-learn ships.

    Chapter:
        batch_norm
    """
    if not CLASSES <= test_size <= SIZE - CLASSES:
        raise ValueError(
            f"load_digits: test_size must lie in [{CLASSES}, {SIZE - CLASSES}], got {test_size}"
        )
    if not 0 <= flip_labels <= 1:
        raise ValueError(f"load_digits: flip_labels must lie in [0, 1], got {flip_labels}")
    if not dtype.is_floating_point:
        raise TypeError(f"load_digits: dtype must be floating point, got {dtype}")
    from sklearn.model_selection import train_test_split

    x, y = _read_digits()
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=test_size, stratify=y, random_state=seed
    )
    if standardize:
        mean, std = x_train.mean(axis=0), x_train.std(axis=0)
        std[std == 0] = 1
        x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
    y_train = _flip(y_train, flip_labels, np.random.default_rng(seed))
    shape = (-1, 1, 8, 8) if as_images else (-1, 64)

    def tensor(values: np.ndarray, dtype: torch.dtype) -> Tensor:
        return torch.tensor(values, dtype=dtype, device=device)

    return Split(
        tensor(x_train, dtype).reshape(shape),
        tensor(y_train, torch.int64),
        tensor(x_test, dtype).reshape(shape),
        tensor(y_test, torch.int64),
    )


@cache
def _read_digits() -> tuple[np.ndarray, np.ndarray]:
    """Pixels in [0, 1] and classes, read once. scikit-learn loads only when it is needed."""
    from sklearn.datasets import load_digits

    pixels, classes = load_digits(return_X_y=True)
    return pixels / 16, classes


def _flip(classes: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    flipped = classes.copy()
    chosen = rng.permutation(len(classes))[: round(share * len(classes))]
    other = rng.integers(1, CLASSES, len(chosen))  # a step of 1 to 9 never leads back
    flipped[chosen] = (flipped[chosen] + other) % CLASSES
    return flipped
