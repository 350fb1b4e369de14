"""batch-norm-forward: mend a forward pass with five mistakes."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.calling import call
from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial


def oracle(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """PyTorch's own."""
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


def formula(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    eps: float,
    *,
    axis: int | tuple[int, ...] = 0,
    centre: bool = True,
    spread: str = "variance",
    divide: str = "root",
    eps_at: str = "inside",
    affine: str = "after",
) -> Tensor:
    """The definition with one argument for each way to get it wrong."""
    if affine == "before":
        x, gamma, beta = gamma * x + beta, torch.ones_like(gamma), torch.zeros_like(beta)
    mean = x.mean(axis, keepdim=True)
    count = x.numel() // mean.numel()
    squares = ((x - mean) ** 2).sum(axis, keepdim=True)
    value = {
        "variance": squares / count,
        "unbiased": squares / (count - 1),
        "sum": squares,
        "moment": (x**2).mean(axis, keepdim=True),
        "absolute": (x - mean).abs().mean(axis, keepdim=True) ** 2,
    }[spread]
    inside = {"inside": eps, "fixed": 1e-5, "squared": eps**2}.get(eps_at, 0.0)
    outside = eps if eps_at == "outside" else 0.0
    root = (value + inside).sqrt() + outside
    scale = {"root": 1 / root, "variance": 1 / root**2, "times": root}[divide]
    z = (x - mean if centre else x) * scale
    return {
        "after": gamma * z + beta,
        "before": z,
        "missing": z,
        "no beta": gamma * z,
        "no gamma": z + beta,
        "swapped": beta * z + gamma,
        "beta scaled": gamma * (z + beta),
    }[affine]


