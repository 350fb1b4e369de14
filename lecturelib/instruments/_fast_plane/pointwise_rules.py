"""What goes value by value at several points: a table of functions, and three rules for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from .not_covered import NotCovered
from .points import Points, aligned
from .tape import Tape


class Pointwise(NamedTuple):
    """A function that gives a value for each value."""

    func: Callable[..., Tensor]
    """It can write into memory, ``out=``."""
    takes: tuple[str, ...] = ()
    """What may follow the first argument, by its place or by this name."""


def pointwise(
    f: Pointwise, tape: Tape, *args: Any, inplace: bool = False, **options: Any
) -> Points:
    """f at each value; vectors (D,) go along the units of an activation."""
    if inplace:
        return pointwise_in_place(f, tape, *args, **options)
    _check(f, args, options)
    points = [a for a in args if type(a) is Points]
    transposed = any(a.transposed for a in points)
    like = next(a.stack for a in points if a.transposed == transposed)
    operands = [aligned(a, like, transposed) if isinstance(a, Tensor) else a for a in args]
    result = f.func(*operands, **options).contiguous()
    value = tape.later(result, lambda out: tape.write(f.func, *operands, out=out, **options))
    return Points(tape, value, result, transposed)


def pointwise_in_place(f: Pointwise, tape: Tape, *args: Any, **options: Any) -> Points:
    """f at each value, written over the first argument."""
    _check(f, args, options)
    first, *others = args
    if type(first) is not Points:
        raise NotCovered("a constant that is written to")
    like = first.stack
    operands = [aligned(a, like, first.transposed) if isinstance(a, Tensor) else a for a in others]
    tape.write(f.func, like, *operands, out=like, **options)
    first.affine = None
    return first


def where(tape: Tape, condition: Any, input: Any, other: Any) -> Points:
    """The input where the condition holds, else the other; of a condition alone, the places."""
    writes = isinstance(input, Tensor) and isinstance(other, Tensor)  # of numbers it returns only
    func = torch.where if writes else returning(torch.where)
    return pointwise(Pointwise(func, ("input", "other")), tape, condition, input, other)


def where_of_tensor(tape: Tape, input: Any, condition: Any, other: Any) -> Points:
    """The same as a method of the input."""
    return where(tape, condition, input, other)


def _check(f: Pointwise, args: tuple[Any, ...], options: Mapping[str, Any]) -> None:
    """Give up on what ``f`` does not take, and on tensors by name: those by place are aligned."""
    name = getattr(f.func, "__name__", str(f.func))
    if len(args) > 1 + len(f.takes) or not options.keys() <= set(f.takes):
        raise NotCovered(f"{name} with options")
    if any(isinstance(option, Tensor) for option in options.values()):
        raise NotCovered(f"{name} with a tensor as an option")


def returning(func: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Let a function that can only return write into memory, too."""

    def written(*args: Any, out: Tensor | None = None, **options: Any) -> Tensor:
        result = func(*args, **options)
        return result if out is None else out.copy_(result)

    return written


def _relu(x: Tensor, *, out: Tensor | None = None) -> Tensor:
    """max(0, x), into given memory."""
    return torch.clamp_min(x, 0, out=out)


def _reciprocal_times(x: Tensor, other: Any) -> Tensor:
    """other / x, rounded as PyTorch's operator is."""
    return x.reciprocal() * other


ADD = Pointwise(torch.add, ("other", "alpha"))  # x + α y
SUB = Pointwise(torch.sub, ("other", "alpha"))  # x - α y
RSUB = Pointwise(returning(torch.rsub), ("other", "alpha"))  # y - α x
MUL = Pointwise(torch.mul, ("other",))
DIV = Pointwise(torch.div, ("other", "rounding_mode"))
RDIV = Pointwise(returning(_reciprocal_times), ("other",))  # y / x
POW = Pointwise(torch.pow, ("exponent",))
NEG = Pointwise(torch.neg)
RELU = Pointwise(_relu)

COMPARISONS = {
    "ge": Pointwise(torch.ge, ("other",)),
    "gt": Pointwise(torch.gt, ("other",)),
    "le": Pointwise(torch.le, ("other",)),
    "lt": Pointwise(torch.lt, ("other",)),
}
"""Functions, by the names that they have in ``torch``, ``Tensor`` and ``torch.nn.functional``."""
FUNCTIONS = COMPARISONS | {
    "abs": Pointwise(torch.abs),
    "add": ADD,
    "clamp": Pointwise(torch.clamp, ("min", "max")),
    "clamp_min": Pointwise(torch.clamp_min, ("min",)),
    "div": DIV,
    "erf": Pointwise(torch.erf),
    "erfc": Pointwise(torch.erfc),
    "exp": Pointwise(torch.exp),
    "expm1": Pointwise(torch.expm1),
    "log": Pointwise(torch.log),
    "log1p": Pointwise(torch.log1p),
    "masked_fill": Pointwise(returning(torch.masked_fill), ("mask", "value")),
    "maximum": Pointwise(torch.maximum, ("other",)),
    "minimum": Pointwise(torch.minimum, ("other",)),
    "mul": MUL,
    "neg": NEG,
    "pow": POW,
    "rsqrt": Pointwise(torch.rsqrt),
    "rsub": RSUB,
    "sign": Pointwise(torch.sign),
    "sqrt": Pointwise(torch.sqrt),
    "square": Pointwise(torch.square),
    "sub": SUB,
    "true_divide": Pointwise(torch.true_divide, ("other",)),
}
ACTIVATIONS = {
    # max(0, x) + min(0, α (exp(x/α) - 1))
    "celu": Pointwise(returning(torch.celu), ("alpha",)),
    # x if x > 0, else α (exp x - 1)
    "elu": Pointwise(returning(F.elu), ("alpha",)),
    # x Φ(x)
    "gelu": Pointwise(F.gelu, ("approximate",)),
    # min(max(x, a), b)
    "hardtanh": Pointwise(returning(F.hardtanh), ("min_val", "max_val")),
    # max(0, x) + a min(0, x)
    "leaky_relu": Pointwise(returning(F.leaky_relu), ("negative_slope",)),
    # -log(1 + exp -x)
    "logsigmoid": Pointwise(F.logsigmoid),
    # x tanh(softplus x)
    "mish": Pointwise(returning(F.mish)),
    # max(0, x)
    "relu": RELU,
    # min(max(0, x), 6)
    "relu6": Pointwise(returning(F.relu6)),
    # λ elu(x, α), with the λ and α that keep mean 0 and variance 1
    "selu": Pointwise(returning(torch.selu)),
    # 1 / (1 + exp -x)
    "sigmoid": Pointwise(torch.sigmoid),
    # x sigmoid(x)
    "silu": Pointwise(returning(F.silu)),
    # log(1 + exp(β x)) / β, and x above the threshold
    "softplus": Pointwise(F.softplus, ("beta", "threshold")),
    # (exp x - exp -x) / (exp x + exp -x)
    "tanh": Pointwise(torch.tanh),
}
OPERATORS = {f"__{name}__": f for name, f in COMPARISONS.items()} | {
    "__add__": ADD,
    "__mul__": MUL,
    "__neg__": NEG,
    "__pow__": POW,
    "__radd__": ADD,
    "__rmul__": MUL,
    "__rsub__": RSUB,
    "__rtruediv__": RDIV,
    "__sub__": SUB,
    "__truediv__": DIV,
}
IN_PLACE = {
    "add_": ADD,
    "mul_": MUL,
    "relu_": RELU,
    "sub_": SUB,
    "__iadd__": ADD,
    "__imul__": MUL,
    "__isub__": SUB,
}
