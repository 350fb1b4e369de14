r"""Experiments on length and direction: settings and seeds in, one value per seed out.

The weights of a normalized unit are :math:`\tilde w = g\,w/\lVert w\rVert_S`, with the length g
apart from the direction w. Problems are halfspaces with Gaussian data, as in Kohler et al. (2019):
:math:`f(w) = \operatorname{E}\,\varphi(z^\top w)` with :math:`z = -y\,x \sim N(u, C)` and
:math:`S = \operatorname{E}[z z^\top] = C + u u^\top`. As :math:`z^\top w` is normal, a population
loss is an integral over one number, and its gradient has no sampling noise.

Claims W12, W13, W16, N9 and A9. Seeds are a leading tensor axis throughout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, sgd

__all__ = [
    "LOSSES",
    "Halfspace",
    "best_multiple",
    "cross_block",
    "descent_steps",
    "direction_gap",
    "direction_path",
    "expected_loss",
    "halfspace",
    "least_squares_path",
    "normalized_steps",
    "output_spread",
    "path_distance",
    "sampled_halfspace",
    "shut_down",
    "sign_agreement",
]

Loss = Callable[[Tensor], Tensor]

LOSSES: dict[str, Loss] = {
    "least squares": lambda s: (1 + s).square(),
    "logistic": F.softplus,
    "sigmoidal": torch.sigmoid,
}
"""Losses of the margin ``s = zᵀw = -y xᵀw``: small where the sample lies on the right side."""

CURVATURE = {"least squares": 2.0, "logistic": 0.25, "sigmoidal": 1 / (6 * math.sqrt(3))}
"""Largest \\|φ''\\| of each loss; times λmax(S) it bounds the Hessian of f."""


class Halfspace(NamedTuple):
    """Gaussian halfspaces side by side: ``z ~ N(u, C)``."""

    u: Tensor
    """Means, ``[S, d]``."""
    C: Tensor
    """Covariances, ``[S, d, d]``."""

    @property
    def second(self) -> Tensor:
        """Second moments ``S = C + u uᵀ``, ``[S, d, d]``."""
        return self.C + self.u.unsqueeze(-1) * self.u.unsqueeze(-2)

    @property
    def best(self) -> Tensor:
        """The direction that minimizes every loss, ``-S⁻¹u``, ``[S, d]``."""
        return -torch.linalg.solve(self.second, self.u)


def halfspace(
    seeds: Sequence[int], *, inputs: int = 10, condition: float = 30.0, device: str = "cpu"
) -> Halfspace:
    """Draw problems with covariances of eigenvalues from 1 down to ``1/condition``, turned."""
    u, c = [], []
    eigenvalues = torch.logspace(0, -math.log10(condition), inputs, dtype=torch.float64)
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        square = torch.randn(inputs, inputs, generator=generator, dtype=torch.float64)
        axes = torch.linalg.qr(square).Q
        c.append(axes * eigenvalues @ axes.T)
        # Of the size of the spread along each axis, so that neither class is trivial.
        draw = torch.randn(inputs, generator=generator, dtype=torch.float64)
        u.append(axes @ (eigenvalues.sqrt() * draw) / math.sqrt(inputs))
    return Halfspace(torch.stack(u).to(device), torch.stack(c).to(device))


def sampled_halfspace(problem: Halfspace, seeds: Sequence[int], samples: int) -> Tensor:
    """Samples of z for each problem, ``[S, samples, d]``."""
    factor = torch.linalg.cholesky(problem.C)
    draws = [
        torch.randn(
            samples, problem.u.shape[-1], generator=torch.Generator().manual_seed(seed + 2**20)
        )
        for seed in seeds
    ]
    return problem.u[:, None] + torch.stack(draws).to(factor) @ factor.mT


def _nodes(count: int = 80) -> tuple[Tensor, Tensor]:
    """Gauss-Hermite nodes and weights for the standard normal."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return torch.from_numpy(nodes), torch.from_numpy(weights / weights.sum())


def expected_loss(loss: Loss, problem: Halfspace, w: Tensor) -> Tensor:
    """``E φ(zᵀw)`` of each problem, ``[S]``, by quadrature over the normal number zᵀw."""
    nodes, weights = (t.to(w.device) for t in _nodes())
    mean = (problem.u * w).sum(-1, keepdim=True)
    sd = torch.einsum("si,sij,sj->s", w, problem.C, w).sqrt().unsqueeze(-1)
    return (loss(mean + sd * nodes) * weights).sum(-1)


def _norm(w: Tensor, metric: Tensor | None) -> Tensor:
    """``(wᵀ M w)^½``, ``[S, 1]``; None is the unit matrix."""
    square = w.square().sum(-1) if metric is None else torch.einsum("si,sij,sj->s", w, metric, w)
    return square.sqrt().unsqueeze(-1)