SLIPS = (
    Slip(
        "unbiased-variance",
        "Your variance divides by one less than the batch size. That estimates the variance of a "
        "population; the batch itself is what is normalized here, and after your division its "
        "variance is not 1. (torch.var does this unless told otherwise.)",
        {"spread": "unbiased"},
    ),
    Slip(
        "averaged-over-features",
        "You average over the features of each sample. That is layer normalization. Batch norm "
        "gives each feature a mean and a variance of its own, taken over the batch.",
        {"axis": 1},
    ),
    Slip(
        "averaged-over-everything",
        "You use one mean and one variance for the whole array. Each feature has its own.",
        {"axis": (0, 1)},
    ),
    Slip("mean-missing", "The batch mean is not subtracted.", {"centre": False}),
    Slip(
        "variance-not-centred",
        "What you divide by is the mean square of x and not its variance: the deviations are to "
        "be taken from the mean.",
        {"spread": "moment"},
    ),
    Slip(
        "squares-summed",
        "The squared deviations are added up and never divided by their number.",
        {"spread": "sum"},
    ),
    Slip(
        "absolute-deviation",
        "You divide by the mean absolute deviation. That is a measure of spread too, and not the "
        "one of this definition: the result has no unit variance.",
        {"spread": "absolute"},
    ),
    Slip(
        "divided-by-variance",
        "You divide by the variance. Look at the units: x and its standard deviation have the "
        "same, x and its variance have not.",
        {"divide": "variance"},
    ),
    Slip("multiplied-by-deviation", "You multiply by the deviation.", {"divide": "times"}),
    Slip(
        "eps-missing",
        "eps plays no part in your result. Without it a feature that is constant over the batch "
        "divides zero by zero.",
        {"eps_at": "none"},
    ),
    Slip(
        "eps-outside-root",
        "You add eps to the standard deviation. In the definition it is added to the variance.",
        {"eps_at": "outside"},
    ),
    Slip(
        "eps-fixed",
        "Your eps is always 1e-5. Use the argument: the caller may choose another.",
        {"eps_at": "fixed"},
    ),
    Slip("eps-squared", "You add the square of eps to the variance.", {"eps_at": "squared"}),
    Slip(
        "affine-missing",
        "You stop after the normalization: γ and β, the trainable scale and shift, are missing.",
        {"affine": "missing"},
    ),
    Slip("beta-missing", "The shift β is missing.", {"affine": "no beta"}),
    Slip("gamma-missing", "The scale γ is missing.", {"affine": "no gamma"}),
    Slip("gamma-beta-swapped", "γ and β have changed places.", {"affine": "swapped"}),
    Slip(
        "beta-scaled",
        "β is multiplied by γ: you shift first and scale afterwards.",
        {"affine": "beta scaled"},
    ),
    Slip(
        "affine-before",
        "You scale and shift x and normalize afterwards. The normalization then takes scale and "
        "shift away again.",
        {"affine": "before"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """What the normalized values look like once γ and β are undone."""
    gamma, beta = case.arguments["gamma"], case.arguments["beta"]
    z, right = (got[0] - beta) / gamma, (wanted[0] - beta) / gamma
    centred = torch.allclose(z.mean(0), right.mean(0), atol=1e-3)
    spread = torch.allclose(z.std(0, correction=0), right.std(0, correction=0), atol=1e-3)
    if centred and not spread:
        return (
            "Undo γ and β: in each feature your values have mean 0, as they should. Their spread is"
            " wrong, so look at what you divide by."
        )
    if spread and not centred:
        return (
            "Undo γ and β: in each feature your values have the right spread and a mean that is not"
            " 0, so look at what you subtract."
        )
    if spread and centred:
        return (
            "Undo γ and β: mean and spread of each feature are right and the single values are "
            "not. Is each value still that of its own sample?"
        )
    if _straight(case.arguments["x"], z):
        return (
            "Undo γ and β: within a feature your values are a straight-line function of x, as they "
            "should be. What you subtract and what you divide by are both wrong."
        )
    return (
        "Undo γ and β: within a feature your values are no straight-line function of x, but "
        "subtracting a number and dividing by one gives a straight line."
    )


def _straight(x: Tensor, z: Tensor) -> bool:
    """Whether each column of z is a linear function of that column of x."""
    a, b = x - x.mean(0), z - z.mean(0)
    slope = (a * b).sum(0) / (a * a).sum(0)
    return torch.allclose(slope * a, b, atol=1e-3)


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws

    def case(special: str, n: int, d: int, eps: float, constant: bool = False) -> Case:
        x = draws.normal(n, d, mean=1.0, std=1.5)
        if constant:
            x[:, -1] = 2.0
        arguments: dict[str, Any] = {"x": x, "gamma": draws.signed(d), "beta": draws.signed(d)}
        return Case(special, {**arguments, "eps": eps})

    return [
        case("a batch of six and a large eps", 6, 3, 0.5),
        case("as many samples as features", 4, 4, 1e-5),
        case("a batch of two", 2, 5, 0.1),
        case("a feature that is constant over the batch", 5, 3, 1e-5, constant=True),
    ]


def _edges(trial: Trial) -> list[Case]:
    draws = trial.draws
    scales = torch.tensor([1e3, 1e-3, 1.0], dtype=torch.float64)

    def case(special: str, x: Tensor, eps: float, size: float = 1.0) -> Case:
        gamma, beta = size * draws.signed(x.shape[1]), draws.signed(x.shape[1])
        return Case(special, {"x": x, "gamma": gamma, "beta": beta, "eps": eps})

    off = case("a γ of 0", draws.normal(4, 2), 1e-3)
    off.arguments["gamma"][0] = 0.0
    return [
        case("features of very different scale", draws.normal(6, 3) * scales, 1e-5),
        case("one feature and a large γ", draws.normal(7, 1), 1e-3, size=200.0),
        case("a mean far from 0", draws.normal(5, 2, mean=-50.0), 1e-5),
        off,
    ]


def examine(trial: Trial) -> None:
    for cases in (_cases(trial), _edges(trial)):
        judge(trial, cases, oracle, parts=("y",), formula=formula, slips=SLIPS, look=look)
    _gradient_flows(trial)
    _survives_large_means(trial)


def _gradient_flows(trial: Trial) -> None:
    """The gradient must pass through mean and variance: detached statistics give the same
    values."""
    cases = _cases(trial)
    if not isinstance(trial.call(cases[0]), Tensor):
        trial.remarks.append(
            "Your function returns NumPy arrays, which carry no gradient: torch cannot train it."
        )
        return
    try:
        judge(trial, cases, oracle, parts=("y",), gradients=("x", "gamma", "beta"))
    except Finding as finding:
        if finding.code != "gradient-wrong":
            raise
        raise Finding(
            "statistics-detached",
            "The values are right and the gradient is not. Mean and variance depend on x as well:"
            " if they are detached or computed under no_grad, training does not see that a change"
            " of x is normalized away.",
            tried=finding.tried,
            got=finding.got,
        ) from None


def _survives_large_means(trial: Trial) -> None:
    x = (trial.draws.normal(64, 1) + 1e4).float()
    one, zero = torch.ones(1), torch.zeros(1)
    outcome = call(
        trial.answer, {"x": x, "gamma": one, "beta": zero, "eps": 1e-5}, max(trial.seconds, 0.05)
    )
    if isinstance(outcome.value, Tensor):
        gap = (outcome.value.double() - oracle(x.double(), one.double(), zero.double(), 1e-5)).abs()
        if not gap.max() < 0.05:
            trial.remarks.append(
                "Right, but fragile: in float32 with a mean of 10,000 and a deviation of 1 your "
                f"result is off by {gap.max():.2g}. A difference of two large squares loses its "
                "digits; deviations from the mean do not."
            )


EXERCISE = Exercise(
    slug="batch-norm-forward",
    title="Mend it: a forward pass",
    chapter="batch_norm",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function batch_norm_forward(x, gamma, beta, eps) that returns y",
    hints=(
        "Try the function on a batch whose features have the means 0 and 100. How many means and "
        "variances are there for x of shape (N, D)?",
        "With γ = 1, β = 0 and a tiny eps, (y**2).mean(0) is 1 in each feature. What is it here, "
        "for a batch of three?",
        "One of the five does not show in y at all. Compare the gradient of (r * y).sum() for a "
        "random r with differences (L(x + h) − L(x − h)) / 2h.",
    ),
    examine=examine,
)
