"""Many points of a plane at once: each tensor carries them as a leading axis, and hides it.

``torch.vmap`` does this for any function; here a few functions, those of multilayer perceptrons,
have rules of their own. Activations (N, D) lie as (C, D, N) for C points: then products with the
weights, sums over the batch and steps from value to value all run along contiguous memory. The
rules write what they call on a tape, so that the function itself runs for the first C points only.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..normalization import batch_norm
from ._tape import Tape, Value

Rule = Callable[..., Any]
ALIGNED = 64  # bytes


class NotCovered(RuntimeError):
    """What the loss does can't be done at many points at once, and has to be done at each."""


class Affine(NamedTuple):
    """A tensor that is linear in the coordinates: origin + x d1 + y d2."""

    x: Tensor
    """First coordinates of the points, shape (C,)."""
    y: Tensor
    """Second coordinates, shape (C,)."""
    origin: Tensor
    d1: Tensor
    d2: Tensor

    def write(self, tape: Tape, out: Tensor) -> None:
        """Put its values at the C points into ``out``, shape (C, ...)."""
        x, y = (t.view(-1, *[1] * self.origin.ndim) for t in self[:2])
        tape.write(torch.addcmul, self.origin, x, self.d1, out=out)
        tape.write(torch.addcmul, out, y, self.d2, out=out)


class Points(Tensor):
    """A tensor with another value at each of C points. It has the shape of one of them.

    Attributes:
        tape: What records the calls.
        value: All values on the tape, or just a tensor if the memory is not the tape's.
        turned: Whether it is an activation.
        affine: For a parameter how it depends on the coordinates, else None.
        looks: The shape of one of them, kept as it is asked for often.
    """

    tape: Tape
    value: Value | Tensor
    turned: bool
    affine: Affine | None
    looks: torch.Size

    @staticmethod
    def __new__(
        cls,
        tape: Tape,
        value: Value | Tensor,
        like: Tensor,
        turned: bool = False,
        affine: Affine | None = None,
    ) -> Points:
        """Hide the axis of the points."""
        sizes = like.shape
        looks = (sizes[2], sizes[1]) if turned else sizes[1:]
        self = Tensor._make_wrapper_subclass(cls, looks, dtype=like.dtype, device=like.device)
        self.tape, self.value, self.turned, self.affine = tape, value, turned, affine
        self.looks = torch.Size(looks)
        return self

    @property
    def stack(self) -> Tensor:
        """All values: parameters and losses as (C, ...), activations (N, D) as (C, D, N)."""
        return self.value if isinstance(self.value, Tensor) else self.value.memory

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Apply the rule of a function."""
        kwargs = kwargs or {}
        rule = RULES.get(func)
        if rule is not None:
            given = [a for a in (*args, *kwargs.values()) if isinstance(a, Tensor)]
            tape = next(a.tape for a in given if type(a) is Points)
            tape.watch(a for a in given if type(a) is not Points)
            _check_call(rule, tape, args, kwargs)
            return rule(tape, *args, **kwargs)
        if func in ABOUT:
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **kwargs)
        raise NotCovered(getattr(func, "__name__", str(func)))

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """What gets here, from compiled code say, has no rule."""
        raise NotCovered(str(func))


def _check_call(rule: Rule, tape: Tape, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Give up on a call that a rule does not take; an error within the rule is one of the rule."""
    try:
        inspect.signature(rule).bind(tape, *args, **kwargs)
    except TypeError as error:
        raise NotCovered(str(error)) from error


