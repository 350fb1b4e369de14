"""The loss at several points at once by ``torch.vmap``, which knows nearly any function."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .._landscape import Landscape
from .._parameters import flatten
from .._untouched import RandomState
from .not_covered import NotCovered


class VectorizedLoss:
    """The loss at several points at once, by ``torch.vmap``.

    Raises:
        NotCovered: In the call, if it does something that vmap can't do.
    """

    def __init__(self, landscape: Landscape) -> None:
        self.module = LossAsModule(landscape)
        self.names = [f"model.{name}" for name, _ in landscape.model.named_parameters()]
        self.shapes = [p.shape for p in landscape.parameters]
        self.origin, self.d1, self.d2 = map(flatten, landscape.origin_and_directions())
        self.random = RandomState(self.origin.device)

    def __call__(self, xy: Tensor) -> Tensor:
        """The losses at the points (n, 2)."""
        stack = self.origin + xy[:, :1] * self.d1 + xy[:, 1:] * self.d2
        parts = stack.split([shape.numel() for shape in self.shapes], dim=1)
        tensors = {
            name: part.reshape(-1, *shape)
            for name, part, shape in zip(self.names, parts, self.shapes, strict=True)
        }
        # Each point has its own buffers: batch norm writes into them.
        buffers = {
            name: b.expand(len(xy), *b.shape).clone() for name, b in self.module.named_buffers()
        }

        def one(tensors: dict[str, Tensor], buffers: dict[str, Tensor]) -> Tensor:
            return functional_call(self.module, (tensors, buffers), ())

        self.random.reset()
        try:
            with warnings.catch_warnings():  # that a function takes one point after the other
                warnings.filterwarnings("ignore", message="There is a performance drop")
                return torch.vmap(one, randomness="same")(tensors, buffers)
        except (RuntimeError, TypeError, ValueError) as error:
            # The loss itself has run before: this is what vmap says of code that looks at values,
            # of autograd functions without a rule for it, and the like.
            raise NotCovered(str(error)) from error


class LossAsModule(nn.Module):
    """The loss as a module, so that ``functional_call`` can put other weights into the model."""

    def __init__(self, landscape: Landscape) -> None:
        super().__init__()
        self.model = landscape.model
        self.landscape = (landscape,)  # in a tuple: were the loss a module, it would count as ours

    def forward(self) -> Tensor:
        return self.landscape[0].value()
