"""gradient-descent-nearest: where gradient descent on least squares ends."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(X: Tensor, y: Tensor, theta: Tensor) -> Tensor:
    """Run it, until it is there."""
    k = torch.linalg.matrix_norm(X, ord=2) ** 2
    for _ in range(4000):
        theta = theta - X.T @ (X @ theta - y) / k
    return theta


def formula(
    X: Tensor,
    y: Tensor,
    theta: Tensor,
    *,
    start: str = "both",
    inverse: str = "exact",
    sign: float = 1.0,
) -> Tensor:
    """The limit with an argument for each way to get it wrong."""
    residual = {"none": y, "not subtracted": y, "projected": -X @ theta}.get(start, y - X @ theta)
    gram = X @ X.T
    if inverse == "exact":
        change = X.T @ torch.linalg.solve(gram, residual)
    elif inverse == "ridge":
        change = X.T @ torch.linalg.solve(gram + torch.eye(len(gram), dtype=X.dtype), residual)
    else:
        change = X.T @ residual / (1 if inverse == "none" else len(X))
    return (0 if start in ("none", "not added") else theta) + sign * change


SLIPS = (
    Slip(
        "least-norm",
        "You return the solution of least norm, whatever the start. From elsewhere gradient "
        "descent ends elsewhere: at the solution nearest to the start.",
        {"start": "none"},
    ),
    Slip(
        "start-not-added",
        "You return the change and not the place: add it to the start.",
        {"start": "not added"},
    ),
    Slip(
        "residual-of-zero",
        "You correct for all of y. The start already explains the part Xθ of it.",
        {"start": "not subtracted"},
    ),
    Slip(
        "targets-forgotten",
        "Yours is the part of the start that no sample sees. The part that the targets y decide is "
        "missing.",
        {"start": "projected"},
    ),
    Slip(
        "one-step",
        "Yours is a single step along the gradient. The limit needs the inverse of XXᵀ.",
        {"inverse": "none"},
    ),
    Slip(
        "one-mean-step",
        "Yours is a single step along the gradient of the mean. The limit needs the inverse of "
        "XXᵀ.",
        {"inverse": "mean"},
    ),
    Slip(
        "ridge",
        "You add the identity before you invert. That is ridge regression, which does not fit all "
        "samples.",
        {"inverse": "ridge"},
    ),
    Slip(
        "wrong-way",
        "You move away from the solution: the residual is y − Xθ.",
        {"sign": -1.0},
    ),
)


def look(got: tuple[Tensor, ...], wanted: tuple[Tensor, ...], case: Case) -> str:
    """Whether it solves the equations, and whether it moved off the row space."""
    X, y = case.arguments["X"], case.arguments["y"]
    if got[0].shape != wanted[0].shape:
        return ""
    if (X @ got[0] - y).abs().max() < 1e-6 * y.abs().max().clamp(min=1e-12):
        return "It does fit all samples; but another solution is nearer to the start."
    return "It does not fit the samples: Xθ differs from y."


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, d: int, *, scale: float = 1.0, start: float = 1.0) -> Case:
        X, theta = scale * draws.normal(n, d), start * draws.normal(d)
        return Case(special, {"X": X, "y": draws.normal(n), "theta": theta})

    usual = [
        case("a start off zero", 3, 7),
        case("a single sample", 1, 4),
        case("a start at zero", 4, 12, start=0.0),
    ]
    there = case("a start that fits already", 2, 5).arguments
    edges = [
        Case("a start that fits already", {**there, "y": there["X"] @ there["theta"]}),
        case("small inputs", 2, 8, scale=1e-3),
        case("large inputs", 2, 6, scale=1e3),
        case("one parameter more than samples", 1, 2),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=("the limit",), formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="gradient-descent-nearest",
    title="Where does it end?",
    chapter="gradient_descent",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function limit(X, y, theta) that returns the parameters at the end",
    hints=(
        "All gradients are combinations of the rows of X. So the end is θ + Xᵀa for some a.",
        "At the end X(θ + Xᵀa) = y. Solve for a.",
    ),
    examine=examine,
)
