"""The loss along a line and over a plane in parameter space.

``walk`` says what both are: the loss at one point after the other. The folder ``_fast_plane`` has
ways to the same numbers in less time, and this file needs no more of it than two names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ._fast_plane import Shortcuts, choose
from ._landscape import Landscape, ModelLoss, direction_of, measuring
from ._parameters import check_positive
from ._untouched import RandomState, restored, restored_buffers
from .filter_normalization import Direction


class Plane(NamedTuple):
    """The loss over a grid."""

    x: Tensor
    """Coordinates along the first direction, shape (points,)."""
    y: Tensor
    """Coordinates along the second direction, shape (points,)."""
    loss: Tensor
    """``loss[i, j]`` is the loss at (x[j], y[i]), as contour plots want it."""


def walk(landscape: Landscape, xs: Sequence[float], ys: Sequence[float]) -> Tensor:
    r"""Visit one point after the other; the parameters are overwritten in place.

    .. math::
        f_{ij} = L(\theta + x_j\, d_1 + y_i\, d_2)

    Args:
        landscape: The loss, with the directions.
        xs: Coordinates along the first direction.
        ys: Those along the second.

    Returns:
        The losses, shape (len(ys), len(xs), ...).

    Example:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.constant_(model.weight, 1.0)
        >>> d1, d2 = [torch.ones(1, 1)], [torch.full((1, 1), 10.0)]
        >>> plane = Landscape(model, lambda: model.weight.sum(), list(model.parameters()), d1, d2)
        >>> walk(plane, [0.0, 1.0, 2.0], [0.0, 1.0])
        tensor([[ 1.,  2.,  3.],
                [11., 12., 13.]])
    """
    model, _, parameters, d1, d2 = landscape
    random = RandomState(parameters[0].device)
    rows = []
    with restored_buffers(model) as reset_buffers, restored(parameters) as theta:
        shortcuts = Shortcuts(parameters, theta, d1, d2)
        for y in ys:
            row = torch._foreach_add(theta, d2, alpha=y)  # θ + y d₂
            losses = []
            for x in xs:
                for p, r, d in zip(parameters, row, d1, strict=True):
                    torch.add(r, d, alpha=x, out=p.data)  # θ + y d₂ + x d₁
                reset_buffers()  # no point sees what another has left
                random.reset()
                with shortcuts.at(x, y):  # the same losses up to rounding, in less time
                    losses.append(landscape.value().detach())
            rows.append(torch.stack(losses))
    return torch.stack(rows)


def loss_line(
    model: nn.Module,
    loss: ModelLoss,
    *,
    direction: Direction | Tensor,
    steps: Tensor | Sequence[float],
    filter_normalized: bool = False,
    statistics: str | None = None,
) -> Tensor:
    r"""Return the loss along a line through the parameters.

    .. math::
        f(t) = L(\theta + t\, d)

    Args:
        model: The network; it is left as found, buffers and random state included.
        loss: A function of the model, or of nothing, that returns the loss: one number, or any
            tensor. Each point sees the same random numbers.
        direction: d, a list of tensors like ``model.parameters()``, or one vector (P,) in their
            order, as an eigenvector from ``top_eigenvalues``.
        steps: The values of t, shape (n,).
        filter_normalized: Whether d is first given the norms of the filters,
            ``filter_normalize``.
        statistics: "batch": batch norm takes the statistics of the batch at each point;
            "evaluation": the stored ones, which belong to t = 0; all other modules, dropout for
            one, work as at inference in either case. None: each module in the mode that it is in.

    Returns:
        The losses, shape (n,), or (n, ...) if the loss is a tensor. They are exact up to rounding,
        not estimates. An infinite or NaN loss is reported as it is.

    Raises:
        ValueError: If shapes do not fit, or statistics is unknown.

    Example:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.constant_(model.weight, 1.0)
        >>> loss_line(model, lambda m: m.weight.square().sum(), direction=[torch.ones(1, 1)],
        ...           steps=[-1.0, 0.0, 2.0])
        tensor([0., 1., 9.])

    Source:
        Goodfellow, Vinyals and Saxe (2015), Qualitatively Characterizing Neural Network
        Optimization Problems.

    Chapter:
        loss_smoothness
    """
    parameters = list(model.parameters())
    d = direction_of("loss_line", direction, parameters, filter_normalized)
    landscape = Landscape(model, loss, parameters, d, [torch.zeros_like(t) for t in d])
    with measuring("loss_line", landscape, statistics):
        ts = torch.as_tensor(steps, dtype=torch.float64, device="cpu").tolist()
        return walk(landscape, ts, [0.0])[0]


def loss_plane(
    model: nn.Module,
    loss: ModelLoss,
    *,
    directions: Sequence[Direction | Tensor],
    filter_normalized: bool = True,
    radius: float = 1.0,
    points: int = 51,
    statistics: str | None = None,
    batch_points: int | None = None,
) -> Plane:
    r"""Return the loss over a square in the plane that two directions span.

    .. math::
        f(x, y) = L(\theta + x\, d_1 + y\, d_2), \qquad x, y \in [-r, r]

    With an odd number of points the centre is a point of the grid, and there f is the loss itself.

    Which statistics batch norm takes decides what one sees. With "batch" the picture is that of the
    function that training descends; with "evaluation" the stored statistics of the centre are wrong
    everywhere else, and the bowl is far steeper. Say which one a picture shows.

    Three ways lead to the same numbers, up to rounding and to the masks of dropout; a layer whose
    input is the same at all points, as the first layer's is, is linear in (x, y), which the first
    and the last use.

    - Recorded: the loss runs once with tensors that carry several points along a leading axis, and
      the calls of PyTorch that it made are made again for all others, in memory that stays in a
      core's cache. This is for linear layers, batch norm and what goes value by value.
    - By ``torch.vmap``, for several points of nearly any function.
    - One point at a time, for convolutions on a CPU, large layers of other functions, and code that
      looks at values.

    Args:
        model: The network; it is left as found, buffers and random state included.
        loss: A function of the model, or of nothing, that returns the loss: one number, or any
            tensor. Each point sees the same random numbers. It may run fewer times than there are
            points, so that it should depend on nothing but the model.
        directions: :math:`d_1, d_2`, each a list of tensors like ``model.parameters()`` or one
            vector (P,) in their order; ``random_directions`` draws them.
        filter_normalized: Whether each is first given the norms of the filters,
            ``filter_normalize``.
        radius: r, greater than 0.
        points: Points along each axis, at least 1.
        statistics: "batch", "evaluation", or None for each module in the mode that it is in; see
            ``loss_line``.
        batch_points: How many points go together, where a way for several is found; 1 for one at a
            time. None chooses the way, and as many points as keep a layer's activations in a cache.

    Returns:
        Coordinates and losses, ``loss`` of shape (points, points), or (points, points, ...) if the
        loss is a tensor. They are exact up to rounding, not estimates.

    Raises:
        ValueError: If shapes or ranges do not fit, or statistics is unknown.

    Example:
        >>> model = nn.Linear(2, 1, bias=False)
        >>> _ = nn.init.zeros_(model.weight)
        >>> axes = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]])
        >>> plane = loss_plane(model, lambda m: m.weight.square().sum(), points=3,
        ...                    directions=[[a] for a in axes], filter_normalized=False)
        >>> plane.loss
        tensor([[5., 4., 5.],
                [1., 0., 1.],
                [5., 4., 5.]])

    Source:
        Li et al. (2018), Visualizing the Loss Landscape of Neural Nets, sections 3 and 4.

    Chapter:
        loss_smoothness
    """
    check_positive("loss_plane", points=points)
    if not 0 < radius < float("inf"):
        raise ValueError(f"loss_plane: radius must be finite and greater than 0, got {radius}")
    if len(directions) != 2:
        raise ValueError(f"loss_plane: need 2 directions, got {len(directions)}")
    if batch_points is not None:
        check_positive("loss_plane", batch_points=batch_points)
    parameters = list(model.parameters())
    d1, d2 = (direction_of("loss_plane", d, parameters, filter_normalized) for d in directions)
    # Whole or half numbers, so that the middle is exactly 0.
    steps = torch.arange(points, dtype=torch.float64, device="cpu") - (points - 1) / 2
    grid = steps * (2 * radius / max(points - 1, 1))
    ticks = grid.tolist()
    x = grid.to(parameters[0])
    landscape = Landscape(model, loss, parameters, d1, d2)
    with measuring("loss_plane", landscape, statistics):
        way = None if batch_points == 1 else choose(landscape, batch_points)
        losses = walk(landscape, ticks, ticks) if way is None else way.over(x)
    return Plane(x, x.clone(), losses)
