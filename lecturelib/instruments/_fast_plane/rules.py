"""The table of rules: what is called, and what is done instead at several points."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...normalization import batch_norm
from . import layer_rules as layer
from .points import RULES, Rule, attribute
from .pointwise_rules import (
    ACTIVATIONS,
    FUNCTIONS,
    IN_PLACE,
    OPERATORS,
    Pointwise,
    pointwise,
    pointwise_in_place,
    where,
    where_of_tensor,
)


def called(name: str) -> list[Any]:
    """What may be called by this name, in any of the places where it may be found."""
    places = (Tensor,) if name.startswith("__") else (torch, Tensor, F)
    return [getattr(place, name) for place in places if hasattr(place, name)]


def each(rule: Rule, table: Mapping[str, Pointwise]) -> dict[Any, Rule]:
    """The rule, with the function of each name in the table."""
    return {func: partial(rule, f) for name, f in table.items() for func in called(name)}


RULES |= {
    **each(pointwise, FUNCTIONS),
    **each(pointwise, ACTIVATIONS),
    **each(pointwise, OPERATORS),
    **each(pointwise_in_place, IN_PLACE),
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
