"""parameter-norms-intercept: ridge regression whose bias is free."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weights", "the bias")


def oracle(X: Tensor, y: Tensor, lam: float) -> Parts:
    """From the normal equations of the inputs with a 1 appended, 0 in the penalty's last place."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], 1)
    penalty = 2 * lam * torch.eye(A.shape[1], dtype=A.dtype)
    penalty[-1, -1] = 0
    w = torch.linalg.solve(A.T @ A / len(A) + penalty, A.T @ y / len(A))
    return w[:-1], w[-1]


def formula(
    X: Tensor,
    y: Tensor,
    lam: float,
    *,
    factor: float = 2.0,
    bias: str = "free",
    scale: str = "mean",
) -> Parts:
    """Ridge by centring, with an argument for each way to get it wrong."""
    if bias == "penalized":
        A = torch.cat([X, torch.ones_like(X[:, :1])], 1)
        eye = torch.eye(A.shape[1], dtype=A.dtype)
        w = torch.linalg.solve(A.T @ A / len(A) + factor * lam * eye, A.T @ y / len(A))
        return w[:-1], w[-1]
    x0, y0 = X.mean(0), y.mean()
    inputs, targets = (X, y) if bias in ("none", "mean, not centred") else (X - x0, y - y0)
    n = 1 if scale == "sum" else len(X)
    eye = torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve(inputs.T @ inputs / n + factor * lam * eye, inputs.T @ targets / n)
    if bias == "none":
        return w, torch.zeros_like(y0)
    return w, y0 if bias.startswith("mean") else y0 - x0 @ w


SLIPS = (
    Slip(
        "bias-penalized",
        "You penalize the bias as well. Centre inputs and targets: then the bias drops out.",
        {"bias": "penalized"},
    ),
    Slip("no-bias", "Your bias is 0, and the weights do its work.", {"bias": "none"}),
    Slip(
        "mean-as-bias",
        "The weights are right. The bias is the mean target only where the inputs have mean 0.",
        {"bias": "mean"},
    ),
    Slip(
        "not-centred",
        "Your weights are those of a fit without a bias. Centre inputs and targets first.",
        {"bias": "mean, not centred"},
    ),
    Slip(
        "half",
        "Your penalty is half as strong: the gradient of λ‖w‖² is 2λw, and the loss has the ½.",
        {"factor": 1.0},
    ),
    Slip("twice", "Your penalty is twice as strong. The loss has a factor ½.", {"factor": 4.0}),
    Slip("sum", "You add up the squared errors. The loss is their mean.", {"scale": "sum"}),
    Slip("no-penalty", "There is no penalty in your solution.", {"factor": 0.0}),
    Slip("negative", "Your penalty has the wrong sign.", {"factor": -2.0}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, d: int, lam: float, shift: float = 2.0) -> Case:
        X = draws.normal(n, d) + shift
        y = X @ draws.signed(d) + 0.3 * draws.normal(n) + 5.0
        return Case(special, {"X": X, "y": y, "lam": lam})

    usual = [case("three inputs", 9, 3, 0.2), case("five inputs", 12, 5, 0.05)]
    edges = [
        case("more inputs than samples", 4, 7, 0.1),
        case("a single input", 6, 1, 0.4),
        case("a strong penalty", 7, 2, 50.0),
        case("inputs near 0", 8, 2, 0.3, shift=0.0),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="parameter-norms-intercept",
    title="Ridge with a free bias",
    chapter="parameter_norms",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function ridge(X, y, lam) that returns (w, b)",
    hints=(
        "Set the derivative with respect to b to 0 first: what is b, given w?",
        "Insert it. What is left is a ridge regression of y − ȳ on X minus its column means.",
    ),
    examine=examine,
)
