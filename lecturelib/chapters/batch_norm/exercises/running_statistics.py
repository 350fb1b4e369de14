"""batch-norm-running-statistics: what training leaves behind for inference."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import leaves_arguments
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the running mean", "the running variance")


def oracle(
    running_mean: Tensor, running_var: Tensor, x: Tensor, momentum: float
) -> tuple[Tensor, Tensor]:
    """The buffers that PyTorch leaves after one training step."""
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(x, mean, var, training=True, momentum=momentum)
    return mean, var


def formula(
    running_mean: Tensor,
    running_var: Tensor,
    x: Tensor,
    momentum: float,
    *,
    axis: int | None = 0,
    spread: str = "unbiased",
    mix: str = "right",
    momentum_fixed: bool = False,
    frozen: str = "",
    middle: bool = False,
    gap: float = 0.0,
    corrected: str = "batch",
    small: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """One update with an argument for each way to get it wrong."""
    dims = (0, 1) if axis is None else axis
    mean = x.mean(dims)
    var = {
        "unbiased": x.var(dims),
        "biased": x.var(dims, correction=0),
        "deviation": x.std(dims),
        "about running mean": ((x - running_mean) ** 2).mean(dims),
        "moment": (x**2).mean(dims),
    }[spread]
    m = 0.1 if momentum_fixed else momentum
    keep, take = {
        "right": (1 - m, m),
        "reversed": (m, 1 - m),
        "added": (1.0, m),
        "replaced": (0.0, 1.0),
        "averaged": (0.5, 0.5),
    }.get(mix, (1 - m, m))
    mean = x.median(0).values if middle else mean
    new_mean = keep * running_mean + take * mean
    new_var = keep * running_var + take * var
    if mix == "variance reversed":
        new_var = m * running_var + (1 - m) * var
    if mix == "deviations":
        new_var = ((1 - m) * running_var.sqrt() + m * var.sqrt()) ** 2
    if corrected == "all":
        share = len(x) / (len(x) - 1)
        new_var = share * ((1 - m) * running_var + m * x.var(0, correction=0))
    # A mixture of two groups would also hold how far their means lie apart.
    new_var = new_var + small + gap * keep * take * (running_mean - mean) ** 2
    if frozen == "mean":
        new_mean = running_mean
    if frozen == "variance":
        new_var = running_var
    return new_mean, new_var


SLIPS = (
    Slip(
        "biased-variance",
        "The variance that you store divides by N. For normalizing the batch that is right. The"
        " running variance is to estimate the variance of the population, for which a small batch"
        " is too low on average.",
        {"spread": "biased"},
    ),
    Slip(
        "momentum-reversed",
        "The two weights have changed places: momentum is the weight of the new batch, as in "
        "PyTorch. (In an optimizer it is the weight of the past; the word is the same.)",
        {"mix": "reversed"},
    ),
    Slip(
        "past-not-faded",
        "You add a share of the batch's statistics and keep all of the old ones: after many "
        "batches the sum grows without limit.",
        {"mix": "added"},
    ),
    Slip(
        "past-forgotten",
        "You replace the running statistics by those of the last batch.",
        {"mix": "replaced"},
    ),
    Slip("plain-average", "You take the plain average of old and new.", {"mix": "averaged"}),
    Slip(
        "momentum-fixed",
        "Your momentum is always 0.1. Use the argument: the caller may choose another.",
        {"momentum_fixed": True},
    ),
    Slip(
        "deviation-stored",
        "You average standard deviations. The buffer holds variances.",
        {"spread": "deviation"},
    ),
    Slip(
        "deviations-from-running-mean",
        "Your squared deviations are taken from the running mean. A batch's variance is about the "
        "batch's own mean.",
        {"spread": "about running mean"},
    ),
    Slip(
        "variance-not-centred", "You average squares of x, not of deviations.", {"spread": "moment"}
    ),
    Slip("mean-not-updated", "The running mean comes back unchanged.", {"frozen": "mean"}),
    Slip(
        "variance-not-updated", "The running variance comes back unchanged.", {"frozen": "variance"}
    ),
    Slip(
        "averaged-over-features",
        "You average over the features of a sample; each feature has its own statistics.",
        {"axis": 1},
    ),
    Slip(
        "averaged-over-everything",
        "You take one mean and one variance of the whole batch; each feature has its own.",
        {"axis": None},
    ),
    Slip(
        "variance-reversed",
        "For the variance the two weights have changed places: momentum is that of the new batch.",
        {"mix": "variance reversed"},
    ),
    Slip(
        "deviations-averaged",
        "You average deviations and square. The running variance is an average of variances.",
        {"mix": "deviations"},
    ),
    Slip(
        "old-variance-corrected-again",
        "You multiply the old running variance by N/(N − 1), too. It was corrected when it was "
        "stored.",
        {"corrected": "all"},
    ),
    Slip(
        "means-gap-counted",
        "You add how far the running mean and the batch's lie apart, as for two pooled groups. The "
        "update is a plain average of two variances.",
        {"gap": 1.0},
    ),
    Slip(
        "eps-added",
        "You add 1e-5 to the variance. eps enters when a batch is normalized; it is not stored.",
        {"small": 1e-5},
    ),
    Slip("median", "Your mean of the batch is its median.", {"middle": True}),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How far the first wrong buffer goes from its old value to the batch's."""
    x = case.arguments["x"]
    buffers = (("mean", "running_mean", x.mean(0)), ("variance", "running_var", x.var(0)))
    for mine, right, (name, argument, batch) in zip(got, wanted, buffers, strict=True):
        if torch.allclose(mine, right, atol=1e-3):
            continue
        old = case.arguments[argument]
        share = (mine - old) / (batch - old)
        if torch.allclose(share, share[:1].expand_as(share), atol=1e-3):
            return (
                f"Your running {name} goes {share[0]:.3g} of the way from the old value to the "
                f"batch's; momentum is {case.arguments['momentum']:g}."
            )
        return f"Your running {name} does not lie on the way from the old value to the batch's."
    return ""


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws

    def case(special: str, n: int, d: int, momentum: float) -> Case:
        arguments: dict[str, Any] = {
            "running_mean": draws.signed(d),
            "running_var": draws.uniform(d, low=1.0, high=3.0),
            "x": draws.normal(n, d, mean=1.0, std=1.5),
        }
        return Case(special, {**arguments, "momentum": momentum})

    return [
        case("a batch of five and momentum 0.3", 5, 3, 0.3),
        case("as many samples as features", 4, 4, 0.1),
        case("a batch of two", 2, 3, 0.8),
    ]


