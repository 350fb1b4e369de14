"""cost-functions-least-squares: linear regression in closed form."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weight", "the bias")


def oracle(X: Tensor, y: Tensor) -> Parts:
    """QR factorization of the inputs with a column of ones."""
    design = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], 1)
    q, r = torch.linalg.qr(design)
    theta = torch.linalg.solve_triangular(r, (q.T @ y)[:, None], upper=True)[:, 0]
    return theta[:-1], theta[-1]


def formula(
    X: Tensor,
    y: Tensor,
    *,
    centred: bool = True,
    inverted: bool = True,
    bias: str = "right",
    averaged: bool = False,
    alone: bool = False,
    standardized: bool = False,
    penalty: float = 0.0,
) -> Parts:
    """The normal equations with an argument for each way to get them wrong."""
    if penalty:
        return _ridge(X, y, penalty)
    A = X - X.mean(0) if centred else X
    b = y - y.mean() if centred else y
    if standardized:
        A = A / X.std(0, correction=0)
    gram = A.T @ A / (len(X) if averaged else 1)
    if alone:
        gram = torch.diag(gram.diag())
    weight = torch.linalg.solve(gram, A.T @ b) if inverted else A.T @ b
    values = {
        "right": y.mean() - X.mean(0) @ weight,
        "zero": torch.zeros((), dtype=X.dtype),
        "mean": y.mean(),
        "sign": X.mean(0) @ weight - y.mean(),
        "plus": y.mean() + X.mean(0) @ weight,
        "first": y[0] - X[0] @ weight,
        "median": (y - X @ weight).median(),
    }
    return weight, values[bias]


def _ridge(X: Tensor, y: Tensor, penalty: float) -> Parts:
    """With a penalty on weight and bias."""
    design = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], 1)
    gram = design.T @ design + penalty * torch.eye(design.shape[1], dtype=X.dtype)
    theta = torch.linalg.solve(gram, design.T @ y)
    return theta[:-1], theta[-1]


SLIPS = (
    Slip(
        "no-intercept",
        "You fit a plane through the origin: the column of ones is missing, and the weights have "
        "to make up for it.",
        {"centred": False, "bias": "zero"},
    ),
    Slip(
        "weight-not-centred",
        "Your weight solves XᵀXw = Xᵀy without the column of ones; the bias is then too late.",
        {"centred": False},
    ),
    Slip("bias-zero", "The weight is right, and your bias is 0.", {"bias": "zero"}),
    Slip(
        "bias-is-mean",
        "The weight is right, and your bias is the mean target. That would be right if the inputs "
        "had mean 0.",
        {"bias": "mean"},
    ),
    Slip(
        "bias-negative", "The weight is right, and your bias has the wrong sign.", {"bias": "sign"}
    ),
    Slip(
        "bias-added",
        "The weight is right. In your bias the weighted mean of the inputs is added; at the mean "
        "input the prediction should be the mean target.",
        {"bias": "plus"},
    ),
    Slip(
        "not-inverted",
        "Your weight is Xᵀy of the centred data. The normal equations have XᵀX on the other side.",
        {"inverted": False},
    ),
    Slip(
        "averaged-on-one-side",
        "You divide XᵀX by the number of samples and not Xᵀy.",
        {"averaged": True},
    ),
    Slip(
        "each-feature-alone",
        "You fit each feature alone. They are correlated, so each weight takes a part of what "
        "another one explains: the off-diagonal entries of XᵀX are missing.",
        {"alone": True},
    ),
    Slip(
        "weight-of-standardized",
        "Your weight belongs to standardized inputs. Divide it by the standard deviations.",
        {"standardized": True},
    ),
    Slip(
        "bias-from-one-sample",
        "The weight is right. Your bias makes the first sample fit exactly; all of them count.",
        {"bias": "first"},
    ),
    Slip(
        "bias-median",
        "The weight is right. Your bias is the median residual, which belongs to the absolute "
        "error; the squared error wants the mean.",
        {"bias": "median"},
    ),
    *(
        Slip(
            f"penalty-{penalty:g}",
            f"You add {penalty:g} to the diagonal of XᵀX. That is a penalty on the weights, and "
            "its minimum is another one.",
            {"penalty": penalty},
        )
        for penalty in (1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """Whether the residuals sum to zero, and which column they are not perpendicular to."""
    X, y = case.arguments["X"], case.arguments["y"]
    if got[0].shape != wanted[0].shape or got[1].numel() != 1:
        return ""
    residual = y - X @ got[0] - got[1].reshape(())
    if abs(residual.mean()) > 1e-6:
        return f"Your residuals have the mean {residual.mean():.3g}; at the minimum it is 0."
    return "Your residuals sum to 0, and are not perpendicular to the columns of X."


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, d: int, mean: float) -> Case:
        X = draws.normal(n, d, mean=mean)
        w, b = draws.signed(d), draws.signed(1, low=1.0, high=3.0)
        return Case(special, {"X": X, "y": X @ w + b + draws.normal(n, std=0.5)})

    cases = [
        case("three features", 8, 3, 1.0),
        case("one feature far from zero", 6, 1, 4.0),
        case("as many parameters as samples", 4, 3, -1.0),
        case("a line through two points", 2, 1, 0.5),
        _sizes(draws),
        _far_apart(draws),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, look=look)


def _sizes(draws: Draws) -> Case:
    """Features of different sizes: a small one has a large weight, which a penalty shrinks."""
    X = draws.normal(9, 2) * torch.tensor([0.02, 5.0], dtype=torch.float64)
    w = torch.tensor([40.0, 0.3], dtype=torch.float64)
    y = X @ w + 2.0 + draws.normal(9, std=0.5)
    return Case("features of different sizes", {"X": X, "y": y})


def _far_apart(draws: Draws) -> Case:
    """Columns of sizes 1 and 1e-5: a cutoff among the singular values drops the small one."""
    X = draws.normal(7, 2) * torch.tensor([1.0, 1e-5], dtype=torch.float64)
    w = torch.tensor([0.5, 8e4], dtype=torch.float64)
    y = X @ w - 1.0 + draws.normal(7, std=0.3)
    return Case("columns of the sizes 1 and 1e-5", {"X": X, "y": y}, by="entry")


EXERCISE = Exercise(
    slug="cost-functions-least-squares",
    title="Linear regression in closed form",
    chapter="cost_functions",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function least_squares(X, y) that returns (weight, bias)",
    hints=(
        "Put a column of ones beside X: the bias is then one more weight.",
        "Solve the normal equations; torch.linalg.solve or lstsq does not need an inverse.",
        "The other way: centre X and y, find the weight, then choose the bias so that the "
        "prediction at the mean input is the mean target.",
    ),
    examine=examine,
)
