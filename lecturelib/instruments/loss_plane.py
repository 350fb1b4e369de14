"""The loss along a line and over a plane in parameter space."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ._parameters import check_positive, flatten, unflatten
from ._points import NotCovered, Points
from ._reuse import ReuseOfProducts
from ._untouched import RandomState, restored, restored_buffers, same_randomness
from .filter_normalization import Direction, check_direction, filter_normalize

ModelLoss = Callable[[nn.Module], Tensor] | Callable[[], Tensor]
STATISTICS = (None, "batch", "evaluation")
CHUNK_VALUES = 2**19  # activations of one layer, all points of a chunk together: a cache's size
MAX_CHUNK = 64


class Plane(NamedTuple):
    """The loss over a grid."""

    x: Tensor
    """Coordinates along the first direction, shape (points,)."""
    y: Tensor
    """Coordinates along the second direction, shape (points,)."""
    loss: Tensor
    """``loss[i, j]`` is the loss at (x[j], y[i]), as contour plots want it."""


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
    d = _direction("loss_line", direction, parameters, filter_normalized)
    with _measuring("loss_line", model, parameters, statistics):
        ts = torch.as_tensor(steps, dtype=torch.float64).tolist()
        rows = _walk(model, loss, parameters, d, [torch.zeros_like(p) for p in d], ts, [0.0])
    return rows[0]


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

    Two ways lead to the same numbers, up to rounding and to the masks of dropout. One point at a
    time: a layer whose input is the same at all points, as the first layer's is, is linear in
    (x, y), so that its products with the three weight tensors are computed once. Or
    ``batch_points`` points at a time as a leading axis, by ``torch.vmap``: a matrix product of a
    small network takes less time than the call of it, so a few points share each call. It does not
    pay for convolutions on a CPU.

    Args:
        model: The network; it is left as found, buffers and random state included.
        loss: A function of the model, or of nothing, that returns the loss: one number, or any
            tensor. Each point sees the same random numbers.
        directions: :math:`d_1, d_2`, each a list of tensors like ``model.parameters()`` or one
            vector (P,) in their order; ``random_directions`` draws them.
        filter_normalized: Whether each is first given the norms of the filters,
            ``filter_normalize``.
        radius: r, greater than 0.
        points: Points along each axis, at least 1.
        statistics: "batch", "evaluation", or None for each module in the mode that it is in; see
            ``loss_line``.
        batch_points: How many points go together. None chooses: one if the network has
            convolutions and is on a CPU, or has large layers, or cannot be vectorized (because it
            looks at values, say), else as many as keep a layer's activations in a cache.

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
    d1, d2 = (_direction("loss_plane", d, parameters, filter_normalized) for d in directions)
    # Whole or half numbers, so that the middle is exactly 0.
    grid = (torch.arange(points, dtype=torch.float64) - (points - 1) / 2) * (
        2 * radius / max(points - 1, 1)
    )
    ticks = grid.tolist()
    with _measuring("loss_plane", model, parameters, statistics):
        chunk = batch_points or _chunk(model, loss, parameters)
        run = _way(model, loss, batch_points) if chunk > 1 else None
        if run is not None:
            values = _in_chunks(model, run, parameters, d1, d2, ticks, chunk)
        else:
            values = _walk(model, loss, parameters, d1, d2, ticks, ticks)
    x = grid.to(parameters[0])
    return Plane(x, x.clone(), values)


@contextmanager
def _measuring(
    call: str, model: nn.Module, parameters: Sequence[Tensor], statistics: str | None
) -> Iterator[None]:
    """Put batch norm into the mode asked for, and leave no trace."""
    if statistics not in STATISTICS:
        raise ValueError(f"{call}: statistics must be one of {STATISTICS}, got {statistics!r}")
    modes = {module: module.training for module in model.modules()}
    try:
        if statistics is not None:
            for module in modes:
                module.training = statistics == "batch" and hasattr(module, "running_mean")
        with torch.no_grad(), same_randomness(parameters[0].device):
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def _direction(
    call: str, given: Direction | Tensor, parameters: Sequence[Tensor], filter_normalized: bool
) -> list[Tensor]:
    if not parameters:
        raise ValueError(f"{call}: the model has no parameters")
    if isinstance(given, Tensor):
        count = sum(p.numel() for p in parameters)
        if given.shape != (count,):
            raise ValueError(
                f"{call}: a direction must be a list of tensors like the parameters, or a vector "
                f"of shape ({count},), got shape {tuple(given.shape)}"
            )
        given = unflatten(given, parameters)
    check_direction(call, given, parameters)
    if filter_normalized:
        return filter_normalize(given, parameters)
    return [d.detach() for d in given]


def _value(model: nn.Module, loss: ModelLoss) -> Tensor:
    """The loss of the model as it is; ``loss`` may take it, or know it."""
    named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    given = inspect.signature(loss).parameters.values()
    needed = [p for p in given if p.kind in named and p.default is p.empty]
    return loss(model) if needed else loss()  # type: ignore[call-arg]


def _walk(
    model: nn.Module,
    loss: ModelLoss,
    parameters: Sequence[Tensor],
    d1: Sequence[Tensor],
    d2: Sequence[Tensor],
    xs: Sequence[float],
    ys: Sequence[float],
) -> Tensor:
    """Visit one point after the other; the parameters are overwritten in place."""
    random = RandomState(parameters[0].device)
    with restored_buffers(model) as reset_buffers, restored(parameters) as theta:
        reuse = ReuseOfProducts(parameters, theta, d1, d2)
        rows = []
        for y in ys:
            row = torch._foreach_add(theta, list(d2), alpha=y)
            values = []
            for x in xs:
                for p, r, d in zip(parameters, row, d1, strict=True):
                    torch.add(r, d, alpha=x, out=p.data)
                reset_buffers()
                random.reset()
                with reuse.at(x, y):
                    values.append(_value(model, loss).detach())
            rows.append(torch.stack(values))
    return torch.stack(rows)


class _Together:
    """Runs the loss at several points at once, given their parameters as a matrix (C, P)."""

    def __init__(self, model: nn.Module, loss: ModelLoss) -> None:
        self.model, self.loss = model, loss
        self.names, self.parameters = zip(*model.named_parameters(), strict=True)
        self.sizes = [p.numel() for p in self.parameters]
        where: dict[int, list[tuple[dict[str, Any], str]]] = {}
        for module in model.modules():
            for name, p in module._parameters.items():
                where.setdefault(id(p), []).append((module._parameters, name))
        self.places = [where[id(p)] for p in self.parameters]  # several if it is shared

    def cut(self, stacked: Tensor) -> list[Tensor]:
        """Shape the matrix as the parameters are, with the points as the first axis."""
        parts = stacked.split(self.sizes, dim=1)
        return [t.reshape(-1, *p.shape) for t, p in zip(parts, self.parameters, strict=True)]

    def by_rules(self, stacked: Tensor) -> Tensor:
        """Use the rules of ``_points``; the buffers stay as they are but for counts."""
        try:
            for places, values in zip(self.places, self.cut(stacked), strict=True):
                for owner, name in places:
                    owner[name] = Points(values)
            result = _value(self.model, self.loss)
        finally:
            for places, p in zip(self.places, self.parameters, strict=True):
                for owner, name in places:
                    owner[name] = p
        if not isinstance(result, Points) or result.turned:
            raise NotCovered("the loss")
        return result.stack

    def by_vmap(self, stacked: Tensor) -> Tensor:
        """Use ``torch.vmap``."""
        measured = _Measured(self.model, self.loss)
        names = [f"model.{name}" for name in self.names]
        tensors = dict(zip(names, self.cut(stacked), strict=True))
        # Each point has its own buffers: batch norm writes into them.
        buffers = {
            name: b.expand(len(stacked), *b.shape).clone() for name, b in measured.named_buffers()
        }

        def one(tensors: dict[str, Tensor], buffers: dict[str, Tensor]) -> Tensor:
            return functional_call(measured, (tensors, buffers), ())

        return torch.vmap(one, randomness="same")(tensors, buffers)


class _Measured(nn.Module):
    """The loss as a module, so that ``functional_call`` can put other weights into the model."""

    def __init__(self, model: nn.Module, loss: ModelLoss) -> None:
        super().__init__()
        self.model = model
        self.loss = (loss,)  # in a tuple: were it a module, its parameters would count as ours

    def forward(self) -> Tensor:
        return _value(self.model, *self.loss)


def _in_chunks(
    model: nn.Module,
    run: Callable[[Tensor], Tensor],
    parameters: Sequence[Tensor],
    d1: Sequence[Tensor],
    d2: Sequence[Tensor],
    ticks: Sequence[float],
    chunk: int,
) -> Tensor:
    """Visit ``chunk`` points at a time."""
    theta, a, b = (flatten([t.detach() for t in ts]) for ts in (parameters, d1, d2))
    grid = torch.tensor(ticks, dtype=torch.float64).to(theta)
    xy = torch.cartesian_prod(grid, grid).flip(1)  # x runs fastest
    random, values = RandomState(theta.device), []
    with restored_buffers(model):
        for x, y in (part.T[..., None] for part in xy.split(chunk)):
            random.reset()
            values.append(run(theta + x * a + y * b))
    losses = torch.cat(values)
    return losses.view(len(ticks), len(ticks), *losses.shape[1:])


def _way(
    model: nn.Module, loss: ModelLoss, batch_points: int | None
) -> Callable[[Tensor], Tensor] | None:
    """How this loss can be run at several points together; None if it cannot."""
    together = _Together(model, loss)
    stacked = flatten([p.detach() for p in together.parameters])[None]
    with restored_buffers(model):
        wanted = _value(model, loss)
        try:
            (found,) = together.by_rules(stacked)
            if torch.allclose(found, wanted, rtol=1e-4, atol=1e-6, equal_nan=True):
                return together.by_rules
        except (RuntimeError, TypeError, ValueError, AttributeError):
            pass  # it does something that has no rule
    if batch_points is not None:
        return together.by_vmap
    try:
        together.by_vmap(stacked)
    except (RuntimeError, TypeError, ValueError):
        return None  # it looks at values, say
    return together.by_vmap


def _chunk(model: nn.Module, loss: ModelLoss, parameters: Sequence[Tensor]) -> int:
    """How many points keep the largest layer's activations in a cache; 1 for convolutions."""
    on_cpu = parameters[0].device.type == "cpu"
    sizes, convolutions = [1], []

    def look(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and not list(module.children()):
            sizes.append(output.numel())
            convolutions.append(any(p.ndim > 2 for p in module.parameters(recurse=False)))

    handles = [module.register_forward_hook(look) for module in model.modules()]
    try:
        with restored_buffers(model):
            _value(model, loss)
    finally:
        for handle in handles:
            handle.remove()
    if on_cpu and any(convolutions):
        return 1
    budget = CHUNK_VALUES if on_cpu else 2**26
    return max(1, min(MAX_CHUNK if on_cpu else 1024, budget // max(sizes)))
