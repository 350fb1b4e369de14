"""A layer whose input is the same at each point of a plane is linear in the two coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ._pooling import MAX_POOL2D, max_pool2d

LINEAR_IN_WEIGHTS = (F.linear, F.conv1d, F.conv2d, F.conv3d)


class _Seen(NamedTuple):
    input: Tensor
    key: tuple[Any, ...]
    products: tuple[Tensor, Tensor, Tensor] | None


class ReuseOfProducts(TorchFunctionMode):
    r"""Within it a layer that meets the same input again adds up what it knows of that input.

    .. math::
        x (W + a D_1 + b D_2)^\top = x W^\top + a\, x D_1^\top + b\, x D_2^\top

    An input is the same if it is a view of the same memory that nobody has written to; the memory
    is held, so that nothing else can move in. Where gradients flow nothing is reused.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        theta: Sequence[Tensor],
        d1: Sequence[Tensor],
        d2: Sequence[Tensor],
    ) -> None:
        super().__init__()
        self.known = {id(p): parts for p, *parts in zip(parameters, theta, d1, d2, strict=True)}
        self.moving = {p.untyped_storage().data_ptr() for p in parameters}
        self.seen: dict[int, _Seen] = {}
        self.rows: dict[int, tuple[float, Tensor]] = {}
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
        input, weight, bias, *rest = args
        if torch.is_grad_enabled() or id(weight) not in self.known:
            return None
        if bias is not None and id(bias) not in self.known:
            return None
        if input.is_inference() or input.untyped_storage().data_ptr() in self.moving:
            return None  # inference mode does not count who writes to a tensor
        key = (input.data_ptr(), input._version, input.shape, input.stride(), bias is None, *rest)
        seen = self.seen.get(id(weight))
        if seen is None:
            self.seen[id(weight)] = _Seen(input, key, None)
            return None
        if seen.key != key:
            return None
        if seen.products is None:
            biases = [None] * 3 if bias is None else self.known[id(bias)]
            w0, w1, w2 = (
                func(input, w, b, *rest)
                for w, b in zip(self.known[id(weight)], biases, strict=True)
            )
            seen = self.seen[id(weight)] = _Seen(input, key, (w0, w1, w2))
        return seen.products

    def _sum(self, layer: int, products: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        p0, p1, p2 = products
        if layer not in self.rows or self.rows[layer][0] != self.y:
            self.rows[layer] = self.y, torch.add(p0, p2, alpha=self.y)
        return torch.add(self.rows[layer][1], p1, alpha=self.x)
