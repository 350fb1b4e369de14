r"""Experiments on output units: settings and seeds in, one value per seed out.

The maximum-entropy problem of the lecture has one distribution :math:`s^i` over the classes for
each sample i. Three independent ways to its solution stand here: a constrained optimizer that
knows nothing of exponentials, Newton's method on the multipliers, and the formula.

Claims F3, OU1, OU2 and OU3; explained in the chapter ``output_units``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linprog, minimize
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.output_units import log_softmax, max_entropy_probabilities, softmax

__all__ = [
    "Problem",
    "Solution",
    "calibration_error",
    "calibration_on_digits",
    "constrained_optimum",
    "draw_problem",
    "entropy",
    "fit_temperature",
    "logistic_regression",
    "newton_optimum",
    "nll",
]


def entropy(p: Tensor, dim: int = -1) -> Tensor:
    """Entropy in nats of probabilities along ``dim``, with 0 log 0 = 0.

    >>> entropy(torch.tensor([0.5, 0.5, 0.0]))
    tensor(0.6931)
    """
    return -torch.special.xlogy(p, p).sum(dim)


# --- the lecture's problem -----------------------------------------------------------------------


class Problem(NamedTuple):
    """Network outputs ``z`` of shape ``[N, K]`` and the true classes ``t`` of shape ``[N]``."""

    z: Tensor
    t: Tensor


class Solution(NamedTuple):
    """Probabilities ``[N, K]``, and one multiplier for each class's constraint, ``[K]``."""

    probabilities: Tensor
    multipliers: Tensor


def _targets(problem: Problem) -> Tensor:
    """The right-hand sides: for each class the sum of its output over the samples of the class."""
    own = torch.nn.functional.one_hot(problem.t, problem.z.shape[1])
    return (own * problem.z).sum(0)


def draw_problem(
    seed: int, *, samples: int = 12, classes: int = 2, one_class: bool = False
) -> Problem:
    """Random outputs, with classes that follow them only in part.

    Draws again where the constraints leave no room for probabilities above 0: there the
    multipliers would be infinite.

    Args:
        seed: of the generator.
        samples: N.
        classes: K.
        one_class: whether the last class's output is always 0, as on the lecture's last slide.
    """
    generator = torch.Generator().manual_seed(seed)
    while True:
        z = torch.randn(samples, classes, generator=generator, dtype=torch.float64)
        if one_class:
            z[:, -1] = 0
        t = torch.multinomial(softmax(1.5 * z), 1, generator=generator)[:, 0]
        problem = Problem(z, t)
        if _room(problem)[0] > 0.05:
            return problem


