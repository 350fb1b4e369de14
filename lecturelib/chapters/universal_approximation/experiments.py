r"""Experiments on what networks can represent, and on what training finds.

Constructions first: networks whose weights are written down, not learnt. Then training, with the
seeds as a **leading tensor axis**: the networks of all seeds train side by side, activations have
shape ``[S, N, D]`` (seeds, samples, units).

Claims F6, F10 and UA1; explained in the chapter ``universal_approximation``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from lecturelib.activations import ACTIVATIONS
from lecturelib.experiments import networks as side_by_side
from lecturelib.experiments.networks import Networks

__all__ = [
    "BEST_RATES",
    "DATASETS",
    "EPOCH_RATES",
    "TRIANGLE",
    "WIDTHS",
    "LearnedSlopes",
    "PlaneNetworks",
    "best_affine_pieces",
    "boolean_network",
    "breakpoints_of_random_network",
    "circle",
    "count_pieces",
    "dataset",
    "deep_square",
    "epochs_to_learn",
    "errors_by_width",
    "fit",
    "free_directions",
    "interpolant",
    "maxout_square",
    "one_layer_square",
    "one_shallow_network",
    "pieces",
    "plane",
    "plane_networks",
    "polygon_network",
    "random_lipschitz",
    "random_tanh",
    "sawtooth",
    "seven_pieces",
    "single_step_functions",
    "staircase",
    "success",
    "train_regions",
    "triangle_data",
    "triangle_distances",
    "written_triangle",
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
        (reach > 0).to(x.dtype) if steepness is None else (steepness * treads * reach).sigmoid()
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


def errors_by_width(
    targets: Mapping[str, Function], widths: Sequence[int], *, cells: int = 40_000
) -> dict[str, dict[str, list[float]]]:
    """Largest errors on [0, 1]: by target, by kind of unit, one for each width."""
    x = torch.linspace(0, 1, cells + 1, dtype=F64)
    kinds: dict[str, Callable[[Function, int], Tensor]] = {
        "step": lambda f, n: staircase(f, n, x),
        "sigmoid": lambda f, n: staircase(f, n, x, steepness=10.0),
        "relu": lambda f, n: interpolant(f, n, x),
    }
    return {
        name: {
            kind: [(network(f, n) - f(x)).abs().max().item() for n in widths]
            for kind, network in kinds.items()
        }
        for name, f in targets.items()
    }


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


def one_layer_square(units: int, x: Tensor) -> Tensor:
    """The best that ``units`` ReLUs in one layer can do for x² on [0, 1].

    It is constant up to its first kink; the pieces behind it are all of twice that length.

    >>> x = torch.linspace(0, 1, 7)
    >>> error = (one_layer_square(1, x) - x**2).abs().max().item()
    >>> round(18 * error, 4)  # 1 / (2 (2n + 1)²) is 1/18
    1.0
    """
    ends = 2 * units + 1
    kinks = (2 * torch.arange(units, dtype=x.dtype) + 1) / ends
    return 1 / (2 * ends**2) + (x[..., None] - kinks).relu().sum(-1) * 4 / ends


def sawtooth(layers: int, x: Tensor) -> Tensor:
    """The tent 2·relu(x) - 4·relu(x - 1/2) applied ``layers`` times: two ReLUs a layer.

    >>> sawtooth(2, torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]))
    tensor([0., 1., 0., 1., 0.])
    """
    for _ in range(layers):
        x = 2 * x.relu() - 4 * (x - 0.5).relu()
    return x


def seven_pieces(x: Tensor) -> Tensor:
    """Two layers of two ReLUs with seven affine pieces on [0, 1], the most that they can have."""
    u = sawtooth(1, 2 * x - 0.5)
    return (1 / 3 - u).relu() + (u - 2 / 3).relu()


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


def count_pieces(layers: Sequence[int], seeds: Sequence[int]) -> dict[str, list[Any]]:
    """Affine pieces for each number of layers of two ReLUs.

    Returns:
        ``deep``: of the iterated tent; ``shallow``: of one layer with as many units; ``drawn``: of
        networks with random weights, one for each seed.
    """
    return {
        "deep": [pieces(partial(sawtooth, count)) for count in layers],
        "shallow": [one_shallow_network(0, 2 * count) for count in layers],
        "drawn": [[breakpoints_of_random_network(s, count, 2) for s in seeds] for count in layers],
    }


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


def single_step_functions(n: int) -> int:
    """How many Boolean functions of n bits one step computes: weights -2 … 2, all thresholds.

    >>> single_step_functions(2)
    14
    """
    bits = torch.tensor(list(itertools.product((0.0, 1.0), repeat=n)))
    weights = torch.cartesian_prod(*[torch.arange(-2.0, 3.0)] * n)
    thresholds = torch.arange(-6.5, 7.0)
    fired = (bits @ weights.T)[:, :, None] > thresholds  # [rows, weights, thresholds]
    return len(torch.unique(fired.reshape(2**n, -1).int(), dim=1).T)


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


def circle(radius: float, *, points: int = 1_001) -> Tensor:
    """Points on a circle, shape ``(points, 2)``."""
    turn = torch.linspace(0, 2 * math.pi, points)
    return radius * torch.stack([turn.cos(), turn.sin()], 1)


def plane(reach: float, *, cells: int = 160) -> Tensor:
    """A grid over [-reach, reach]², rows from below, shape ``(cells + 1, cells + 1, 2)``."""
    axis = torch.linspace(-reach, reach, cells + 1)
    return torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)


def random_tanh(x: Tensor, units: int, seed: int) -> Tensor:
    """Values of random tanh units at points ``(N, 2)``: weights N(0, 3²), biases N(0, 1)."""
    g = torch.Generator().manual_seed(seed)
    weight, bias = 3 * torch.randn(2, units, generator=g), torch.randn(units, generator=g)
    return (x @ weight + bias).tanh()


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


WIDTHS = {"disc": 3, "moons": 8, "spirals": 8}
"""Hidden units of the networks that the chapter trains on each data set."""

BEST_RATES: dict[str, dict[str, float]] = {
    "disc": {"identity": 0.1, "relu": 0.3, "prelu": 0.3, "tanh": 0.1, "sigmoid": 0.1},
    "moons": {"identity": 0.1, "relu": 1.0, "prelu": 1.0, "tanh": 0.3, "sigmoid": 0.3},
    "spirals": {"identity": 0.1, "relu": 0.03, "prelu": 0.3, "tanh": 0.3, "sigmoid": 0.3},
}
"""Adam's rate of the highest mean accuracy on the training points of seeds 0 to 9, to within 0.002.

