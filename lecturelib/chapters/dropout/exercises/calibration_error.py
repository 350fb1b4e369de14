"""dropout-calibration-error: expected calibration error from confidences and hits."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(confidence: Tensor, right: Tensor, bins: int) -> Tensor:
    """Bin by bin, from the definition."""
    total = torch.zeros((), dtype=torch.float64)
    for i in range(bins):
        low, high = i / bins, (i + 1) / bins
        inside = (confidence >= low) & ((confidence < high) | (i == bins - 1))
        if inside.any():
            gap = right[inside].double().mean() - confidence[inside].double().mean()
            total += inside.double().mean() * gap.abs()
    return total


def formula(
    confidence: Tensor, right: Tensor, bins: int, *, weighted: bool = True, sign: bool = False,
    middle: bool = False, squared: bool = False, largest: bool = False, over: str = "all",
    border: str = "upper",
) -> Tensor:  # fmt: skip
    """The error with an argument for each way to get it wrong."""
    number = (confidence * bins).long().clamp_max(bins - 1)
    if border == "lower":
        number = ((confidence * bins).ceil().long() - 1).clamp_min(0)
    gaps, shares = [], []
    for i in range(bins):
        inside = number == i
        if not inside.any():
            continue
        stated = (i + 0.5) / bins if middle else confidence[inside].double().mean()
        gap = right[inside].double().mean() - stated
        gaps.append(gap if sign else gap**2 if squared else gap.abs())
        shares.append(inside.double().mean())
    g, s = torch.stack(gaps), torch.stack(shares)
    if largest:
        return g.max()
    if not weighted:
        return g.sum() / (bins if over == "bins" else len(g))
    return (g * s).sum()


SLIPS = (
    Slip(
        "not-weighted",
        "You take the plain mean over the bins. Each counts by its share of the answers.",
        {"weighted": False},
    ),
    Slip(
        "divided-by-bins",
        "You sum over the bins and divide by their number. Each counts by its share of answers.",
        {"weighted": False, "over": "bins"},
    ),
    Slip(
        "signed",
        "Gaps of different sign cancel in your sum: take the absolute value of each.",
        {"sign": True},
    ),
    Slip(
        "middle-of-the-bin",
        "You compare with the middle of the bin. Asked is the mean confidence of its answers.",
        {"middle": True},
    ),
    Slip("squared", "You square the gaps: asked are their absolute values.", {"squared": True}),
    Slip(
        "lower-interval",
        "An answer on a border belongs to the upper interval. Yours goes to the lower one.",
        {"border": "lower"},
    ),
    Slip(
        "largest-gap",
        "You return the largest gap. Asked is the mean, weighted by the bins' shares.",
        {"largest": True},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws

    def case(special: str, n: int, bins: int, low: float = 0.0) -> Case:
        confidence = d.uniform(n, low=low)
        right = (d.uniform(n) < confidence**2).double()
        return Case(special, {"confidence": confidence, "right": right, "bins": bins})

    certain = torch.tensor([1.0, 1.0, 0.25, 0.5, 0.0, 0.125, 0.375], dtype=torch.float64)
    hits = torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    cases = [
        case("40 answers, 5 bins", 40, 5),
        case("30 answers, 10 bins", 30, 10),
        case("12 answers above 0.6, empty bins", 12, 10, 0.6),
        case("a single bin", 8, 1),
        Case(
            "confidences of 0 and 1, and on the borders of the bins",
            {"confidence": certain, "right": hits, "bins": 4},
        ),
    ]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="dropout-calibration-error",
    title="Expected calibration error",
    chapter="dropout",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function calibration_error(confidence, right, bins) that returns one number",
    hints=(
        "The bin of a confidence is the whole part of confidence·bins; 1 goes into the last one.",
        "Skip bins without answers: a mean over none is no number.",
    ),
    examine=examine,
)
