"""output-units-inverse-softplus: which number gives a wanted scale."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial


def oracle(y: Tensor) -> Tensor:
    """Bisection on log(1 + exp(z)), which logaddexp computes at any z."""
    low, high = torch.full_like(y, -60.0), y.clone()
    for _ in range(100):
        middle = (low + high) / 2
        below = torch.logaddexp(middle, torch.zeros_like(y)) < y
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return (low + high) / 2


def formula(y: Tensor, *, how: str = "right") -> Tensor:
    """The inverse, and what is often taken in its place."""
    return {
        "right": y + torch.log(-torch.expm1(-y)),
        "direct": torch.log(torch.exp(y) - 1),
        "expm1": torch.log(torch.expm1(y)),
        "rounded": y + torch.log(1 - torch.exp(-y)),
        "log": torch.log(y),
        "softplus": torch.log1p(torch.exp(y)),
        "logit": torch.log(y / (1 - y)),
        "y missing": torch.log(-torch.expm1(-y)),
        "sigmoid": torch.sigmoid(y),
        "reciprocal": 1 / torch.log1p(torch.exp(y)),
    }[how]


SLIPS = (
    Slip(
        "overflow",
        "The formula is right. As it stands it overflows for a scale of 1000 and loses all digits "
        "for a tiny one. Take exp(y) out of the logarithm, and expm1 for exp(…) − 1.",
        {"how": "direct"},
    ),
    Slip(
        "overflow-of-expm1",
        "expm1 saves small scales, and a scale of 1000 still overflows. Take exp(y) out of the "
        "logarithm: what stays inside has a negative exponent.",
        {"how": "expm1"},
    ),
    Slip(
        "tiny-scales-lost",
        "Large scales are right. For a tiny scale 1 − exp(−y) rounds to 0: use expm1.",
        {"how": "rounded"},
    ),
    Slip(
        "inverse-of-exp",
        "You invert the exponential. Softplus is log(1 + exp(z)): something is left inside.",
        {"how": "log"},
    ),
    Slip("softplus-itself", "You apply softplus again and do not undo it.", {"how": "softplus"}),
    Slip("inverse-of-sigmoid", "That is the logit, the inverse of the sigmoid.", {"how": "logit"}),
    Slip(
        "y-missing",
        "You have the logarithm of 1 − exp(−y). Taking exp(y) out of a logarithm leaves y outside.",
        {"how": "y missing"},
    ),
    Slip(
        "derivative", "The sigmoid is the derivative of softplus, not its inverse.",
        {"how": "sigmoid"},
    ),
    Slip("reciprocal", "1/softplus is the reciprocal, not the inverse function.",
         {"how": "reciprocal"}),
)  # fmt: skip


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws
    tiny = torch.tensor([1e-20, 1e-10], dtype=torch.float64)
    return [
        Case("ordinary scales", {"y": draws.uniform(5, low=0.2, high=4.0)}),
        Case("scales of 1000 and more", {"y": draws.uniform(3, low=1000.0, high=2000.0)}),
        Case("scales of 1e-20 and 1e-10", {"y": tiny}),
    ]


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS)
    case = Case("ordinary scales", {"y": torch.tensor([0.5, 3.0], dtype=torch.float64)})
    value = torch.as_tensor(trial.call(case))
    if value.shape != (2,):
        raise Finding("wrong-shape", "The result should have the shape of y.")


EXERCISE = Exercise(
    slug="output-units-inverse-softplus",
    title="Start with the right scale",
    chapter="output_units",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function inverse_softplus(y) that returns z with softplus(z) = y",
    hints=(
        "Solve y = log(1 + exp(z)) for z on paper first.",
        "exp(y) − 1 = exp(y)·(1 − exp(−y)). What is the logarithm of a product?",
        "torch.expm1 and numpy.expm1 compute exp(u) − 1 without rounding for tiny u.",
    ),
    examine=examine,
)
