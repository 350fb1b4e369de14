"""cost-functions-quantile: a cost whose minimum is any quantile one asks for."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor, untouched
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

STEP = 0.02


def _quantile(y: Tensor, tau: float) -> float:
    """The smallest target with at least a share tau at or below it."""
    return y.sort().values[math.ceil(tau * len(y)) - 1].item()


def _expectile(y: Tensor, tau: float) -> float:
    """Minimum of the squares, weighted by tau above and 1 − tau below."""
    f = y.mean()
    for _ in range(200):
        weight = torch.where(y > f, tau, 1 - tau)
        f = (weight * y).sum() / weight.sum()
    return f.item()


_SAYS = {
    "tau-swapped": (
        "Your cost has its minimum at the quantile of 1 − τ. Which error should be dear for a "
        "large τ: predicting too little or too much?"
    ),
    "tau-ignored": "Your cost has its minimum at the median, whatever τ is.",
    "mean-learnt": (
        "Your cost has its minimum at the mean, whatever τ is: it squares. Start from the cost "
        "that learns a median."
    ),
    "expectile-learnt": (
        "Your cost squares the residuals and weighs the two sides: its minimum is an *expectile*, "
        "which is to the mean what a quantile is to the median. What grows in proportion?"
    ),
    "expectile-swapped": (
        "Your cost squares the residuals, and weighs the two sides the wrong way round."
    ),
    "runs-away": (
        "Your cost gets ever lower as the prediction moves away from the data: on one side an "
        "error is rewarded. A cost grows on both sides."
    ),
    "inverted": "Your cost is *largest* near the data, and falls to both sides: the sign is wrong.",
}


TAUS = (0.8, 0.15, 0.6)


def examine(trial: Trial) -> None:
    y = (0.9 * trial.draws.normal(11)).exp()
    # Eleven targets, distinct and skewed, so that no two statistics coincide.
    y = (y.sort().values + 0.35 * torch.arange(11, dtype=torch.float64)).round(decimals=2)
    grid = torch.arange(y.min().item() - 2, y.max().item() + 2, STEP, dtype=torch.float64)
    trial.needs_function("prediction", "target", "tau")
    places = [_lowest(trial, grid, y, tau) for tau in TAUS]
    wrong = [i for i, tau in enumerate(TAUS) if not _near(places[i], _quantile(y, tau))]
    if wrong:
        i = wrong[0]
        raise _diagnosis(places, y, i, _tried(y, TAUS[i]))
    untouched(trial)


def _tried(y: Tensor, tau: float) -> str:
    return f"τ = {tau}, eleven targets from {y.min():g} to {y.max():g}"


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 1.5 * STEP


def _lowest(trial: Trial, grid: Tensor, y: Tensor, tau: float) -> float:
    """The prediction of lowest mean cost over the targets; a Finding if it is at no one place."""
    prediction, target = (t.reshape(-1) for t in torch.meshgrid(grid, y, indexing="ij"))
    case = Case(f"τ = {tau}", {"prediction": prediction, "target": target, "tau": tau})
    value = trial.call(case)
    cost = to_tensor(value)
    if cost is None or cost.numel() != prediction.numel():
        raise Finding(
            "not-one-cost-each",
            "Wanted is one cost for each pair of prediction and target, without an average.",
            tried=_tried(y, tau),
            got=describe(value),
        )
    if not cost.isfinite().all():
        raise Finding("not-finite", "Some costs are not finite.", tried=_tried(y, tau))
    total = cost.reshape(len(grid), len(y)).mean(1)
    flat = grid[total <= total.min() + 1e-9 * (1 + total.abs().max())]
    if (flat.max() - flat.min()).item() > 4 * STEP:
        says = f"Every prediction from {flat.min():.2f} to {flat.max():.2f} has the same cost."
        raise Finding("flat", says, tried=_tried(y, tau))
    if int(total.argmin()) in (0, len(grid) - 1):
        inside = 0 < int(total.argmax()) < len(grid) - 1
        code = "inverted" if inside else "runs-away"
        raise Finding(code, _SAYS[code], tried=_tried(y, tau))
    return grid[int(total.argmin())].item()


def _diagnosis(places: list[float], y: Tensor, i: int, tried: str) -> Finding:
    """The statistic that fits the minima at every τ, or what is wrong at this one."""
    got = f"lowest mean cost at a prediction of {places[i]:.2f}"
    known: dict[str, Callable[[float], float]] = {
        "tau-swapped": lambda tau: _quantile(y, 1 - tau),
        "tau-ignored": lambda tau: _quantile(y, 0.5),
        "mean-learnt": lambda tau: y.mean().item(),
        "expectile-learnt": lambda tau: _expectile(y, tau),
        "expectile-swapped": lambda tau: _expectile(y, 1 - tau),
    }
    for code, statistic in known.items():
        if all(_near(place, statistic(tau)) for place, tau in zip(places, TAUS, strict=True)):
            return Finding(code, _SAYS[code], tried=tried, got=got)
    share = (y <= places[i] + STEP).double().mean().item()
    return Finding(
        "elsewhere",
        f"At the minimum of your cost a share of {share:.2f} of the targets lies at or below the "
        f"prediction; asked is {TAUS[i]:g}.",
        tried=tried,
        got=got,
    )


EXERCISE = Exercise(
    slug="cost-functions-quantile",
    title="A cost that learns a quantile",
    chapter="cost_functions",
    kind="proof",
    difficulty=3,
    minutes=30,
    wants="a function quantile_cost(prediction, target, tau) that returns one cost for each pair",
    hints=(
        "Read the proof of the median again. The derivative of the expected cost was "
        "P(y < f) − P(y > f). Which derivative would vanish at P(y < f) = τ?",
        "Give the two sides different slopes: a where y > f, b where y < f. Then the derivative is "
        "b P(y < f) − a P(y > f).",
        "b τ = a (1 − τ).",
    ),
    examine=examine,
)
