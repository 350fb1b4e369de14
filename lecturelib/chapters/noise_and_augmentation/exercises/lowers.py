"""noise-and-augmentation-lowers: a function on which noise at the input lowers the loss."""

from __future__ import annotations

import math

import numpy as np
import torch

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

STD, SLOPE, WANTED = 0.1, 0.5, 0.01
H = 1e-3


def _value(trial: Trial, x: float) -> float:
    case = Case("a place", {"x": torch.tensor(x, dtype=torch.float64)})
    value = trial.call(case)
    number = to_tensor(value)
    if number is None or number.numel() != 1:
        raise Finding(
            "not-a-number",
            "f must return one number for one number x.",
            tried=f"x = {x:g}",
            got=describe(value),
        )
    if not math.isfinite(number.item()):
        raise Finding("not-finite", "f has a value that is not finite.", tried=f"x = {x:g}")
    return number.item()


def examine(trial: Trial) -> None:
    trial.needs_function("x")
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    start = _value(trial, 0.0)
    slope = (_value(trial, H) - _value(trial, -H)) / (2 * H)
    noisy = sum(
        w * _value(trial, STD * p) ** 2
        for p, w in zip(points.tolist(), (weights / weights.sum()).tolist(), strict=True)
    )
    got = f"f(0) = {start:.4g}, f′(0) = {slope:.4g}, loss {start**2:.4g} → {noisy:.4g} with noise"
    if abs(start) < 1e-9:
        raise Finding(
            "nothing-to-lower",
            "f(0) is the target: the loss without noise is 0, and no noise can lower it.",
            got=got,
        )
    if abs(slope) < SLOPE - 1e-6:
        raise Finding(
            "flat",
            "The slope at 0 is too small: |f′(0)| ≥ 0.5 is asked, so that the penalty counts.",
            got=got,
        )
    if noisy > start**2:
        raise Finding(
            "raises",
            "Noise raises the loss of this f. The second term, (f − y) f″, must be negative and "
            "larger than f′².",
            got=got,
        )
    if noisy > (1 - WANTED) * start**2:
        raise Finding(
            "too-little",
            "Noise lowers the loss, by less than the hundredth part that is asked.",
            got=got,
        )


EXERCISE = Exercise(
    slug="noise-and-augmentation-lowers",
    title="Break it: noise that lowers the loss",
    chapter="noise_and_augmentation",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function f(x) that returns a number",
    hints=(
        "To second order the loss changes by σ²(f′² + (f − y) f″). Here y = 0.",
        "Try f(x) = 1 + x/2 − c x². Which c makes the sum negative enough?",
    ),
    examine=examine,
)
