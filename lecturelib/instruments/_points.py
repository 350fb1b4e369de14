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
    """

    stack: Tensor
    turned: bool

    @staticmethod
    def __new__(cls, values: Tensor, turned: bool = False) -> Points:
        """Hide the axis of the points."""
        shape = (values.shape[2], values.shape[1]) if turned else values.shape[1:]
        self = Tensor._make_wrapper_subclass(cls, shape, dtype=values.dtype, device=values.device)
        self.stack, self.turned = values, turned
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
        if func in RULES:
            return RULES[func](func, *args, **kwargs or {})
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
    if not isinstance(weight, Points) or input.ndim != 2:
        raise NotCovered("linear")
    if bias is not None and not isinstance(bias, Points):
        raise NotCovered("linear")
    W = weight.stack  # (C, out, in)
    if isinstance(input, Points):
        x = input.stack  # (C, in, N)
        z = W @ x if bias is None else torch.baddbmm(bias.stack[:, :, None], W, x)
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
    turned = any(isinstance(a, Points) and a.turned for a in args)
    shape = next(a.shape for a in args if isinstance(a, Points) and a.turned == turned)
    aligned = [_align(a, shape, turned) if isinstance(a, Tensor) else a for a in args]
    return Points(func(*aligned, **kwargs), turned)


def reduce(func: Rule, input: Tensor, *args: Any, **kwargs: Any) -> Points:
    """Sum or mean over everything."""
    if args or kwargs or not isinstance(input, Points):
        raise NotCovered("reduction over some axes")
    return Points(func(input.stack.flatten(1), 1))


def _align(a: Tensor, shape: torch.Size, turned: bool) -> Tensor:
    """Bring a tensor into the layout of the result, or give up."""
    if a.ndim == 0:
        return a.stack.view(-1, *[1] * len(shape)) if isinstance(a, Points) else a
    if a.shape == shape and isinstance(a, Points) and a.turned == turned:
        return a.stack
    if turned and a.shape == shape[1:]:
        return _beside(a)
    if a.shape == shape and not isinstance(a, Points):
        return a.T if turned else a
    raise NotCovered(f"shapes {tuple(a.shape)} and {tuple(shape)}")


def _beside(vector: Tensor) -> Tensor:
    """A vector (D,) such that it broadcasts over (C, D, N)."""
    return vector.stack[:, :, None] if isinstance(vector, Points) else vector[:, None]


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


RULES: dict[Any, Rule] = {
    **_found(ELEMENTWISE + INPLACE, elementwise),
    **_found(["sum", "mean"], reduce),
    F.linear: linear,
    F.batch_norm: normalize,
    batch_norm: normalize,
    F.cross_entropy: cross_entropy,
}
ABOUT = {
    *(
        getattr(Tensor, name).__get__
        for name in ("device", "dtype", "ndim", "requires_grad", "shape")
    ),
    *(getattr(Tensor, name) for name in ("dim", "is_floating_point", "numel", "size")),
}
