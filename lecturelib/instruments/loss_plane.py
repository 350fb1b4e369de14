"""The loss along a line and over a plane in parameter space."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ._parameters import check_positive, flatten, unflatten
from ._points import Affine, NotCovered, Points
from ._reuse import ReuseOfProducts
from ._tape import Tape
from ._untouched import RandomState, restored, restored_buffers, same_randomness
from .filter_normalization import Direction, check_direction, filter_normalize

ModelLoss = Callable[[nn.Module], Tensor] | Callable[[], Tensor]
STATISTICS = (None, "batch", "evaluation")
# Values of the largest layer, all points of a chunk together, and points of a chunk at most.
RECORDED = 2**17, 64  # its memory, which is used again, should fit a core's own cache
VECTORIZED = 2**19, 64  # a shared cache: few large calls, as each takes long by itself
ON_ACCELERATOR = 2**26, 1024


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
        ts = torch.as_tensor(steps, dtype=torch.float64, device="cpu").tolist()
        still = [torch.zeros_like(p) for p in d]
        rows = _walk(_Landscape(model, loss, parameters, d, still), ts, [0.0])
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
    d1, d2 = (_direction("loss_plane", d, parameters, filter_normalized) for d in directions)
    # Whole or half numbers, so that the middle is exactly 0.
    steps = torch.arange(points, dtype=torch.float64, device="cpu") - (points - 1) / 2
    grid = steps * (2 * radius / max(points - 1, 1))
    ticks = grid.tolist()
    landscape = _Landscape(model, loss, parameters, d1, d2)
    with _measuring("loss_plane", model, parameters, statistics):
        way = None if batch_points == 1 else _together(landscape, batch_points)
        if way is not None:
            run, chunk = way
            values = _in_chunks(run, grid.to(parameters[0]), chunk)
        else:
            values = _walk(landscape, ticks, ticks)
    x = grid.to(parameters[0])
    return Plane(x, x.clone(), values)


class _Landscape(NamedTuple):
    """The loss as a function of the point in a plane."""

    model: nn.Module
    loss: ModelLoss
    parameters: list[nn.Parameter]
    d1: list[Tensor]
    d2: list[Tensor]

    def value(self) -> Tensor:
        """The loss where the model is; ``loss`` may take the model, or know it."""
        named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        given = inspect.signature(self.loss).parameters.values()
        needed = [p for p in given if p.kind in named and p.default is p.empty]
        return self.loss(self.model) if needed else self.loss()  # type: ignore[call-arg]

    def ends(self) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """The parameters and the directions."""
        return [p.detach() for p in self.parameters], self.d1, self.d2


@contextmanager
def _measuring(
    call: str, model: nn.Module, parameters: Sequence[Tensor], statistics: str | None
) -> Iterator[None]:
    """Put batch norm into the mode asked for, and leave no trace."""
    if statistics not in STATISTICS:
        raise ValueError(f"{call}: statistics must be one of {STATISTICS}, got {statistics!r}")
    modes = {module: module.training for module in model.modules()}
    # What pruning and other hooks compute at each call and keep as an attribute.
    computed = [(vars(m), n, t) for m in modes for n, t in vars(m).items() if isinstance(t, Tensor)]
    try:
        if statistics is not None:
            for module in modes:
                module.training = statistics == "batch" and hasattr(module, "running_mean")
        with torch.no_grad(), same_randomness(parameters[0].device):
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        for place, name, value in computed:
            place[name] = value


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


def _keep_freed_memory() -> None:
    """Let what a point leaves serve the next, where malloc is glibc's; elsewhere nothing happens.

    A large block that is freed goes back to the system, which has to clear it before it is used
    again; that can take as long as the arithmetic. But malloc keeps blocks smaller than the largest
    that was freed so far, mallopt(3), M_MMAP_THRESHOLD, if that one was less than 32 MiB. This one
    is never written to, and so needs no memory.
    """
    torch.empty(28 * 2**20, dtype=torch.uint8, device="cpu")


def _walk(landscape: _Landscape, xs: Sequence[float], ys: Sequence[float]) -> Tensor:
    """Visit one point after the other; the parameters are overwritten in place."""
    model, _, parameters, d1, d2 = landscape
    random = RandomState(parameters[0].device)
    _keep_freed_memory()
    with restored_buffers(model) as reset_buffers, restored(parameters) as theta:
        reuse = ReuseOfProducts(parameters, theta, d1, d2)
        rows = []
        for y in ys:
            row = torch._foreach_add(theta, d2, alpha=y)
            values = []
            for x in xs:
                for p, r, d in zip(parameters, row, d1, strict=True):
                    torch.add(r, d, alpha=x, out=p.data)
                reset_buffers()
                random.reset()
                with reuse.at(x, y):
                    values.append(landscape.value().detach())
            rows.append(torch.stack(values))
    return torch.stack(rows)


class _Recorded:
    """The loss at C points at once, by the rules of ``_points``, on a tape.

    Raises:
        NotCovered: If it does something that has no rule.
    """

    def __init__(self, landscape: _Landscape, points: int) -> None:
        if len({p.dtype for p in landscape.parameters}) > 1:
            raise NotCovered("parameters of several types")
        self.tape = Tape()
        x, y = self.xy = landscape.parameters[0].new_zeros(2, points)
        ends = landscape.ends()
        everything = Affine(x, y, *map(flatten, ends))
        stack = x.new_empty(points, everything.origin.numel())
        everything.write(self.tape, stack)
        parts = stack.split([p.numel() for p in landscape.parameters], dim=1)
        moving = {
            id(p): Points(self.tape, values, values, affine=Affine(x, y, *end))
            for p, part, *end in zip(landscape.parameters, parts, *ends, strict=True)
            for values in [part.view(-1, *p.shape)]
        }
        with _exchanged(landscape.model, moving):
            result = landscape.value()
        if not isinstance(result, Points) or result.turned:
            raise NotCovered("a loss that does not depend on the parameters, or is a matrix")
        self.tape.settle()
        if not self.tape.unchanged():
            raise NotCovered("a tensor that is written to")
        self.result = result

    def __call__(self, xy: Tensor) -> Tensor:
        """The losses at the points (n, 2), n at most C."""
        self.xy[:, : len(xy)] = xy.T
        self.tape.replay()
        return self.result.stack[: len(xy)].clone()


@contextmanager
def _exchanged(model: nn.Module, others: Mapping[int, Tensor]) -> Iterator[None]:
    """Within the block other tensors are in the places of the parameters."""
    places: list[tuple[dict[str, Any], str, Tensor]] = [
        (module._parameters, name, p)
        for module in model.modules()
        for name, p in module._parameters.items()
        if p is not None
    ]
    try:
        for owner, name, p in places:
            owner[name] = others[id(p)]
        yield
    finally:
        for owner, name, p in places:
            owner[name] = p


class _Vectorized:
    """The loss at several points at once, by ``torch.vmap``.

    Raises:
        NotCovered: In the call, if it does something that vmap can't do.
    """

    def __init__(self, landscape: _Landscape) -> None:
        self.measured = _Measured(landscape)
        self.names = [f"model.{name}" for name, _ in landscape.model.named_parameters()]
        self.shapes = [p.shape for p in landscape.parameters]
        self.ends = [flatten(end) for end in landscape.ends()]
        self.random = RandomState(self.ends[0].device)

    def __call__(self, xy: Tensor) -> Tensor:
        """The losses at the points (n, 2)."""
        theta, d1, d2 = self.ends
        stack = theta + xy[:, :1] * d1 + xy[:, 1:] * d2
        parts = stack.split([shape.numel() for shape in self.shapes], dim=1)
        tensors = {
            name: part.reshape(-1, *shape)
            for name, part, shape in zip(self.names, parts, self.shapes, strict=True)
        }
        # Each point has its own buffers: batch norm writes into them.
        buffers = {
            name: b.expand(len(xy), *b.shape).clone() for name, b in self.measured.named_buffers()
        }

        def one(tensors: dict[str, Tensor], buffers: dict[str, Tensor]) -> Tensor:
            return functional_call(self.measured, (tensors, buffers), ())

        self.random.reset()
        try:
            with warnings.catch_warnings():  # that a function takes one point after the other
                warnings.filterwarnings("ignore", message="There is a performance drop")
                return torch.vmap(one, randomness="same")(tensors, buffers)
        except (RuntimeError, TypeError, ValueError) as error:
            # The loss itself has run before: this is what vmap says of code that looks at values,
            # of autograd functions without a rule for it, and the like.
            raise NotCovered(str(error)) from error


class _Measured(nn.Module):
    """The loss as a module, so that ``functional_call`` can put other weights into the model."""

    def __init__(self, landscape: _Landscape) -> None:
        super().__init__()
        self.model = landscape.model
        self.landscape = (landscape,)  # in a tuple: were the loss a module, it would count as ours

    def forward(self) -> Tensor:
        return self.landscape[0].value()


def _in_chunks(run: Callable[[Tensor], Tensor], grid: Tensor, chunk: int) -> Tensor:
    """Visit ``chunk`` points at a time."""
    xy = torch.cartesian_prod(grid, grid).flip(1)  # x runs fastest
    losses = torch.cat([run(part) for part in xy.split(chunk)])
    return losses.view(len(grid), len(grid), *losses.shape[1:])


def _together(
    landscape: _Landscape, batch_points: int | None
) -> tuple[Callable[[Tensor], Tensor], int] | None:
    """How the loss can be had at several points together, and at how many; None if it cannot."""
    random = RandomState(landscape.parameters[0].device)
    centre = landscape.parameters[0].new_zeros(1, 2)
    with restored_buffers(landscape.model):
        wanted, largest, convolutional = _look(landscape)
        on_cpu = centre.device.type == "cpu"
        if on_cpu and convolutional and batch_points is None:
            return None
        points = batch_points or _chunk(largest, RECORDED if on_cpu else ON_ACCELERATOR)
        random.reset()
        try:
            recorded = _Recorded(landscape, points)
            (found,) = recorded(centre)
            if torch.allclose(found, wanted, rtol=1e-4, atol=1e-6, equal_nan=True):
                return recorded, points
        except NotCovered:
            pass  # the next way, then
        points = batch_points or _chunk(largest, VECTORIZED if on_cpu else ON_ACCELERATOR)
        if points == 1:
            return None
        vectorized = _Vectorized(landscape)
        try:
            vectorized(centre)
        except NotCovered:
            return None
        return vectorized, points


def _look(landscape: _Landscape) -> tuple[Tensor, int, bool]:
    """The loss; the most values that a layer, or all parameters, have; if a layer convolves."""
    sizes, convolutions = [sum(p.numel() for p in landscape.parameters)], []

    def look(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and not list(module.children()):
            sizes.append(output.numel())
            convolutions.append(any(p.ndim > 2 for p in module.parameters(recurse=False)))

    handles = [module.register_forward_hook(look) for module in landscape.model.modules()]
    try:
        loss = landscape.value()
    finally:
        for handle in handles:
            handle.remove()
    return loss, max(sizes), any(convolutions)


def _chunk(largest: int, limits: tuple[int, int]) -> int:
    """How many points go together."""
    values, most = limits
    return max(1, min(most, values // largest))
