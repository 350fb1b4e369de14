"""Internal covariate shift: how the layers below change a layer's gradient under its feet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .._once import once
from .._scale import norm
from ._parameters import Loss, check_parameters, gradient, gradients
from ._untouched import RandomState, restored, untouched

Layers = Sequence[Sequence[Tensor]]
OF = ("weight", "all")


class CovariateShift(NamedTuple):
    """What an update of the layers below did to each layer's gradient, from the first layer up.

    S networks side by side add a last axis.
    """

    norm: Tensor
    r""":math:`\lVert G - G' \rVert_2`, shape (L,); 0 is no shift."""
    relative: Tensor
    r""":math:`\lVert G - G' \rVert_2 / \lVert G \rVert_2`, shape (L,)."""
    cosine: Tensor
    """Cosine of the angle between G and G', shape (L,); 1 is no shift. NaN where one is 0."""


def snapshot(layers: Layers) -> list[list[Tensor]]:
    """Copy the values that the parameters of some layers have now.

    Args:
        layers: The parameters of each layer.

    Returns:
        Copies that do not change with them, in the same order; of a parameter that a layer names
        twice, one.

    Example:
        >>> w = torch.ones(2)
        >>> before = snapshot([[w]])
        >>> w += 1
        >>> before
        [[tensor([1., 1.])]]
    """
    return [[p.detach().clone() for p in once(layer)] for layer in layers]


def internal_covariate_shift(
    loss: Loss,
    layers: Layers,
    *,
    after: Layers,
    before: Layers | None = None,
    of: str = "weight",
) -> CovariateShift:
    r"""Compare each layer's gradient before and after an update of all layers below it.

    .. math::
        G_i = \nabla_{W_i} L(\theta_1, \dots, \theta_{i-1}, \theta_i, \dots, \theta_L), \qquad
        G_i' = \nabla_{W_i} L(\theta_1', \dots, \theta_{i-1}', \theta_i, \dots, \theta_L)

    Here :math:`\theta_i` holds all parameters of layer i before the update and :math:`\theta_i'`
    after it, on the same batch. A group moves as a whole: put the bias, and the scale and shift of
    the batch norm that follows, into the group of their weight, and they **move with W**; leave
    them out, and they stay. The first layer has none below it, so that its shift is 0.

    Args:
        loss: A function of nothing that returns the loss on a fixed batch, or S losses of networks
            side by side, if all parameters begin with an axis of S.
        layers: The parameters of each layer, from the input up; the weight comes first in each.
        after: Values :math:`\theta'`, as ``snapshot`` gives them after the update.
        before: Values :math:`\theta`; None takes what the parameters hold now.
        of: Whose gradient is compared: "weight", the first tensor of each layer as in the paper,
            or "all" tensors of the layer, joined.

    Returns:
        Norm, relative norm and cosine for each layer. They are exact for this batch up to rounding;
        their spread over batches is the error.

    Raises:
        ValueError: If shapes do not fit, or ``of`` is unknown.

    Example:
        The loss (uv - 1)², from u = v = 1: G = 2(uv - 1)u for v, so 0 there, and 4 after u is 2.

        >>> u, v = (torch.ones(1, requires_grad=True) for _ in range(2))
        >>> new = [[torch.tensor([2.0])], [torch.tensor([1.0])]]
        >>> internal_covariate_shift(lambda: (u * v - 1).square().sum(), [[u], [v]], after=new).norm
        tensor([0., 4.])

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, definition 2.1.

    Chapter:
        covariate_shift
    """
    call = "internal_covariate_shift"
    if of not in OF:
        raise ValueError(f"{call}: of must be one of {OF}, got {of!r}")
    groups = [check_parameters(call, layer) for layer in layers]
    if not groups:
        raise ValueError(f"{call}: need at least one layer")
    old, new = snapshot(groups) if before is None else before, after
    for name, values in (("before", old), ("after", new)):
        _check_shapes(call, name, values, groups)
    measured = [group if of == "all" else group[:1] for group in groups]
    flat = [p for group in groups for p in group]
    random = RandomState(flat[0].device)
    shifts = []
    with untouched(flat), restored(flat):
        _put(groups, old)
        random.reset()
        _, starts = gradients(call, loss, measured)
        for i, layer in enumerate(measured):
            if i > 0:
                _put(groups[i - 1 : i], new[i - 1 : i])
            random.reset()
            shifts.append(_compare(starts[i], gradient(call, loss, layer, finite=False)[1]))
    return CovariateShift(*(torch.stack(column) for column in zip(*shifts, strict=True)))


def _put(layers: Layers, values: Layers) -> None:
    for layer, new in zip(layers, values, strict=True):
        for p, value in zip(layer, new, strict=True):
            p.data.copy_(value)


def _compare(g: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Norm and relative norm of the difference, and the cosine."""
    g_length, h_length, change = (norm(v, dim=-1) for v in (g, h, g - h))
    return change, change / g_length, torch.linalg.vecdot(g / g_length[..., None], h) / h_length


def _check_shapes(call: str, name: str, values: Layers, layers: Layers) -> None:
    got, wanted = ([[tuple(p.shape) for p in layer] for layer in v] for v in (values, layers))
    if got != wanted:
        raise ValueError(f"{call}: {name} must have the shapes {wanted}, got {got}")
