"""Tensors that have another value at each of many points of a plane, and hide that.

``torch.vmap`` does this for any function; here a few functions, those of multilayer perceptrons,
have rules of their own. Activations (N, D) lie as (C, D, N) for C points: then products with the
weights, sums over the batch and steps from value to value all run along contiguous memory. The
rules write what they call on a tape, so that the function itself runs for the first C points only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .not_covered import NotCovered
from .tape import Tape, Value

Rule = Callable[..., Any]
RULES: dict[Any, Rule] = {}
"""What is done instead of a function of PyTorch, ``rule(tape, *args, **kwargs)``; see ``rules``."""


def attribute(name: str) -> Any:
    """What stands for an attribute of a tensor where PyTorch asks for a rule."""
    return getattr(Tensor, name).__get__


# What a tensor of points answers as one point's tensor does, as PyTorch knows its shape and type.
ANSWERED = {
    *(attribute(name) for name in ("device", "dtype", "requires_grad")),
    *(getattr(Tensor, name) for name in ("dim", "is_floating_point", "numel", "size")),
}


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
        x, y = (t.view(-1, *[1] * self.origin.ndim) for t in (self.x, self.y))
        tape.write(torch.addcmul, self.origin, x, self.d1, out=out)
        tape.write(torch.addcmul, out, y, self.d2, out=out)


class Points(Tensor):
    """A tensor with another value at each of C points. It has the shape of one of them.

    Attributes:
        tape: What records the calls.
        value: All values on the tape, or just a tensor if the memory is not the tape's.
        transposed: Whether one point's values (N, D) lie as (D, N), as those of activations do.
        affine: For a parameter how it depends on the coordinates, else None.
        shape_at_a_point: The shape, kept as it is asked for often.
    """

    tape: Tape
    value: Value | Tensor
    transposed: bool
    affine: Affine | None
    shape_at_a_point: torch.Size

    @staticmethod
    def __new__(
        cls,
        tape: Tape,
        value: Value | Tensor,
        like: Tensor,
        transposed: bool = False,
        affine: Affine | None = None,
    ) -> Points:
        """Hide the axis of the points of a value that lies, or will lie, ``like`` this tensor."""
        sizes = like.shape
        shape = torch.Size((sizes[2], sizes[1]) if transposed else sizes[1:])
        # A tensor without memory: it cannot be computed with but by the rules.
        self = Tensor._make_wrapper_subclass(cls, shape, dtype=like.dtype, device=like.device)
        self.tape, self.value, self.transposed, self.affine = tape, value, transposed, affine
        self.shape_at_a_point = shape
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
        """Apply the rule of a function; PyTorch calls this instead of any function of points."""
        kwargs = kwargs or {}
        rule = RULES.get(func)
        if rule is not None:
            given = [a for a in (*args, *kwargs.values()) if isinstance(a, Tensor)]
            tape = next(a.tape for a in given if type(a) is Points)
            tape.watch(a for a in given if type(a) is not Points)
            check_call(rule, tape, args, kwargs)
            return rule(tape, *args, **kwargs)
        if func in ANSWERED:
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **kwargs)
        raise NotCovered(getattr(func, "__name__", str(func)))

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """What gets here, from compiled code say, has no rule."""
        raise NotCovered(str(func))


def check_call(rule: Rule, tape: Tape, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Give up on a call that a rule does not take; an error within the rule is one of the rule."""
    try:
        inspect.signature(rule).bind(tape, *args, **kwargs)
    except TypeError as error:
        raise NotCovered(str(error)) from error


def aligned(a: Tensor, like: Tensor, transposed: bool) -> Tensor:
    """Bring a tensor into the layout of the result, ``like``, or give up.

    The cases: an operand with a value at each place and point; a number at each point; a vector
    (D,) along the units of activations; the same for constants, which are the same at all points.
    """
    if type(a) is Points:
        if a.transposed == transposed and a.stack.shape == like.shape:
            return a.stack
        if a.stack.ndim == 1:  # a number at each point
            return a.stack.view(-1, *[1] * (like.ndim - 1))
        if transposed and not a.transposed and a.stack.shape == like.shape[:2]:
            return along_units(a)
    elif a.ndim == 0:
        return a
    elif transposed and a.shape == like.shape[1:2]:
        return along_units(a)
    elif transposed and a.shape == like.shape[:0:-1]:  # (N, D), as (C, D, N) has it
        return a.T.contiguous()
    elif not transposed and a.shape == like.shape[1:]:
        return a
    raise NotCovered(f"shapes {tuple(a.shape)} and {tuple(like.shape)}")


def along_units(vector: Tensor) -> Tensor:
    """A vector (D,) such that it broadcasts over (C, D, N)."""
    return vector.stack[:, :, None] if type(vector) is Points else vector[:, None]
