"""cost-functions-censored: the cost of waiting times of which some had not ended."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the mean cost", "the best constant")


def oracle(mean: Tensor, time: Tensor, ended: Tensor) -> Parts:
    """PyTorch's distribution, and a search for the constant of lowest cost."""
    low, high = -20.0, 20.0
    for _ in range(9):
        grid = torch.linspace(low, high, 41, dtype=time.dtype)
        costs = torch.stack([_cost(f.exp().expand_as(time), time, ended) for f in grid])
        i = int(costs.argmin())
        low, high = grid[max(i - 1, 0)].item(), grid[min(i + 1, 40)].item()
    best = torch.tensor(math.exp((low + high) / 2), dtype=time.dtype)
    return _cost(mean, time, ended), best


def _cost(mean: Tensor, time: Tensor, ended: Tensor) -> Tensor:
    model = torch.distributions.Exponential(1 / mean)
    # Beyond t lies a share of exp(−t/f): the density there, times f.
    beyond = model.log_prob(time) + mean.log()
    return -torch.where(ended, model.log_prob(time), beyond).mean()


def formula(
    mean: Tensor,
    time: Tensor,
    ended: Tensor,
    *,
    running: str = "right",
    total: bool = False,
    sign: float = 1.0,
    log: float = 1.0,
    per_end: bool = False,
    best: str = "right",
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    costs = {
        "right": time / mean,
        "as ended": mean.log() + time / mean,
        "before": -torch.log(-torch.expm1(-time / mean)),
        "dropped": torch.zeros_like(time),
    }[running]
    costs = torch.where(ended, log * mean.log() + time / mean, costs)
    count = int(ended.sum()) if running == "dropped" or per_end else len(time)
    cost = sign * costs.sum() / (1 if total else count)
    constants = {
        "right": time.sum() / ended.sum(),
        "of all": time.mean(),
        "of ended": time[ended].mean(),
        "rate": ended.sum() / time.sum(),
        "median": time.median(),
    }
    return cost, constants[best]


SLIPS = (
    Slip(
        "running-dropped",
        "Your cost leaves out the waits that had not ended. They say something, namely that they "
        "are long: without them the model learns times that are too short.",
        {"running": "dropped"},
    ),
    Slip(
        "running-as-ended",
        "Your cost treats a wait that had not ended as if it had ended then. What was seen is not "
        "y = t but y > t: which probability has that?",
        {"running": "as ended"},
    ),
    Slip(
        "before-for-beyond",
        "For a wait that had not ended you take the probability of y ≤ t. It is y > t that was "
        "seen.",
        {"running": "before"},
    ),
    Slip("log-missing", "The logarithm of the mean is missing where a wait ended.", {"log": 0.0}),
    Slip(
        "log-sign",
        "The logarithm of the mean has the wrong sign: the density is (1/f)·exp(−y/f).",
        {"log": -1.0},
    ),
    Slip("sum-taken", "Your cost is the sum over the samples. Asked is the mean.", {"total": True}),
    Slip(
        "divided-by-the-ended",
        "Your cost is divided by the number of waits that ended. The mean is over all samples.",
        {"per_end": True},
    ),
    Slip("log-likelihood", "This is the log-likelihood. A cost has a minus.", {"sign": -1.0}),
    Slip(
        "best-of-all",
        "Your constant is the mean of all times, as if each wait had ended when it was last seen.",
        {"best": "of all"},
    ),
    Slip(
        "best-of-ended",
        "Your constant is the mean of the waits that ended: those are the short ones.",
        {"best": "of ended"},
    ),
    Slip(
        "best-is-a-rate",
        "Your constant is a rate, ends per time. The model's parameter is the mean.",
        {"best": "rate"},
    ),
    Slip(
        "best-is-the-median",
        "Your constant is the median of the times. Set the derivative of the mean cost to zero.",
        {"best": "median"},
    ),
    Slip(
        "running-as-ended+best-of-all",
        "You treat a wait that had not ended as if it had ended then, in the cost and in the "
        "constant. What was seen is y > t.",
        {"running": "as ended", "best": "of all"},
    ),
    Slip(
        "running-dropped+best-of-ended",
        "You leave out the waits that had not ended, in the cost and in the constant. These are "
        "the long ones.",
        {"running": "dropped", "best": "of ended"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, ended: list[int], size: float = 1.0) -> Case:
        n = len(ended)
        arguments = {
            "mean": size * draws.uniform(n, low=0.5, high=4.0),
            "time": size * draws.uniform(n, low=0.2, high=5.0),
            "ended": torch.tensor(ended, dtype=torch.bool),
        }
        return Case(special, arguments)

    cases = [
        case("six waits, two of which had not ended", [1, 0, 1, 1, 0, 1]),
        case("most waits had not ended", [0, 0, 1, 0, 0]),
        case("all waits ended", [1, 1, 1, 1]),
        case("times of thousands of minutes", [1, 0, 1, 0], size=2e3),
        case("a single wait, which ended", [1]),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="cost-functions-censored",
    title="Waits that had not ended",
    chapter="cost_functions",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function censored(mean, time, ended) that returns (mean cost, best constant mean)",
    hints=(
        "The cost of a sample is −log of the probability (or density) of what was seen.",
        "P(y > t) is the integral of the density from t on.",
        "For a constant f the mean cost is (number of ends · log f + sum of all times / f) / N.",
    ),
    examine=examine,
)
