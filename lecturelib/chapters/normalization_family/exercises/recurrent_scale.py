"""normalization-family-recurrent-scale: a scale after layer norm that lets a gradient live."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "normalization-family-recurrent-scale"
STEPS, WANTED, LOW, HIGH = 40, 0.1, 0.05, 0.2


def given(draws: Draws) -> Mapping[str, Any]:
    """The scale of the recurrent weights."""
    return {"s": draws.choice((0.5, 1.0, 1.5))}


def _gain(s: float, gamma: float) -> float:
    """Gain over all steps by the formula with γ: h has the mean square γ²/2."""
    half = (gamma * s) ** 2 / 2
    return float((half / (1 + half)) ** (STEPS / 2))


def _read(answer: Any) -> float:
    try:
        values = torch.as_tensor(answer, dtype=torch.float64).detach().reshape(-1)
    except (TypeError, ValueError, RuntimeError):
        values = torch.empty(0)
    if values.numel() != 1 or not values.isfinite().all():
        raise Finding("not-a-number", "Wanted is one finite number.", got=describe(answer))
    return values.item()


def examine(trial: Trial) -> None:
    s, gamma = given(trial.draws)["s"], _read(trial.answer)
    if gamma <= 0:
        raise Finding(
            "not-positive",
            "Wanted is a positive scale: a negative one turns all sums around.",
            got=f"γ = {gamma:g}",
        )
    gain = _gain(s, gamma)
    if LOW <= gain <= HIGH:
        return
    got = f"γ = {gamma:.4g}: gain {gain:.2g} over {STEPS} steps"
    tried = f"s = {s:g}"

    def finding(code: str, says: str) -> Finding:
        return Finding(code, says, tried=tried, got=got)

    share = WANTED ** (2 / STEPS)
    right = math.sqrt(2 * share / (1 - share)) / s
    if _near(gamma, math.sqrt(2 * share) / s):
        raise finding(
            "without-the-norm",
            "This γ keeps the gradient of a net *without* a norm. With layer norm the gradient is "
            "divided by the deviation of the sums, which grows with γ too.",
        )
    if _near(gamma, 1.0):
        raise finding("default", "γ = 1 is the start of every library, and loses the gradient.")
    if _near(gamma, right * s):
        raise finding("s-forgotten", "This γ would be right for s = 1. Where does s stand?")
    root = WANTED ** (1 / STEPS)
    if _near(gamma, math.sqrt(2 * root / (1 - root)) / s):
        raise finding(
            "square-forgotten",
            "You ask that the *square* of the gain be 0.1. The share of each step is that of a "
            "mean square.",
        )
    if gain < LOW:
        raise finding(
            "vanishes",
            "The gradient still vanishes. γ makes the states larger: which share of the sums' "
            "variance comes from them?",
        )
    raise finding(
        "inputs-lost",
        "More gradient is left than asked for, and that has a price: the inputs are hardly heard. "
        "Take a smaller γ.",
    )


def _near(value: float, wanted: float) -> bool:
    return abs(value - wanted) < 0.01 * wanted


EXERCISE = Exercise(
    slug=SLUG,
    title="Tune it: how large a γ lets a gradient live?",
    chapter="normalization_family",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="one number, γ",
    hints=(
        "With γ the states are γ max(z, 0): what is their mean square?",
        "Then the sums have the variance γ²s²/2 + 1, and a step multiplies the gradient by γ too.",
        "Each step keeps the share γ²s²/2 / (γ²s²/2 + 1) of the mean square.",
    ),
    examine=examine,
    given=given,
)
