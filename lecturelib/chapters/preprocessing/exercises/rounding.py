"""preprocessing-rounding: step and error of a quantized image."""

from __future__ import annotations

import math

import numpy as np
import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the step", "the root mean square error")


def oracle(low: float, high: float, bits: int) -> Parts:
    """Round a fine ramp to the nearest of the levels, and measure."""
    levels = np.linspace(low, high, 2**bits)
    points = (2**bits - 1) * 500
    ramp = low + (high - low) * (np.arange(points) + 0.5) / points
    place = np.clip(np.searchsorted(levels, ramp), 1, len(levels) - 1)
    error = np.minimum(abs(ramp - levels[place - 1]), abs(ramp - levels[place]))
    values = levels[1] - levels[0], math.sqrt((error**2).mean())
    return tuple(torch.tensor(float(value), dtype=torch.float64) for value in values)


def formula(
    low: float,
    high: float,
    bits: int,
    *,
    count: str = "steps",
    error: str = "root",
    span: str = "range",
) -> Parts:
    """Step and error with an argument for each way to get them wrong."""
    parts = {
        "steps": 2**bits - 1,
        "levels": 2**bits,
        "bits": bits,
        "bytes": 255,
        "more": 2**bits + 1,
    }[count]
    width = {"range": high - low, "high": high, "sizes": abs(high) + abs(low)}[span]
    step = width / parts
    errors = {
        "root": step / math.sqrt(12),
        "mean square": step**2 / 12,
        "twelfth": step / 12,
        "largest": step / 2,
        "one-sided": step / math.sqrt(3),
        "mean": step / 4,
        "sixth": step / math.sqrt(6),
        "twenty-fourth": step / math.sqrt(24),
        "of levels": width / 2**bits / math.sqrt(12),
    }
    return tuple(torch.tensor(value, dtype=torch.float64) for value in (step, errors[error]))


SLIPS = (
    Slip(
        "levels-for-steps",
        "You divide by the number of levels, 2^b. Between them are 2^b − 1 steps.",
        {"count": "levels"},
    ),
    Slip("bits-for-steps", "You divide by the number of bits.", {"count": "bits"}),
    Slip("low-forgotten", "The range is high − low.", {"span": "high"}),
    Slip(
        "mean-square",
        "Your error is the mean square. Asked is its root, in the units of the image.",
        {"error": "mean square"},
    ),
    Slip("root-forgotten", "It is the root of 12 that divides the step.", {"error": "twelfth"}),
    Slip(
        "largest-error",
        "Your error is the largest one, half a step. Asked is the root mean square.",
        {"error": "largest"},
    ),
    Slip(
        "one-sided",
        "You let the error run from 0 to a whole step, as if values were cut off. Rounded to the "
        "nearest level it runs from −Δ/2 to Δ/2.",
        {"error": "one-sided"},
    ),
    Slip(
        "mean-error",
        "Your error is the mean size of the error, a quarter of a step. Asked is the root mean "
        "square.",
        {"error": "mean"},
    ),
    Slip(
        "variance-sixth",
        "Your mean square is Δ²/6. The integral of u² from −Δ/2 to Δ/2, over Δ, is Δ²/12.",
        {"error": "sixth"},
    ),
    Slip(
        "one-half-counted",
        "Your mean square is Δ²/24, the integral over one half divided by the whole step.",
        {"error": "twenty-fourth"},
    ),
    Slip(
        "error-of-the-levels",
        "The step is right, and in your error the range is divided by the number of levels. It is "
        "the same step.",
        {"error": "of levels"},
    ),
    Slip(
        "eight-bits-assumed",
        "You divide by 255, whatever the number of bits.",
        {"count": "bytes"},
    ),
    Slip(
        "one-step-too-many",
        "You divide by 2^b + 1. Between 2^b levels are 2^b − 1 steps.",
        {"count": "more"},
    ),
    Slip(
        "sizes-added",
        "You add the sizes of the two ends. The range is high − low, also where both are positive.",
        {"span": "sizes"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """The step or the error, in terms of each other."""
    step, error = (value.item() for value in got)
    if abs(step - wanted[0].item()) > 1e-3 * wanted[0].item():
        reached = case.arguments["low"] + (2 ** case.arguments["bits"] - 1) * step
        return f"From the first level, as many steps as there are lead to {reached:.4g}: is it h?"
    return (
        f"Your error is {error / step:.3g} of a step. It can't exceed a half, and is smaller: "
        "average the square over one step."
    )


def examine(trial: Trial) -> None:
    usual = [
        Case("a scanner's range in 8 bits", {"low": -1024.0, "high": 3071.0, "bits": 8}),
        Case("a window in 5 bits", {"low": -10.0, "high": 110.0, "bits": 5}),
    ]
    edges = [
        Case("two levels", {"low": 0.0, "high": 5.0, "bits": 1}),
        Case("a range above 0", {"low": 100.0, "high": 300.0, "bits": 3}),
        Case("a range below 0", {"low": -3.0, "high": -1.0, "bits": 4}),
        Case("small numbers in 10 bits", {"low": 0.0, "high": 1.0, "bits": 10}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="preprocessing-rounding",
    title="What rounding costs",
    chapter="preprocessing",
    kind="proof",
    difficulty=1,
    minutes=10,
    wants="a function rounding(low, high, bits) that returns (step, root mean square error)",
    hints=(
        "How many steps lie between 2^b levels?",
        "The error is uniform between −Δ/2 and Δ/2. What is its mean square?",
    ),
    examine=examine,
)
