r"""Experiments on activation functions: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis**: the networks of all seeds train side by side in
one batched matrix product, so activations have shape ``[S, D, B]`` (seeds, units, samples).

Claims F5, F7, F8, F9 and T7; explained in the chapter ``hidden_units``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib import activations
from lecturelib.data import load_digits

__all__ = [
    "MINIMA",
    "SELECTABLE",
    "ZOO",
    "Networks",
    "accuracies",
    "collapse",
    "cost_ratios",
    "death",
    "derivative",
    "digits",
    "fit",
    "gelu_gap",
    "minimum",
    "moments",
    "recommended_tanh",
    "same_sign",
    "second_derivative_peak",
    "zigzag",
]

ZOO: dict[str, activations.Activation] = {
    name: activations.ACTIVATIONS[name]
    for name in (
        "sigmoid",
        "tanh",
        "lecun_tanh",
        "relu",
        "leaky_relu",
        "elu",
        "selu",
        "softplus",
        "gelu",
        "silu",
        "mish",
    )
}
"""The functions of one number that the chapter compares; leaky ReLU with slope 0.01."""

SELECTABLE = ("identity", *ZOO, "prelu", "maxout", "maxout narrow")
"""What a hidden layer of :class:`Networks` may be made of."""

MINIMA = ("gelu", "silu", "mish")


# --- the functions -------------------------------------------------------------------------------


def derivative(f: activations.Activation, x: Tensor) -> Tensor:
    """Derivative of f at x, by automatic differentiation.

    >>> derivative(torch.tanh, torch.zeros(1))
    tensor([1.])
    """
    x = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(x).sum(), x)
    return slope


@cache
def _nodes() -> tuple[Tensor, Tensor]:
    """Points and weights for the mean under N(0, 1): Gauss–Legendre on both sides of the kink."""
    points, weights = np.polynomial.legendre.leggauss(200)
    x = torch.from_numpy(5 * (points + 1))  # 0 to 10; beyond lies 1e-23 of the probability
    w = torch.from_numpy(5 * weights) * torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return torch.cat([-x, x]), torch.cat([w, w])


def moments(f: activations.Activation) -> dict[str, float]:
    """Means of f, f² and f'² for a standard normal input, by numerical integration.

    >>> {name: round(value, 4) for name, value in moments(torch.relu).items()}
    {'mean': 0.3989, 'square': 0.5, 'slope square': 0.5}
    """
    x, w = _nodes()
    y, slope = f(x), derivative(f, x)
    return {
        "mean": (w * y).sum().item(),
        "square": (w * y**2).sum().item(),
        "slope square": (w * slope**2).sum().item(),
    }


def minimum(f: activations.Activation, low: float = -4.0, high: float = 0.0) -> tuple[float, float]:
    """Place and value of the smallest f between low and high, by bisection of the derivative.

    >>> minimum(lambda x: (x + 1) ** 2)
    (-1.0, 0.0)
    """
    for _ in range(60):
        middle = (low + high) / 2
        slope = derivative(f, torch.tensor([middle], dtype=torch.float64)).item()
        low, high = (low, middle) if slope > 0 else (middle, high)
    x = torch.tensor([(low + high) / 2], dtype=torch.float64)
    return round(x.item(), 12), f(x).item()


def second_derivative_peak(f: activations.Activation) -> float:
    """Where on [0, 4] the second derivative of f is largest in size, to 1e-5."""
    x = torch.linspace(0, 4, 400_001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), x)
    return x[bend.abs().argmax()].item()


def gelu_gap() -> tuple[float, float]:
    """Largest distance of GELU's tanh approximation to GELU, and where it is."""
    x = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    gap = (activations.gelu(x) - activations.gelu(x, approximate="tanh")).abs()
    return gap.max().item(), x[gap.argmax()].abs().item()


def recommended_tanh(
    seeds: Sequence[int], *, samples: int = 100_000, device: str = "cpu"
) -> dict[str, Tensor]:
    """F7: facts about the zoo; E f² is a mean over each seed's normal draws, the rest is fixed."""
    draws = torch.stack(
        [
            torch.randn(samples, generator=torch.Generator().manual_seed(s), dtype=torch.float64)
            for s in seeds
        ]
    ).to(device)
    f = activations.lecun_tanh
    one = f(torch.ones(1, dtype=torch.float64)).item()
    gap = moments(f)["square"]
    fixed = {
        "f(1)": abs(one - 1),
        "peak": abs(second_derivative_peak(f) - 1),
        "E f² by integration": gap,
        **{f"{name} minimum": minimum(ZOO[name])[1] for name in MINIMA},
        "gelu approximation": gelu_gap()[0],
    }
    found = {
        name: torch.full((len(seeds),), value, dtype=torch.float64) for name, value in fixed.items()
    }
    return {**found, "square": f(draws).square().mean(1).cpu()}


