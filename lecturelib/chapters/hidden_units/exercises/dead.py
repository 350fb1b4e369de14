"""hidden-units-dead-units: which units no sample reaches."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A unit is dead if no gradient reaches its bias, whatever comes from above."""
    b = bias.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(torch.relu(F.linear(x, weight, b)).sum(), b)
    return (gradient == 0).to(torch.float64)


def formula(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    some: bool = False,
    biased: float = 1.0,
    alive: bool = False,
    mean: bool = False,
    share: bool = False,
) -> Tensor:
    """The mask with an argument for each way to get it wrong."""
    off = x @ weight.T + biased * bias <= 0
    mask = off.any(0) if some else off.all(0)
    if mean:
        mask = (x @ weight.T + bias).mean(0) <= 0
    if share:
        return off.to(torch.float64).mean(0)
    return (~mask if alive else mask).to(torch.float64)


SLIPS = (
    Slip(
        "off-once",
        (
            "You mark units that are off for some sample. That is what ReLUs are for; a dead "
            "one is off for all."
        ),
        {"some": True},
    ),
    Slip(
        "bias-lost", "You forget the bias. It can keep a unit alive, or kill it.", {"biased": 0.0}
    ),
    Slip("bias-sign", "You subtract the bias. A layer adds it.", {"biased": -1.0}),
    Slip("alive", "You mark the units that live.", {"alive": True}),
    Slip(
        "mean-sum",
        "You look at the mean of the sums. One positive sample is enough to keep a unit alive.",
        {"mean": True},
    ),
    Slip(
        "share",
        "You return the share of samples for which a unit is off. Dead is a unit with share 1.",
        {"share": True},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    x = draws.uniform(7, 3, low=0.0, high=1.0)
    weight = torch.stack([
        -draws.uniform(3, low=0.5, high=1.0), draws.uniform(3, low=0.5, high=1.0),
        -draws.uniform(3, low=0.5, high=1.0), draws.uniform(3, low=0.1, high=0.2),
        draws.uniform(3, low=0.5, high=1.0), -draws.uniform(3, low=0.5, high=1.0),
    ])  # fmt: skip
    often, rarely = ((x @ weight[unit]).sort().values for unit in (1, 4))
    bias = torch.zeros(6, dtype=torch.float64)
    bias[1] = -(often[0] + often[1]) / 2  # off for one sample
    bias[2], bias[3] = 3.5, -2.0
    bias[4] = -(rarely[-1] + rarely[-2]) / 2  # on for one sample
    bias[5] = -3.5  # dead with the bias or without, alive against its sign
    other = torch.tensor([4, 3, 5, 2, 1, 0])
    cases = [
        Case("six units", {"x": x, "weight": weight, "bias": bias}),
        Case("the same in another order", {"x": x, "weight": weight[other], "bias": bias[other]}),
    ]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-dead-units",
    title="Find the dead",
    chapter="hidden_units",
    kind="code",
    difficulty=1,
    minutes=10,
    wants=(
        "a function dead_units(x, weight, bias) that returns H values, true or 1 for each dead unit"
    ),
    hints=(
        "A unit is dead if its sum is positive for no sample at all.",
        "For every, or for some? Over samples, or over units?",
    ),
    examine=examine,
)
