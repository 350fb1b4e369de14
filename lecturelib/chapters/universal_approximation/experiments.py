r"""Experiments on what networks can represent, and on what training finds.

Constructions first: networks whose weights are written down, not learnt. Then training, with the
seeds as a **leading tensor axis**: the networks of all seeds train side by side, activations have
shape ``[S, N, D]`` (seeds, samples, units).

Claims F6, F10 and UA1; explained in the chapter ``universal_approximation``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.lr_scheduler import CosineAnnealingLR

from lecturelib.activations import ACTIVATIONS
from lecturelib.experiments import networks as side_by_side
from lecturelib.experiments.networks import Networks

__all__ = [
    "DATASETS",
    "TRIANGLE",
    "PlaneNetworks",
    "best_affine_pieces",
    "boolean_network",
    "breakpoints_of_random_network",
    "dataset",
    "deep_square",
    "fit",
    "interpolant",
    "maxout_square",
    "one_shallow_network",
    "pieces",
    "plane_networks",
    "polygon_network",
    "random_lipschitz",
    "sawtooth",
    "staircase",
    "success",
    "train_regions",
    "triangle_data",
    "triangle_distances",
]

Function = Callable[[Tensor], Tensor]
F64 = torch.float64


# --- one hidden layer in one dimension -----------------------------------------------------------


def staircase(f: Function, units: int, x: Tensor, *, steepness: float | None = None) -> Tensor:
    """One hidden layer of ``units`` steps on [0, 1]: the value of ``f`` at each tread's middle.

    Args:
        f: target on [0, 1].
        units: hidden units; there is one tread more.
        x: where to evaluate.
        steepness: None for step functions; else sigmoids ``σ(steepness · treads · (x - edge))``.

    >>> staircase(lambda x: x, 1, torch.tensor([0.1, 0.9]))
    tensor([0.2500, 0.7500])
    """
    treads = units + 1
    edges = torch.arange(1, treads, dtype=x.dtype) / treads
    values = f((torch.arange(treads, dtype=x.dtype) + 0.5) / treads)
    reach = x[..., None] - edges
    hidden = (
        (reach >= 0).to(x.dtype) if steepness is None else (steepness * treads * reach).sigmoid()
    )
    return values[0] + hidden @ values.diff()


def interpolant(f: Function, units: int, x: Tensor) -> Tensor:
    """One hidden layer of ReLUs on [0, 1] that is affine between ``units`` + 1 equal knots.

    >>> interpolant(lambda x: x**2, 2, torch.tensor([0.25, 0.5]))
    tensor([0.1250, 0.2500])
    """
    knots = torch.arange(units + 1, dtype=x.dtype) / units
    values = f(knots)
    slopes = values.diff() * units
    change = torch.cat([slopes[:1], slopes.diff()])
    return values[0] + (x[..., None] - knots[:-1]).relu() @ change


def random_lipschitz(seed: int, *, knots: int = 40) -> Function:
    """A random piecewise affine function on [0, 1] with slopes of ±1: Lipschitz constant 1.

    Half of the slopes are positive, at places drawn by the seed.
    """
    g = torch.Generator().manual_seed(seed)
    signs = (torch.randperm(knots, generator=g) % 2 * 2 - 1).to(F64)
    heights = torch.cat([torch.zeros(1, dtype=F64), signs.cumsum(0) / knots])

    def f(x: Tensor) -> Tensor:
        place = (x.to(F64) * knots).clamp(0, knots)
        left = place.floor().clamp(max=knots - 1).long()
        return torch.lerp(heights[left], heights[left + 1], place - left).to(x.dtype)

    return f


# --- pieces --------------------------------------------------------------------------------------


def maxout_square(k: int, x: Tensor, *, low: float = -1.0, high: float = 1.0) -> Tensor:
    """The best maximum of ``k`` affine functions for x² on [low, high].

    Tangents at the middles of ``k`` equal intervals, lifted by half of the gap that they leave.

    >>> maxout_square(1, torch.tensor([-1.0, 0.0, 1.0]))
    tensor([0.5000, 0.5000, 0.5000])
    """
    h = (high - low) / k
    middles = low + h * (torch.arange(k, dtype=x.dtype) + 0.5)
    tangents = 2 * middles * x[..., None] - middles**2
    return tangents.amax(-1) + h**2 / 8


def best_affine_pieces(
    f: Function, k: int, *, low: float = -1.0, high: float = 1.0, cells: int = 120, fine: int = 10
) -> float:
    """Smallest sup error of ``k`` affine pieces for a convex ``f``, by search over all breakpoints.

    Breakpoints lie on a grid of ``cells`` cells, pieces need not meet: so this is no larger than
    what any maxout unit with breakpoints on that grid can do. On an interval the best line of a
    convex function is parallel to its chord.
    """
    x = torch.linspace(low, high, cells * fine + 1, dtype=F64)
    y = f(x)
    cost = torch.full((cells + 1, cells + 1), math.inf, dtype=F64)
    for i in range(cells):
        for j in range(i + 1, cells + 1):
            a, b = x[i * fine : j * fine + 1], y[i * fine : j * fine + 1]
            gap = b - (b[-1] - b[0]) / (a[-1] - a[0]) * a
            cost[i, j] = (gap.max() - gap.min()) / 2
    best = cost[0]
    for _ in range(k - 1):
        best = torch.minimum(best, torch.maximum(best[:, None], cost).amin(0))
    return best[-1].item()


def sawtooth(layers: int, x: Tensor) -> Tensor:
    """The tent 2·relu(x) - 4·relu(x - 1/2) applied ``layers`` times: two ReLUs a layer.

    >>> sawtooth(2, torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]))
    tensor([0., 1., 0., 1., 0.])
    """
    for _ in range(layers):
        x = 2 * x.relu() - 4 * (x - 0.5).relu()
    return x


def deep_square(layers: int, x: Tensor) -> Tensor:
    """x² on [0, 1] as x minus sawtooths: x - Σ T_s(x) / 4^s for s = 1 … ``layers``."""
    total, tooth = x, x
    for s in range(1, layers + 1):
        tooth = sawtooth(1, tooth)
        total = total - tooth / 4**s
    return total


def pieces(f: Function, *, low: float = 0.0, high: float = 1.0, cells: int = 2**14) -> int:
    """Number of affine pieces of ``f`` on an interval, counted on a grid in float64.

    A kink inside a cell changes two neighbouring slopes, so neighbours count once. Kinks closer
    than two cells are counted as one.
    """
    x = torch.linspace(low, high, cells + 1, dtype=F64)
    slopes = f(x).diff() * cells / (high - low)
    bent = slopes.diff().abs() > 1e-6 * max(1.0, slopes.abs().max().item())
    starts = bent.clone()
    starts[1:] &= ~bent[:-1]
    return int(starts.sum()) + 1


def breakpoints_of_random_network(seed: int, layers: int, width: int) -> int:
    """Affine pieces on [0, 1] of a ReLU network with random weights (He normal, normal biases)."""
    g = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=g).to(F64)

    shapes = [1, *[width] * layers]
    weights = [(draw(b, a) * math.sqrt(2 / a), draw(b) / 2) for a, b in itertools.pairwise(shapes)]
    last = draw(width)

    def f(x: Tensor) -> Tensor:
        h = x[:, None]
        for w, b in weights:
            h = (h @ w.T + b).relu()
        return h @ last

    return pieces(f)


def one_shallow_network(seed: int, units: int) -> int:
    """Affine pieces on [0, 1] of one hidden ReLU layer with all its kinks inside: drawn there."""
    g = torch.Generator().manual_seed(seed)
    # one kink a cell of a coarse grid, so that no two of them fall together
    kinks = (torch.arange(units) + 0.2 + 0.6 * torch.rand(units, generator=g)).to(F64) / units
    signs = (torch.rand(units, generator=g) < 0.5).to(F64) * 2 - 1
    out = (1 + torch.rand(units, generator=g)).to(F64)
    return pieces(lambda x: (signs * (x[:, None] - kinks)).relu() @ out)


# --- Boolean functions and regions ---------------------------------------------------------------


def boolean_network(table: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """All inputs of n bits, hidden steps and outputs of the network for a truth table of 2ⁿ rows.

    One hidden unit for each row that is true: it fires for that row alone. The output is their OR.

    >>> boolean_network(torch.tensor([0, 1, 1, 0]))[2]
    tensor([0., 1., 1., 0.])
    """
    n = (len(table) - 1).bit_length()
    inputs = torch.tensor(list(itertools.product((0.0, 1.0), repeat=n)))
    rows = inputs[table.bool()]
    weight = 2 * rows - 1  # +1 where the bit must be 1, -1 where it must be 0
    bias = 0.5 - rows.sum(1)
    hidden = (inputs @ weight.T + bias > 0).float()
    return inputs, hidden, (hidden.sum(1) - 0.5 > 0).float()


def polygon_network(points: Tensor, polygons: Sequence[Tensor]) -> Tensor:
    """Which points lie in a union of convex polygons, by steps: half planes, AND, OR.

    Args:
        points: shape ``(N, 2)``.
        polygons: corners of each, counter-clockwise, shape ``(corners, 2)``.
    """
    inside = []
    for corners in polygons:
        edge = corners.roll(-1, 0) - corners
        normal = torch.stack([-edge[:, 1], edge[:, 0]], 1)
        bias = -(normal * corners).sum(1)
        half_planes = (points @ normal.T + bias > 0).to(points.dtype)
        inside.append((half_planes.sum(1) - (len(corners) - 0.5) > 0).to(points.dtype))
    return (torch.stack(inside).sum(0) - 0.5 > 0).to(points.dtype)


# --- data in the plane ---------------------------------------------------------------------------


def _moons(u: Tensor, y: Tensor) -> Tensor:
    angle = math.pi * (u + y)
    side = 2 * y - 1
    return torch.stack([0.32 * side + 0.65 * angle.cos(), 0.2 * side + 0.65 * angle.sin()], -1)


def _ring(u: Tensor, y: Tensor) -> Tensor:
    radius = 0.85 - 0.55 * y
    return radius[..., None] * torch.stack([(2 * math.pi * u).cos(), (2 * math.pi * u).sin()], -1)


def _spirals(u: Tensor, y: Tensor) -> Tensor:
    t = 0.1 + 0.9 * u
    radius = (2 * y - 1) * 0.9 * t
    return radius[..., None] * torch.stack([(7 * t).cos(), (7 * t).sin()], -1)


DATASETS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "moons": _moons,
    "disc": _ring,
    "spirals": _spirals,
}


def dataset(
    name: str, seeds: Sequence[int], samples: int, *, noise: float = 0.06, stream: int = 0
) -> tuple[Tensor, Tensor]:
    """Points ``[S, N, 2]`` and labels ``[S, N]``, half of each class."""
    points, labels = [], []
    for seed in seeds:
        g = torch.Generator().manual_seed(7919 * (seed + 1) + stream)
        y = (torch.arange(samples) % 2).float()
        clean = DATASETS[name](torch.rand(samples, generator=g), y)
        points.append(clean + noise * torch.randn(samples, 2, generator=g))
        labels.append(y)
    return torch.stack(points), torch.stack(labels)


TRIANGLE = torch.tensor(
    [[0.0, 1.0], [-math.sqrt(3) / 2, -0.5], [math.sqrt(3) / 2, -0.5]], device="cpu"
)
"""Corners of the triangle of UA1, counter-clockwise; its inner circle has the radius 1/2."""


def triangle_data(
    seeds: Sequence[int], samples: int, *, margin: float = 0.05
) -> tuple[Tensor, Tensor]:
    """Points in a square, labelled 1 in the triangle; none within ``margin`` of its three lines.

    Half of the samples are inside.
    """
    points, labels = [], []
    for seed in seeds:
        g = torch.Generator().manual_seed(7919 * (seed + 1))
        x = 3 * torch.rand(40 * samples, 2, generator=g) - 1.5
        nearest = triangle_distances(x)
        kept = (nearest.abs() > margin).all(1)
        x, inside = x[kept], (nearest[kept] > 0).all(1)
        half = samples // 2
        points.append(torch.cat([x[inside][:half], x[~inside][:half]]))
        labels.append(torch.cat([torch.ones(half), torch.zeros(half)]))
    return torch.stack(points), torch.stack(labels)


def triangle_distances(x: Tensor) -> Tensor:
    """Signed distances to the three lines, positive on the triangle's side: the three units."""
    edge = TRIANGLE.roll(-1, 0) - TRIANGLE
    normal = torch.stack([-edge[:, 1], edge[:, 0]], 1)
    normal = normal / normal.norm(dim=1, keepdim=True)
    return x @ normal.T - (normal * TRIANGLE).sum(1)


