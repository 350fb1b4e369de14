"""preprocessing-steps: how many steps a condition number costs."""

from __future__ import annotations

import math

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the number at rate 1/λmax", "the number at the best rate")


def oracle(kappa: float, share: float) -> Parts:
    """Take the steps, on the eigenvalues 1 and κ, until both errors are small enough."""
    counts = []
    for rate in (1 / kappa, 2 / (1 + kappa)):
        errors, count = [1.0, 1.0], 0
        while max(map(abs, errors)) > share:
            errors = [e * (1 - rate * h) for e, h in zip(errors, (1.0, kappa), strict=True)]
            count += 1
        counts.append(torch.tensor(count, dtype=torch.float64))
    return tuple(counts)


def formula(
    kappa: float,
    share: float,
    *,
    best: str = "right",
    whole: str = "up",
    approximate: bool = False,
    loss: bool = False,
    ten: bool = False,
    rooted: bool = False,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    log = math.log10(share) if ten else math.log(share)
    log = log / 2 if loss else log
    kappa = kappa**0.5 if rooted else kappa
    factors = {
        "right": (kappa - 1) / (kappa + 1),
        "same": 1 - 1 / kappa,
        "double": abs(1 - 2 / kappa),
    }
    exact = [log / math.log(1 - 1 / kappa), log / math.log(factors.get(best, 0.5))]
    if approximate:
        exact = [-log * kappa, -log * kappa / 2]
    values = torch.tensor(exact, dtype=torch.float64)
    near = values.round()
    up = torch.where((values - near).abs() < 1e-12, near, values.ceil())
    rounded = {
        "up": up,
        "down": values.floor(),
        "no": values,
        "more": values.floor() + 1,
        "nearest": near,
        "two at least": up.clamp(min=2),
    }[whole]
    return tuple(rounded) if best != "half" else (rounded[0], (rounded[0] / 2).ceil())


SLIPS = (
    Slip(
        "best-rate-same",
        "At the best rate you use the factor of the rate 1/λmax. The best rate is 2/(λmax + λmin).",
        {"best": "same"},
    ),
    Slip(
        "best-rate-doubled",
        "At the best rate you use 1 − 2/κ, which is the rate 2/λmax: there the largest component "
        "does not shrink at all.",
        {"best": "double"},
    ),
    Slip(
        "rounded-down",
        "You round down: after that many steps the error is still too large.",
        {"whole": "down"},
    ),
    Slip("not-whole", "Steps are whole numbers: round up.", {"whole": "no"}),
    Slip(
        "rule-of-thumb",
        "You use the rule of thumb κ ln(1/share). Asked are the exact numbers; for small κ they "
        "differ.",
        {"approximate": True},
    ),
    Slip(
        "loss",
        "You count steps until the loss has shrunk by the share. Asked is the error of the "
        "weights; the loss goes as its square.",
        {"loss": True},
    ),
    Slip(
        "logarithms-mixed",
        "You divide a logarithm to base 10 by a natural one.",
        {"ten": True},
    ),
    Slip(
        "one-too-many",
        "Where the share is reached exactly you take one step more. Asked is *at most* the share.",
        {"whole": "more"},
    ),
    Slip(
        "rounded-to-the-nearest",
        "You round to the nearest whole number. Where that is down, the error is still too large.",
        {"whole": "nearest"},
    ),
    Slip(
        "two-steps-at-least",
        "You take two steps at least. For a share near 1 a single one is enough.",
        {"whole": "two at least"},
    ),
    Slip(
        "best-rate-halves",
        "At the best rate you take half of the steps. That is so for large κ, and about.",
        {"best": "half"},
    ),
    Slip(
        "root-of-kappa",
        "You use √κ, which momentum reaches. For gradient descent it is κ.",
        {"rooted": True},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How large the slowest component still is after that many steps."""
    kappa, share = case.arguments["kappa"], case.arguments["share"]
    factors = [max(abs(1 - r), abs(1 - r * kappa)) for r in (1 / kappa, 2 / (1 + kappa))]
    names = "the rate 1/λmax", "the best rate"
    for mine, right, factor, name in zip(got, wanted, factors, names, strict=True):
        if mine.item() != right.item():
            left, before = factor ** mine.item(), factor ** (mine.item() - 1)
            return (
                f"After {mine.item():g} steps at {name} the share {left:.3g} is left, one step "
                f"before it was {before:.3g}; asked is the first step with {share:g} or less."
            )
    return ""


def examine(trial: Trial) -> None:
    usual = [
        Case("a small condition number", {"kappa": 4.0, "share": 0.01}),
        Case("a larger one", {"kappa": 30.0, "share": 0.004}),
    ]
    # Factors of 3/4 and 1/2 are exact, so the share is reached without rounding.
    edges = [
        Case("a share that one step reaches exactly", {"kappa": 4.0, "share": 0.75}),
        Case("a share that the best rate reaches exactly", {"kappa": 3.0, "share": 0.25}),
        Case("a share near 1", {"kappa": 2.5, "share": 0.999}),
        Case("a large condition number", {"kappa": 5e3, "share": 0.01}),
        Case("a tiny share", {"kappa": 10.0, "share": 1e-12}),
    ]
    for cases in (usual, edges):
        judge(
            trial,
            cases,
            oracle,
            parts=PARTS,
            formula=formula,
            slips=SLIPS,
            look=look,
            exact=True,
        )


EXERCISE = Exercise(
    slug="preprocessing-steps",
    title="The price of a condition number",
    chapter="preprocessing",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants=(
        "a function steps(kappa, share) that returns (steps at rate 1/λmax, steps at the best rate)"
    ),
    hints=(
        "Each component of the error is multiplied by 1 − ηh a step. Which h is slowest?",
        "Solve (factor)^t ≤ share for t; mind the sign when you divide by a logarithm below 0.",
        "At the best rate the largest and the smallest eigenvalue shrink equally fast.",
    ),
    examine=examine,
)
