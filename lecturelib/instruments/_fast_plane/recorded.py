"""The loss at several points at once, recorded once and made again for all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from .._landscape import Landscape
from .._parameters import flatten
from .not_covered import NotCovered
from .points import Affine, Points
from .tape import Tape


class RecordedLoss:
    """The loss at C points at once, by the rules of ``rules``, on a tape.

    Raises:
        NotCovered: If it does something that has no rule.
    """

    def __init__(self, landscape: Landscape, points: int) -> None:
        if len({p.dtype for p in landscape.parameters}) > 1:
            raise NotCovered("parameters of several types")
        self.tape = Tape()
        self.xy = landscape.parameters[0].new_zeros(2, points)
        with exchanged(landscape.model, self._moving(landscape)):
            result = landscape.value()
        if not isinstance(result, Points) or result.transposed:
            raise NotCovered("a loss that does not depend on the parameters, or is a matrix")
        self.tape.settle()
        if not self.tape.unchanged():
            raise NotCovered("a tensor that is written to")
        self.result = result

    def _moving(self, landscape: Landscape) -> dict[int, Tensor]:
        """The parameters at all points, by the id of those that they stand for.

        All of them lie in one matrix (C, P), so that one call of the tape moves them.
        """
        x, y = self.xy
        parts = landscape.origin_and_directions()
        everything = Affine(x, y, *map(flatten, parts))
        stack = x.new_empty(len(x), everything.origin.numel())
        everything.write(self.tape, stack)
        columns = stack.split([p.numel() for p in landscape.parameters], dim=1)
        return {
            id(p): Points(self.tape, values, values, affine=Affine(x, y, *part))
            for p, column, *part in zip(landscape.parameters, columns, *parts, strict=True)
            for values in [column.view(-1, *p.shape)]
        }

    def __call__(self, xy: Tensor) -> Tensor:
        """The losses at the points (n, 2), n at most C; the last C - n columns are left over."""
        self.xy[:, : len(xy)] = xy.T
        self.tape.replay()
        return self.result.stack[: len(xy)].clone()


@contextmanager
def exchanged(model: nn.Module, others: Mapping[int, Tensor]) -> Iterator[None]:
    """Within the block other tensors are in the places of the parameters."""
    places: list[tuple[dict[str, Any], str, Tensor]] = [
        (module._parameters, name, p)
        for module in model.modules()
        for name, p in module._parameters.items()
        if p is not None
    ]
    try:
        for owner, name, p in places:
            owner[name] = others[id(p)]
        yield
    finally:
        for owner, name, p in places:
            owner[name] = p