def _start(problem: Halfspace, seeds: Sequence[int]) -> Tensor:
    """A random direction on the side where the margin shrinks, ``[S, d]``."""
    size = problem.u.shape[-1]
    draws = [
        torch.randn(
            size, generator=torch.Generator().manual_seed(seed + 2**21), dtype=torch.float64
        )
        for seed in seeds
    ]
    w = torch.stack(draws).to(problem.u)
    return -w * (problem.u * w).sum(-1, keepdim=True).sign()


def direction_path(
    problem: Halfspace,
    seeds: Sequence[int],
    loss: str,
    *,
    metric: str = "batch",
    steps: int = 60,
    samples: Tensor | None = None,
) -> Tensor:
    r"""W12: directions on the way down a loss, unit vectors ``[steps + 1, S, d]``.

    The unit is normalized, :math:`\tilde w = w/\lVert w\rVert_M`: by its standard deviation as
    batch norm does (``metric="batch"``, M = S) or by its length as weight norm does
    (``"weight"``, M = I). A step follows the gradient of w. Its length is that of gradient descent
    in normalized parameters (Kohler et al. 2019, algorithm 1) for least squares,
    :math:`\lVert u - a S w\rVert/(L\lvert a\rvert)` with
    :math:`a = u^\top w/\lVert w\rVert_S^2` and L the largest eigenvalue of S, so that two paths
    can only differ by where the gradients point.

    Args:
        problem: the distribution.
        seeds: one for each problem; they draw the start.
        loss: a name in ``LOSSES``.
        metric: ``"batch"``, ``"weight"`` or ``"none"``, which leaves w as it is.
        steps: number of steps.
        samples: data ``[S, n, d]`` to take the means of; without, expectations are exact.
    """
    phi = LOSSES[loss]
    u, second = problem.u, problem.second
    if samples is not None:
        u, second = samples.mean(1), samples.mT @ samples / samples.shape[1]
    largest = torch.linalg.eigvalsh(second)[:, -1:]
    scale = {"batch": second, "weight": None, "none": None}[metric]
    w = _start(problem, seeds)
    path = [F.normalize(w, dim=-1)]
    for _ in range(steps):
        w = (w / _norm(w, second)).detach().requires_grad_()
        unit = w if metric == "none" else w / _norm(w, scale)
        if samples is None:
            value = expected_loss(phi, problem, unit)
        else:
            value = phi(torch.einsum("snd,sd->sn", samples, unit)).mean(-1)
        (gradient,) = torch.autograd.grad(value.sum(), w)
        with torch.no_grad():
            a = (u * w).sum(-1, keepdim=True) / _norm(w, second).square()
            residual = u - a * torch.einsum("sij,sj->si", second, w)
            length = residual.norm(dim=-1, keepdim=True) / (largest * a.abs())
            w = w - length * F.normalize(gradient, dim=-1, eps=1e-300)
        path.append(F.normalize(w, dim=-1))
    return torch.stack(path)


def path_distance(first: Tensor, second: Tensor) -> Tensor:
    """Largest distance of two paths of unit vectors ``[steps, S, d]`` at equal steps, ``[S]``."""
    return (first - second).norm(dim=-1).amax(0)


def direction_gap(problem: Halfspace, w: Tensor) -> Tensor:
    r"""``1 - ρ(w)/ρ(w*)`` with the Rayleigh quotient ``ρ = (uᵀw)²/(wᵀSw)``, ``[S]``."""
    best = (problem.u * -problem.best).sum(-1)
    square = (problem.u * w).sum(-1).square()
    return 1 - square / (_norm(w, problem.second)[:, 0].square() * best)


