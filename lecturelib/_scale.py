"""Sizes far from 1: powers of two by which tensors are divided before their squares are taken.

The square of a float32 number leaves the format beyond 1e19 and below 1e-19, long before the number
does. Dividing by a power of two changes no digit, so that what is computed on the quotient and
multiplied back is what would have come out if the format had more room. For sizes in the middle of
the format the power is 1, and the ordinary formula stands.

>>> x = torch.tensor([3e30, 4e30])
>>> torch.linalg.vector_norm(x), norm(x)
(tensor(inf), tensor(5.0000e+30))
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from lecturelib._precision import widen

Dims = int | tuple[int, ...] | None
EXPONENTS = {torch.float32: (torch.int32, 0x7F800000), torch.float64: (torch.int64, 0x7FF << 52)}
"""For each format the integers of its width, and the bits that hold the exponent."""


@functools.cache
def room(dtype: torch.dtype, power: float = 2.0) -> float:
    """Return b such that the numbers from 1/b to b may be taken to a power, and many added.

    The power's exponent then fills half of the format's range.

    >>> room(torch.float32), room(torch.float32, 4)
    (4294967296.0, 65536.0)
    """
    largest = round(math.log2(torch.finfo(dtype).max))  # 128 for float32, 1024 for float64
    return 2.0 ** (largest // (2 * max(power, 2)))


def ordinary(sizes: Tensor, power: float = 2.0, *, plus: float = 0.0) -> bool:
    """Whether all these numbers, plus one, may be taken to a power, and many added; False at NaN.

    It looks at the values, which costs little as the sizes are few. Where nobody can look, the
    answer is True in compiled code and for tensors without values, for which the ordinary formula
    has to do, and False under ``torch.func``, where the longer way gives the same in any case.
    """
    if torch.compiler.is_compiling() or sizes.is_meta or not sizes.numel():
        return True
    if torch._C._are_functorch_transforms_active():
        return False
    if type(sizes) not in (Tensor, torch.nn.Parameter):
        return True  # a stand-in of a tracer's
    sizes, bound = sizes.detach() if sizes.requires_grad else sizes, room(sizes.dtype, power)
    if plus >= 1 / bound:  # then none of them is too small
        return sizes.max().item() <= bound
    low, high = torch.aminmax(sizes)
    return 1 / bound <= low.item() + plus and high.item() <= bound


def unit(
    x: Tensor, dim: Dims = None, *, power: float = 2.0, at_least: float | Tensor = 0.0
) -> Tensor:
    """Return for each slice a power of two of its size; 1 for ordinary sizes, 0, NaN and infinity.

    Args:
        x: Values in float32 or float64.
        dim: The dimensions of a slice, which are kept with length 1; None for all.
        power: What the quotient will be taken to.
        at_least: A number that will stand beside the values, so that 0 is no reason to rescale.

    Returns:
        Numbers u without a gradient, such that x/u is between 1 and 2 at its largest, and 1/u is a
        number of the format too.

    Example:
        >>> unit(torch.tensor([[3e30, 1.0], [5.0, 0.0]]), 1)
        tensor([[2.5353e+30],
                [1.0000e+00]])
    """
    x = x.detach()
    dims = range(x.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    dims = [d % x.ndim for d in dims]
    if not x.numel():
        return x.new_ones([1 if d in dims else n for d, n in enumerate(x.shape)])
    largest = torch.linalg.vector_norm(x, math.inf, dims, keepdim=True) if dims else x.abs()
    largest = torch.clamp(largest, min=at_least)
    bound, format = room(x.dtype, power), torch.finfo(x.dtype)
    usual = ((largest >= 1 / bound) & (largest <= bound)) | (largest == 0) | ~largest.isfinite()
    integers, exponent = EXPONENTS[x.dtype]
    # Without its digits, and within what has an inverse, a number is a power of two.
    bounded = largest.clamp(format.tiny, 1 / format.tiny)
    powers = (bounded.view(integers) & exponent).view(x.dtype)
    return torch.where(usual, 1.0, powers)


def by_size(
    f: Callable[[Tensor], Tensor], x: Tensor, dim: Dims = None, *, power: float = 2.0
) -> Tensor:
    """Compute a size f(x), with f(cx) = c f(x) for c > 0, that takes powers of x on its way."""
    x = widen(x)
    size = f(x)
    if not x.numel() or ordinary(size, power):
        return size
    u = unit(x, dim, power=power)
    return f(x / u) * u.reshape(size.shape)


def norm(x: Tensor, p: float = 2.0, dim: Dims = None, *, keepdim: bool = False) -> Tensor:
    """Return ``torch.linalg.vector_norm``, right for all numbers; for half precision in float32."""
    if p in (0, math.inf) or not x.numel():
        return torch.linalg.vector_norm(widen(x), p, dim, keepdim)
    f = functools.partial(torch.linalg.vector_norm, ord=p, dim=dim, keepdim=keepdim)
    return by_size(f, x, dim, power=max(p, 1 / p))


def mean(x: Tensor, dim: Dims = None, *, keepdim: bool = False) -> Tensor:
    """Return the mean, also where the sum leaves the format; for half precision in float32."""
    x = widen(x)
    value = x.mean(dim, keepdim=keepdim)
    if ordinary(value.abs().clamp_min(1)):
        return value
    u = unit(x, dim)
    return (x / u).mean(dim, keepdim=keepdim) * u.reshape(value.shape)


def root_mean_square(x: Tensor, dim: Dims = None, *, keepdim: bool = False) -> Tensor:
    """Return √(mean of x²), right for all numbers; for half precision in float32."""
    return by_size(lambda x: x.square().mean(dim, keepdim=keepdim).sqrt(), x, dim)


def standard_deviation(
    x: Tensor, dim: Dims = None, *, correction: int = 0, keepdim: bool = False
) -> Tensor:
    """Return ``torch.std``, right for all numbers; for half precision in float32."""
    return by_size(lambda x: x.std(dim, correction=correction, keepdim=keepdim), x, dim)


def direction(x: Tensor, dim: Dims = None) -> Tensor:
    """Return x / ‖x‖, right for all numbers; for half precision in float32. NaN where x is 0."""
    x = widen(x)
    x = x / unit(x, dim)
    return x / torch.linalg.vector_norm(x, dim=dim, keepdim=True)
