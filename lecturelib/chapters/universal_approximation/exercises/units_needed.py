"""universal-approximation-units-needed: the bounds, read backwards."""

from __future__ import annotations

import math

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the number of steps", "the number of ReLUs")


def oracle(lipschitz: float, bend: float, epsilon: float) -> Parts:
    """Smallest numbers for which the bounds of the chapter are at most epsilon, by trying."""
    steps = next(n for n in range(10**6) if lipschitz / (2 * (n + 1)) <= epsilon)
    relus = next(n for n in range(1, 10**6) if bend / (8 * n**2) <= epsilon)
    return torch.tensor(steps).double(), torch.tensor(relus).double()


def formula(
    lipschitz: float,
    bend: float,
    epsilon: float,
    *,
    treads: int = 1,
    half: float = 2.0,
    eighth: float = 8.0,
    root: bool = True,
    up: bool = True,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    whole = math.ceil if up else math.floor
    steps = whole(lipschitz / (half * epsilon)) - treads
    share = bend / (eighth * epsilon)
    relus = whole(math.sqrt(share) if root else share)
    return torch.tensor(steps).double(), torch.tensor(relus).double()


SLIPS = (
    Slip(
        "treads-counted",
        "Your number of steps is that of the treads. There is one step less than treads: the first "
        "tread is the bias.",
        {"treads": 0},
    ),
    Slip(
        "one-step-too-few",
        "Your number of steps is one too small.",
        {"treads": 2},
    ),
    Slip(
        "whole-tread",
        "Your steps take the value from the edge of a tread. In its middle no point is further "
        "than half a tread away.",
        {"half": 1.0},
    ),
    Slip(
        "root-forgotten",
        "Your number of ReLUs grows as 1/ε. The error falls with the *square* of their number.",
        {"root": False},
    ),
    Slip(
        "bend-halved",
        "You take M h²/2 for the error of interpolation. The product (x − a)(b − x) is largest in "
        "the middle, where it is h²/4.",
        {"eighth": 2.0},
    ),
    Slip(
        "bend-quartered",
        "Your ReLUs have the factor 1/4. That is half of the second derivative forgotten.",
        {"eighth": 4.0},
    ),
    Slip(
        "rounded-down",
        "You round down, and the bound is then larger than ε.",
        {"up": False},
    ),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("a slow function", {"lipschitz": 1.0, "bend": 3.0, "epsilon": 0.03}),
        Case("a fast function", {"lipschitz": 7.3, "bend": 41.0, "epsilon": 0.011}),
        Case("a large error allowed", {"lipschitz": 2.7, "bend": 9.0, "epsilon": 0.2}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-units-needed",
    title="How many units?",
    chapter="universal_approximation",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function units_needed(lipschitz, bend, epsilon) that returns (steps, ReLUs)",
    hints=(
        "Steps: Λ/(2(n + 1)) ≤ ε. ReLUs: M/(8n²) ≤ ε. Solve each for n.",
        "n is a whole number, and the smallest that will do: round up.",
    ),
    examine=examine,
)
