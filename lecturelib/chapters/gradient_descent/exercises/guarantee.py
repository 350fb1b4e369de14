"""gradient-descent-guarantee: what the descent lemma promises."""

from __future__ import annotations

import math

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the gain", "the number of steps")


def oracle(K: float, lr: float, gap: float, tolerance: float) -> Parts:
    """The gain of one step at a gradient of length tolerance, and steps counted by subtraction."""
    gain = lr * tolerance**2 - K / 2 * (lr * tolerance) ** 2
    steps, left = 0, gap
    while left >= gain * (1 - 1e-12):
        left -= gain
        steps += 1
    return torch.tensor(gain).double(), torch.tensor(steps).double()


def formula(
    K: float,
    lr: float,
    gap: float,
    tolerance: float,
    *,
    bracket: str = "half",
    squared: bool = True,
    whole: str = "floor",
    root: bool = False,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    factor = {
        "half": 1 - K * lr / 2,
        "full": 1 - K * lr,
        "none": 1.0,
        "plus": 1 + K * lr / 2,
        "best": 1 / (2 * K * lr),
    }[bracket]
    gain = lr * factor * (tolerance**2 if squared else tolerance)
    count = gap / gain if not root else (gap / gain) ** 0.5
    steps = {
        "floor": math.floor(count + 1e-12),
        "ceil": math.ceil(count),
        "less": math.ceil(count) - 1,
        "nearest": round(count),
        "one at least": max(1, math.floor(count)),
    }[whole]
    return torch.tensor(gain).double(), torch.tensor(steps).double()


SLIPS = (
    Slip(
        "half-forgotten",
        "Your bracket is 1 − Kη. The parabola has K/2: integrate u from 0 to 1.",
        {"bracket": "full"},
    ),
    Slip(
        "first-order-only",
        "Your gain is that of the linear approximation, η‖∇f‖². The parabola takes a part of it "
        "back.",
        {"bracket": "none"},
    ),
    Slip(
        "sign-of-the-bracket",
        "Your bracket has a plus: the bend of f would help. It does the opposite.",
        {"bracket": "plus"},
    ),
    Slip(
        "best-rate-assumed",
        "Your gain is the one of the best rate, ‖∇f‖²/2K. Here the rate is given.",
        {"bracket": "best"},
    ),
    Slip(
        "not-squared",
        "Your gain is proportional to ‖∇f‖. Both the step and the slope along it are, so the gain "
        "goes with the square.",
        {"squared": False},
    ),
    Slip(
        "root-of-the-count",
        "You take a root at the end. The gains simply add up.",
        {"root": True},
    ),
    Slip(
        "rounded-up",
        "You round the number of steps up. After that many gains f would lie below its infimum.",
        {"whole": "ceil"},
    ),
    Slip(
        "one-too-few",
        "Where the gains fit into the gap exactly you leave out the last one. After it f is at its "
        "infimum, which the lemma does not forbid.",
        {"whole": "less"},
    ),
    Slip(
        "rounded-to-the-nearest",
        "You round to the nearest whole number. A last step that only half fits is impossible.",
        {"whole": "nearest"},
    ),
    Slip(
        "one-step-at-least",
        "You count one step at least. With a gap smaller than a single gain there can be none.",
        {"whole": "one at least"},
    ),
)


def examine(trial: Trial) -> None:
    usual = [
        Case("a small rate", {"K": 17.0, "lr": 0.05, "gap": 1.9, "tolerance": 0.3}),
        Case("a rate near the bound", {"K": 2.0, "lr": 0.9, "gap": 7.3, "tolerance": 0.55}),
        Case("a flat function", {"K": 0.4, "lr": 1.3, "gap": 0.7, "tolerance": 0.07}),
    ]
    # Powers of two: the quotient is whole without rounding.
    edges = [
        Case("gains that fit exactly", {"K": 2.0, "lr": 0.5, "gap": 1.5, "tolerance": 1.0}),
        Case("many gains that fit exactly", {"K": 1.0, "lr": 0.5, "gap": 48.0, "tolerance": 2**-4}),
        Case("tens of thousands of steps", {"K": 1.0, "lr": 0.5, "gap": 50.0, "tolerance": 2**-4}),
        Case("a gap smaller than a gain", {"K": 2.0, "lr": 0.5, "gap": 0.2, "tolerance": 1.0}),
        Case("a start at the infimum", {"K": 3.0, "lr": 0.2, "gap": 0.0, "tolerance": 0.4}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, exact=PARTS[1:])


EXERCISE = Exercise(
    slug="gradient-descent-guarantee",
    title="What the lemma promises",
    chapter="gradient_descent",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants="a function guarantee(K, lr, gap, tolerance) that returns (gain, steps)",
    hints=(
        "Put the step s = −η∇f into the parabola of the descent lemma.",
        "As long as the gradient is longer than the tolerance, each step gains at least that "
        "much. How often can that happen before f would fall below its minimum?",
    ),
    examine=examine,
)
