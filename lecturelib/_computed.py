"""Weights that a module computes at each call from other tensors, so that writing to them is lost.

PyTorch's pruning, weight norm, spectral norm and parametrizations all make such a weight.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils import parametrize


def check_own(call: str, module: nn.Module, *names: str, remedy: str) -> None:
    """Raise a ValueError if one of these parameters is computed rather than the module's own.

    >>> from torch.nn.utils import prune
    >>> layer = prune.l1_unstructured(nn.Linear(4, 2), "weight", amount=1)
    >>> check_own("call", layer, "weight", remedy="do so first")
    Traceback (most recent call last):
        ...
    ValueError: call: the weight of Linear is computed at each call, from weight_orig...
    """
    for name in names:
        if parametrize.is_parametrized(module, name):
            sources = f"parametrizations.{name}"
        elif name not in module._parameters:
            named = [*module._parameters, *module._buffers]
            sources = " and ".join(n for n in named if n.startswith(f"{name}_"))
        else:
            continue
        raise ValueError(
            f"{call}: the {name} of {type(module).__name__} is computed at each call, from "
            f"{sources or 'elsewhere'}; {remedy}"
        )


def check_writable(call: str, tensor: Tensor) -> None:
    """Raise a ValueError if a tensor is the result of a computation: filling it changes no weight.

    A view of a parameter is not; what is written to it is written to the parameter.
    """
    owner = tensor if tensor._base is None else tensor._base
    if not owner.is_leaf:
        raise ValueError(
            f"{call}: this tensor was computed from others ({type(owner.grad_fn).__name__}), as "
            "the weight of a layer with weight norm, spectral norm, pruning or another "
            "parametrization is, so that filling it would change no parameter; fill those that it "
            "is made of, or fill it before it is parametrized"
        )
