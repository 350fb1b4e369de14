"""The loss as a function of a point in a plane of parameter space, measured without a trace."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ._parameters import unflatten
from ._untouched import same_randomness
from .filter_normalization import Direction, check_direction, filter_normalize

ModelLoss = Callable[[nn.Module], Tensor] | Callable[[], Tensor]
STATISTICS = (None, "batch", "evaluation")


class Landscape(NamedTuple):
    r"""The loss over the points :math:`\theta + x\, d_1 + y\, d_2`."""

    model: nn.Module
    loss: ModelLoss
    parameters: list[nn.Parameter]
    d1: list[Tensor]
    d2: list[Tensor]

    def value(self) -> Tensor:
        """The loss where the model is; ``loss`` may take the model, or know it."""
        named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        given = inspect.signature(self.loss).parameters.values()
        needed = [p for p in given if p.kind in named and p.default is p.empty]
        return self.loss(self.model) if needed else self.loss()  # type: ignore[call-arg]

    def origin_and_directions(self) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """θ, where the model is; d₁; d₂."""
        return [p.detach() for p in self.parameters], self.d1, self.d2


@contextmanager
def measuring(call: str, landscape: Landscape, statistics: str | None) -> Iterator[None]:
    """Put batch norm into the mode asked for, take no gradients, and leave no trace."""
    if statistics not in STATISTICS:
        raise ValueError(f"{call}: statistics must be one of {STATISTICS}, got {statistics!r}")
    modes = {module: module.training for module in landscape.model.modules()}
    # What pruning and other hooks compute at each call and keep as an attribute.
    computed = [(vars(m), n, t) for m in modes for n, t in vars(m).items() if isinstance(t, Tensor)]
    try:
        if statistics is not None:
            for module in modes:
                module.training = statistics == "batch" and hasattr(module, "running_mean")
        with torch.no_grad(), same_randomness(landscape.parameters[0].device):
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        for place, name, value in computed:
            place[name] = value


def direction_of(
    call: str, given: Direction | Tensor, parameters: Sequence[Tensor], filter_normalized: bool
) -> list[Tensor]:
    """A direction as tensors like the parameters; raise unless it fits them."""
    if not parameters:
        raise ValueError(f"{call}: the model has no parameters")
    if isinstance(given, Tensor):
        count = sum(p.numel() for p in parameters)
        if given.shape != (count,):
            raise ValueError(
                f"{call}: a direction must be a list of tensors like the parameters, or a vector "
                f"of shape ({count},), got shape {tuple(given.shape)}"
            )
        given = unflatten(given, parameters)
    check_direction(call, given, parameters)
    if filter_normalized:
        return filter_normalize(given, parameters)
    return [d.detach() for d in given]