def normalized_steps(
    problem: Halfspace, seeds: Sequence[int], loss: str, *, tolerance: float, limit: int
) -> Tensor:
    """W13: steps of gradient descent in normalized parameters until the gap is small, ``[S]``.

    The gap is that of the direction, ``1 - ρ(w)/ρ(w*)``. ``limit`` means never.
    """
    gaps = torch.empty(0)
    for steps in (limit // 8, limit):  # most arrive early
        path = direction_path(problem, seeds, loss, steps=steps)
        gaps = torch.stack([direction_gap(problem, w) for w in path])
        if (gaps <= tolerance).any(0).all():
            break
    return _first(gaps, tolerance, limit)


def descent_steps(
    problem: Halfspace,
    seeds: Sequence[int],
    loss: str,
    *,
    tolerance: float,
    limit: int,
    rates: Sequence[float] = (1.0,),
) -> Tensor:
    """W13: steps of plain gradient descent until the same gap is as small, ``[S]``.

    The rates are multiples of 1/L, with the bound L on the largest curvature; the best one counts.
    They run side by side.
    """
    phi, many = LOSSES[loss], len(rates)
    problem = Halfspace(problem.u.repeat(many, 1), problem.C.repeat(many, 1, 1))
    largest = CURVATURE[loss] * torch.linalg.eigvalsh(problem.second)[:, -1:]
    multiples = torch.tensor(rates).to(problem.u).repeat_interleave(len(seeds))[:, None]
    w = _start(problem, [*seeds] * many)
    w = w / _norm(w, problem.second)
    gaps = [direction_gap(problem, w)]
    arrived = gaps[0] <= tolerance
    for _ in range(limit):
        w = w.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(expected_loss(phi, problem, w).sum(), w)
        w = (w - multiples / largest * gradient).detach()
        gaps.append(direction_gap(problem, w))
        arrived |= gaps[-1] <= tolerance
        if arrived.all():
            break
    steps = _first(torch.stack(gaps), tolerance, limit)
    return steps.view(many, len(seeds)).amin(0)


def best_multiple(problem: Halfspace) -> float:
    """2/(1 + μ/L), the best constant rate for a quadratic as a multiple of 1/L.

    All problems of :func:`halfspace` have nearly the same μ/L; the median is taken.
    """
    eigenvalues = torch.linalg.eigvalsh(problem.second)
    return float((2 / (1 + eigenvalues[:, 0] / eigenvalues[:, -1])).median())


def _first(gaps: Tensor, tolerance: float, limit: int) -> Tensor:
    """Index of the first gap in ``[steps, S]`` that is small; ``limit`` if there is none."""
    small = gaps <= tolerance
    first = small.double().argmax(0).double()
    return torch.where(small.any(0), first, torch.full_like(first, float(limit)))


def least_squares_path(
    problem: Halfspace, seeds: Sequence[int], metric: str, *, steps: int, lr: float
) -> dict[str, Tensor]:
    r"""N9: gradient descent on ``(w, g)`` of normalized least squares, :math:`y \approx
    x^\top g\,w/\lVert w\rVert_M` (Kohler et al. 2019, equation 12, with -u for u).

    Returns the excess loss over the best, ``"excess"``, the directions ``"path"`` and lengths
    ``"length"`` on the way, ``[steps + 1, S, ...]``.
    """
    second = problem.second
    scale = second if metric == "batch" else None
    target = -problem.u  # E[y x]
    w = _start(problem, seeds)
    w = (w / _norm(w, scale)).requires_grad_()
    g = torch.ones_like(w[:, :1]).requires_grad_()
    best = -(target * torch.linalg.solve(second, target)).sum(-1)
    excess, path, length = [], [], []
    for _ in range(steps + 1):
        effective = g * w / _norm(w, scale)
        quadratic = torch.einsum("si,sij,sj->s", effective, second, effective)
        value = quadratic - 2 * (target * effective).sum(-1)
        excess.append((value - best).detach())
        path.append(F.normalize(w.detach(), dim=-1))
        length.append(g.detach()[:, 0])
        steps_w, steps_g = torch.autograd.grad(value.sum(), (w, g))
        w = (w - lr * steps_w).detach().requires_grad_()
        g = (g - lr * steps_g).detach().requires_grad_()
    return {
        "excess": torch.stack(excess),
        "path": torch.stack(path),
        "length": torch.stack(length),
    }


def output_spread(
    problem: Halfspace, seeds: Sequence[int], metric: str, *, directions: int = 200
) -> Tensor:
    """N9: largest over smallest standard deviation of a normalized unit over directions, ``[S]``.

    The unit has length 1 in the metric of batch norm or in that of weight norm.
    """
    result = []
    second = problem.second
    for s, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed + 2**22)
        size = problem.u.shape[-1]
        w = torch.randn(directions, size, generator=generator, dtype=torch.float64).to(problem.u)
        scale = second[s] if metric == "batch" else torch.eye(size).to(w)
        w = w / torch.einsum("ki,ij,kj->k", w, scale, w).sqrt()[:, None]
        sd = torch.einsum("ki,ij,kj->k", w, second[s], w).sqrt()
        result.append(sd.max() / sd.min())
    return torch.stack(result)


