"""output-units-logsumexp: a sum of exponentials that neither overflows nor breaks at −∞."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import not_calling
from lecturelib.exercises.trial import Case, Finding, Trial


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
        "mean": z.mean(axis, keepdim=True),
        "size": z.abs().amax(axis, keepdim=True),
    }[shift]
    if reduce == "clamped":
        return torch.log(torch.exp(z.clamp(-700, 700)).sum(axis))
    if reduce == "largest where it overflows":
        m = z.amax(axis)
        return torch.where(m.abs() > 700, m, torch.log(torch.exp(z).sum(axis)))
    if reduce == "two":
        return torch.logsumexp(z.sort(axis, descending=True).values[:, :2], axis)
    if reduce == "largest":
        return z.amax(axis)
    e = torch.exp(z - m)
    inside = {"sum": e.sum(axis), "mean": e.mean(axis), "one more": 1 + e.sum(axis)}[reduce]
    total = torch.log(inside)
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
    Slip(
        "mean-subtracted",
        "You subtract the mean of a row. In a row of wide spread the largest number still "
        "overflows.",
        {"shift": "mean"},
    ),
    Slip(
        "size-subtracted",
        "You subtract the largest *absolute* value. A row of negative numbers then underflows to "
        "log 0.",
        {"shift": "size"},
    ),
    Slip(
        "largest-only",
        "You return the largest number of each row. The others count, too.",
        {"reduce": "largest"},
    ),
    Slip(
        "two-largest-only",
        "You count the two largest numbers of a row. The others count, too.",
        {"reduce": "two"},
    ),
    Slip(
        "largest-where-it-overflows",
        "Where the exponentials would overflow you return the largest number alone. The others "
        "count, there too: K equal numbers m give m + log K.",
        {"reduce": "largest where it overflows"},
    ),
    Slip(
        "numbers-clipped",
        "You clip the numbers so that exp does not overflow. 10⁴ should come out as 10⁴.",
        {"reduce": "clamped"},
    ),
    Slip(
        "one-too-many",
        "Inside of your logarithm stands a 1 too many (log1p adds one): the largest number "
        "brings its own, exp(0).",
        {"reduce": "one more"},
    ),
)

ALL_OF_IT = not_calling(
    "logsumexp",
    code="does-it-all",
    says="The numbers are right, and a library's logsumexp computes them. Write your own: what "
    "does it do with the largest number of a row?",
)


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws
    far = draws.normal(3, 4)
    far[0] += 1e4
    far[1] -= 1e4
    near = draws.normal(2, 4)
    near[0] += 800
    near[1] -= 800
    spread = draws.normal(2, 3)
    spread[:, 0] -= 900
    spread[1, 1] += 900
    return [
        Case("ordinary numbers", {"z": draws.normal(4, 3)}),
        Case("as many rows as columns", {"z": draws.normal(3, 3)}),
        Case("rows near 1e4, -1e4 and 0", {"z": far}),
        Case("rows that reach from -900 to 900", {"z": spread}),
        Case("rows near 800 and -800", {"z": near}),
        Case("equal numbers", {"z": torch.full((2, 3), 750.0, dtype=torch.float64)}),
        Case("a single column", {"z": draws.normal(3, 1)}),
        Case("a single row", {"z": draws.normal(1, 4)}),
    ]


def _ruled_out(trial: Trial) -> list[Case]:
    draws = trial.draws
    some, all_of_one = draws.normal(3, 4), draws.normal(3, 3)
    some[0, 1:3] = some[2, 0] = -math.inf
    all_of_one[1] = -math.inf
    return [
        Case("some classes ruled out", {"z": some}),
        Case("a row with no class left", {"z": all_of_one}),
    ]


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS, rules=(ALL_OF_IT,))
    try:
        judge(trial, _ruled_out(trial), oracle)
    except Finding as finding:
        raise Finding(
            "breaks-at-minus-infinity",
            "Right for finite logits, and not where classes are ruled out. In a row with no class "
            "left the maximum is −∞, too: what is −∞ − (−∞)?",
            tried=finding.tried,
            got=finding.got,
        ) from None


EXERCISE = Exercise(
    slug="output-units-logsumexp",
    title="Log-sum-exp with classes ruled out",
    chapter="output_units",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function logsumexp(z) that returns the log-sum-exp of each row",
    hints=(
        "Write m for the largest number of a row and take the factor exp(m) out of the sum.",
        "The logarithm of a product is a sum: what becomes of exp(m)?",
        "What should a row of −∞ alone give, and which of your steps makes it no number? The row "
        "needs another number to subtract: any finite one will do.",
    ),
    examine=examine,
)
