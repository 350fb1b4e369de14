"""Many points of a plane at once: each tensor carries them as a leading axis, and hides it.

``torch.vmap`` does this for any function; here a few functions, those of multilayer perceptrons,
have rules of their own. Activations (N, D) lie as (C, D, N) for C points: then products with the
weights, sums over the batch and steps from value to value all run along contiguous memory, and a
call costs a few microseconds instead of some fifty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..normalization import batch_norm

Rule = Callable[..., Any]


class NotCovered(RuntimeError):
    """A function has no rule here."""


class Points(Tensor):
    """A tensor with another value at each of C points. It has the shape of one of them.

    Attributes:
        stack: All values: parameters and losses as (C, ...), activations (N, D) as (C, D, N).
        turned: Whether it is an activation.
        looks: The shape of one of them, kept as it is asked for often.
    """

    stack: Tensor
    turned: bool
    looks: torch.Size

    @staticmethod
    def __new__(cls, values: Tensor, turned: bool = False) -> Points:
        """Hide the axis of the points."""
        sizes = values.shape
        looks = (sizes[2], sizes[1]) if turned else sizes[1:]
        self = Tensor._make_wrapper_subclass(cls, looks, dtype=values.dtype, device=values.device)
        self.stack, self.turned, self.looks = values, turned, torch.Size(looks)
        return self

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Apply the rule of a function."""
        rule = RULES.get(func)
        if rule is not None:
            return rule(func, *args, **(kwargs or {}))
        if func in ABOUT:
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **kwargs or {})
        raise NotCovered(getattr(func, "__name__", str(func)))

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """What gets here, from compiled code say, has no rule."""
        raise NotCovered(str(func))