def cost_ratios(
    names: Sequence[str] = tuple(ZOO), *, size: int = 200_000, rounds: int = 15
) -> dict[str, float]:
    """Time of forward and backward over that of ReLU, PyTorch's own kernels, median of rounds."""
    x = torch.randn(size, generator=torch.Generator().manual_seed(0)).requires_grad_()
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "lecun_tanh": lambda v: 1.7159 * torch.tanh(v * (2 / 3)),
        **{name: getattr(F, name) for name in names if name != "lecun_tanh"},
    }
    seconds: dict[str, list[float]] = {name: [] for name in ("relu", *names)}
    for turn in range(rounds + 2):  # two to warm up
        for name, record in seconds.items():
            start = time.process_time()
            functions[name](x).sum().backward()
            if turn > 1:
                record.append(time.process_time() - start)
    relu = float(np.median(seconds["relu"]))
    return {name: float(np.median(seconds[name])) / relu for name in names}


# --- networks ------------------------------------------------------------------------------------


class Networks(nn.Module):
    """S multilayer perceptrons of one shape, side by side.

    Weights are normal with the variance that keeps the mean square of a layer's input sums at 1:
    one over the number of inputs times E f² of the activation below. For ReLU, where E f² is 1/2,
    this is He's. Biases start at ``bias``.

    Args:
        seeds: one seed a network; a network does not depend on which others train beside it.
        widths: inputs, hidden layers, outputs.
        activation: one of :data:`SELECTABLE`, or a function of ``[S, D, B]``. ``"maxout"`` has two
            pieces a unit; ``"maxout narrow"`` has 1/√2 of the units, so about as many weights as
            the others.
        bias: where hidden biases start.
        device: where the networks live. All draws are made on the CPU, so that a seed means the
            same everywhere.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        widths: Sequence[int] = (64, 64, 64, 10),
        activation: str | activations.Activation = "relu",
        *,
        bias: float = 0.0,
        device: str = "cpu",
    ) -> None:
        super().__init__()
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.activation = activation
        pieces = 2 if str(activation).startswith("maxout") else 1
        narrow = 1 / math.sqrt(2) if activation == "maxout narrow" else 1.0
        hidden = [round(width * narrow) for width in widths[1:-1]]
        sizes = [widths[0], *hidden, widths[-1]]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for i, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            last = i == len(sizes) - 2
            rows = fan_out * (1 if last else pieces)
            std = 1 / math.sqrt(fan_in * (1.0 if i == 0 else self._square()))
            draws = [torch.randn(rows, fan_in, generator=g) for g in self.generators]
            self.weights.append(nn.Parameter(std * torch.stack(draws)))
            start = 0.0 if last else bias
            self.biases.append(nn.Parameter(torch.full((len(seeds), rows, 1), start)))
        self.slope = nn.Parameter(torch.full((len(seeds), 1, 1), 0.25))  # prelu's
        self.to(device)

    def _square(self) -> float:
        if self.activation == "prelu":
            return (1 + 0.25**2) / 2
        if str(self.activation).startswith("maxout"):
            return 1.0  # of two independent normal variables the larger one has mean square 1
        f = self.activation
        return moments(activations.ACTIVATIONS[f] if isinstance(f, str) else f)["square"]

    def activate(self, z: Tensor) -> Tensor:
        """The activation of ``[S, D, B]``."""
        if self.activation == "prelu":
            return torch.where(z > 0, z, self.slope * z)
        if str(self.activation).startswith("maxout"):
            return activations.maxout(z, 2, dim=1)
        f = self.activation
        return activations.ACTIVATIONS[f](z) if isinstance(f, str) else f(z)

    def hidden(self, x: Tensor) -> list[Tensor]:
        """Inputs ``[S, D, B]``, then the values of each hidden layer."""
        values = [x]
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values.append(self.activate(torch.baddbmm(b, w, values[-1])))
        return values

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs ``[S, D, B]`` to logits ``[S, K, B]``."""
        return torch.baddbmm(self.biases[-1], self.weights[-1], self.hidden(x)[-1])

    def parameters_each(self) -> int:
        """Number of weights and biases of one network."""
        return sum(p[0].numel() for p in (*self.weights, *self.biases))


@cache
def digits(seeds: tuple[int, ...], standardize: bool = True) -> tuple[Tensor, ...]:
    """A split of the digits for each seed: ``[S, 64, N]`` and ``[S, N]`` for training and test."""
    splits = [load_digits(standardize=standardize, seed=seed) for seed in seeds]
    x_train, y_train, x_test, y_test = (torch.stack(part) for part in zip(*splits, strict=True))
    return x_train.transpose(1, 2).contiguous(), y_train, x_test.transpose(1, 2), y_test


