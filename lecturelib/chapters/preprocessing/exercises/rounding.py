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
    ramp = np.linspace(low, high, 2**bits * 500 + 1)
    place = np.clip(np.searchsorted(levels, ramp), 1, len(levels) - 1)
    error = np.minimum(abs(ramp - levels[place - 1]), abs(ramp - levels[place]))
    values = levels[1] - levels[0], math.sqrt((error**2).mean())
    return tuple(torch.tensor(float(value), dtype=torch.float64) for value in values)


def formula(
    low: float, high: float, bits: int, *, count: str = "steps", error: str = "root", span: str = ""
) -> Parts:
    """Step and error with an argument for each way to get them wrong."""
    parts = {"steps": 2**bits - 1, "levels": 2**bits, "bits": bits}[count]
    step = (high if span == "high" else high - low) / parts
    errors = {
        "root": step / math.sqrt(12),
        "mean square": step**2 / 12,
        "twelfth": step / 12,
        "largest": step / 2,
        "one-sided": step / math.sqrt(3),
        "mean": step / 4,
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
    cases = [
        Case("a scanner's range in 8 bits", {"low": -1024.0, "high": 3071.0, "bits": 8}),
        Case("a window in 5 bits", {"low": -10.0, "high": 110.0, "bits": 5}),
    ]
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
