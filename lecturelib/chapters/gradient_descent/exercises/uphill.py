"""gradient-descent-uphill: a rate that the slide allows, and that goes uphill."""

from __future__ import annotations

import math
from typing import Any

import torch

from lecturelib.chapters.gradient_descent.experiments import lecture_function, lecture_slope
from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLIDE, RIGHT, RISE = 2 / 4, 2 / 17, 1.0


def examine(trial: Trial) -> None:
    x, rate = _read(trial.answer)
    if not 0 < rate < SLIDE:
        raise Finding(
            "rate-not-allowed",
            "The slide allows rates between 0 and 2/4. Refute it with one that it allows.",
            got=f"rate {rate:.4g}",
        )
    start = torch.tensor(x, dtype=torch.float64)
    slope = lecture_slope(start).item()
    after = lecture_function(start - rate * slope).item()
    before = lecture_function(start).item()
    got = f"f goes from {before:.4f} to {after:.4f}, slope {slope:.4f}"
    if abs(slope) < 1e-9:
        raise Finding(
            "no-slope", "The slope is zero at your start, so no step is made at all.", got=got
        )
    if after - before >= RISE:
        return
    if rate < RIGHT:
        raise Finding(
            "rate-is-safe",
            "Your rate is below 2/17, and there the descent lemma forbids any step uphill, from "
            "wherever you start.",
            got=got,
        )
    if after > before:
        raise Finding(
            "rises-too-little",
            f"Your step goes uphill, by less than {RISE:g}. Where do you have to land? Near a "
            "maximum, 1, from somewhere low.",
            got=got,
        )
    raise Finding(
        "downhill",
        "Your step goes downhill. A rate beyond 2/17 *may* go uphill, it need not: look where the "
        "step lands.",
        got=got,
    )


def _read(answer: Any) -> tuple[float, float]:
    values = to_tensor(answer)
    if isinstance(answer, dict):
        values = to_tensor(list(answer.values()))
    if values is None or values.numel() != 2:
        raise Finding(
            "not-two-numbers",
            "Wanted are two numbers, (start, rate).",
            got=describe(answer),
        )
    x, rate = values.reshape(2).tolist()
    if not (math.isfinite(x) and math.isfinite(rate)):
        raise Finding(
            "not-finite", "Both numbers should be finite: a place and a rate.", got=describe(answer)
        )
    return x, rate


EXERCISE = Exercise(
    slug="gradient-descent-uphill",
    title="Refute the slide",
    chapter="gradient_descent",
    kind="experiment",
    difficulty=1,
    minutes=10,
    wants="two numbers, (start, rate)",
    hints=(
        "A step lands at x − η f′(x). For each start you can compute where the slide's rates lead.",
        "Search: 1,000 starts between −π and π, 100 rates between 0 and 0.5, and look for the "
        "largest f(x − η f′(x)) − f(x).",
    ),
    examine=examine,
)