def fit(
    networks: Networks,
    x: Tensor,
    y: Tensor,
    *,
    lr: float,
    epochs: int,
    batch_size: int = 64,
    method: str = "momentum",
    probe: Callable[[int], None] | None = None,
) -> None:
    """Train all networks, each on its own samples in its own order.

    The losses are summed over the seeds, so no network sees another's gradient.

    Args:
        networks: what is trained.
        x: inputs ``[S, D, N]``.
        y: classes ``[S, N]``.
        lr: learning rate.
        epochs: passes over the samples.
        batch_size: samples a step; a last incomplete batch is left out.
        method: ``"momentum"`` (SGD, 0.9) or ``"Adam"`` with a rate that falls along a cosine.
        probe: called with the number of steps done, before the first and after each.
    """
    parameters = list(networks.parameters())
    per_epoch = x.shape[2] // batch_size
    optimizer: torch.optim.Optimizer = torch.optim.SGD(parameters, lr=lr, momentum=0.9)
    if method == "Adam":
        optimizer = torch.optim.Adam(parameters, lr=lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * per_epoch)
    if probe:
        probe(0)
    for step in range(epochs * per_epoch):
        if step % per_epoch == 0:
            order = torch.stack(
                [torch.randperm(x.shape[2], generator=g) for g in networks.generators]
            ).to(x.device)
        first = step % per_epoch * batch_size
        chosen = order[:, first : first + batch_size]
        batch = x.gather(2, chosen[:, None].expand(-1, x.shape[1], -1))
        loss = F.cross_entropy(networks(batch), y.gather(1, chosen), reduction="none")
        optimizer.zero_grad()
        loss.mean(1).sum().backward()
        optimizer.step()
        if method == "Adam":
            schedule.step()
        if probe:
            probe(step + 1)


@torch.no_grad()
def _accuracy(networks: Networks, x: Tensor, y: Tensor) -> Tensor:
    return (networks(x).argmax(1) == y).double().mean(1).cpu()


# --- F5: linear layers collapse ------------------------------------------------------------------


