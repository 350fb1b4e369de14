"""One point at a time without what is known from another: the same losses up to rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from .max_pooling import MAX_POOL2D, max_pool2d

LINEAR_IN_WEIGHTS = (F.linear, F.conv1d, F.conv2d, F.conv3d)


class Meeting(NamedTuple):
    """The input that a layer met last."""

    input: Tensor
    """Held, so that nothing else can move into its memory."""
    key: tuple[Any, ...]
    """What is the same as long as it is the same input."""
    products: tuple[Tensor, Tensor, Tensor] | None
    """Its products with the weights and with both directions, once it was met twice."""


class Shortcuts(TorchFunctionMode):
    r"""Within ``at`` a layer that meets the same input again adds up what it knows of that input.

    .. math::
        x (W + a D_1 + b D_2)^\top = x W^\top + a\, x D_1^\top + b\, x D_2^\top

    An input is the same if it is a view of the same memory that nobody has written to; the memory
    is held, so that nothing else can move in. Where gradients flow nothing is reused. Max pooling
    gives the maxima without their places.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        theta: Sequence[Tensor],
        d1: Sequence[Tensor],
        d2: Sequence[Tensor],
    ) -> None:
        super().__init__()
        keep_freed_memory()
        self.parts = {id(p): parts for p, *parts in zip(parameters, theta, d1, d2, strict=True)}
        self.moving = {p.untyped_storage().data_ptr() for p in parameters}
        self.met: dict[int, Meeting] = {}  # by the id of the layer's weight
        self.row_sums: dict[int, tuple[float, Tensor]] = {}  # y, and x Wᵀ + y x D₂ᵀ
        self.x = self.y = 0.0

    @contextmanager
    def at(self, x: float, y: float) -> Iterator[None]:
        """Within the block the parameters lie at (x, y)."""
        self.x, self.y = x, y
        with self:
            yield

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in LINEAR_IN_WEIGHTS and not kwargs and len(args) >= 3:
            products = self._products(func, args)
            if products is not None:
                return self._sum(id(args[1]), products)
        if func in MAX_POOL2D:
            pooled = max_pool2d(*args, **kwargs)
            if pooled is not None:
                return pooled
        return func(*args, **kwargs)

    def _products(
        self, func: Callable[..., Any], args: tuple[Any, ...]
    ) -> tuple[Tensor, Tensor, Tensor] | None:
        """The products of the input, if it is known to be that of the point before."""
        input, weight, bias, *rest = args
        if torch.is_grad_enabled() or id(weight) not in self.parts:
            return None
        if bias is not None and id(bias) not in self.parts:
            return None
        if input.is_inference() or input.untyped_storage().data_ptr() in self.moving:
            return None  # inference mode does not count who writes to a tensor
        key = (input.data_ptr(), input._version, input.shape, input.stride(), bias is None, *rest)
        met = self.met.get(id(weight))
        if met is None:  # not yet worth three products
            self.met[id(weight)] = Meeting(input, key, None)
            return None
        if met.key != key:
            return None
        if met.products is None:
            biases = [None] * 3 if bias is None else self.parts[id(bias)]
            w0, w1, w2 = (
                func(input, w, b, *rest)
                for w, b in zip(self.parts[id(weight)], biases, strict=True)
            )
            met = self.met[id(weight)] = Meeting(input, key, (w0, w1, w2))
        return met.products

    def _sum(self, layer: int, products: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        p0, p1, p2 = products
        if layer not in self.row_sums or self.row_sums[layer][0] != self.y:
            self.row_sums[layer] = self.y, torch.add(p0, p2, alpha=self.y)
        return torch.add(self.row_sums[layer][1], p1, alpha=self.x)


def keep_freed_memory() -> None:
    """Let what a point leaves serve the next, where malloc is glibc's; elsewhere nothing happens.

    A large block that is freed goes back to the system, which has to clear it before it is used
    again; that can take as long as the arithmetic. But malloc keeps blocks smaller than the largest
    that was freed so far, mallopt(3), M_MMAP_THRESHOLD, if that one was less than 32 MiB. This one
    is never written to, and so needs no memory.
    """
    torch.empty(28 * 2**20, dtype=torch.uint8, device="cpu")
