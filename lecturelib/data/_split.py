"""Data to learn from and data to test on, and the last steps of every image set."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from lecturelib._precision import wide_dtype


class Split(NamedTuple):
    """Data to learn from, and data to test on."""

    x_train: Tensor
    """Inputs to learn from."""
    y_train: Tensor
    """Their classes."""
    x_test: Tensor
    """Inputs to test on."""
    y_test: Tensor
    """Their classes."""


Part = tuple[np.ndarray, np.ndarray]


def check_options(call: str, dtype: torch.dtype, standardize: bool) -> None:
    """Raise a TypeError unless bytes or floats are asked for, and floats for standardizing."""
    if dtype != torch.uint8 and not dtype.is_floating_point:
        raise TypeError(f"{call}: dtype must be floating point or torch.uint8, got {dtype}")
    if standardize and dtype == torch.uint8:
        raise TypeError(f"{call}: standardized pixels are not bytes; choose another dtype")


def make_split(
    train: Part, test: Part, *, standardize: bool, dtype: torch.dtype, device: Any
) -> Split:
    """Tensors from bytes (n, C, H, W) and classes; floats lie in [0, 1] or are standardized."""
    (x_train, y_train), (x_test, y_test) = train, test
    device = torch.get_default_device() if device is None else device
    images = [torch.from_numpy(x).to(device) for x in (x_train, x_test)]
    if dtype != torch.uint8:
        images = [image.to(wide_dtype(dtype)).div_(255) for image in images]
    if standardize:
        mean, std = _channel_moments(x_train)
        mean, std = (m.to(images[0]).view(-1, 1, 1) for m in (mean, std))
        images = [image.sub_(mean).div_(std) for image in images]
    images = [image.to(dtype) for image in images]  # half precision is rounded once, here
    classes = [torch.from_numpy(y).to(device, torch.int64) for y in (y_train, y_test)]
    return Split(images[0], classes[0], images[1], classes[1])


def _channel_moments(x: np.ndarray) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each channel in [0, 1]; 1 where a channel is constant.

    From the counts of the 256 values, which is exact and needs no copy in floating point.
    """
    values = np.arange(256) / 255
    means, stds = [], []
    for channel in range(x.shape[1]):
        share = np.bincount(x[:, channel].reshape(-1), minlength=256) / x[:, channel].size
        means.append(share @ values)
        stds.append(np.sqrt(share @ (values - means[-1]) ** 2) or 1.0)
    return torch.tensor(means, device="cpu"), torch.tensor(stds, device="cpu")