def linear(func: Rule, input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Points:
    """x Wᵀ + b, one batched product; if x is the same at all points, one product."""
    if not isinstance(weight, Points) or not (bias is None or isinstance(bias, Points)):
        raise NotCovered("linear")
    W = weight.stack  # (C, out, in)
    if isinstance(input, Points) and input.turned:
        x = input.stack  # (C, in, N)
        z = W @ x if bias is None else torch.baddbmm(bias.stack[:, :, None], W, x)
    elif isinstance(input, Points) or input.ndim != 2:
        raise NotCovered("linear")
    else:
        z = (W.flatten(0, 1) @ input.T).view(len(W), W.shape[1], -1)
        if bias is not None:
            z = z.add_(bias.stack[:, :, None])
    return Points(z, turned=True)


def normalize(
    func: Rule,
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
    **options: Any,
) -> Points:
    """Batch norm; the running statistics stay as they are."""
    if not isinstance(input, Points) or not input.turned:
        raise NotCovered("batch_norm")
    x = input.stack
    if training:
        centred = x - x.mean(-1, keepdim=True)
        var = torch.linalg.vector_norm(centred, dim=-1, keepdim=True).square() / x.shape[-1]
    elif running_mean is None or running_var is None:
        raise NotCovered("batch_norm")
    else:
        centred, var = x - running_mean[:, None], running_var[:, None]
    scale = torch.rsqrt(var + eps)
    if weight is not None:
        scale = scale * _beside(weight)
    y = centred.mul_(scale)
    return Points(y if bias is None else y.add_(_beside(bias)), turned=True)


def cross_entropy(
    func: Rule,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Points:
    """The mean over the batch, in the plain case."""
    if weight is not None or size_average is not None or reduce is not None or label_smoothing:
        raise NotCovered("cross_entropy with options")
    if not isinstance(input, Points) or not input.turned or isinstance(target, Points):
        raise NotCovered("cross_entropy of other shapes")
    if reduction != "mean" or target.ndim != 1 or bool((target == ignore_index).any()):
        raise NotCovered("cross_entropy with options")
    logits = input.stack  # (C, K, N)
    each = F.cross_entropy(logits, target.expand(len(logits), -1), reduction="none")
    return Points(each.mean(-1))


def elementwise(func: Rule, *args: Any, **kwargs: Any) -> Points:
    """Value by value; vectors (D,) go along the units of an activation."""
    points = [a for a in args if type(a) is Points]
    turned = any(a.turned for a in points)
    like = next(a.stack for a in points if a.turned == turned)
    aligned = [_align(a, like, turned) if isinstance(a, Tensor) else a for a in args]
    return Points(func(*aligned, **kwargs), turned)


def shape(func: Rule, input: Points) -> torch.Size:
    """The shape at one point."""
    return input.looks


def ndim(func: Rule, input: Points) -> int:
    """The number of axes at one point."""
    return len(input.looks)


def reduce(func: Rule, input: Tensor, *args: Any, **kwargs: Any) -> Points:
    """Sum or mean over everything."""
    if args or kwargs or not isinstance(input, Points):
        raise NotCovered("reduction over some axes")
    return Points(func(input.stack.flatten(1), 1))


def _align(a: Tensor, like: Tensor, turned: bool) -> Tensor:
    """Bring a tensor into the layout of the result, ``like``, or give up."""
    if type(a) is Points:
        if a.turned == turned and a.stack.shape == like.shape:
            return a.stack
        if a.stack.ndim == 1:  # a number at each point
            return a.stack.view(-1, *[1] * (like.ndim - 1))
        if turned and not a.turned and a.stack.shape == like.shape[:2]:
            return _beside(a)
    elif a.ndim == 0:
        return a
    elif turned and a.shape == like.shape[1:2]:
        return _beside(a)
    elif turned and a.shape == like.shape[:0:-1]:
        return a.T
    elif not turned and a.shape == like.shape[1:]:
        return a
    raise NotCovered(f"shapes {tuple(a.shape)} and {tuple(like.shape)}")


def _beside(vector: Tensor) -> Tensor:
    """A vector (D,) such that it broadcasts over (C, D, N)."""
    return vector.stack[:, :, None] if type(vector) is Points else vector[:, None]


ELEMENTWISE = [
    "abs",
    "add",
    "celu",
    "clamp",
    "clamp_min",
    "div",
    "elu",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "ge",
    "gelu",
    "gt",
    "hardtanh",
    "le",
    "leaky_relu",
    "log",
    "log1p",
    "logsigmoid",
    "lt",
    "masked_fill",
    "maximum",
    "minimum",
    "mish",
    "mul",
    "neg",
    "pow",
    "relu",
    "relu6",
    "rsqrt",
    "rsub",
    "selu",
    "sigmoid",
    "sign",
    "silu",
    "softplus",
    "sqrt",
    "square",
    "sub",
    "tanh",
    "true_divide",
    "where",
    "__add__",
    "__ge__",
    "__gt__",
    "__le__",
    "__lt__",
    "__mul__",
    "__neg__",
    "__pow__",
    "__radd__",
    "__rmul__",
    "__rsub__",
    "__sub__",
    "__truediv__",
    "__rtruediv__",
]
INPLACE = ["add_", "mul_", "relu_", "sub_"]
PLACES = (torch, Tensor, F)


def _found(names: list[str], rule: Rule) -> dict[Any, Rule]:
    return {getattr(p, n): rule for n in names for p in PLACES if hasattr(p, n)}


def _getter(name: str) -> Any:
    """What stands for the attribute of a tensor where PyTorch asks for a rule."""
    return getattr(Tensor, name).__get__


RULES: dict[Any, Rule] = {
    **_found(ELEMENTWISE + INPLACE, elementwise),
    **_found(["sum", "mean"], reduce),
    F.linear: linear,
    F.batch_norm: normalize,
    batch_norm: normalize,
    F.cross_entropy: cross_entropy,
    _getter("shape"): shape,
    _getter("ndim"): ndim,
}
ABOUT = {
    *(_getter(name) for name in ("device", "dtype", "requires_grad")),
    *(getattr(Tensor, name) for name in ("dim", "is_floating_point", "numel", "size")),
}
