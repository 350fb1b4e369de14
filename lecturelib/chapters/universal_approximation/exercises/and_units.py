"""universal-approximation-and: one step unit for each row of a truth table."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weight", "the bias")


def oracle(rows: Tensor) -> Parts:
    """Equation of the chapter, one row at a time."""
    signs = [[1.0 if bit else -1.0 for bit in row] for row in rows]
    biases = [0.5 - sum(map(float, row)) for row in rows]
    return torch.tensor(signs, dtype=rows.dtype), torch.tensor(biases, dtype=rows.dtype)


def formula(
    rows: Tensor,
    *,
    zeros: float = -1.0,
    half: float = 0.5,
    count: str = "ones",
    sign: float = 1.0,
    bias_sign: float = 1.0,
    size: float = 1.0,
) -> Parts:
    """Weight and bias with an argument for each way to get them wrong."""
    weight = torch.where(rows > 0, torch.ones_like(rows), torch.full_like(rows, zeros))
    ones = rows.sum(1)
    total = {
        "ones": ones,
        "all": torch.full_like(ones, rows.shape[1]),
        "zeros": (1 - rows).sum(1),
        "difference": (2 * rows - 1).sum(1),
        "first": torch.full_like(ones, ones[0].item()),
        "whole": torch.full_like(ones, ones.sum().item()),
    }
    return sign * size * weight, sign * size * bias_sign * (half - total[count])


SLIPS = (
    Slip(
        "zeros-ignored",
        "Where the row has a 0, your weight is 0. Then the unit fires for other rows too, whatever "
        "that bit is.",
        {"zeros": 0.0},
    ),
    Slip(
        "zeros-rewarded",
        "All your weights are 1. A bit that should be 0 must count against the unit.",
        {"zeros": 1.0},
    ),
    Slip(
        "threshold-at-the-row",
        "Without the half the argument is exactly 0 at the unit's own row, and a step fires above "
        "0 only.",
        {"half": 0.0},
    ),
    Slip(
        "threshold-too-low",
        "Your threshold lies a whole unit lower than it should be: rows with one wrong bit fire as "
        "well.",
        {"half": 1.5},
    ),
    Slip(
        "threshold-too-high",
        "Your threshold lies above what the unit's own row reaches, so it never fires.",
        {"half": -0.5},
    ),
    Slip(
        "all-bits-counted",
        "Your bias counts all bits. At its own row the sum of weights times bits is the number of "
        "*ones* in the row.",
        {"count": "all"},
    ),
    Slip(
        "zeros-counted",
        "Your bias counts the zeros of the row. What does the sum reach at the row itself?",
        {"count": "zeros"},
    ),
    Slip(
        "argument-of-one",
        "Your argument is 1 at the unit's own row; asked is ½. With 1 a row with one wrong bit "
        "lies exactly on the threshold.",
        {"half": 1.0},
    ),
    Slip(
        "argument-of-a-quarter",
        "Your argument is ¼ at the unit's own row; asked is ½.",
        {"half": 0.25},
    ),
    Slip(
        "ones-minus-zeros",
        "Your bias counts ones minus zeros. At its own row the zeros add nothing to the sum: a "
        "weight of −1 meets a 0.",
        {"count": "difference"},
    ),
    Slip(
        "first-row-for-all",
        "Your bias is that of the first row for all units. Each unit has its own.",
        {"count": "first"},
    ),
    Slip(
        "all-rows-counted",
        "Your bias counts the ones of *all* rows. Each unit looks at its own.",
        {"count": "whole"},
    ),
    Slip(
        "doubled",
        "Your weights are ±2, and the argument is 1 at the unit's own row. Asked are ±1 and ½.",
        {"size": 2.0},
    ),
    Slip("bias-sign", "Your bias has the wrong sign: it is added.", {"bias_sign": -1.0}),
    Slip("negated", "Your unit fires for every row but its own.", {"sign": -1.0}),
)


def examine(trial: Trial) -> None:
    def case(special: str, rows: list[list[int]]) -> Case:
        return Case(special, {"rows": torch.tensor(rows, dtype=torch.float64)})

    cases = [
        case("three bits", [[1, 0, 1], [0, 0, 1]]),
        case("a row of zeros", [[0, 0, 0, 0], [1, 1, 1, 0]]),
        case("a single row of ones", [[1, 1]]),
        case("one bit", [[0], [1]]),
        case("all patterns of two bits", [[0, 0], [0, 1], [1, 0], [1, 1]]),
        case("the same row twice", [[1, 0, 0, 1, 1], [1, 0, 0, 1, 1], [0, 0, 1, 0, 0]]),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-and",
    title="One unit for each row",
    chapter="universal_approximation",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function and_units(rows) that returns (weight, bias)",
    hints=(
        "Each bit that agrees with the row should raise the argument or leave it, each that "
        "differs should lower it by 1.",
        "Weight +1 where the row has a 1, −1 where it has a 0. What is the sum at the row itself?",
    ),
    examine=examine,
)