def _edges(trial: Trial) -> list[Case]:
    draws = trial.draws

    def case(special: str, n: int, d: int, momentum: float, scale: float = 1.0) -> Case:
        arguments: dict[str, Any] = {
            "running_mean": scale * draws.signed(d),
            "running_var": scale**2 * draws.uniform(d, low=1.0, high=3.0),
            "x": scale * draws.normal(n, d, mean=-2.0),
        }
        return Case(special, {**arguments, "momentum": momentum})

    return [
        case("a momentum of 0", 4, 2, 0.0),
        case("a momentum of 1", 3, 2, 1.0),
        case("one feature", 6, 1, 0.1),
        case("small numbers", 5, 3, 0.2, scale=1e-2),
        case("large numbers", 5, 3, 0.2, scale=1e4),
    ]


def examine(trial: Trial) -> None:
    for cases, rules in ((_cases(trial), ()), (_edges(trial), (leaves_arguments(),))):
        judge(
            trial,
            cases,
            oracle,
            parts=PARTS,
            formula=formula,
            slips=SLIPS,
            look=look,
            rules=rules,
        )


EXERCISE = Exercise(
    slug="batch-norm-running-statistics",
    title="Running statistics",
    chapter="batch_norm",
    kind="code",
    difficulty=2,
    minutes=15,
    wants=(
        "a function update_running(running_mean, running_var, x, momentum) that returns the new "
        "(running_mean, running_var)"
    ),
    hints=(
        (
            "Both buffers are exponential averages: a weighted mean of what was there and what the"
            " batch shows. The two weights add up to one."
        ),
        (
            "Which variance is the better estimate of the population's: the one with N or the one"
            " with N − 1? Is it the same question as which one normalizes the batch?"
        ),
        (
            "Compare with torch.nn.BatchNorm1d: call it once in training mode and look at"
            " running_mean and running_var."
        ),
    ),
    examine=examine,
)