Of 0.01, 0.03, 0.1, 0.3 and 1, and 3 where 1 was best; 500 steps. Without an activation all rates
give the same.
"""

EPOCH_RATES: dict[tuple[str, str], float] = {
    ("relu", "8"): 0.03,
    ("relu", "8, 8"): 0.03,
    ("relu", "26"): 0.1,
    ("tanh", "8"): 0.3,
    ("tanh", "8, 8"): 0.1,
    ("tanh", "26"): 1.0,
}
"""By activation and hidden layers, the rate of the lowest median of epochs on seeds 0 to 19.

Of 0.01, 0.03, 0.1, 0.3, 1 and 3 (not all of them for each). Where fewer than half of the seeds
arrive at any rate (one layer of 8 ReLUs) it is the rate at which most of them do.
"""

TRIANGLE = torch.tensor(
    [[0.0, 1.0], [-math.sqrt(3) / 2, -0.5], [math.sqrt(3) / 2, -0.5]], device="cpu"
)
"""Corners of the triangle of UA1, counter-clockwise; its inner circle has the radius 1/2."""


def triangle_data(
    seeds: Sequence[int], samples: int, *, sides: int = 3, margin: float = 0.05
) -> tuple[Tensor, Tensor]:
    """Points in a square, labelled 1 in the triangle; none within ``margin`` of its three lines.

    Half of the samples are inside. With more ``sides`` it is a regular polygon.
    """
    points, labels = [], []
    for seed in seeds:
        g = torch.Generator().manual_seed(7919 * (seed + 1))
        x = 3 * torch.rand(40 * samples, 2, generator=g) - 1.5
        nearest = triangle_distances(x, sides)
        kept = (nearest.abs() > margin).all(1)
        x, inside = x[kept], (nearest[kept] > 0).all(1)
        half = samples // 2
        points.append(torch.cat([x[inside][:half], x[~inside][:half]]))
        labels.append(torch.cat([torch.ones(half), torch.zeros(half)]))
    return torch.stack(points), torch.stack(labels)


def triangle_distances(x: Tensor, sides: int = 3) -> Tensor:
    """Signed distances to the lines, positive on the triangle's side: one unit each."""
    turn = 2 * math.pi * torch.arange(sides) / sides + math.pi / 2
    corners = torch.stack([turn.cos(), turn.sin()], 1) if sides > 3 else TRIANGLE
    edge = corners.roll(-1, 0) - corners
    normal = torch.stack([-edge[:, 1], edge[:, 0]], 1)
    normal = normal / normal.norm(dim=1, keepdim=True)
    return x @ normal.T - (normal * corners).sum(1)


