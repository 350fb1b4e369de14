"""What the regularizers ask of their arguments."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from .._precision import wide_dtype


def check_at_least_zero(call: str, name: str, value: float) -> None:
    """Raise a ValueError unless a number is at least 0 and finite."""
    if not 0 <= value < math.inf:
        raise ValueError(f"{call}: {name} must be at least 0 and finite, got {value}")


def number_or_tensor(call: str, name: str, value: float | Tensor, input: Tensor) -> float | Tensor:
    """Return a size of at least 0 that is one number, or a tensor that broadcasts to the input.

    A tensor comes back in the precision in which the input is computed with.
    """
    if not isinstance(value, Tensor):
        check_at_least_zero(call, name, value)
        return value
    if not value.is_floating_point():
        raise TypeError(f"{call}: {name} must be floating point, got {value.dtype}")
    if value.device != input.device:
        raise ValueError(f"{call}: {name} must be on {input.device} like input, got {value.device}")
    fits = value.ndim <= input.ndim and all(
        a in (1, b) for a, b in zip(value.shape[::-1], input.shape[::-1], strict=False)
    )
    if not fits:
        raise ValueError(
            f"{call}: {name} must broadcast to the input's shape {tuple(input.shape)}, "
            f"got {tuple(value.shape)}"
        )
    if not value.is_meta and not bool(((value >= 0) & value.isfinite()).all()):
        raise ValueError(f"{call}: {name} must be at least 0 and finite everywhere")
    return value.to(wide_dtype(input.dtype))


def as_tensors(call: str, data: Any) -> tuple[Tensor, ...]:
    """Return data, a tensor or several with one row a sample, as a tuple; raise if they are not."""
    tensors = (data,) if isinstance(data, Tensor) else tuple(data)
    for t in tensors:
        if not isinstance(t, Tensor):
            raise TypeError(f"{call}: the data must be tensors, got {type(t).__name__}")
    lengths = [len(t) if t.ndim else None for t in tensors]
    if not lengths or None in lengths or len(set(lengths)) > 1 or lengths[0] == 0:
        shapes = [tuple(t.shape) for t in tensors]
        raise ValueError(
            f"{call}: the data must be tensors of as many samples, at least 1, got shapes {shapes}"
        )
    return tensors


def predict(call: str, predictor: Any, x: Tensor) -> Tensor:
    """Return what a predictor gives for x, a row a sample, without a graph."""
    if not callable(predictor):
        raise TypeError(
            f"{call}: fit must return a function from inputs to predictions, "
            f"got {type(predictor).__name__}"
        )
    with torch.no_grad():
        prediction = predictor(x)
    if not isinstance(prediction, Tensor):
        raise TypeError(
            f"{call}: predictions must be a tensor, got {type(prediction).__name__}; "
            "wrap an estimator of NumPy in a function of tensors"
        )
    if prediction.ndim == 0 or len(prediction) != len(x):
        raise ValueError(
            f"{call}: need a prediction for each of the {len(x)} inputs, "
            f"got shape {tuple(prediction.shape)}"
        )
    return prediction
