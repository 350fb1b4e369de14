"""universal-approximation-pieces-error: tangents, lifted tangents, and interpolation."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the error of the tangents", "the smallest error")


def oracle(curvature: float, length: float, k: int) -> Parts:
    """Measured on one of the equal pieces of c x²."""
    x = torch.linspace(-0.5, 0.5, 2001, dtype=torch.float64) * length / k
    gap = curvature * x**2
    return gap.max(), (gap.max() - gap.min()) / 2


def formula(
    curvature: float,
    length: float,
    k: int,
    *,
    squares: str = "both",
    curved: bool = True,
    half: float = 2.0,
    quarter: float = 4.0,
    swapped: bool = False,
    curvature_squared: bool = False,
) -> Parts:
    """Both errors with an argument for each way to get them wrong."""
    h = {
        "both": (length / k) ** 2,
        "none": length / k,
        "pieces": length / k**2,
        "length": length**2 / k,
        "fixed": (2 / k) ** 2,
        "one more": (length / (k + 1)) ** 2,
        "one less": (length / max(k - 1, 1)) ** 2,
        "whole": (length // k) ** 2,
    }[squares]
    if curvature_squared:
        h = h * curvature
    tangents = torch.tensor((curvature if curved else 1.0) * h / quarter, dtype=torch.float64)
    return (tangents / half, tangents) if swapped else (tangents, tangents / half)


SLIPS = (
    Slip(
        "curvature-forgotten",
        "Your errors do not contain c: they are those of x².",
        {"curved": False},
    ),
    Slip(
        "not-squared",
        "Your errors fall as 1/k. The error of a tangent is the *square* of the distance from its "
        "point.",
        {"squares": "none"},
    ),
    Slip(
        "length-not-squared",
        "You square the number of pieces and not the length of the interval.",
        {"squares": "pieces"},
    ),
    Slip(
        "pieces-not-squared",
        "You square the length of the interval and not the number of pieces.",
        {"squares": "length"},
    ),
    Slip(
        "interval-of-the-chapter",
        "Your errors are those for an interval of length 2, such as [−1, 1].",
        {"squares": "fixed"},
    ),
    Slip(
        "not-lifted",
        "Both of your errors are the same. The tangents err on one side only; lifting them shares "
        "the error between two sides.",
        {"half": 1.0},
    ),
    Slip(
        "end-to-end",
        "You take the distance from one end of a piece to the other. The tangent touches in the "
        "middle.",
        {"quarter": 1.0},
    ),
    Slip(
        "pieces-plus-one",
        "You divide the interval by k + 1. k pieces have the length ℓ/k.",
        {"squares": "one more"},
    ),
    Slip(
        "pieces-minus-one",
        "You divide the interval by k − 1. k pieces have the length ℓ/k.",
        {"squares": "one less"},
    ),
    Slip(
        "length-cut-off",
        "You cut the length of a piece off to a whole number.",
        {"squares": "whole"},
    ),
    Slip(
        "curvature-squared",
        "The factor c stands in your errors twice.",
        {"curvature_squared": True},
    ),
    Slip(
        "tangents-halved",
        "Both of your errors are half of what they should be: c (x − m)² has no ½ in front.",
        {"quarter": 8.0},
    ),
    Slip(
        "second-derivative",
        "Both of your errors are twice too large. c x² has the second derivative 2c, of which "
        "Taylor's formula takes half.",
        {"quarter": 2.0},
    ),
    Slip(
        "lifted-too-far",
        "Your smallest error is a quarter of that of the tangents. Lifting shares the error "
        "between two sides: half.",
        {"half": 4.0},
    ),
    Slip("swapped", "The two errors have changed places.", {"swapped": True}),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("a long interval", {"curvature": 1.5, "length": 12.0, "k": 3}),
        Case("a single piece", {"curvature": 3.0, "length": 5.0, "k": 1}),
        Case("many pieces", {"curvature": 40.0, "length": 7.0, "k": 10}),
        Case("the chapter's interval", {"curvature": 1.0, "length": 2.0, "k": 4}),
        Case("a tiny curvature", {"curvature": 1e-6, "length": 0.5, "k": 2}),
        Case("a huge interval", {"curvature": 2.0, "length": 1e5, "k": 50}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-pieces-error",
    title="The error of k pieces",
    chapter="universal_approximation",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants="a function errors(curvature, length, k) that returns (of tangents, smallest)",
    hints=(
        "c x² minus its tangent at m is c (x − m)². How far is x from the nearest m?",
        "The error of the tangents has one sign. What if all of them are lifted a little?",
    ),
    examine=examine,
)
