"""universal-approximation-and: one step unit for each pattern of bits, some of them free."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weight", "the bias")


def oracle(rows: Tensor) -> Parts:
    """Entry by entry: a bit that must be 1, that must be 0, or that may be either (−1)."""
    signs = [[{1: 1.0, 0: -1.0, -1: 0.0}[int(bit)] for bit in row] for row in rows]
    biases = [0.5 - sum(bit == 1 for bit in row) for row in rows.tolist()]
    return torch.tensor(signs, dtype=rows.dtype), torch.tensor(biases, dtype=rows.dtype)


def formula(
    rows: Tensor,
    *,
    zeros: float = -1.0,
    free: float = 0.0,
    half: float = 0.5,
    count: str = "ones",
    sign: float = 1.0,
    bias_sign: float = 1.0,
    size: float = 1.0,
) -> Parts:
    """Weight and bias with an argument for each way to get them wrong."""
    weight = torch.where(rows > 0, 1.0, torch.where(rows == 0, zeros, free)).to(rows.dtype)
    ones = (rows > 0).sum(1).to(rows.dtype)
    total = {
        "ones": ones,
        "all": torch.full_like(ones, rows.shape[1]),
        "asked": (rows >= 0).sum(1).to(rows.dtype),
        "sum": rows.sum(1),
        "zeros": (rows == 0).sum(1).to(rows.dtype),
        "first": torch.full_like(ones, ones[0].item()),
    }
    return sign * size * weight, sign * size * bias_sign * (half - total[count])


SLIPS = (
    Slip(
        "free-as-in-the-chapter",
        "Your weight is 2r − 1 also where the pattern holds −1: there it is −3. A bit that may be "
        "either must not count.",
        {"free": -3.0, "count": "sum"},
    ),
    Slip(
        "free-forbidden",
        "A bit that may be either counts against your unit as if it had to be 0.",
        {"free": -1.0},
    ),
    Slip(
        "free-in-the-bias",
        "Your weights are right, and your bias adds up the pattern, −1 and all. At a pattern that "
        "fits, the sum of weights times bits is the number of ones that are asked for.",
        {"count": "sum"},
    ),
    Slip(
        "zeros-ignored",
        "Where a 0 is asked for, your weight is 0. Then the unit fires for other patterns too, "
        "whatever that bit is.",
        {"zeros": 0.0},
    ),
    Slip(
        "zeros-rewarded",
        "Where a 0 is asked for, your weight is 1. That bit must count against the unit.",
        {"zeros": 1.0},
    ),
    Slip(
        "threshold-at-the-row",
        "Without the half the argument is exactly 0 where the unit should fire, and a step fires "
        "above 0 only.",
        {"half": 0.0},
    ),
    Slip(
        "threshold-too-low",
        "Your threshold lies a whole unit lower than it should be: patterns with one wrong bit "
        "fire as well.",
        {"half": 1.5},
    ),
    Slip(
        "threshold-too-high",
        "Your threshold lies above what the unit can reach, so it never fires.",
        {"half": -0.5},
    ),
    Slip(
        "argument-of-one",
        "Your argument is 1 where the unit fires; asked is ½. With 1 a pattern with one wrong bit "
        "lies exactly on the threshold.",
        {"half": 1.0},
    ),
    Slip(
        "all-bits-counted",
        "Your bias counts all bits. The sum of weights times bits reaches the number of *ones* "
        "that are asked for.",
        {"count": "all"},
    ),
    Slip(
        "asked-bits-counted",
        "Your bias counts all bits that are asked for. Those that must be 0 add nothing to the "
        "sum where the unit fires.",
        {"count": "asked"},
    ),
    Slip("zeros-counted", "Your bias counts the zeros of the pattern.", {"count": "zeros"}),
    Slip(
        "first-row-for-all",
        "Your bias is that of the first pattern for all units. Each unit has its own.",
        {"count": "first"},
    ),
    Slip(
        "doubled",
        "Your weights are ±2, and the argument is 1 where the unit fires. Asked are ±1 and ½.",
        {"size": 2.0},
    ),
    Slip("bias-sign", "Your bias has the wrong sign: it is added.", {"bias_sign": -1.0}),
    Slip("negated", "Your unit fires for every pattern but its own.", {"sign": -1.0}),
)


def examine(trial: Trial) -> None:
    def case(special: str, rows: list[list[int]]) -> Case:
        return Case(special, {"rows": torch.tensor(rows, dtype=torch.float64)})

    cases = [
        case("three bits, one of them free", [[1, 0, -1], [-1, 0, 1]]),
        case("zeros and a free bit", [[0, 0, 0, -1], [1, 1, -1, 0]]),
        case("a single pattern of ones", [[1, 1]]),
        case("one bit", [[0], [1]]),
        case("all bits free", [[-1, -1, -1], [0, -1, -1]]),
        case("no bit free", [[0, 0, 1], [1, 0, 1], [1, 1, 0]]),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-and",
    title="One unit for a pattern",
    chapter="universal_approximation",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function and_units(rows) that returns (weight, bias)",
    hints=(
        "A bit that agrees should raise the argument or leave it, one that differs should lower it "
        "by 1, and a free one should not count.",
        "Weight +1 where a 1 is asked for, −1 where a 0 is, 0 where the bit is free. What is the "
        "sum where all that is asked for is met?",
    ),
    examine=examine,
)
