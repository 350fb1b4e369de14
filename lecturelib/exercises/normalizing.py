"""Whether a network normalizes, by what it does: layers, functions, or a norm written by hand."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

_NORMS = frozenset(
    [f"{kind}_norm" for kind in ("batch", "layer", "group", "instance", "rms", "local_response")]
    + ["normalize"]
)
_SPREADS = frozenset(["std", "var", "std_mean", "var_mean", "norm", "vector_norm"])
_ROOTS = frozenset(["sqrt", "rsqrt", "sqrt_", "rsqrt_"])
_DIVISIONS = frozenset(
    ["div", "div_", "divide", "true_divide", "__truediv__", "__itruediv__", "__rtruediv__"]
)


class _Watch(TorchFunctionMode):
    """Collects the calls that normalize a batch of ``samples``."""

    def __init__(self, samples: int) -> None:
        super().__init__()
        self.samples, self.found = samples, list[str]()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in _NORMS or self._by_hand(name, args):
            self.found.append(name)
        return func(*args, **(kwargs or {}))

    def _by_hand(self, name: str, args: Any) -> bool:
        """A spread of each sample's (or unit's) values, its root, or a division by it."""
        tensors = [a for a in args if isinstance(a, Tensor)]
        if name in _SPREADS:
            return bool(tensors) and tensors[0].ndim > 1 and len(tensors[0]) == self.samples
        if name in _ROOTS:
            return bool(tensors) and self._one_a_sample(tensors[0])
        return name in _DIVISIONS and any(map(self._one_a_sample, tensors[-1:]))

    def _one_a_sample(self, value: Tensor) -> bool:
        return value.numel() == self.samples == max(value.shape[0], value.shape[-1])


def normalizer(model: nn.Module, x: Tensor) -> str:
    """What in a network normalizes the values of ``x``: a layer's or function's name, or "".

    Only what takes part in a forward pass counts. A norm that is written by hand is known by the
    standard deviation or the length of a sample's values that it takes, or by the division.

    >>> from torch.nn.functional import layer_norm
    >>> class ByHand(nn.Module):
    ...     def forward(self, x):
    ...         return x / x.pow(2).mean(1, keepdim=True) ** 0.5
    >>> x = torch.ones(7, 4)
    >>> normalizer(nn.LayerNorm(4), x), normalizer(ByHand(), x) != "", normalizer(nn.ReLU(), x)
    ('LayerNorm', True, '')
    """
    layers: list[str] = []
    hooks = [
        m.register_forward_hook(lambda m, *_: layers.append(type(m).__name__))
        for m in model.modules()
        if "norm" in type(m).__name__.lower()
    ]
    try:
        with torch.no_grad(), _Watch(len(x)) as watch:
            model(x)
    finally:
        for hook in hooks:
            hook.remove()
    return next(iter(layers + watch.found), "")
