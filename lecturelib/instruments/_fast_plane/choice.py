"""Which way leads to the loss at several points at once, and at how many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .._landscape import Landscape
from .._untouched import RandomState, restored_buffers
from .not_covered import NotCovered
from .recorded import RecordedLoss
from .vectorized import VectorizedLoss

# Values of the largest layer, all points of a chunk together, and points of a chunk at most.
RECORDED = 2**17, 64  # its memory, which is used again, should fit a core's own cache
VECTORIZED = 2**19, 64  # a shared cache: few large calls, as each takes long by itself
ON_ACCELERATOR = 2**26, 1024


class Way(NamedTuple):
    """How the loss is had at several points at once."""

    losses: Callable[[Tensor], Tensor]
    """From points (n, 2) to their losses (n, ...)."""
    at_once: int
    """The largest n."""

    def over(self, grid: Tensor) -> Tensor:
        """The losses over a square, shape (len(grid), len(grid), ...)."""
        xy = torch.cartesian_prod(grid, grid).flip(1)  # x runs fastest
        losses = torch.cat([self.losses(part) for part in xy.split(self.at_once)])
        return losses.view(len(grid), len(grid), *losses.shape[1:])


def choose(landscape: Landscape, batch_points: int | None) -> Way | None:
    """The first way that can be gone, recorded or vectorized; None if it has to be each point."""
    random = RandomState(landscape.parameters[0].device)
    on_cpu = landscape.parameters[0].device.type == "cpu"
    with restored_buffers(landscape.model):
        seen = survey(landscape)
        if on_cpu and seen.convolutional and batch_points is None:
            return None  # a convolution of several points is no faster than several convolutions

        def at_once(limits: tuple[int, int]) -> int:
            return batch_points or _points(seen.largest, limits if on_cpu else ON_ACCELERATOR)

        random.reset()
        recorded = _recorded(landscape, at_once(RECORDED), seen.loss)
        return recorded or _vectorized(landscape, at_once(VECTORIZED))


def _recorded(landscape: Landscape, points: int, wanted: Tensor) -> Way | None:
    try:
        losses = RecordedLoss(landscape, points)
    except NotCovered:
        return None
    (found,) = losses(_centre(landscape))
    # A loss that is another at each call, or rounds coarsely, must not be recorded.
    right = torch.allclose(found, wanted, rtol=1e-4, atol=1e-6, equal_nan=True)
    return Way(losses, points) if right else None


def _vectorized(landscape: Landscape, points: int) -> Way | None:
    if points == 1:
        return None
    losses = VectorizedLoss(landscape)
    try:
        losses(_centre(landscape))
    except NotCovered:
        return None
    return Way(losses, points)


def _centre(landscape: Landscape) -> Tensor:
    return landscape.parameters[0].new_zeros(1, 2)


class Survey(NamedTuple):
    """What one run of the loss shows."""

    loss: Tensor
    largest: int
    """The most values that the output of a layer, or all parameters together, have."""
    convolutional: bool


def survey(landscape: Landscape) -> Survey:
    """Run the loss once, and see how large its layers are."""
    sizes, convolutions = [sum(p.numel() for p in landscape.parameters)], []

    def note(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and not list(module.children()):
            sizes.append(output.numel())
            convolutions.append(any(p.ndim > 2 for p in module.parameters(recurse=False)))

    handles = [module.register_forward_hook(note) for module in landscape.model.modules()]
    try:
        loss = landscape.value()
    finally:
        for handle in handles:
            handle.remove()
    return Survey(loss, max(sizes), any(convolutions))


def _points(largest: int, limits: tuple[int, int]) -> int:
    """How many points go together."""
    values, most = limits
    return max(1, min(most, values // largest))
