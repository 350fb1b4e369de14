"""normalization-family-constants: NormProp's constants of one's own activation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.normalization import normprop_constants

SLUG = "normalization-family-constants"
TOLERANCE = 0.01
PARTS = ("c₂", "c₁", "the gain")


def given(draws: Draws) -> Mapping[str, Any]:
    """Where the shifted ReLU is cut: φ(y) = max(y, −a)."""
    return {"a": draws.choice((0.2, 0.3, 0.4, 0.5))}


def _constants(a: float) -> tuple[float, float, float, float]:
    """c₂, c₁, gain, and the mean square of the slope."""
    found = normprop_constants(lambda y: torch.clamp(y, min=-a))
    return found.mean, found.std, found.gain, found.squared_gain * found.std**2


def _mistakes(a: float) -> dict[str, tuple[int, float, str]]:
    c2, c1, gain, slope = _constants(a)
    other = _constants(-a)
    relu = normprop_constants(torch.relu)
    second = math.sqrt(c1**2 + c2**2)
    return {
        "relu": (0, relu.mean, "Your c₂ is that of the ReLU, which is cut at 0."),
        "cut-at-plus-a": (0, other[0], "Your function is cut at +a; it is cut at −a."),
        "mean-negative": (0, -c2, "Your c₂ has the wrong sign. Which values does the cut raise?"),
        "mean-not-removed": (
            1,
            second,
            "Your c₁ is the root of the mean square. The mean has to be removed first.",
        ),
        "variance": (1, c1**2, "Your c₁ is the variance; c₁ is its root."),
        "gain-squared": (2, gain**2, "Your gain is the diagonal of E[JJᵀ]; the gain is its root."),
        "gain-not-divided": (
            2,
            math.sqrt(slope),
            "Your gain is that of the activation. The layer divides by c₁.",
        ),
        "share-for-its-root": (
            2,
            slope / c1,
            "Your gain takes the share of the inputs that pass; its root is the gain of the slope.",
        ),
    }


def examine(trial: Trial) -> None:
    a = given(trial.draws)["a"]
    try:
        read = read_parts(trial.answer, PARTS)
        values = [part.reshape(1).item() for part in read]
    except (Finding, RuntimeError):
        raise Finding(
            "not-three-numbers",
            "Wanted are three numbers, (c₂, c₁, gain).",
            got=describe(trial.answer),
        ) from None
    wanted = _constants(a)[:3]
    got = ", ".join(f"{name} {value:.4f}" for name, value in zip(PARTS, values, strict=True))
    tried = f"a = {a:g}"
    wrong = [i for i in range(3) if not _near(values[i], wanted[i])]
    if not wrong:
        return
    for code, (part, value, says) in _mistakes(a).items():
        if part == wrong[0] and _near(values[part], value):
            raise Finding(code, says, tried=tried, got=got)
    codes = ("mean-wrong", "deviation-wrong", "gain-wrong")
    remedies = (
        "Draw 100,000 standard normal numbers, apply φ, and take the mean.",
        "It is the standard deviation of φ(Y) for a standard normal Y.",
        "It is the root of the mean square of φ'(Y), over c₁. Which share of Y has the slope 1?",
    )
    says = f"{PARTS[wrong[0]]} is off. {remedies[wrong[0]]}"
    raise Finding(codes[wrong[0]], says, tried=tried, got=got)


def _near(value: float, wanted: float) -> bool:
    return abs(value - wanted) < TOLERANCE * abs(wanted)


EXERCISE = Exercise(
    slug=SLUG,
    title="Predict, then measure: constants of a ReLU that is cut elsewhere",
    chapter="normalization_family",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="three numbers (c₂, c₁, gain), each to one percent, for your own a",
    hints=(
        "Sample, or sum over nodes as the chapter does. One percent of c₂ needs a million samples.",
        "The slope is 1 above −a and 0 below. What is the mean of its square?",
        "gain = √(P(Y > −a)) / c₁.",
    ),
    examine=examine,
    given=given,
)