# --- training ------------------------------------------------------------------------------------


class PlaneNetworks(Networks):
    """Networks that take points as the rows of ``[S, N, 2]``, and give logits ``[S, N]``."""

    def forward(self, x: Tensor) -> Tensor:
        """Map points to logits; a point stays a row from layer to layer."""
        last = len(self.weights) - 1
        for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = torch.baddbmm(b.transpose(1, 2), x, w.transpose(1, 2))
            x = z if i == last else self.activate(z)
        return x[..., 0]


def plane_networks(
    seeds: Sequence[int],
    *,
    width: int,
    depth: int = 1,
    activation: str = "relu",
    device: str = "cpu",
) -> PlaneNetworks:
    """S networks with ``depth`` hidden layers of ``width`` units and one logit, side by side.

    Weights and biases are uniform in ±1/√inputs, PyTorch's own start.
    """
    f = ACTIVATIONS[activation]
    sizes = [2, *[width] * depth, 1]
    return PlaneNetworks(sizes, seeds, start=_uniform, activation=f, device=device)


def _uniform(
    layer: int, n_out: int, n_in: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    both = (2 * torch.rand(n_in + 1, n_out, generator=generator) - 1) / math.sqrt(n_in)
    return both[:n_in].T.contiguous(), both[n_in:].T.contiguous()


def fit(networks: Networks, x: Tensor, y: Tensor, *, steps: int, lr: float = 0.03) -> None:
    """Train on all points ``[S, N, 2]`` at once: Adam, with a rate that falls along a cosine."""
    side_by_side.fit(
        networks,
        x,
        y,
        optimizer=partial(torch.optim.Adam, lr=lr),
        schedule=partial(CosineAnnealingLR, T_max=steps),
        steps=steps,
        loss=_logistic,
    )


def _logistic(outputs: Tensor, y: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(outputs, y, reduction="none").mean(1)


@torch.no_grad()
def _accuracy(networks: Networks, x: Tensor, y: Tensor) -> Tensor:
    return ((networks(x) > 0) == (y > 0.5)).double().mean(1)


def train_regions(
    data: str,
    seeds: Sequence[int] = range(10),
    *,
    activation: str = "relu",
    width: int = 8,
    depth: int = 1,
    samples: int = 200,
    steps: int = 500,
    starts: int = 1,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """Networks on points in the plane: accuracy on new points, and logits on a grid.

    A seed draws the data; on each, ``starts`` networks begin anew.

    Returns:
        ``accuracy`` ``[S]`` on new points, a mean over the starts; ``logits`` ``[S, 81, 81]`` of
        the first start on [-1.2, 1.2]²; ``x`` and ``y``: the data.
    """
    count = len(seeds)
    x, y = (t.to(device) for t in dataset(data, seeds, samples))
    many_x, many_y = x.repeat_interleave(starts, 0), y.repeat_interleave(starts, 0)
    new_x, new_y = (
        t.to(device).repeat_interleave(starts, 0) for t in dataset(data, seeds, 1_000, stream=1)
    )
    names = [1_000 * seed + start for seed in seeds for start in range(starts)]
    networks = plane_networks(names, width=width, depth=depth, activation=activation, device=device)
    fit(networks, many_x, many_y, steps=steps)
    grid = _on_plane(networks, 1.2, device).reshape(count, starts, 81, 81)
    return {
        "accuracy": _accuracy(networks, new_x, new_y).reshape(count, starts).mean(1).cpu(),
        "logits": grid[:, 0].cpu(),
        "x": x.cpu(),
        "y": y.cpu(),
    }


@torch.no_grad()
def _on_plane(networks: Networks, reach: float, device: str) -> Tensor:
    """Logits ``[S, 81, 81]`` on a grid over the square [-reach, reach]², rows from below."""
    axis = torch.linspace(-reach, reach, 81, device=device)
    plane = torch.cartesian_prod(axis, axis)
    count = networks.weights[0].shape[0]
    return networks(plane.expand(count, -1, -1)).reshape(count, 81, 81).transpose(1, 2)


def success(
    seeds: Sequence[int],
    width: int,
    *,
    samples: int = 200,
    steps: int = 600,
    starts: int = 20,
    activation: str = "relu",
    device: str = "cpu",
) -> dict[str, Tensor]:
    """How often training classifies the triangle's data without a mistake, from many starts.

    A seed draws the data; on each, ``starts`` networks of the same width begin anew.

    Returns:
        ``rate`` ``[S]``: share of the starts that end with no training point on the wrong side;
        ``mistakes`` ``[S, starts]``; ``constructed`` ``[S]``: mistakes of the network with three
        units that is written down; ``logits`` ``[S, starts, 81, 81]`` on [-1.5, 1.5]²;
        ``x`` and ``y``: the data.
    """
    x, y = (t.to(device) for t in triangle_data(seeds, samples))
    written = 0.025 - (-triangle_distances(x.cpu())).relu().sum(-1)
    wrong = ((written > 0) != (y.cpu() > 0.5)).double().sum(1)
    names = [1_000 * seed + start for seed in seeds for start in range(starts)]
    networks = plane_networks(names, width=width, activation=activation, device=device)
    many_x, many_y = x.repeat_interleave(starts, 0), y.repeat_interleave(starts, 0)
    fit(networks, many_x, many_y, steps=steps)
    mistakes = (1 - _accuracy(networks, many_x, many_y)) * samples
    mistakes = mistakes.round().reshape(len(seeds), starts).cpu()
    grid = _on_plane(networks, 1.5, device).reshape(len(seeds), starts, 81, 81)
    return {
        "rate": (mistakes == 0).double().mean(1),
        "mistakes": mistakes,
        "constructed": wrong,
        "logits": grid.cpu(),
        "x": x.cpu(),
        "y": y.cpu(),
    }
