"""preprocessing-pixels: how many pixels make up for a coarse step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

FINE, COARSE = 1.0, 4095 / 255  # the steps of 12 bits, and of 8 over the whole range
WANTED = 2.0  # standard deviation of the mean, in Hounsfield units
PARTS = ("pixels in 12 bits", "pixels in 8 bits", "deviation measured")


def given(draws: Draws) -> Mapping[str, Any]:
    """The standard deviation of the scanner's noise."""
    return {"noise": draws.choice([9.0, 11.0, 13.0, 15.0])}


def pixels(noise: float, step: float, share: float = 1 / 12, wanted: float = WANTED) -> int:
    """The least number of pixels whose mean has a standard deviation of at most ``wanted``."""
    return math.ceil((noise**2 + share * step**2) / wanted**2)


def examine(trial: Trial) -> None:
    values = read_numbers(trial.answer, ("12 bits", "8 bits", "deviation"))
    if values is None or values.numel() != 3 or not values.isfinite().all():
        raise Finding(
            "not-three-numbers",
            "Wanted are three numbers, (pixels in 12 bits, pixels in 8 bits, deviation measured).",
            got=describe(trial.answer),
        )
    fine, coarse, measured = values.reshape(3).tolist()
    noise = given(trial.draws)["noise"]
    wanted = pixels(noise, FINE), pixels(noise, COARSE)
    if (coarse, fine) == wanted and fine != coarse:
        raise Finding(
            "order", "The two whole numbers have changed places: that of 12 bits is first."
        )
    for place, (found, right, step) in enumerate(
        ((fine, wanted[0], FINE), (coarse, wanted[1], COARSE))
    ):
        if found != right:
            raise _count(found, noise, step, ("12 bits", "8 bits")[place])
    exact = math.sqrt((noise**2 + COARSE**2 / 12) / wanted[1])
    if abs(measured - exact) > 0.05 * exact:
        if abs(measured - exact * math.sqrt(wanted[1])) < 0.05 * measured:
            raise Finding(
                "single-pixel",
                "This is the deviation of a single rounded pixel. Measure that of the mean of as "
                "many pixels as you predict.",
                got=f"{measured:.4g}",
            )
        raise Finding(
            "not-measured",
            "Predictions right, measurement not. Draw that many normal pixels round 60 units, "
            "round them to multiples of 4095/255, take the mean; repeat some thousand times.",
            got=f"{measured:.4g}",
        )


def _count(found: float, noise: float, step: float, name: str) -> Finding:
    exact = (noise**2 + step**2 / 12) / WANTED**2
    known = {
        "rounded-down": (math.floor(exact), "You round down: the deviation is still above 2."),
        "not-whole": (exact, "Pixels are whole: take the next whole number."),
        "noise-alone": (
            pixels(noise, 0.0),
            "You count the scanner's noise alone. Rounding adds an error of its own.",
        ),
        "step-for-error": (
            pixels(noise, step, 1.0),
            "You take the step for the rms error of rounding; that is smaller.",
        ),
        "half-step": (
            pixels(noise, step, 1 / 4),
            "Half a step is the largest error of rounding, not the rms one.",
        ),
        "rounding-alone": (
            pixels(0.0, step),
            "You count the error of rounding alone. The scanner's noise is there, too.",
        ),
        "sum-of-deviations": (
            math.ceil((noise + step / math.sqrt(12)) ** 2 / WANTED**2),
            "You add standard deviations. Of independent errors the variances add up.",
        ),
        "root-lost": (
            math.ceil(exact * WANTED),
            "The deviation of a mean of m pixels is that of one over √m: mind both squares.",
        ),
    }
    for code, (wrong, says) in known.items():
        if found == wrong or (code == "not-whole" and abs(found - wrong) < 0.01):
            return Finding(code, f"In {name}: {says}", got=f"{found:g}")
    return Finding(
        "count-wrong",
        f"The number in {name} is wrong. The variance of one rounded pixel is that of the noise "
        "plus that of rounding, and a mean of m pixels has an m-th of it.",
        got=f"{found:g}",
    )


EXERCISE = Exercise(
    slug="preprocessing-pixels",
    title="Predict and measure: how many pixels does a coarse step cost?",
    chapter="preprocessing",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="three numbers (pixels in 12 bits, pixels in 8 bits, deviation measured)",
    hints=(
        "Which variance has the error of rounding to steps of Δ?",
        "If the noise is as large as half a step or larger, the error of rounding is nearly "
        "independent of the value: variances add up.",
        "The mean of m independent pixels has an m-th of the variance of one.",
    ),
    examine=examine,
    given=given,
)