def _constraints(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """All equations A s = b for the probabilities in a row: one a class, and one a sample."""
    z = problem.z.numpy()
    n, k = z.shape
    means = (z[:, :, None] * np.eye(k)).reshape(n * k, k).T
    sums = np.kron(np.eye(n), np.ones(k))
    used = np.abs(means).max(1) > 0  # an output that is always 0 constrains nothing
    a = np.vstack([means[used], sums])
    return a, np.concatenate([_targets(problem).numpy()[used], np.ones(n)])


def _room(problem: Problem) -> tuple[float, np.ndarray]:
    """The largest that the smallest probability can be under the constraints, and where it is."""
    a, b = _constraints(problem)
    size = a.shape[1]
    found = linprog(
        np.r_[np.zeros(size), -1.0],
        A_ub=np.hstack([-np.eye(size), np.ones((size, 1))]),
        b_ub=np.zeros(size),
        A_eq=np.hstack([a, np.zeros((len(a), 1))]),
        b_eq=b,
    )
    return (-float(found.fun), found.x[:-1]) if found.success else (0.0, np.zeros(size))


def constrained_optimum(problem: Problem) -> Tensor:
    """The probabilities of largest entropy, by SciPy's sequential quadratic programming.

    It is given the entropy, its gradient and the constraints, and no formula for the solution. It
    starts in the middle of what the constraints allow.
    """
    a, b = _constraints(problem)
    _, start = _room(problem)
    # Rows that say the same twice, as for outputs that sum to 0, confuse the optimizer.
    u, size, v = np.linalg.svd(a, full_matrices=False)
    kept = size > 1e-9 * size[0]
    a, b = v[kept], (u.T @ b)[kept] / size[kept]
    found = minimize(
        lambda s: float((s * np.log(s)).sum()),
        start,
        jac=lambda s: np.log(s) + 1,
        method="SLSQP",
        constraints={"type": "eq", "fun": lambda s: a @ s - b, "jac": lambda s: a},
        bounds=[(1e-9, 1.0)] * len(start),
        options={"ftol": 1e-15, "maxiter": 500},
    )
    return torch.from_numpy(found.x).reshape(problem.z.shape)


def newton_optimum(problem: Problem) -> Solution:
    """The same by :func:`lecturelib.output_units.max_entropy_probabilities`.

    N distributions over K classes become one over the N·K pairs (sample, class), in which each
    sample has probability 1/N: its entropy is log N plus the mean entropy of the N.
    """
    z = problem.z
    n, k = z.shape
    means = (z[:, :, None] * torch.eye(k, dtype=z.dtype)).reshape(n * k, k).T
    sums = torch.eye(n, dtype=z.dtype).repeat_interleave(k, dim=1)[: n - 1]
    used = means.abs().amax(1) > 0
    scores = torch.cat([means[used], sums])
    goal = torch.cat([_targets(problem)[used] / n, torch.full((n - 1,), 1 / n, dtype=z.dtype)])
    p, found = max_entropy_probabilities(scores, goal)
    multipliers = torch.ones(k, dtype=z.dtype)
    multipliers[used] = found[: int(used.sum())]
    return Solution(n * p.reshape(n, k), multipliers)


def logistic_regression(seed: int, *, samples: int = 60, features: int = 3) -> Problem:
    """Outputs z = Wh + b of a linear layer with two outputs that is trained to the minimum.

    Labels are drawn so that the classes overlap; Newton's method on the mean cross-entropy.
    """
    generator = torch.Generator().manual_seed(seed)
    h = torch.randn(samples, features, generator=generator, dtype=torch.float64)
    h = torch.cat([h, torch.ones(samples, 1, dtype=h.dtype)], 1)
    true = torch.randn(features + 1, 2, generator=generator, dtype=torch.float64)
    t = torch.multinomial(softmax(h @ true), 1, generator=generator)[:, 0]
    one_hot = torch.nn.functional.one_hot(t, 2).to(h)
    w = torch.zeros_like(true)
    for _ in range(50):
        p = softmax(h @ w)
        gradient = h.T @ (p - one_hot)
        curvature = (h * (p[:, :1] * p[:, 1:])).T @ h
        # Both columns move by half of the step, in opposite directions: their sum does nothing.
        w = w - torch.linalg.solve(curvature, gradient) / 2
    # What both outputs share changes no probability. Without it they would be opposite numbers,
    # and the two constraints of the lecture would be one.
    shared = torch.randn(features + 1, 1, generator=generator, dtype=torch.float64)
    return Problem(h @ (w + shared), t)


# --- temperature ---------------------------------------------------------------------------------


def nll(logits: Tensor, labels: Tensor, temperature: Tensor | float = 1.0) -> Tensor:
    """Mean negative log-likelihood of ``[S, N, K]`` at one temperature a network, ``[S]``."""
    scaled = logits / torch.as_tensor(temperature).reshape(-1, 1, 1)
    return -log_softmax(scaled).gather(2, labels[..., None])[..., 0].mean(1)


def fit_temperature(logits: Tensor, labels: Tensor, *, steps: int = 60) -> Tensor:
    """The temperature of smallest mean NLL for each of S sets of logits ``[S, N, K]``.

    The NLL is convex in the inverse temperature a; its derivative, the mean of E[z] − z_t with the
    expectation under softmax(a z), rises with a. So we halve an interval of log a.

    >>> z = torch.tensor([[[2.0, 0.0]]]).expand(1, 4, 2)
    >>> t = fit_temperature(z, torch.tensor([[0, 0, 0, 1]]))
    >>> softmax(z[0, 0] / t)
    tensor([0.7500, 0.2500])
    """
    low = torch.full(logits.shape[:1], math.log(1e-3), dtype=logits.dtype)
    high = torch.full_like(low, math.log(1e3))
    seen = logits.gather(2, labels[..., None])[..., 0].mean(1)
    for _ in range(steps):
        middle = (low + high) / 2
        p = softmax(logits * middle.exp().reshape(-1, 1, 1))
        too_sure = (p * logits).sum(2).mean(1) > seen
        high = torch.where(too_sure, middle, high)
        low = torch.where(too_sure, low, middle)
    return torch.exp(-(low + high) / 2)


def calibration_error(
    logits: Tensor, labels: Tensor, temperature: Tensor, bins: int = 10
) -> Tensor:
    """Expected calibration error of S networks: mean gap of confidence and accuracy over bins."""
    p = softmax(logits / temperature.reshape(-1, 1, 1))
    confidence, guess = p.max(2)
    gap = (guess == labels).to(p) - confidence
    place = (confidence * bins).long().clamp(max=bins - 1)
    sums = torch.zeros(len(p), bins, dtype=p.dtype).scatter_add(1, place, gap)
    return sums.abs().sum(1) / labels.shape[1]


class _Splits(NamedTuple):
    x: Tensor
    y: Tensor


def _split(seed: int, train: int, validation: int) -> tuple[_Splits, _Splits, _Splits]:
    x, y, x_test, y_test = load_digits(
        standardize=True, test_size=1797 - train - validation, seed=seed
    )
    return (
        _Splits(x[:train], y[:train]),
        _Splits(x[train:], y[train:]),
        _Splits(x_test, y_test),
    )


def calibration_on_digits(
    seeds: Sequence[int],
    *,
    train: int = 200,
    validation: int = 500,
    width: int = 64,
    steps: int = 500,
    lr: float = 1e-2,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """S networks 64-width-10 trained on few digits, with logits on validation and test digits.

    The networks train side by side, weights ``[S, in, out]``, each on its own split: Adam with the
    whole training set in each step.
    """
    parts = [_split(seed, train, validation) for seed in seeds]
    fit, held, test = (
        _Splits(torch.stack([p[i].x for p in parts]).to(device),
                torch.stack([p[i].y for p in parts]).to(device))
        for i in range(3)
    )  # fmt: skip
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    shapes = [(64, width), (width, 10)]
    weights = [
        (torch.stack([torch.randn(s, generator=g) for g in generators]) * math.sqrt(2 / s[0]))
        .to(device)
        .requires_grad_()
        for s in shapes
    ]
    biases = [torch.zeros(len(parts), 1, s[1], device=device, requires_grad=True) for s in shapes]

    def network(x: Tensor) -> Tensor:
        h = torch.relu(torch.baddbmm(biases[0], x, weights[0]))
        return torch.baddbmm(biases[1], h, weights[1])

    optimizer = torch.optim.Adam([*weights, *biases], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nll(network(fit.x), fit.y).sum().backward()
        optimizer.step()
    with torch.no_grad():
        found = {"validation": network(held.x).double(), "test": network(test.x).double()}
    return {**found, "validation labels": held.y, "test labels": test.y}
