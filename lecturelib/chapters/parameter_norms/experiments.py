r"""Experiments on penalties: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis**: networks have activations of shape ``[S, D, B]``
(seeds, units, samples), and linear problems carry the seeds and the strengths of a penalty in
front, ``[S, K, D]``. Whatever is tuned is tuned for each seed by itself, on validation data.

Claims R1, R5, R7, R9 and R15; explained in the chapter ``parameter_norms``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lecturelib.experiments.networks import accuracy, cross_entropy, fit
from lecturelib.experiments.perceptrons import Perceptrons, digits
from lecturelib.regularizers import (
    bias_variance,
    project_to_ball,
    proximal_step_,
    soft_threshold,
)

__all__ = [
    "LinearProblem",
    "MaxNormSGD",
    "best",
    "courses",
    "decomposition",
    "early_stopping",
    "l2_gain",
    "norm_balls",
    "projected",
    "proximal_path",
    "ridge_path",
    "shrinkage",
    "stopping_against_ridge",
]

F64 = torch.float64


# --- over-fitting networks -----------------------------------------------------------------------


def _flipped(y: Tensor, share: float, generators: Sequence[torch.Generator]) -> Tensor:
    """Labels ``[S, N]`` of which a share is replaced by another class."""
    count = y.shape[1]
    changed = torch.stack([torch.rand(count, generator=g) < share for g in generators])
    shift = torch.stack([torch.randint(1, 10, (count,), generator=g) for g in generators])
    return torch.where(changed.to(y.device), (y + shift.to(y.device)) % 10, y)


class MaxNormSGD(torch.optim.SGD):
    """SGD that keeps the weights of each unit, a row of ``[S, out, in]``, in a ball."""

    def __init__(self, parameters: Any, *, radius: float, **options: Any) -> None:
        super().__init__(parameters, **options)
        self.radius = radius

    def step(self, closure: Any = None) -> Any:
        """Make SGD's step, then project; biases ``[S, out, 1]`` stay free."""
        loss = super().step(closure)
        weights = [p for g in self.param_groups for p in g["params"] if p.shape[-1] > 1]
        proximal_step_(weights, partial(project_to_ball, radius=self.radius, dim=-1))
        return loss


