"""parameter-sharing-field."""

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "parameter-sharing-field"


def field(kernels, strides, dilations):
    size, step = 1, 1
    for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
        size += step * dilation * (kernel - 1)
        step *= stride
    return size


def with_numpy(kernels, strides, dilations):
    steps = np.cumprod([1, *strides])[:-1]
    return 1 + int((steps * np.array(dilations) * (np.array(kernels) - 1)).sum())


def with_torch(kernels, strides, dilations):
    steps = torch.tensor([1, *strides]).cumprod(0)[:-1]
    return 1 + (steps * torch.tensor(dilations) * (torch.tensor(kernels) - 1)).sum()


def in_float(kernels, strides, dilations):
    return torch.tensor(field(kernels, strides, dilations), dtype=torch.float32)


def _wrong(before=True, own=False, dilated=True, minus=1, start=1):
    def answer(kernels, strides, dilations):
        size, step = start, 1
        for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
            step *= stride if own else 1
            size += step * (dilation if dilated else 1) * (kernel - minus)
            step *= stride if before and not own else 1
        return size

    return answer


RIGHT = [field, with_numpy, with_torch, in_float, as_object(field)]

WRONG = {
    "strides-lost": _wrong(before=False),
    "own-stride": _wrong(own=True),
    "dilation-lost": _wrong(dilated=False),
    "whole-kernels": _wrong(minus=0),
    "one-less": _wrong(start=0),
    "backwards": lambda kernels, strides, dilations: field(
        kernels[::-1], strides[::-1], dilations[::-1]
    ),
}

UNLISTED = [
    (lambda kernels, strides, dilations: 7 * sum(kernels), "different", "differs"),
    (lambda kernels, strides, dilations: field(kernels, strides, dilations) ** 2, "different",
     "differs"),
    (lambda kernels, strides, dilations: field(kernels, strides, dilations) + 0.5, "not-whole",
     "whole"),
]  # fmt: skip
