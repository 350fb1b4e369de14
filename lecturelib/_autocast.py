"""Mixed precision: what PyTorch's own functions do within ``torch.autocast``, ours do too.

Autocast gives matrix products and convolutions their arguments in half precision. Other functions
take what comes, and for some it widens the arguments to float32 first: for losses everywhere, for
softmax and the norms within a sample on GPUs alone (``ATen/autocast_mode.h`` has the lists). Within
a function of ours nothing is cast: its sums stay in the precision in which they are written.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Literal, ParamSpec, TypeVar

import torch
from torch import Tensor

from ._precision import HALF

P = ParamSpec("P")
R = TypeVar("R")


def is_on(device: torch.device) -> bool:
    """Whether autocast is on for a device; for meta tensors it never is."""
    return device.type != "meta" and torch.is_autocast_enabled(device.type)


def follows_autocast(
    widens: Literal["everywhere", "on GPUs", "nowhere"],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function do under autocast what its counterpart in PyTorch does.

    Args:
        widens: Where half-precision arguments become float32, as then the result is.

    Returns:
        A decorator. Outside of autocast the function is as it was.

    Example:
        >>> from lecturelib.losses import mse_loss
        >>> x = torch.ones(2, dtype=torch.bfloat16)
        >>> with torch.autocast("cpu", torch.bfloat16):
        ...     mse_loss(x, x).dtype
        torch.float32
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            device = next(_devices(args, kwargs), None)
            if device is None or not is_on(device):
                return function(*args, **kwargs)
            wide = widens == "everywhere" or (widens == "on GPUs" and device.type != "cpu")
            cast = _widened if wide else _same
            with torch.autocast(device.type, enabled=False):
                return function(
                    *(cast(a) for a in args), **{name: cast(a) for name, a in kwargs.items()}
                )

        return call

    return decorate


autocast_off = follows_autocast("nowhere")
"""A decorator for what has to add up in the precision in which it is written, even backward."""


def lowered(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Return tensors as autocast gives them to a function that it computes in half precision."""
    device = tensors[0].device
    if not is_on(device):
        return tensors
    dtype = torch.get_autocast_dtype(device.type)
    return tuple(t if t.dtype == torch.float64 else t.to(dtype) for t in tensors)


def _devices(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[torch.device]:
    return (a.device for a in (*args, *kwargs.values()) if isinstance(a, Tensor))


def _widened(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.dtype in HALF else value


def _same(value: Any) -> Any:
    return value
