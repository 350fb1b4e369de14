"""What the functions of the textbook share: which tensors they take, and in which precision."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor

HALF = (torch.float16, torch.bfloat16)
F = TypeVar("F", bound=Callable[..., Tensor])


def wide_dtype(dtype: torch.dtype) -> torch.dtype:
    """Type in which to compute: float32 for half precision, as PyTorch does."""
    return torch.float32 if dtype in HALF else dtype


def widen(x: Tensor) -> Tensor:
    """Return x, in float32 if it has half precision."""
    return x.to(wide_dtype(x.dtype))


def whole_number(
    call: str, name: str, value: Any, *, least: int = 1, upto: int | None = None
) -> int:
    """Return a whole number as an int, also NumPy's or one in a tensor; raise a ValueError else.

    >>> whole_number("call", "count", torch.tensor(3))
    3
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least or (upto is not None and number > upto):
        wanted = f"of at least {least}" if upto is None else f"from {least} to {upto}"
        raise ValueError(f"{call}: {name} must be a whole number {wanted}, got {value!r}")
    return number


def whole_numbers(value: Any) -> tuple[int, ...]:
    """Return one whole number or several, as shapes and dimensions are given, as a tuple of ints.

    >>> whole_numbers(3), whole_numbers([2, 3])
    ((3,), (2, 3))
    """
    try:
        return (operator.index(value),)
    except TypeError:
        return tuple(operator.index(number) for number in value)


def check_floating(call: str, **tensors: Any) -> None:
    """Raise a TypeError unless each argument is a floating-point tensor."""
    for name, x in tensors.items():
        if not isinstance(x, Tensor):
            raise TypeError(f"{call}: {name} has to be a tensor, not {type(x).__name__}")
        if not x.is_floating_point():
            raise TypeError(f"{call}: {name} has to be floating point, not {x.dtype}")


def in_float32(function: F) -> F:
    """Compute a function of one tensor in float32 where the tensor has half precision.

    So do PyTorch's own kernels: each value is rounded once, at the end.
    """
    first = next(iter(inspect.signature(function).parameters))

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Tensor:
        x, rest = (args[0], args[1:]) if args else (kwargs.pop(first, None), ())
        check_floating(function.__name__, **{first: x})
        if x.dtype not in HALF:
            return function(x, *rest, **kwargs)
        return function(x.float(), *rest, **kwargs).to(x.dtype)

    return call  # type: ignore[return-value]