def linear(tape: Tape, input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Points:
    """x Wᵀ + b, one batched product; if x is the same at all points, linear in the coordinates."""
    if not isinstance(weight, Points) or not (bias is None or isinstance(bias, Points)):
        raise NotCovered("linear")
    if input.ndim != 2 or (isinstance(input, Points) and not input.turned):
        raise NotCovered("linear")
    W = weight.stack  # (C, out, in)
    if isinstance(input, Points):
        x, affine = input.stack, None
    else:
        x, affine = input.T.expand(len(W), -1, -1), _affine(input, weight, bias)

    def write(out: Tensor) -> None:
        if affine is not None:
            affine.write(tape, out)
        elif bias is None:
            tape.write(torch.bmm, W, x, out=out)
        else:
            tape.write(torch.baddbmm, _beside(bias), W, x, out=out)

    n = x.shape[2]
    width = ALIGNED // x.element_size()  # products are faster if each row begins a cache line
    spare = x.new_empty(len(W), W.shape[1], math.ceil(n / width) * width)[:, :, :n]
    return Points(tape, tape.now(spare, write), spare, turned=True)


def _affine(input: Tensor, weight: Points, bias: Points | None) -> Affine | None:
    """A layer of the same input at all points, by the coordinates; None if that is not known."""
    if weight.affine is None or (bias is not None and bias.affine is None):
        return None
    x, y, *weights = weight.affine
    shifts = [None] * 3 if bias is None or bias.affine is None else bias.affine[2:]
    layers = (F.linear(input, W, b) for W, b in zip(weights, shifts, strict=True))
    return Affine(x, y, *(layer.T.contiguous() for layer in layers))


def normalize(
    tape: Tape,
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
    x, n = input.stack, input.looks[0]

    def write(y: Tensor) -> None:
        if training:
            total = tape.new(torch.sum, x, -1, keepdim=True)
            tape.write(torch.sub, x, total, alpha=1 / n, out=y)
            norm = tape.new(torch.linalg.vector_norm, y, dim=-1, keepdim=True)
            scale = tape.new(torch.addcmul, x.new_tensor(eps), norm, norm, value=1 / n)
            tape.call(Tensor.rsqrt_, scale)
        elif running_mean is None or running_var is None:
            raise NotCovered("batch_norm")
        else:
            tape.write(torch.sub, x, running_mean[:, None], out=y)
            scale = torch.rsqrt(running_var[:, None] + eps)
        if weight is not None:
            scale = tape.new(torch.mul, scale, _beside(weight))
        tape.call(Tensor.mul_, y, scale)
        if bias is not None:
            tape.call(Tensor.add_, y, _beside(bias))

    return Points(tape, tape.later(torch.empty_like(x), write), x, turned=True)


def cross_entropy(
    tape: Tape,
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
    logp = tape.new(torch.log_softmax, logits, 1)
    picked = tape.new(torch.gather, logp, 1, target.long().expand(len(logits), 1, -1))
    loss = tape.new(torch.sum, picked, (1, 2))
    tape.call(Tensor.mul_, loss, -1 / logits.shape[2])
    return Points(tape, loss, loss)


def elementwise(func: Rule, tape: Tape, *args: Any, inplace: bool = False, **kwargs: Any) -> Points:
    """Value by value; vectors (D,) go along the units of an activation."""
    if inplace:
        return in_place(func, tape, *args, **kwargs)
    _check_options(func, kwargs)
    points = [a for a in args if type(a) is Points]
    turned = any(a.turned for a in points)
    like = next(a.stack for a in points if a.turned == turned)
    aligned = [_align(a, like, turned) if isinstance(a, Tensor) else a for a in args]
    try:
        result = func(*aligned, **kwargs).contiguous()
    except TypeError as error:  # the variant that can write into memory takes fewer options
        raise NotCovered(str(error)) from error
    value = tape.later(result, lambda out: tape.write(func, *aligned, out=out, **kwargs))
    return Points(tape, value, result, turned)


def _check_options(func: Rule, options: Mapping[str, Any]) -> None:
    """Give up on tensors that come by name: only those in their places are aligned."""
    if any(isinstance(option, Tensor) for option in options.values()):
        raise NotCovered(f"{getattr(func, '__name__', func)} with a tensor as an option")


def in_place(func: Rule, tape: Tape, *args: Any, **kwargs: Any) -> Points:
    """Value by value, written over the first argument."""
    _check_options(func, kwargs)
    first, *others = args
    if type(first) is not Points:
        raise NotCovered("a constant that is written to")
    like = first.stack
    aligned = [_align(a, like, first.turned) if isinstance(a, Tensor) else a for a in others]
    tape.write(func, like, *aligned, out=like, **kwargs)
    first.affine = None
    return first


def reduce(func: Rule, tape: Tape, input: Tensor, *args: Any, **kwargs: Any) -> Points:
    """Sum or mean over everything."""
    if args or kwargs or not isinstance(input, Points):
        raise NotCovered("reduction over some axes")
    values = input.stack[..., None]
    result = tape.new(func, values, dim=tuple(range(1, values.ndim)))
    return Points(tape, result, result)


def shape(tape: Tape, input: Points) -> torch.Size:
    """The shape at one point."""
    return input.looks


def ndim(tape: Tape, input: Points) -> int:
    """The number of axes at one point."""
    return len(input.looks)


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
        return a.T.contiguous()
    elif not turned and a.shape == like.shape[1:]:
        return a
    raise NotCovered(f"shapes {tuple(a.shape)} and {tuple(like.shape)}")


def _beside(vector: Tensor) -> Tensor:
    """A vector (D,) such that it broadcasts over (C, D, N)."""
    return vector.stack[:, :, None] if type(vector) is Points else vector[:, None]


def _relu(x: Tensor, *, out: Tensor | None = None) -> Tensor:
    """ReLU that can write into given memory."""
    return torch.clamp_min(x, 0, out=out)


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
]
OPERATORS: dict[str, Rule] = {
    "__add__": torch.add,
    "__ge__": torch.ge,
    "__gt__": torch.gt,
    "__le__": torch.le,
    "__lt__": torch.lt,
    "__mul__": torch.mul,
    "__neg__": torch.neg,
    "__pow__": torch.pow,
    "__radd__": torch.add,
    "__rmul__": torch.mul,
    "__rsub__": torch.rsub,
    "__rtruediv__": Tensor.__rtruediv__,
    "__sub__": torch.sub,
    "__truediv__": torch.div,
}
IN_PLACE: dict[str, Rule] = {
    "add_": torch.add,
    "mul_": torch.mul,
    "relu_": _relu,
    "sub_": torch.sub,
    "__iadd__": torch.add,
    "__imul__": torch.mul,
    "__isub__": torch.sub,
}
PLACES = (torch, Tensor, F)


def _called(name: str) -> list[Any]:
    """What may be called by this name, in any of the places where it may be found."""
    return [getattr(place, name) for place in PLACES if hasattr(place, name)]


def _getter(name: str) -> Any:
    """What stands for the attribute of a tensor where PyTorch asks for a rule."""
    return getattr(Tensor, name).__get__


# Each function by its variant that can write into given memory, where it has one.
FUNCTIONS = {name: _called(name)[0] for name in ELEMENTWISE} | OPERATORS | {"relu": _relu}
RULES: dict[Any, Rule] = {
    **{f: partial(elementwise, FUNCTIONS[name]) for name in FUNCTIONS for f in _called(name)},
    **{f: partial(in_place, IN_PLACE[name]) for name in IN_PLACE for f in _called(name)},
    **{f: partial(reduce, getattr(torch, n)) for n in ("sum", "mean") for f in _called(n)},
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