def free_directions(x: Tensor, y: Tensor) -> float:
    """Degrees of directions along which class 1 can be swept to infinity past all of class 0.

    The convex hull of class 1, together with all rays from it in one direction, either contains a
    point of class 0 or not. If no direction is free, no network with two ReLUs classifies all
    points: see the chapter.

    Args:
        x: points, shape ``(N, 2)``; no point of class 0 may lie in the hull of class 1.
        y: classes, shape ``(N,)``.

    >>> corner = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [-1.0, 0.0], [0.0, -1.0]])
    >>> free_directions(corner, torch.tensor([1.0, 0, 0, 0, 0]))
    360.0
    """
    ways = x[y < 0.5][:, None] - x[y > 0.5]  # from each point of class 1 to each of class 0
    middle = ways.mean(1)
    middle = torch.atan2(middle[:, 1], middle[:, 0]).double()
    angle = torch.atan2(ways[..., 1], ways[..., 0]).double() - middle[:, None]
    angle = (angle + math.pi) % (2 * math.pi) - math.pi
    low, width = middle + angle.amin(1), angle.amax(1) - angle.amin(1)
    ends = (torch.cat([low, low + width]) % (2 * math.pi)).sort().values
    gaps = torch.cat([ends[1:], ends[:1] + 2 * math.pi]) - ends
    blocked = (((ends + gaps / 2)[:, None] - low) % (2 * math.pi) <= width).any(1)
    return math.degrees(gaps[~blocked].sum().item())


def written_triangle(x: Tensor) -> Tensor:
    """The network of three ReLUs that is above 0 in the triangle: weights written down."""
    return 0.025 - (-triangle_distances(x)).relu().sum(-1)


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


class LearnedSlopes(PlaneNetworks):
    """The same with PReLUs: below 0 a slope that each network learns, one for all its units."""

    def __init__(self, widths: Sequence[int], seeds: Sequence[int], **options: Any) -> None:
        super().__init__(widths, seeds, **options)
        self.slopes = nn.Parameter(torch.full((len(seeds), 1, 1), 0.25, device=self.device))

    def activate(self, z: Tensor) -> Tensor:
        """``z`` where it is positive, else the slope times ``z``."""
        return torch.where(z > 0, z, self.slopes * z)


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
    sizes = [2, *[width] * depth, 1]
    if activation == "prelu":
        return LearnedSlopes(sizes, seeds, start=_uniform, device=device)
    f = ACTIVATIONS[activation]
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
    lr: float = 0.03,
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
    fit(networks, many_x, many_y, steps=steps, lr=lr)
    grid = _on_plane(networks, 1.2, device).reshape(count, starts, 81, 81)
    return {
        "accuracy": _accuracy(networks, new_x, new_y).reshape(count, starts).mean(1).cpu(),
        "logits": grid[:, 0].cpu(),
        "x": x.cpu(),
        "y": y.cpu(),
    }


