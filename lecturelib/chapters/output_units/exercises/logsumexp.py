"""output-units-logsumexp: a sum of exponentials that does not overflow."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(z: Tensor) -> Tensor:
    """PyTorch's."""
    return torch.logsumexp(z, 1)


def formula(
    z: Tensor, *, shift: str = "row", back: str = "add", axis: int = 1, reduce: str = "sum"
) -> Tensor:
    """The definition, with an argument for each way to get it wrong."""
    m = {
        "row": z.amax(axis, keepdim=True),
        "whole": z.max().expand_as(z.amax(axis, keepdim=True)),
        "none": torch.zeros_like(z.amax(axis, keepdim=True)),
        "smallest": z.amin(axis, keepdim=True),
    }[shift]
    e = torch.exp(z - m)
    total = torch.log(e.sum(axis) if reduce == "sum" else e.mean(axis))
    return total + {"add": 1, "none": 0, "subtract": -1}[back] * m.squeeze(axis)


SLIPS = (
    Slip(
        "overflow",
        "You sum the exponentials as they stand. exp(1e4) is infinite, and exp(-1e4) is 0: what "
        "can you take out of the sum so that the largest exponent is 0?",
        {"shift": "none"},
    ),
    Slip(
        "maximum-not-added",
        "You subtract the maximum inside and never put it back outside of the logarithm.",
        {"back": "none"},
    ),
    Slip(
        "maximum-subtracted-twice",
        "You subtract the maximum inside and once more outside. Taking exp(m) out of the sum gives "
        "a term with the other sign.",
        {"back": "subtract"},
    ),
    Slip(
        "one-maximum-for-all",
        "You subtract one maximum from all rows. A row that lies far below it underflows to "
        "log 0. Each row has its own.",
        {"shift": "whole"},
    ),
    Slip(
        "minimum-subtracted",
        "You subtract the smallest number of a row. The others are then positive exponents, and "
        "overflow.",
        {"shift": "smallest"},
    ),
    Slip("summed-over-rows", "You sum over the rows (axis 0) and not within each.", {"axis": 0}),
    Slip(
        "averaged",
        "You average the exponentials: your result is too small by the logarithm of K.",
        {"reduce": "mean"},
    ),
)


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws
    far = draws.normal(3, 4)
    far[0] += 1e4
    far[1] -= 1e4
    spread = draws.normal(2, 3)
    spread[:, 0] -= 900
    spread[1, 1] += 900
    return [
        Case("ordinary numbers", {"z": draws.normal(4, 3)}),
        Case("as many rows as columns", {"z": draws.normal(3, 3)}),
        Case("rows near 1e4, -1e4 and 0", {"z": far}),
        Case("rows that reach from -900 to 900", {"z": spread}),
    ]


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="output-units-logsumexp",
    title="Log-sum-exp without overflow",
    chapter="output_units",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function logsumexp(z) that returns the log-sum-exp of each row",
    hints=(
        "Write m for the largest number of a row and take the factor exp(m) out of the sum.",
        "The logarithm of a product is a sum: what becomes of exp(m)?",
        "Keep the dimension when you take the maximum, so that it broadcasts against the row.",
    ),
    examine=examine,
)
