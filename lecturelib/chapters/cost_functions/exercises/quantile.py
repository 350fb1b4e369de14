"""cost-functions-quantile: a cost whose minimum is any quantile one asks for."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lecturelib.exercises.comparing import agree, to_tensor
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
    "weights-squared": (
        "At the minimum of your cost the ratio of the shares is that of the *squares* of τ and "
        "1 − τ. Are your slopes squared, or does the cost not grow in proportion to the error? Set "
        "the derivative to zero once more."
    ),
    "weights-rooted": (
        "At the minimum of your cost the ratio of the shares is that of the *roots* of τ and "
        "1 − τ. Are your slopes rooted, or does the cost not grow in proportion to the error? Set "
        "the derivative to zero once more."
    ),
    "inverted": "Your cost is *largest* near the data, and falls to both sides: the sign is wrong.",
}


TAUS = (0.8, 0.15, 0.6)
OTHERS = (0.9, 0.05, 0.5)  # on targets of these sizes, shifted by that:
GROUPS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 10.01, 10.02, 10.03, 10.04)
SIZES = ((50.0, -400.0), (0.01, 0.0), (-1.0, 0.0))


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
    _needs_pairs_alone(trial, y)
    for (size, shift), tau in zip(SIZES, OTHERS, strict=True):
        target, step = size * y + shift, 4 * STEP * abs(size)
        _judge_others(trial, size * grid[::4] + shift, target, step, tau)
    groups = torch.tensor(GROUPS, dtype=torch.float64)
    _judge_others(trial, torch.arange(-2.0, 13.0, 0.08, dtype=groups.dtype), groups, 0.08, 0.5)


def _judge_others(trial: Trial, grid: Tensor, target: Tensor, step: float, tau: float) -> None:
    """Other targets: in another unit, costs that know a size of their own fail; where many lie
    together, costs that grow ever more slowly do."""
    place = _lowest(trial, grid, target, tau, step)
    if abs(place - _quantile(target, tau)) > 1.5 * step:
        raise _elsewhere(target, place, step, tau)


def _needs_pairs_alone(trial: Trial, y: Tensor) -> None:
    """A Finding unless a pair costs the same in any company: in a matrix, and by itself."""
    tau = TAUS[0]
    prediction, target = y.roll(3).repeat(2)[:15].reshape(3, 5), y.repeat(2)[:15].reshape(3, 5)
    together = _costs(trial, prediction, target, tau, "a matrix of pairs")
    for row, column in ((0, slice(5)), (1, slice(3, 4)), (2, slice(4, 5))):
        some = prediction[row, column], target[row, column]
        alone = _costs(trial, *some, tau, f"{len(some[0])} of these pairs")
        if not agree((alone,), (together[row, column],)):
            worst = int((alone - together[row, column]).abs().argmax())
            raise Finding(
                "depends-on-other-pairs",
                "The cost of a pair changes with the other pairs that stand in the same call. A "
                "cost knows one prediction and one target; that the *mean* of it is lowest at a "
                "quantile has to follow from that.",
                tried=f"the pair ({some[0][worst]:g}, {some[1][worst]:g}) among 15, and among "
                f"{len(alone)}",
                got=f"{together[row, column][worst]:.4g} and {alone[worst]:.4g}",
            )


def _tried(y: Tensor, tau: float) -> str:
    return f"τ = {tau}, eleven targets from {y.min():g} to {y.max():g}"


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 1.5 * STEP


def _costs(trial: Trial, prediction: Tensor, target: Tensor, tau: float, what: str) -> Tensor:
    """One cost for each pair, in the shape of the pairs; a Finding when they are not there."""
    case = Case(what, {"prediction": prediction, "target": target, "tau": tau})
    value = trial.call(case)
    cost = to_tensor(value)
    if cost is None or cost.numel() != prediction.numel():
        raise Finding(
            "not-one-cost-each",
            "Wanted is one cost for each pair of prediction and target, without an average.",
            tried=f"{what}, τ = {tau}",
            got=describe(value),
        )
    if not cost.isfinite().all():
        raise Finding("not-finite", "Some costs are not finite.", tried=f"{what}, τ = {tau}")
    return cost.reshape(prediction.shape)


def _lowest(trial: Trial, grid: Tensor, y: Tensor, tau: float, step: float = STEP) -> float:
    """The prediction of lowest mean cost over the targets; a Finding if it is at no one place."""
    prediction, target = (t.reshape(-1) for t in torch.meshgrid(grid, y, indexing="ij"))
    cost = _costs(trial, prediction, target, tau, f"eleven targets, {len(grid)} predictions")
    total = cost.reshape(len(grid), len(y)).mean(1)
    flat = grid[total <= total.min() + 1e-9 * total.abs().max()]
    if (flat.max() - flat.min()).item() > 4 * step:
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
        "weights-squared": lambda tau: _quantile(y, tau**2 / (tau**2 + (1 - tau) ** 2)),
        "weights-rooted": lambda tau: _quantile(y, tau**0.5 / (tau**0.5 + (1 - tau) ** 0.5)),
        "mean-learnt": lambda tau: y.mean().item(),
        "expectile-learnt": lambda tau: _expectile(y, tau),
        "expectile-swapped": lambda tau: _expectile(y, 1 - tau),
    }
    for code, statistic in known.items():
        if all(_near(place, statistic(tau)) for place, tau in zip(places, TAUS, strict=True)):
            return Finding(code, _SAYS[code], tried=tried, got=got)
    return _elsewhere(y, places[i], STEP, TAUS[i])


def _elsewhere(y: Tensor, place: float, step: float, tau: float) -> Finding:
    """The share of targets below the minimum of a cost, against the one that was asked."""
    share = (y <= place + step).double().mean().item()
    return Finding(
        "elsewhere",
        f"At the minimum of your cost a share of {share:.2f} of the targets lies at or below the "
        f"prediction; asked is {tau:g}.",
        tried=_tried(y, tau),
        got=f"lowest mean cost at a prediction of {place:.4g}",
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
