"""universal-approximation-pieces-error: staircases for a parabola, equal treads and best ones."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the error of equal treads", "the smallest error")


def oracle(curvature: float, length: float, k: int) -> Parts:
    """From the values of c x² at the ends of the treads, equal in width and equal in height."""
    ends = torch.linspace(0, 1, k + 1, dtype=torch.float64)
    equal = curvature * (length * ends) ** 2
    best = curvature * (length * ends.sqrt()) ** 2
    return equal.diff().max() / 2, best.diff().max() / 2


def formula(
    curvature: float,
    length: float,
    k: int,
    *,
    curved: bool = True,
    power: float = 2.0,
    half: float = 2.0,
    value: str = "middle of the range",
    smallest: str = "right",
    treads: int = 0,
    swapped: bool = False,
) -> Parts:
    """Both errors with an argument for each way to get them wrong."""
    k = max(k + treads, 1)
    size = (curvature if curved else 1.0) * length**power
    equal = {
        "middle of the range": (2 * k - 1) / k**2,
        "middle of the tread": 2 * (k - 0.25) / k**2,
        "first tread": 1 / k**2,
        "bound": 2 / k,
        "mean": 1 / k,
    }[value]
    best = {"right": 1 / k, "equal": equal, "squared": 1 / k**2, "affine": 1 / (4 * k**2)}[smallest]
    parts = [torch.tensor(size * e / half, dtype=torch.float64) for e in (equal, best)]
    return (parts[1], parts[0]) if swapped else (parts[0], parts[1])


SLIPS = (
    Slip("curvature-forgotten", "Your errors do not contain c: those of x².", {"curved": False}),
    Slip(
        "length-not-squared",
        "Your errors grow with the length of the interval. c x² grows with its *square*.",
        {"power": 1.0},
    ),
    Slip(
        "value-of-the-middle",
        "With equal treads you take the value in the *middle* of the tread. A constant does best "
        "halfway between the largest and the smallest value.",
        {"value": "middle of the tread"},
    ),
    Slip(
        "first-tread",
        "With equal treads yours is the error on the first tread. Where is the parabola steepest?",
        {"value": "first tread"},
    ),
    Slip(
        "bound-of-the-chapter",
        "With equal treads yours is the bound of the chapter, with the largest slope 2cs. Asked is "
        "the error itself.",
        {"value": "bound"},
    ),
    Slip(
        "mean-rise",
        "With equal treads you share the rise of the parabola equally. The last tread rises most.",
        {"value": "mean"},
    ),
    Slip(
        "nothing-gained",
        "Your smallest error is that of equal treads. Narrow treads where the parabola is steep do "
        "better.",
        {"smallest": "equal"},
    ),
    Slip(
        "smallest-squared",
        "Your smallest error falls as 1/k². k constants cover a rise of cs² in k parts.",
        {"smallest": "squared"},
    ),
    Slip(
        "affine-pieces",
        "Your smallest error is that of k affine pieces. A tread is flat.",
        {"smallest": "affine"},
    ),
    Slip(
        "not-halved",
        "Both errors are twice too large. A constant in the middle of a range is off by half of "
        "the range.",
        {"half": 1.0},
    ),
    Slip("treads-plus-one", "You count k + 1 treads where there are k.", {"treads": 1}),
    Slip("treads-minus-one", "You count k − 1 treads where there are k.", {"treads": -1}),
    Slip("swapped", "The two errors have changed places.", {"swapped": True}),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("a long interval", {"curvature": 1.5, "length": 12.0, "k": 3}),
        Case("a single tread", {"curvature": 3.0, "length": 5.0, "k": 1}),
        Case("many treads", {"curvature": 40.0, "length": 7.0, "k": 10}),
        Case("the unit interval", {"curvature": 1.0, "length": 1.0, "k": 4}),
        Case("a tiny curvature", {"curvature": 1e-6, "length": 0.5, "k": 2}),
        Case("a huge interval", {"curvature": 2.0, "length": 1e5, "k": 50}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-pieces-error",
    title="Stairs for a parabola",
    chapter="universal_approximation",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants="a function errors(curvature, length, k) that returns (of equal treads, smallest)",
    hints=(
        "On a tread the parabola rises from its value at the left end to that at the right. Which "
        "constant is best, and how far off is it?",
        "k constants together cover at most k ranges of twice the error. Which range has to be "
        "covered?",
    ),
    examine=examine,
)
