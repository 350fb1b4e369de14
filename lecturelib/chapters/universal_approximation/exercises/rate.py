"""universal-approximation-rate: predict and measure how the error falls for x^(3/2)."""

from __future__ import annotations

import torch

from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

PARTS = ("the power", "the error")
UNITS = 64


def measured(units: int) -> float:
    """Largest error of the polygon with equal knots for x^(3/2), on a fine grid of its first piece.

    There the function bends most; the largest error is 4/27 of the piece's length to the 3/2.
    """
    h = 1 / units
    x = torch.linspace(0, h, 100_001, dtype=torch.float64)
    return (x * h**0.5 - x**1.5).max().item()


def examine(trial: Trial) -> None:
    power, error = (part.item() for part in read_parts(trial.answer, PARTS))
    right = measured(UNITS)
    if abs(power + 1.5) < 0.03:
        raise Finding("sign", "The error falls as n to the power −α; wanted is α itself.")
    if abs(power - 2) < 0.03:
        raise Finding(
            "bend-not-bounded",
            "A power of 2 needs a bounded second derivative. That of x^(3/2) is not bounded at 0.",
        )
    if abs(power - 1) < 0.03:
        raise Finding(
            "lipschitz-alone",
            "A power of 1 is what the Lipschitz constant promises. The first piece does better: "
            "put x = h·t into its error.",
        )
    if abs(power - 0.5) < 0.03:
        raise Finding("root", "A power of ½ belongs to the square root, which is steep at 0.")
    if abs(power - 1.5) > 0.03:
        raise Finding(
            "power",
            "That is not the power. Put x = h·t into the error on the first piece [0, h]: which "
            "power of h comes out?",
            got=f"alpha = {power:.4g}",
        )
    if abs(error - right) > 0.01 * right:
        known = {
            "two-fewer": (measured(UNITS - 1), "Yours is the error with 63 units."),
            "two-more": (measured(UNITS + 1), "Yours is the error with 65 units."),
            "prediction-alone": (
                UNITS**-1.5,
                "Yours is n^(−3/2) itself, a prediction without its factor. Wanted is what you "
                "measure.",
            ),
            "lowered": (
                right / 2,
                "Yours is half of the error: that of a polygon moved down. The chapter's network "
                "meets the function at its knots.",
            ),
        }
        for code, (value, says) in known.items():
            if abs(error - value) < 0.003 * value:
                raise Finding(code, says)
        raise Finding(
            "error",
            "The power is right, the measured error is not. Is the grid fine in the first piece, "
            "where the error is largest?",
            got=f"error {error:.4g}",
        )


EXERCISE = Exercise(
    slug="universal-approximation-rate",
    title="Predict and measure: between a root and a parabola",
    chapter="universal_approximation",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="two numbers (alpha, error)",
    hints=(
        "On [0, h] the chord of x^(3/2) is x √h. Write the error there with x = h·t.",
        "On the other pieces |f''| is at most (3/4)/√h: is their error larger?",
    ),
    examine=examine,
)
