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
    residual = y - X @ theta if start in ("both", "not added") else y
    gram = X @ X.T
    if inverse == "exact":
        change = X.T @ torch.linalg.solve(gram, residual)
    elif inverse == "ridge":
        change = X.T @ torch.linalg.solve(gram + torch.eye(len(gram), dtype=X.dtype), residual)
    else:
        change = X.T @ residual / (1 if inverse == "none" else len(X))
    return (theta if start in ("both", "not subtracted") else 0) + sign * change


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
    if (X @ got[0] - y).abs().max() < 1e-6:
        return "It does fit all samples; but another solution is nearer to the start."
    return "It does not fit the samples: Xθ differs from y."


def examine(trial: Trial) -> None:
    draws = trial.draws
    cases = [
        Case("a start off zero", {"X": draws.normal(3, 7), "y": draws.normal(3),
                                  "theta": draws.normal(7)}),
        Case("a single sample", {"X": draws.normal(1, 4), "y": draws.normal(1),
                                 "theta": draws.normal(4)}),
        Case("a start at zero", {"X": draws.normal(4, 12), "y": draws.normal(4),
                                 "theta": torch.zeros(12, dtype=torch.float64)}),
    ]  # fmt: skip
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