def collapse(
    seeds: Sequence[int],
    *,
    features: int = 20,
    outputs: int = 10,
    width: int = 40,
    bottleneck: int = 3,
    layers: int = 6,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F5: a stack of linear layers against the one layer made of its weights.

    Returns relative distances over 200 inputs: ``"stack"`` of the stack to its product, ``"relu"``
    of the same stack with ReLUs to the best affine map, ``"bottleneck"`` of a random target map to
    the best one that passes a layer of ``bottleneck`` units; and ``"rank"`` of that product.
    """
    found: dict[str, list[float]] = {name: [] for name in ("stack", "relu", "bottleneck", "rank")}
    for seed in seeds:
        g = torch.Generator().manual_seed(seed)

        def normal(*shape: int, g: torch.Generator = g) -> Tensor:
            return torch.randn(*shape, generator=g, dtype=torch.float64).to(device)

        sizes = [features, *[width] * (layers - 1), outputs]
        stack = [(normal(o, i) / math.sqrt(i), normal(o, 1)) for i, o in pairwise(sizes)]
        x = normal(features, 200)
        y, w, b = x, torch.eye(features, dtype=x.dtype, device=device), torch.zeros_like(x[:, :1])
        z = x
        for i, (wi, bi) in enumerate(stack):
            y, w, b = wi @ y + bi, wi @ w, wi @ b + bi
            z = wi @ z + bi
            z = z.clamp(min=0) if i < layers - 1 else z
        one = torch.cat([x, torch.ones_like(x[:1])])
        best = torch.linalg.lstsq(one.T, z.T).solution
        centred = (z - z.mean(1, keepdim=True)).norm()
        target = normal(outputs, features)
        u, s, vt = torch.linalg.svd(target, full_matrices=False)
        through = (u[:, :bottleneck] * s[:bottleneck]) @ vt[:bottleneck]
        found["stack"].append(((w @ x + b - y).norm() / y.norm()).item())
        found["relu"].append(((one.T @ best - z.T).norm() / centred).item())
        found["bottleneck"].append(((target - through).norm() / target.norm()).item())
        found["rank"].append(float(torch.linalg.matrix_rank(through).item()))
    return {name: torch.tensor(values) for name, values in found.items()}


# --- F8: dying units -----------------------------------------------------------------------------


def death(
    seeds: Sequence[int],
    activation: str | activations.Activation = "relu",
    *,
    lr: float = 0.3,
    epochs: int = 3,
    width: int = 256,
    batch_size: int = 64,
    bias: float = 0.0,
    standardize: bool = False,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F8: share of the first layer's units that are positive for no training sample.

    Returns ``"start"`` and ``"dead"`` (after training), each ``[S]``, the test ``"accuracy"``, and
    ``"course"``, the share after each step, ``[steps + 1, S]``.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), standardize))
    networks = Networks(seeds, (64, width, width, 10), activation, bias=bias, device=device)
    course: list[Tensor] = []

    @torch.no_grad()
    def count(step: int) -> None:
        sums = torch.baddbmm(networks.biases[0], networks.weights[0], x)
        course.append((sums <= 0).all(2).double().mean(1).cpu())

    per_epoch = x.shape[2] // batch_size
    every = max(1, per_epoch // 11)
    fit(networks, x, y, lr=lr, epochs=epochs, batch_size=batch_size,
        probe=lambda step: count(step) if step % every == 0 else None)  # fmt: skip
    return {
        "start": course[0],
        "dead": course[-1],
        "accuracy": _accuracy(networks, x_test, y_test),
        "course": torch.stack(course),
        "steps": torch.arange(len(course)) * every,
    }


# --- F9: which activation ------------------------------------------------------------------------


def accuracies(
    seeds: Sequence[int],
    names: Sequence[str] = SELECTABLE,
    *,
    lrs: Sequence[float] = (1e-3, 3e-3),
    epochs: int = 15,
    width: int = 64,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F9: test accuracy of a network of two hidden layers, for each activation, ``[S]``.

    A fifth of the training samples is held out; the learning rate with the best mean accuracy on
    it, over all seeds, is taken for the activation. Test samples decide nothing.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), True))
    kept = x.shape[2] * 4 // 5
    found = {}
    for name in names:
        tried = []
        for lr in lrs:
            networks = Networks(seeds, (64, width, width, 10), name, device=device)
            fit(networks, x[:, :, :kept], y[:, :kept], lr=lr, epochs=epochs,
                batch_size=batch_size, method="Adam")  # fmt: skip
            held = _accuracy(networks, x[:, :, kept:], y[:, kept:]).mean().item()
            tried.append((held, _accuracy(networks, x_test, y_test)))
        found[name] = max(tried, key=lambda pair: pair[0])[1]
    return found


# --- T7: positive inputs -------------------------------------------------------------------------


def _one_sign(gradient: Tensor) -> Tensor:
    """Whether the weights of a unit, the last axis, have gradients of one sign."""
    return (gradient > 0).all(-1) | (gradient < 0).all(-1)


def same_sign(
    seeds: Sequence[int],
    activation: str = "sigmoid",
    *,
    width: int = 16,
    units: int = 128,
    samples: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T7: share of ``units`` of the second layer whose weights all get gradients of one sign.

    ``"sample"`` takes the gradient of each sample by itself, ``"batch"`` their mean; both are
    counted among units and samples with a gradient that is not zero.
    """
    x, y, *_ = (t.to(device) for t in digits(tuple(seeds), True))
    networks = Networks(seeds, (64, width, units, 10), activation, device=device)
    with torch.no_grad():
        _, below, _ = networks.hidden(x[:, :, :samples])
    sums = torch.baddbmm(networks.biases[1], networks.weights[1], below).requires_grad_()
    logits = torch.baddbmm(networks.biases[2], networks.weights[2], networks.activate(sums))
    loss = F.cross_entropy(logits, y[:, :samples], reduction="none").sum()
    (delta,) = torch.autograd.grad(loss, sums)  # [S, unit, sample]
    each = delta[..., None] * below.transpose(1, 2)[:, None]  # [S, unit, sample, weight]
    one, alive = _one_sign(each).double(), (delta != 0).double()
    mean = torch.bmm(delta, below.transpose(1, 2))
    return {
        "sample": ((one * alive).sum((1, 2)) / alive.sum((1, 2))).cpu(),
        "batch": _one_sign(mean).double().mean(1).cpu(),
    }


def zigzag(
    *, centred: bool, steps: int = 30, lr: float = 0.25, seed: int = 0
) -> Mapping[str, Tensor]:
    """Weights of one linear unit under SGD, one sample a step, towards weights of opposite signs.

    Inputs are uniform on [0, 2]², or the same shifted to mean 0.
    """
    g = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(steps, 2, generator=g, dtype=torch.float64) - (1.0 if centred else 0.0)
    goal, w = torch.tensor([1.0, -1.0], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    path = [w]
    for sample in x:
        w = w - lr * (sample @ (w - goal)) * sample
        path.append(w)
    return {"path": torch.stack(path), "goal": goal, "inputs": x}
