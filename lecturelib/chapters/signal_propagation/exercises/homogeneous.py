"""signal-propagation-homogeneous: how far a step of one percent moves a deep network at least."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial


def oracle(weights: Sequence[Tensor], x: Tensor, k: int, size: float) -> Tensor:
    """From θᵀ∇z̄, by automatic differentiation."""
    leaves = [w.detach().clone().requires_grad_() for w in weights]
    h = x
    for i, w in enumerate(leaves):
        h = h @ w.T
        h = h.relu() if i < len(leaves) - 1 else h
    g = torch.autograd.grad(h[:, k].mean(), leaves)
    inner = sum((w * d).sum() for w, d in zip(leaves, g, strict=True))
    return (size * torch.as_tensor(inner).abs()).detach()


def formula(
    weights: Sequence[Tensor],
    x: Tensor,
    k: int,
    size: float,
    *,
    extra: int = 0,
    absolute: bool = True,
    mean: bool = True,
    root: bool = False,
    last: bool = False,
) -> Tensor:
    """The bound with an argument for each way to get it wrong."""
    h = x
    for i, w in enumerate(weights):
        h = h @ w.T
        h = h.relu() if i < len(weights) - 1 or last else h
    z = h[:, k].mean() if mean else h[:, k].sum()
    count = len(weights) + extra
    factor = count**0.5 if root else count
    return size * factor * (z.abs() if absolute else z)


SLIPS = (
    Slip(
        "hidden-layers-alone",
        "You count the hidden layers. The output layer's weights are multiplied along, too.",
        {"extra": -1},
    ),
    Slip(
        "without-size",
        "One factor too many: each weight matrix gives one, so D + 1 in all.",
        {"extra": 1},
    ),
    Slip(
        "sign",
        "A bound on how far the mean logit moves is not negative: take its size.",
        {"absolute": False},
    ),
    Slip("sum-of-inputs", "It is the mean over the inputs, not their sum.", {"mean": False}),
    Slip(
        "root-of-layers",
        "The degree enters as it is, not as a root: Euler's theorem gives θᵀ∇f itself.",
        {"root": True},
    ),
    Slip("relu-on-logits", "The output layer has no ReLU.", {"last": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, sizes: Sequence[int], k: int, size: float) -> Case:
        shapes = zip(sizes[1:], sizes[:-1], strict=True)
        weights = [draws.normal(a, b, std=(2 / b) ** 0.5) for a, b in shapes]
        x = draws.normal(5, sizes[0])
        h = x
        for w in weights[:-1]:
            h = (h @ w.T).relu()
        means = (h @ weights[-1].T).mean(0)
        if k == 0 and means[0] > 0:  # a negative mean, once
            weights[-1] = -weights[-1]
        return Case(special, {"weights": weights, "x": x, "k": k, "size": size})

    usual = [
        case("three hidden layers", (4, 6, 6, 6, 3), 0, 0.01),
        case("one hidden layer", (5, 8, 4), 2, 0.02),
    ]
    edges = [
        case("no hidden layer", (4, 3), 1, 0.01),
        case("five hidden layers", (3, 7, 7, 7, 7, 7, 2), 1, 0.005),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS, rules=(no_autograd(),))


EXERCISE = Exercise(
    slug="signal-propagation-homogeneous",
    title="What one percent moves at least",
    chapter="signal_propagation",
    kind="proof",
    difficulty=3,
    minutes=35,
    wants="a function least_rise(weights, x, k, size) that returns the bound",
    hints=(
        "Multiply all weights by one number t > 0. By which power of t is a logit multiplied?",
        "Differentiate f(tθ) = t^(D+1) f(θ) by t, at t = 1 (Euler's theorem).",
        "Then the Cauchy–Schwarz inequality bounds ‖θ‖‖∇f‖ from below.",
    ),
    examine=examine,
)
