"""residual-connections-backward: the gradient through a block, by hand."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the gradient of h", "the gradient of W", "the gradient of V")


def oracle(h: Tensor, W: Tensor, V: Tensor, alpha: float, delta: Tensor) -> Parts:
    """Differentiated automatically."""
    inputs = [t.detach().clone().requires_grad_() for t in (h, W, V)]
    x, w, v = inputs
    out = x + alpha * torch.relu(torch.relu(x) @ w.T) @ v.T
    return tuple(torch.autograd.grad((out * delta).sum(), inputs))


def formula(
    h: Tensor,
    W: Tensor,
    V: Tensor,
    alpha: float,
    delta: Tensor,
    *,
    skip: float = 1.0,
    scaled: bool = True,
    masks: str = "both",
    weights_scaled: bool = True,
    activated: str = "both",
    mean: bool = False,
) -> Parts:
    """Three gradients with an argument for each way to get them wrong."""
    x = h.clamp(min=0)
    u = x @ W.T
    a = alpha if scaled else 1.0
    du = a * delta @ V
    du = du * (u > 0) if masks in ("both", "inner") else du
    dx = du @ W
    dx = dx * (h > 0) if masks in ("both", "outer") else dx
    factor = 1.0 if weights_scaled else 1 / alpha
    dW = du.T @ (x if activated in ("both", "W") else h) * factor
    dV = a * delta.T @ (u.clamp(min=0) if activated in ("both", "V") else u) * factor
    n = len(h) if mean else 1
    return skip * delta + dx, dW / n, dV / n


SLIPS = (
    Slip(
        "skip-lost",
        "The gradient of h lacks what comes down the skip connection, δ itself.",
        {"skip": 0.0},
    ),
    Slip(
        "scale-lost",
        "The branch is multiplied by α on the way up, so what comes down through it is, too.",
        {"scaled": False},
    ),
    Slip(
        "weights-without-scale",
        "The gradients of W and V lack the factor α: the branch's gradient is αδ.",
        {"weights_scaled": False},
    ),
    Slip(
        "skip-scaled-twice",
        "You add δ twice. It comes down the skip connection once.",
        {"skip": 2.0},
    ),
    Slip(
        "inner-relu-lost",
        "Where the ReLU between W and V is off nothing passes down; yours lets it pass.",
        {"masks": "outer"},
    ),
    Slip(
        "outer-relu-lost",
        "The branch begins with a ReLU of h: where h is negative nothing comes back through it.",
        {"masks": "inner"},
    ),
    Slip(
        "not-activated-W",
        "W multiplied max(h, 0) on the way up, and you take h itself for its gradient.",
        {"activated": "V"},
    ),
    Slip(
        "not-activated-V",
        "V multiplied max(u, 0) on the way up, and you take u itself for its gradient.",
        {"activated": "W"},
    ),
    Slip(
        "averaged",
        "You divide the gradients of the weights by the number of samples. δ is the gradient of a "
        "loss as it is: sum over the samples.",
        {"mean": True},
    ),
)


def _case(name: str, draws: Draws, n: int, width: int, hidden: int, alpha: float) -> Case:
    return Case(
        name,
        {
            "h": draws.signed(n, width),
            "W": draws.normal(hidden, width),
            "V": draws.normal(width, hidden),
            "alpha": alpha,
            "delta": draws.signed(n, width),
        },
    )


def examine(trial: Trial) -> None:
    cases = [
        _case("a batch of six", trial.draws, 6, 4, 4, 0.5),
        _case("a wider hidden layer", trial.draws, 5, 3, 7, 1.5),
        _case("a single sample", trial.draws, 1, 5, 5, 0.25),
        _case("a negative scale", trial.draws, 4, 3, 3, -2.0),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, rules=(no_autograd(),))


EXERCISE = Exercise(
    slug="residual-connections-backward",
    title="Down through a block",
    chapter="residual_connections",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function backward(h, W, V, alpha, delta) that returns the gradients of (h, W, V)",
    hints=(
        "Write the block one operation a line, and walk back line by line.",
        "h has two arrows out of it: into the branch and past it. Gradients of several ways add.",
        "With u = max(h, 0) Wᵀ: the gradient of u is α δ V where u > 0, and 0 elsewhere.",
    ),
    examine=examine,
)
