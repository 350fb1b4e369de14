"""How much the layers of a network depend on each other: curvature and gradients across layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .._once import once
from .._precision import widen
from .._scale import unit
from ._parameters import (
    Loss,
    check_parameters,
    check_positive,
    draw_normal,
    draw_signs,
    flatten,
    gradients,
    share_of,
    unflatten,
)
from ._untouched import RandomState, restored, untouched
from .hessian_product import make_product

Layers = Sequence[Sequence[Tensor]]


class LayerDependence(NamedTuple):
    """Norms of the blocks of the Hessian, one block for each pair of layers."""

    norms: Tensor
    r"""Frobenius norms :math:`\lVert H_{ij} \rVert_F`, shape (L, L), symmetric."""
    standard_errors: Tensor
    """Their standard errors over the probes, shape (L, L)."""

    @property
    def across(self) -> Tensor:
        """Norm of all blocks off the diagonal together, 0 if no layer feels another."""
        u = unit(self.norms).squeeze()
        norms = self.norms / u
        return (norms.square().sum() - norms.diagonal().square().sum()).sqrt() * u


def layer_dependence(
    loss: Loss,
    layers: Layers,
    *,
    probes: int = 16,
    generator: torch.Generator | None = None,
) -> LayerDependence:
    r"""Estimate the norms of the blocks of the Hessian that tie pairs of layers together.

    .. math::
        \lVert H_{ij} \rVert_F^2 = E\, \lVert H_{ij} v_j \rVert^2, \qquad
        H_{ij} = \frac{\partial^2 L}{\partial \theta_i\, \partial \theta_j}

    :math:`v_j` has independent signs for layer j, and 0 elsewhere. If a block is 0, the gradient of
    layer i does not change, to first order, when layer j moves: each could be optimized alone.

    Args:
        loss: A function of nothing that returns the loss, one number; twice differentiable.
        layers: The parameters of each layer; what two layers share belongs to both.
        probes: Random vectors for each layer, at least 2. It takes L · probes products.
        generator: A CPU generator that draws them; None takes one with seed 0.

    Returns:
        The norms and their standard errors, from the spread over the probes. Squared norms are
        unbiased; block (i, j) and its transpose are averaged.

    Raises:
        ValueError: If probes is too small, a layer is empty, or the loss is not one finite number.

    Example:
        The loss 3uv + w²/2 ties u to v, and w to nothing.

        >>> u, v, w = (torch.ones(1, requires_grad=True) for _ in range(3))
        >>> dependence = layer_dependence(lambda: (3 * u * v + w**2 / 2).sum(), [[u], [v], [w]])
        >>> dependence.norms
        tensor([[0., 3., 0.],
                [3., 0., 0.],
                [0., 0., 1.]])

    Source:
        Kohler et al. (2019), Exponential Convergence Rates for Batch Normalization, section 5, for
        the question; Hutchinson (1989) for the estimator.

    Chapter:
        length_direction
    """
    call = "layer_dependence"
    groups, flat = _layers(call, layers)
    check_positive(call, probes=probes - 1)
    product = make_product(call, loss, flat)
    draws = generator or torch.Generator().manual_seed(0)
    places = _places(groups, flat)
    P, like = sum(p.numel() for p in flat), widen(flat[0].detach())
    columns, units = [], []  # of squared norms, one column of blocks for each layer and probe
    for place in places:
        v = like.new_zeros(P)
        for _ in range(probes):
            v[place] = draw_signs(len(place), v, draws)
            w = product(v)
            units.append(unit(w).squeeze())
            parts = (w[other] / units[-1] for other in places)
            columns.append(torch.stack([part.square().sum() for part in parts]))
    u = torch.stack(units).max()  # squares are in units of u², with 1 for ordinary sizes
    scales = (torch.stack(units) / u).square()
    squares = (torch.stack(columns) * scales[:, None]).view(len(groups), probes, -1)
    squares = squares.permute(1, 2, 0)  # (probes, L, L)
    mean, error = squares.mean(0), squares.std(0) / probes**0.5
    # The diagonal blocks have but one estimate.
    off = 1 - torch.eye(len(groups), dtype=mean.dtype, device=mean.device)
    mean = (mean + mean.T) / 2
    error = (error.square() + error.T.square() * off).sqrt() / (1 + off)
    norms = mean.sqrt()
    return LayerDependence(norms * u, torch.where(norms > 0, error / (2 * norms), 0) * u)


class GradientDependence(NamedTuple):
    """How far each layer's gradient turns when the others move."""

    change: Tensor
    """1 - cosine of the angle between the gradients, shape (L,) or (L, S); 0 is independence."""
    standard_error: Tensor
    """Its standard error over the draws, same shape."""


