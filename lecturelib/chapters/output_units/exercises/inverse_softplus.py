"""output-units-inverse-softplus: which number gives a wanted scale."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(y: Tensor) -> Tensor:
    """Bisection on log(1 + exp(z)), which logaddexp computes at any z."""
    low, high = torch.full_like(y, -60.0), y.clone()
    for _ in range(100):
        middle = (low + high) / 2
        below = torch.logaddexp(middle, torch.zeros_like(y)) < y
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return (low + high) / 2


def formula(y: Tensor, *, how: str = "right", least: float = 0.0) -> Tensor:
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
        "added": torch.log(torch.exp(y) + 1),
        "linear": y,
        "log below": torch.where(y < 0.1, y.log(), y + torch.log(-torch.expm1(-y))),
        "negative": -(y + torch.log(-torch.expm1(-y))),
        "from 3": torch.where(y > 3, y, torch.log(torch.expm1(y))),
        "from 5": torch.where(y > 5, y, torch.log(torch.expm1(y))),
        "two ends": torch.where(y > 500, y, torch.where(y < 1e-3, y.log(), (y.exp() - 1).log())),
        "clamped": (lambda y: y + torch.log(-torch.expm1(-y)))(y.clamp(min=least)),
        "eps": y + torch.log(-torch.expm1(-y) + least),
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
    Slip(
        "linear-from-3",
        "From 3 on you return y itself. There exp(−y) is still 0.05: the logarithm counts.",
        {"how": "from 3"},
    ),
    Slip(
        "linear-from-5",
        "From 5 on you return y itself. There exp(−y) is still 0.007: the logarithm counts.",
        {"how": "from 5"},
    ),
    Slip(
        "logarithm-below",
        "Below 0.1 you return log y. That is the limit for tiny scales; at 0.05 half of y is still "
        "missing.",
        {"how": "log below"},
    ),
    Slip("y-itself", "You return y. For large y that is nearly right, and only there.",
         {"how": "linear"}),
    Slip("sign", "Your number has the wrong sign: a small scale needs a very negative z.",
         {"how": "negative"}),
    *(
        Slip(
            f"{code}-{least:g}",
            f"You {words} {least:g}: all smaller scales come out alike. expm1 needs no such help.",
            {"how": how, "least": least},
        )
        for least in (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-4, 1e-3)
        for how, code, words in (("clamped", "scale-clamped-at", "let no scale fall below"),
                                 ("eps", "added-inside", "add inside of the logarithm"))
    ),
    Slip("reciprocal", "1/softplus is the reciprocal, not the inverse function.",
         {"how": "reciprocal"}),
)  # fmt: skip


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws
    small = torch.tensor([0.005, 0.02, 0.05, 0.09, 0.2], dtype=torch.float64)
    middle = torch.tensor([2.6, 4.0, 5.4, 6.5, 11.0], dtype=torch.float64)
    large = torch.tensor([40.0, 2000.0], dtype=torch.float64)
    tiny = torch.tensor([1e-20, 1e-10], dtype=torch.float64)
    return [
        Case("ordinary scales", {"y": draws.uniform(5, low=0.2, high=4.0)}),
        Case("scales of 1000 and more", {"y": draws.uniform(3, low=1000.0, high=2000.0)}),
        Case("scales of 1e-20 and 1e-10", {"y": tiny}),
        Case("scales from 2 to 12", {"y": middle + draws.uniform(5, low=-0.3, high=0.3)}),
        Case("scales from 0.005 to 0.2", {"y": small + draws.uniform(5, high=0.002)}),
        Case("scales from 80 to 900", {"y": draws.uniform(3, low=80.0, high=900.0)}),
        Case(
            "scales of all sizes at once", {"y": torch.cat([tiny, draws.uniform(2) + 0.1, large])}
        ),
        Case("a single scale", {"y": draws.uniform(1) + 0.2}),
    ]


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS)


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
