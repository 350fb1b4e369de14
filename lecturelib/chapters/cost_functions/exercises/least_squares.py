"""cost-functions-least-squares: linear regression whose noise is known for each sample."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weight", "the bias")


def oracle(X: Tensor, y: Tensor, scale: Tensor) -> Parts:
    """QR factorization of rows that are divided by their noise."""
    rows = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], 1) / scale[:, None]
    q, r = torch.linalg.qr(rows)
    theta = torch.linalg.solve_triangular(r, (q.T @ (y / scale))[:, None], upper=True)[:, 0]
    return theta[:-1], theta[-1]


def formula(
    X: Tensor,
    y: Tensor,
    scale: Tensor,
    *,
    power: float = -2.0,
    divided: str = "all",
    means: str = "weighted",
    bias: str = "right",
    alone: bool = False,
    penalty: float = 0.0,
) -> Parts:
    """Weighted normal equations with an argument for each way to get them wrong."""
    if divided != "all" or penalty:
        return _by_rows(X, y, scale, divided, penalty)
    v = scale**power
    share = v / v.sum() if means == "weighted" else torch.full_like(v, 1 / len(v))
    centre, middle = share @ X, share @ y
    A, b = X - centre, y - middle
    gram = (A.T * v) @ A
    if alone:
        gram = torch.diag(gram.diag())
    weight = torch.linalg.solve(gram, (A.T * v) @ b)
    values = {
        "right": middle - centre @ weight,
        "plain": y.mean() - X.mean(0) @ weight,
        "zero": torch.zeros((), dtype=X.dtype),
        "mean": middle,
        "sign": centre @ weight - middle,
    }
    return weight, values[bias]


def _by_rows(X: Tensor, y: Tensor, scale: Tensor, divided: str, penalty: float) -> Parts:
    """With some columns left undivided, or with a penalty on weight and bias."""
    over = 1 / scale
    ones = torch.ones_like(y) if divided == "not the ones" else over
    target = y if divided == "not the target" else y * over
    columns = X if divided == "the target alone" else X * over[:, None]
    ones = torch.ones_like(y) if divided == "the target alone" else ones
    design = torch.cat([columns, ones[:, None]], 1)
    gram = design.T @ design + penalty * torch.eye(design.shape[1], dtype=X.dtype)
    theta = torch.linalg.solve(gram, design.T @ target)
    return theta[:-1], theta[-1]


SLIPS = (
    Slip(
        "noise-ignored",
        "This is the chapter's linear regression: the noise plays no part in it. A residual counts "
        "less where the target is uncertain.",
        {"power": 0.0},
    ),
    Slip(
        "weighted-by-the-deviation",
        "Each squared residual is divided by the standard deviation. Look at the exponent of the "
        "Gaussian density.",
        {"power": -1.0},
    ),
    Slip(
        "weighted-fourfold",
        "Each squared residual is divided by the fourth power of the standard deviation: it was "
        "divided by the variance, and then squared.",
        {"power": -4.0},
    ),
    Slip(
        "noisy-ones-count-more",
        "Each squared residual is multiplied by the variance: the noisiest targets count most.",
        {"power": 2.0},
    ),
    Slip(
        "ones-not-divided",
        "You divide X and y by the noise, and not the column of ones. The bias stands in the same "
        "residual.",
        {"divided": "not the ones"},
    ),
    Slip(
        "target-not-divided",
        "You divide the columns by the noise, and not y: residual and weight no longer belong "
        "together.",
        {"divided": "not the target"},
    ),
    Slip(
        "target-alone-divided",
        "You divide y by the noise, and nothing else.",
        {"divided": "the target alone"},
    ),
    Slip(
        "plain-means",
        "Your weights act after X and y were centred with plain means. At the minimum the "
        "*weighted* residuals add up to 0.",
        {"means": "plain"},
    ),
    Slip(
        "bias-from-plain-means",
        "The weight is right. Your bias makes the plain mean of the residuals 0; the equation of "
        "the bias has weights, too.",
        {"bias": "plain"},
    ),
    Slip("bias-zero", "The weight is right, and your bias is 0.", {"bias": "zero"}),
    Slip(
        "bias-is-mean",
        "The weight is right, and your bias is the weighted mean target. That would be right if "
        "the inputs had mean 0.",
        {"bias": "mean"},
    ),
    Slip(
        "bias-negative", "The weight is right, and your bias has the wrong sign.", {"bias": "sign"}
    ),
    Slip(
        "each-feature-alone",
        "You fit each feature alone. They are correlated, so each weight takes a part of what "
        "another one explains.",
        {"alone": True},
    ),
    *(
        Slip(
            f"penalty-{penalty:g}",
            f"You add {penalty:g} to the diagonal. That is a penalty on the weights, and its "
            "minimum is another one.",
            {"penalty": penalty},
        )
        for penalty in (1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """Whether the weighted residuals sum to zero."""
    X, y, scale = (case.arguments[name] for name in ("X", "y", "scale"))
    if got[0].shape != wanted[0].shape or got[1].numel() != 1:
        return ""
    residual = (y - X @ got[0] - got[1].reshape(())) / scale**2
    if abs(residual.mean()) > 1e-6 * residual.abs().mean():
        return (
            f"Your residuals, each divided by its variance, have the mean {residual.mean():.3g}; "
            "at the minimum it is 0."
        )
    return "Your weighted residuals sum to 0, and are not perpendicular to the columns of X."


def _case(draws: Draws, special: str, X: Tensor, theta: tuple[Tensor, float]) -> Case:
    """Targets around a plane, with a noise of their own each."""
    scale = draws.uniform(len(X), low=0.2, high=3.0)
    y = X @ theta[0] + theta[1] + scale * draws.normal(len(X))
    return Case(special, {"X": X, "y": y, "scale": scale})


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, d: int, mean: float) -> Case:
        theta = draws.signed(d), draws.signed(1, low=1.0, high=3.0).item()
        return _case(draws, special, draws.normal(n, d, mean=mean), theta)

    cases = [
        case("three features", 8, 3, 1.0),
        case("one feature far from zero", 6, 1, 4.0),
        case("as many parameters as samples", 4, 3, -1.0),
        _sizes(draws),
        _far_apart(draws),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, look=look)


def _sizes(draws: Draws) -> Case:
    """Features of different sizes: a small one has a large weight, which a penalty shrinks."""
    X = draws.normal(9, 2) * torch.tensor([0.02, 5.0], dtype=torch.float64)
    w = torch.tensor([40.0, 0.3], dtype=torch.float64)
    return _case(draws, "features of different sizes", X, (w, 2.0))


def _far_apart(draws: Draws) -> Case:
    """Columns of sizes 1 and 1e-5: a cutoff among the singular values drops the small one."""
    X = draws.normal(7, 2) * torch.tensor([1.0, 1e-5], dtype=torch.float64)
    w = torch.tensor([0.5, 8e4], dtype=torch.float64)
    return replace(_case(draws, "columns of the sizes 1 and 1e-5", X, (w, -1.0)), by="entry")


EXERCISE = Exercise(
    slug="cost-functions-least-squares",
    title="Linear regression with known noise",
    chapter="cost_functions",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function least_squares(X, y, scale) that returns (weight, bias)",
    hints=(
        "Write the NLL: which factor stands before each squared residual?",
        "A factor 1/s² before a square is a factor 1/s inside of it. What happens to a row of X, "
        "to its 1 and to its target?",
        "Then it is the chapter's regression, with other rows. torch.linalg.lstsq solves it "
        "without forming XᵀX.",
    ),
    examine=examine,
)
