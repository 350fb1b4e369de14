"""The table of rules: what is called, and what is done instead at several points."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...normalization import batch_norm
from . import layer_rules as layer
from .points import RULES, attribute
from .pointwise_rules import (
    ACTIVATIONS,
    FUNCTIONS,
    IN_PLACE,
    OPERATORS,
    pointwise,
    pointwise_in_place,
    where,
    where_of_tensor,
)


def called(name: str) -> list[Any]:
    """What may be called by this name, in any of the places where it may be found."""
    places = (Tensor,) if name.startswith("__") else (torch, Tensor, F)
    return [getattr(place, name) for place in places if hasattr(place, name)]


NAMED = FUNCTIONS | ACTIVATIONS
RULES |= {
    **{func: partial(pointwise, f) for name, f in NAMED.items() for func in called(name)},
    **{getattr(Tensor, name): partial(pointwise, f) for name, f in OPERATORS.items()},
    **{
        func: partial(pointwise_in_place, f)
        for name, f in IN_PLACE.items()
        for func in called(name)
    },
    torch.where: where,
    Tensor.where: where_of_tensor,
    **dict.fromkeys(called("sum"), layer.sum),
    **dict.fromkeys(called("mean"), layer.mean),
    F.linear: layer.linear,
    F.batch_norm: layer.batch_norm,
    batch_norm: layer.batch_norm,
    F.cross_entropy: layer.cross_entropy,
    attribute("shape"): layer.shape,
    attribute("ndim"): layer.ndim,
}