def courses(
    seeds: Sequence[int],
    *,
    lr: float,
    penalty: float,
    radius: float = math.inf,
    flip: float,
    samples: int,
    held_out: int,
    width: int,
    epochs: int,
    batch_size: int,
    every: int = 1,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """One training with J + λ‖θ‖², looked at after ``every`` so many epochs; values ``[T, S]``.

    With a finite ``radius`` the weights of each unit stay in the ball of that radius. The
    labels of the validation data have the same share of wrong ones as those of the training
    data; the test labels are true. SGD with momentum 0.9.

    Returns ``"train"`` (accuracy on the labels as they are), ``"validation"`` (accuracy),
    ``"validation loss"``, ``"test"`` (accuracy) and ``"test loss"``.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), True))
    networks = Perceptrons(seeds, (64, width, width, 10), device=device)
    chosen = samples + held_out
    y = _flipped(y[:, :chosen], flip, networks.generators)
    x_train, x_held = x[:, :, :samples].contiguous(), x[:, :, samples:chosen]
    y_train, y_held = y[:, :samples], y[:, samples:]
    per_epoch, seen = samples // batch_size, []

    @torch.no_grad()
    def look(step: int) -> None:
        if (step + 1) % (every * per_epoch):
            return
        held, test = networks(x_held), networks(x_test)
        seen.append(
            torch.stack(
                [
                    accuracy(networks, x_train, y_train),
                    (held.argmax(1) == y_held).double().mean(1),
                    cross_entropy(held, y_held).double(),
                    (test.argmax(1) == y_test).double().mean(1),
                    cross_entropy(test, y_test).double(),
                ]
            )
        )

    free = radius == math.inf
    sgd = torch.optim.SGD if free else partial(MaxNormSGD, radius=radius)
    fit(
        networks,
        x_train,
        y_train,
        optimizer=partial(sgd, lr=lr, momentum=0.9, weight_decay=2 * penalty),
        steps=epochs * per_epoch,
        batch_size=batch_size,
        probe=look,
    )
    names = ("train", "validation", "validation loss", "test", "test loss")
    return dict(zip(names, torch.stack(seen, 1).cpu(), strict=True))


def best(runs: Sequence[dict[str, Tensor]], by: str, *, smallest: bool) -> dict[str, Tensor]:
    """For each seed the run that a quantity prefers: values ``[S]``, and its number as ``"run"``.

    A run holds values ``[S]`` by name. A run whose quantity is no number is never preferred.
    """
    score = torch.stack([run[by] for run in runs])
    score = (-score if smallest else score).nan_to_num(-math.inf)
    number = score.argmax(0)
    picked = {
        name: torch.stack([run[name] for run in runs]).gather(0, number[None])[0]
        for name in runs[0]
    }
    return {**picked, "run": number}


def l2_gain(
    seeds: Sequence[int],
    *,
    lrs: Sequence[float],
    penalties: Sequence[float],
    flip: float,
    device: str = "cpu",
    **protocol: int,
) -> dict[str, Tensor]:
    """R1: test accuracy and loss without a penalty and with the best of some, ``[S]`` each.

    Both sides pick their learning rate, and one its λ, by the accuracy on validation data at the
    end of the training.
    """

    def run(lr: float, penalty: float) -> dict[str, Tensor]:
        options = {**protocol, "every": protocol["epochs"]}
        course = courses(seeds, lr=lr, penalty=penalty, flip=flip, device=device, **options)
        return {name: values[-1] for name, values in course.items()}

    plain = best([run(lr, 0.0) for lr in lrs], "validation", smallest=False)
    penalized = best(
        [run(lr, penalty) for penalty in penalties for lr in lrs], "validation", smallest=False
    )
    return {
        "gain": penalized["test"] - plain["test"],
        "loss": penalized["test loss"] / plain["test loss"],
        "gap plain": plain["train"] - plain["validation"],
        "gap penalized": penalized["train"] - penalized["validation"],
        "plain": plain["test"],
        "penalized": penalized["test"],
        "penalty": torch.tensor(penalties)[penalized["run"] // len(lrs)],
    }


def early_stopping(
    seeds: Sequence[int],
    *,
    lrs: Sequence[float],
    flip: float,
    device: str = "cpu",
    **protocol: int,
) -> dict[str, Tensor]:
    """R5: the epoch of the lowest validation loss against the last one, ``[S]`` each.

    ``"gain"`` and ``"fitted"`` (accuracy on the training labels at the end) are for the last of the
    rates. For ``"tuned gain"`` both sides pick their rate by the accuracy on validation data at
    their own epoch.
    """
    ended, stopped = [], []
    for lr in lrs:
        course = courses(seeds, lr=lr, penalty=0.0, flip=flip, device=device, **protocol)
        epoch = course["validation loss"].nan_to_num(math.inf).argmin(0)
        ended.append({name: values[-1] for name, values in course.items()})
        stopped.append(
            {name: values.gather(0, epoch[None])[0] for name, values in course.items()}
            | {"epoch": epoch.double() + 1}
        )
    last = best(ended, "validation", smallest=False)
    early = best(stopped, "validation", smallest=False)
    return {
        "gain": stopped[-1]["test"] - ended[-1]["test"],
        "tuned gain": early["test"] - last["test"],
        "fitted": ended[-1]["train"],
        "loss": early["test loss"] / last["test loss"],
        "last": last["test"],
        "early": early["test"],
        "epoch": early["epoch"],
    }


# --- linear problems: penalties, balls, stopping -------------------------------------------------


class LinearProblem:
    """Least squares with few relevant inputs, ``[S, N, D]``, and fresh data of the same kind.

    Targets are ``x·w`` plus normal noise; ``w`` has ``relevant`` entries of size 1 with random
    signs, at random places, and is 0 elsewhere. The loss is the mean of half the squared errors.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        *,
        samples: int,
        features: int,
        relevant: int,
        noise: float,
        device: str = "cpu",
    ) -> None:
        parts = [
            self._draw(torch.Generator().manual_seed(s), samples, features, relevant) for s in seeds
        ]
        x, error, w = (torch.stack(p).to(device) for p in zip(*parts, strict=True))
        y = x @ w[..., None] + noise * error
        self.w, self.noise = w, noise
        self.x, self.x_valid, self.x_test = x.split([samples, samples, x.shape[1] - 2 * samples], 1)
        self.y, self.y_valid, self.y_test = y.split([samples, samples, x.shape[1] - 2 * samples], 1)
        self.hessian = self.x.mT @ self.x / samples
        self.pull = (self.x.mT @ self.y / samples)[..., 0]
        self.largest = torch.linalg.eigvalsh(self.hessian)[:, -1]

    @staticmethod
    def _draw(
        generator: torch.Generator, samples: int, features: int, relevant: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        x = torch.randn(2 * samples + 1000, features, generator=generator, dtype=F64)
        error = torch.randn(len(x), 1, generator=generator, dtype=F64)
        signs = 2.0 * torch.randint(2, (relevant,), generator=generator, dtype=F64) - 1
        w = torch.zeros(features, dtype=F64)
        w[torch.randperm(features, generator=generator)[:relevant]] = signs
        return x, error, w

    def gradient(self, w: Tensor) -> Tensor:
        """Gradient of the loss at weights ``[S, K, D]``."""
        return w @ self.hessian - self.pull[:, None]

    def errors(self, w: Tensor, *, test: bool = False) -> Tensor:
        """Mean squared error ``[S, K]`` of weights ``[S, K, D]`` on validation or test data."""
        x, y = (self.x_test, self.y_test) if test else (self.x_valid, self.y_valid)
        return (x @ w.mT - y).square().mean(1)


def ridge_path(problem: LinearProblem, strengths: Tensor) -> Tensor:
    """Weights ``[S, K, D]`` that minimize the loss plus λ‖w‖²."""
    eye = torch.eye(problem.hessian.shape[-1], dtype=F64, device=problem.hessian.device)
    systems = problem.hessian[:, None] + 2 * strengths[:, None, None] * eye
    return torch.linalg.solve(systems, problem.pull[:, None].expand(-1, len(strengths), -1))


def _accelerated(
    problem: LinearProblem, start: Tensor, prox: Callable[[Tensor], Tensor], steps: int
) -> Tensor:
    """Proximal or projected gradient descent with Nesterov's momentum (FISTA), restarted where
    the momentum points uphill."""
    step = 1 / problem.largest[:, None, None]
    w, ahead = start, start
    t = torch.ones_like(start[..., :1])
    for _ in range(steps):
        new = prox(ahead - step * problem.gradient(ahead))
        uphill = ((ahead - new) * (new - w)).sum(-1, keepdim=True) > 0
        t = torch.where(uphill, 1.0, t)
        t_new = (1 + (1 + 4 * t**2).sqrt()) / 2
        ahead = new + (t - 1) / t_new * (new - w)
        w, t = new, t_new
    return w


def proximal_path(problem: LinearProblem, strengths: Tensor, steps: int) -> Tensor:
    """Weights ``[S, K, D]`` that minimize the loss plus λ‖w‖₁."""
    thresholds = strengths[:, None] / problem.largest[:, None, None]
    start = torch.zeros(len(problem.w), len(strengths), problem.w.shape[-1], dtype=F64)
    start = start.to(problem.w.device)
    return _accelerated(problem, start, lambda z: soft_threshold(z, thresholds.expand_as(z)), steps)


def projected(problem: LinearProblem, radii: Tensor, p: float, steps: int) -> Tensor:
    """Weights ``[S, 1, D]`` that minimize the loss in a ball of each seed's radius."""

    def prox(z: Tensor) -> Tensor:
        return torch.stack(
            [project_to_ball(one, r, p=p) for one, r in zip(z, radii.tolist(), strict=True)]
        )

    return _accelerated(problem, torch.zeros_like(problem.w)[:, None], prox, steps)


def norm_balls(
    seeds: Sequence[int],
    *,
    samples: int,
    features: int,
    relevant: int,
    noise: float,
    strengths: Sequence[float],
    steps: int,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """R7: weights that are exactly 0, and penalties against balls, each ``[S]``.

    λ is the one of the smallest error on validation data, for each seed and each penalty. The ball
    has the norm that the penalty left as its radius.
    """
    problem = LinearProblem(
        seeds, samples=samples, features=features, relevant=relevant, noise=noise, device=device
    )
    lambdas = torch.tensor(strengths, dtype=F64, device=device)
    found: dict[str, Tensor] = {}
    paths = {1: proximal_path(problem, lambdas, steps), 2: ridge_path(problem, lambdas)}
    for p, path in paths.items():
        number = problem.errors(path).argmin(1)
        w = path[torch.arange(len(path), device=device), number]
        ball = projected(problem, w.norm(p=p, dim=1), p, steps)[:, 0]
        found |= {
            f"zeros L{p}": (w == 0).double().mean(1),
            f"ball L{p}": (ball - w).norm(dim=1) / w.norm(dim=1),
            f"error L{p}": problem.errors(w[:, None], test=True)[:, 0],
            f"strength L{p}": lambdas[number],
            f"edge L{p}": ((number == 0) | (number == len(lambdas) - 1)).double(),
        }
        if p == 1:
            found["kept"] = ((w != 0) & (problem.w != 0)).double().sum(1) / relevant
            found["false"] = ((w != 0) & (problem.w == 0)).double().sum(1)
    return {name: values.cpu() for name, values in found.items()}


def shrinkage(curvature: Tensor, steps: int, lr: float) -> tuple[Tensor, Tensor]:
    """What is left of each component after t steps from 0, and with λ‖w‖², λ = 1 / (2ηt).

    Both are shares of the component of the minimum: 1 − (1 − ηh)ᵗ and h / (h + 2λ).
    """
    stopped = -torch.expm1(steps * torch.log1p(-lr * curvature))
    return stopped, curvature / (curvature + 1 / (lr * steps))


def stopping_against_ridge(
    seeds: Sequence[int],
    *,
    samples: int,
    features: int,
    noise: float,
    share: float,
    counts: Sequence[int],
    device: str = "cpu",
) -> dict[str, Tensor]:
    """R9: gradient descent that stops after t steps against λ‖w‖² with λ = 1/(2ηt), ``[S]`` each.

    The rate is ``share`` / λmax. ``"difference"`` and ``"ratio"`` are the largest over all
    directions and all ``counts`` of steps. ``"saved"`` is the share of the squared error of the
    weights that the best λ takes away, and ``"share"`` how much of that the best count does.
    """
    problem = LinearProblem(
        seeds, samples=samples, features=features, relevant=features, noise=noise, device=device
    )
    curvature, axes = torch.linalg.eigh(problem.hessian)
    minimum = torch.linalg.solve(problem.hessian, problem.pull)
    along = (axes.mT @ minimum[..., None])[..., 0]
    rate = share / problem.largest[:, None]
    difference, ratio, risks = [], [], []
    for t in counts:
        stopped, ridge = shrinkage(rate * curvature, t, 1.0)
        difference.append((stopped - ridge).abs().amax(1))
        ratio.append((stopped / ridge).amax(1))
        weights = [(axes @ (part * along)[..., None])[..., 0] for part in (stopped, ridge)]
        risks.append(torch.stack([(w - problem.w).square().sum(1) for w in weights]))
    smallest = torch.stack(risks).amin(0)
    free = (minimum - problem.w).square().sum(1)
    return {
        "difference": torch.stack(difference).amax(0).cpu(),
        "ratio": torch.stack(ratio).amax(0).cpu(),
        "share": ((free - smallest[0]) / (free - smallest[1])).cpu(),
        "saved": (1 - smallest[1] / free).cpu(),
    }


# --- bias and variance ---------------------------------------------------------------------------


def decomposition(
    seeds: Sequence[int],
    *,
    degrees: Sequence[int],
    strengths: Sequence[float],
    samples: int,
    noise: float,
    repeats: int,
) -> dict[str, Tensor]:
    """R15: risk, bias², variance and noise of polynomial fits, ``[S, K]`` each.

    K runs over the degrees, without a penalty, and then over the strengths, for the last degree.
    Inputs are uniform in [−1, 1], the truth is sin(πx), polynomials are in Chebyshev's basis.
    """
    cases = [(d, 0.0) for d in degrees] + [(degrees[-1], s) for s in strengths]
    rows = []
    for seed in seeds:
        parts = []
        for degree, strength in cases:
            generator = torch.Generator().manual_seed(seed)
            found = bias_variance(
                partial(_polynomial, degree=degree, strength=strength),
                partial(_sine, samples=samples, noise=noise),
                lambda x: torch.sin(math.pi * x),
                repeats=repeats,
                generator=generator,
            )
            parts.append([found.risk, found.bias_squared, found.variance, found.noise])
        rows.append(parts)
    values = torch.tensor(rows, dtype=F64).permute(2, 0, 1)
    return dict(zip(("risk", "bias", "variance", "noise"), values, strict=True))


def _sine(generator: torch.Generator, *, samples: int, noise: float) -> tuple[Tensor, Tensor]:
    x = 2 * torch.rand(samples, generator=generator, dtype=F64) - 1
    error = torch.randn(samples, generator=generator, dtype=F64)
    return x, torch.sin(math.pi * x) + noise * error


def _basis(x: Tensor, degree: int) -> Tensor:
    return torch.cos(torch.arange(degree + 1, dtype=F64) * torch.arccos(x)[:, None])


def _polynomial(
    x: Tensor, y: Tensor, *, degree: int, strength: float
) -> Callable[[Tensor], Tensor]:
    """Least squares with λ‖w‖²; the constant is not penalized."""
    basis = _basis(x, degree)
    penalty = 2 * strength * torch.eye(degree + 1, dtype=F64)
    penalty[0, 0] = 0
    if strength:
        w = torch.linalg.solve(basis.T @ basis / len(x) + penalty, basis.T @ y / len(x))
    else:
        w = torch.linalg.lstsq(basis, y[:, None]).solution[:, 0]
    return lambda x: _basis(x, degree) @ w