def gradient_dependence(
    loss: Loss,
    layers: Layers,
    *,
    size: float = 0.05,
    draws: int = 10,
    generator: torch.Generator | None = None,
) -> GradientDependence:
    r"""Move all layers but one at random, and see how far the gradient of that one turns.

    .. math::
        1 - \cos\bigl(\nabla_i L(\theta),\ \nabla_i L(\theta + \delta_{-i})\bigr), \qquad
        \lVert \delta_j \rVert = \text{size} \cdot \lVert \theta_j \rVert

    The steps :math:`\delta_j` are Gaussian, scaled layer by layer, so that a network does not look
    dependent because its weights are large.

    Args:
        loss: A function of nothing that returns the loss, or S losses of networks side by side, if
            all parameters begin with an axis of S.
        layers: The parameters of each layer.
        size: Length of the step as a share of the length of the layer's parameters, above 0.
        draws: How many random steps for each layer, at least 2.
        generator: A CPU generator that draws them; None takes one with seed 0.

    Returns:
        The mean change over the draws, and its standard error. NaN where a gradient is 0.

    Raises:
        ValueError: If an argument is out of range, or a layer is empty.

    Example:
        >>> u, v = (torch.ones(2, requires_grad=True) for _ in range(2))
        >>> gradient_dependence(lambda: (u**2 + v**2).sum(), [[u], [v]]).change.abs() < 1e-6
        tensor([True, True])

    Source:
        Kohler et al. (2019), Exponential Convergence Rates for Batch Normalization, section 5, for
        the question.

    Chapter:
        length_direction
    """
    call = "gradient_dependence"
    groups, flat = _layers(call, layers)
    check_positive(call, draws=draws - 1)
    if not 0 < size < float("inf"):
        raise ValueError(f"{call}: size must be finite and greater than 0, got {size}")
    noise = generator or torch.Generator().manual_seed(0)
    random = RandomState(flat[0].device)
    changes = []
    with untouched(flat), restored(flat):
        value, start = gradients(call, loss, groups)
        for _ in range(draws):
            steps = [_step(layer, size, value.shape, noise) for layer in groups]
            row = []
            for i in range(len(groups)):
                with restored(flat):
                    for p, d in _others(groups, steps, i):
                        p.data.add_(d)
                    random.reset()
                    _, (moved,) = gradients(call, loss, groups[i : i + 1], finite=False)
                row.append(1 - _cosine(start[i], moved))
            changes.append(torch.stack(row))
    each = torch.stack(changes)
    return GradientDependence(each.mean(0), each.std(0) / draws**0.5)


def _layers(call: str, layers: Layers) -> tuple[list[list[Tensor]], list[Tensor]]:
    """Parameters by layer, and all in one list, in which one that layers share stands once."""
    groups = [check_parameters(call, layer) for layer in layers]
    return groups, check_parameters(call, [p for group in groups for p in group])


def _places(groups: Layers, flat: Sequence[Tensor]) -> list[Tensor]:
    """Where the numbers of each layer stand in the vector of all parameters."""
    numbers = torch.arange(sum(p.numel() for p in flat), device=flat[0].device)
    parts = numbers.split([p.numel() for p in flat])
    place = {id(p): part for p, part in zip(flat, parts, strict=True)}
    return [torch.cat([place[id(p)] for p in group]) for group in groups]


def _others(groups: Layers, steps: Layers, i: int) -> list[tuple[Tensor, Tensor]]:
    """What moves while layer i stays: each parameter that it does not have, once, and its step."""
    own = {id(p) for p in groups[i]}
    pairs = [
        pair
        for group, step in zip(groups, steps, strict=True)
        for pair in zip(group, step, strict=True)
        if id(pair[0]) not in own
    ]
    return once(pairs, lambda pair: pair[0])


def _cosine(g: Tensor, h: Tensor) -> Tensor:
    """Cosine of the angle between vectors of any length; NaN where one is 0."""
    return torch.cosine_similarity(g / unit(g, -1), h / unit(h, -1), dim=-1, eps=0)


def _step(
    layer: Sequence[Tensor], size: float, batch: torch.Size, generator: torch.Generator
) -> list[Tensor]:
    """A random step of the layer whose length is a share of the layer's, for each network."""
    theta = widen(flatten([p.detach() for p in layer], batch))
    d = draw_normal(theta.numel(), theta, generator).view(theta.shape)
    return unflatten(share_of(theta, size, d), layer)