def shut_down(
    seeds: Sequence[int],
    *,
    kind: str,
    inputs: int = 20,
    samples: int = 1000,
    lr: float = 0.1,
    steps: int = 100,
    device: str = "cpu",
) -> Tensor:
    """W16: share of samples on which a ReLU is on after it was told to become smaller, ``[S]``.

    The layer above wants less of the unit on every sample: the cost is the mean of its output.
    Inputs are centred normal. ``kind`` is ``"batch"`` (γ, β after batch norm), ``"bias"`` (weights
    and a bias) or ``"weights"`` (weights alone). All parameters move by gradient descent.
    """
    draws, weights = [], []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        draws.append(torch.randn(inputs, samples, generator=generator, dtype=torch.float64))
        weights.append(torch.randn(1, inputs, generator=generator, dtype=torch.float64))
    x = torch.stack(draws).to(device)  # [S, D, B]
    w = (torch.stack(weights) / math.sqrt(inputs)).to(device)  # variance of wᵀx about 1
    gain, shift = torch.ones_like(w[..., :1]), torch.zeros_like(w[..., :1])
    parameters = {"batch": [w, gain, shift], "bias": [w, shift], "weights": [w]}[kind]
    for parameter in parameters:
        parameter.requires_grad_()

    def unit() -> Tensor:
        z = w @ x
        if kind == "batch":
            z = F.layer_norm(z, (samples,)) * gain
        return z + shift

    for _ in range(steps):
        gradients = torch.autograd.grad(unit().relu().mean(-1).sum(), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= lr * gradient
    return (unit().detach() > 0).double().mean((1, 2))


def sign_agreement(
    seeds: Sequence[int],
    *,
    width: int = 64,
    depth: int = 4,
    lr: float = 0.1,
    steps: int = 100,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """W16: how often a gradient keeps its sign from one minibatch to the next, for γ, β and W.

    Networks with batch norm on standardized digits; share of entries and steps, ``[S]`` each.
    """
    data = load_digits(standardize=True, device=device)
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, device=device)
    groups = {
        "gain": list(networks.gains),
        "shift": list(networks.shifts),
        "weight": list(networks.weights)[:-1],
    }
    last: dict[str, list[Tensor]] = {}
    kept = {name: torch.zeros(len(seeds), dtype=torch.float64, device=device) for name in groups}

    def probe(step: int) -> None:
        for name, parameters in groups.items():
            signs = [p.grad.sign() for p in parameters if p.grad is not None]
            if name in last:
                same = [(a == b).flatten(1) for a, b in zip(signs, last[name], strict=True)]
                kept[name] += torch.cat(same, 1).double().mean(1) / (steps - 1)
            last[name] = signs

    fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=sgd(lr),
        steps=steps,
        batch_size=batch_size,
        probe=probe,
    )
    return kept


def cross_block(
    seeds: Sequence[int],
    *,
    norm: bool,
    width: int = 50,
    depth: int = 6,
    activation: str = "relu",
    lr: float = 0.05,
    steps: int = 150,
    samples: int = 512,
    probes: int = 8,
    move: float = 0.05,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""A9: how the gradient of a layer depends on the other layers, after training, ``[S]`` each.

    The layer is the middle one, weights only. ``"hessian"`` is the Frobenius norm of the Hessian's
    blocks between it and all other weight matrices, from random signs v:
    :math:`\lVert H\rVert_F^2 = \operatorname{E}\lVert H v\rVert^2`. ``"turn"`` is one minus the
    cosine of its gradient before and after the other layers went along their own gradients by
    ``move`` of their length.
    """
    data = load_digits(device=device)
    x, y = data.x_train[:samples], data.y_train[:samples]
    networks = NormalizedNetworks(
        [64] + [width] * depth + [10],
        seeds,
        order=("norm", "activation") if norm else ("activation",),
        activation={"relu": torch.relu, "tanh": torch.tanh}[activation],
        device=device,
    )
    fit(networks, x, y, optimizer=sgd(lr), steps=steps, batch_size=samples)

    weights = list(networks.weights)
    middle = depth // 2
    inputs = x.T.expand(len(seeds), -1, -1)

    def gradients(*, create_graph: bool = False) -> tuple[Tensor, ...]:
        logits = networks(inputs)
        targets = y.expand(len(seeds), -1)
        loss = F.cross_entropy(logits, targets, reduction="none").mean(-1).sum()
        return torch.autograd.grad(loss, weights, create_graph=create_graph)

    found = gradients(create_graph=True)
    square = torch.zeros(len(seeds), dtype=torch.float64, device=device)
    for _ in range(probes):
        shape = found[middle].shape[1:]
        signs = [torch.randint(0, 2, shape, generator=g) * 2.0 - 1 for g in networks.generators]
        v = torch.stack(signs).to(device)
        others = [w for i, w in enumerate(weights) if i != middle]
        rows = torch.autograd.grad((found[middle] * v).sum(), others, retain_graph=True)
        square += sum(row.double().square().sum((1, 2)) for row in rows) / probes
    before = [g.detach() for g in found]
    with torch.no_grad():
        for i, w in enumerate(weights):
            if i != middle:
                size = w.norm(dim=(1, 2), keepdim=True) / before[i].norm(dim=(1, 2), keepdim=True)
                w -= move * size * before[i]
    after = gradients()[middle]
    cosine = F.cosine_similarity(before[middle].flatten(1), after.flatten(1))
    return {"hessian": square.sqrt(), "turn": 1 - cosine.double()}
