"""How close is close enough: entry by entry, so that a large one hides no error in a small one."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from lecturelib.exercises.trial import Case

TOLERANCE = 2e-4  # an answer in float32 is as right as one in float64; named slips are far larger
_FLOOR, _FLOOR32 = 1e-8, 2e-6  # of the largest entry, for digits of float64 and of float32
_CANCELLED, _CANCELLED32 = 1e-14, 5e-7  # of the arguments: what is left of a difference that is 0


@dataclass(frozen=True)
class Tolerance:
    """|got − wanted| ≤ rtol · |wanted| + atol, for each entry; ∞ and NaN agree with themselves.

    Without ``atol``, a floor below which differences are rounding: a share of the largest wanted
    entry of the whole part (``by="part"``), of its row (``"row"``), or none (``"entry"``). The
    share is larger for a result whose digits are those of float32.
    """

    rtol: float = TOLERANCE
    atol: float | None = None
    by: Literal["part", "row", "entry"] = "part"
    size: float = 0.0  # of the arguments
    exact: bool = False

    def holds(self, got: Tensor, wanted: Tensor) -> Tensor:
        """Which entries of two tensors of one shape agree.

        >>> one, other = torch.tensor([1e6, 1.0]).double(), torch.tensor([1e6, 1.5]).double()
        >>> Tolerance().holds(one, other)
        tensor([ True, False])
        """
        same = (got == wanted) | (got.isnan() & wanted.isnan())
        if self.exact:
            return same
        near = (got - wanted).abs() <= self.rtol * wanted.abs() + self._floor(got, wanted)
        return same | (near & wanted.isfinite())

    def _floor(self, got: Tensor, wanted: Tensor) -> Tensor:
        if self.atol is not None:
            return torch.tensor(self.atol, dtype=torch.float64)
        few = _has_float32_digits(got)
        share, cancelled = (_FLOOR32, _CANCELLED32) if few else (_FLOOR, _CANCELLED)
        sizes = torch.where(wanted.isfinite(), wanted.abs(), 0.0)
        if self.by == "entry" or not sizes.numel():
            return torch.zeros((), dtype=torch.float64)
        scale = sizes.amax(-1, keepdim=True) if self.by == "row" and sizes.ndim else sizes.max()
        return min(share, self.rtol) * scale + cancelled * self.size


def _has_float32_digits(values: Tensor) -> bool:
    """Whether all digits fit into float32, and some of them fill it: short numbers such as 1.5 are
    exact in either."""
    finite = values[values.isfinite()]
    single = finite.float()
    short = single.view(torch.int32) & 0xFF == 0
    return bool((single.double() == finite).all()) and not bool(short.all())


def of_case(case: Case, exact: bool = False) -> Tolerance:
    """The tolerance of a case: what it states, and the size of its arguments."""
    rtol = TOLERANCE if case.rtol is None else case.rtol
    size = max((_size(value) for value in case.arguments.values()), default=0.0)
    return Tolerance(rtol, case.atol, case.by, size or 1.0, exact)


def _size(value: Any) -> float:
    """The largest finite size among the numbers that are no counts."""
    if isinstance(value, Tensor) and value.is_floating_point() and value.numel():
        return float(torch.where(value.isfinite(), value.abs(), 0.0).max())
    if isinstance(value, float) and math.isfinite(value):
        return abs(value)
    if isinstance(value, tuple | list):
        return max(map(_size, value), default=0.0)
    return 0.0


def agree(
    got: Sequence[Tensor],
    wanted: Sequence[Tensor],
    tolerance: float | Sequence[Tolerance] | None = None,
) -> bool:
    """Equal shapes, and entries as close as the tolerance says; NaN agrees with NaN. A number
    allows for answers that were typed: that share of the largest entry.

    >>> agree([torch.ones(2)], [torch.ones(2) + 1e-5]), agree([torch.ones(2)], [torch.ones(1)])
    (True, False)
    """
    if isinstance(tolerance, float):
        tolerance = [Tolerance(tolerance, tolerance * _size(w)) for w in wanted]
    tolerance = tolerance or [Tolerance()] * len(wanted)
    return len(got) == len(wanted) and all(
        g.shape == w.shape and bool(t.holds(g, w).all())
        for g, w, t in zip(got, wanted, tolerance, strict=True)
    )


def tolerances(case: Case, parts: Sequence[str], exact: bool | Collection[str]) -> list[Tolerance]:
    """The tolerance of each part in a case; ``exact`` names those that are whole numbers."""
    names = parts if exact is True else exact or ()
    return [of_case(case, part in names) for part in parts]