def epochs_to_learn(
    data: str,
    seeds: Sequence[int],
    *,
    width: int,
    depth: int,
    activation: str = "tanh",
    lr: float = 0.03,
    samples: int = 200,
    batch_size: int = 10,
    limit: int = 100,
    device: str = "cpu",
) -> Tensor:
    """Epochs of Adam until 95 % of the training points are right, ``[S]``; ``inf``: not in time."""
    x, y = (t.to(device) for t in dataset(data, seeds, samples))
    networks = plane_networks(seeds, width=width, depth=depth, activation=activation, device=device)
    optimizer = torch.optim.Adam(networks.parameters(), lr=lr)
    orders = [torch.Generator().manual_seed(seed) for seed in seeds]
    found = torch.full((len(seeds),), math.inf)

    def loss(chosen: Tensor) -> Tensor:
        chosen = chosen.to(device)
        points = x.gather(1, chosen[..., None].expand(-1, -1, 2))
        return _logistic(networks(points), y.gather(1, chosen))

    for epoch in range(1, limit + 1):
        indices = side_by_side.passes(orders, samples, batch_size, samples // batch_size)
        side_by_side.descend(loss, indices, optimizer)
        arrived = _accuracy(networks, x, y).cpu() >= 0.95
        found = torch.where(arrived & found.isinf(), epoch, found)
        if not found.isinf().any():
            break
    return found


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
    lr: float = 0.03,
    steps: int = 600,
    starts: int = 20,
    activation: str = "relu",
    sides: int = 3,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """How often training classifies the triangle's data without a mistake, from many starts.

    A seed draws the data; on each, ``starts`` networks of the same width begin anew.

    Returns:
        ``rate`` ``[S]``: share of the starts that end with no training point on the wrong side;
        ``mistakes`` ``[S, starts]``; ``off`` ``[S, starts]``: whether some unit is off at all
        points; ``constructed`` ``[S]``: mistakes of the network with three units that is written
        down (a triangle, whatever ``sides``); ``logits`` ``[S, starts, 81, 81]`` on [-1.5, 1.5]²;
        ``x`` and ``y``: the data.
    """
    x, y = (t.to(device) for t in triangle_data(seeds, samples, sides=sides))
    written = written_triangle(x.cpu())
    wrong = ((written > 0) != (y.cpu() > 0.5)).double().sum(1)
    names = [1_000 * seed + start for seed in seeds for start in range(starts)]
    networks = plane_networks(names, width=width, activation=activation, device=device)
    many_x, many_y = x.repeat_interleave(starts, 0), y.repeat_interleave(starts, 0)
    fit(networks, many_x, many_y, steps=steps, lr=lr)
    mistakes = (1 - _accuracy(networks, many_x, many_y)) * samples
    mistakes = mistakes.round().reshape(len(seeds), starts).cpu()
    weight, bias = networks.weights[0].detach(), networks.biases[0].detach()
    z = torch.baddbmm(bias.transpose(1, 2), many_x, weight.transpose(1, 2))
    off = (z <= 0).all(1).any(1)
    grid = _on_plane(networks, 1.5, device).reshape(len(seeds), starts, 81, 81)
    return {
        "rate": (mistakes == 0).double().mean(1),
        "mistakes": mistakes,
        "off": off.reshape(len(seeds), starts).cpu(),
        "constructed": wrong,
        "logits": grid.cpu(),
        "x": x.cpu(),
        "y": y.cpu(),
    }
