"""universal-approximation-units-needed: the bounds, read backwards."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the number of steps", "the number of ReLUs")


def _numbers(*values: float) -> Parts:
    return tuple(torch.tensor(value, dtype=torch.float64) for value in values)


def oracle(lipschitz: float, bend: float, epsilon: float) -> Parts:
    """Smallest numbers for which the bounds of the chapter are at most epsilon, by trying."""
    steps = next(n for n in range(10**6) if lipschitz / (2 * (n + 1)) <= epsilon)
    relus = next(n for n in range(1, 10**6) if bend / (8 * n**2) <= epsilon)
    return _numbers(steps, relus)


ROUNDING: dict[str, Callable[[float], float]] = {
    "up": math.ceil,
    "down": math.floor,
    "nearest": round,
    "cut off and one more": lambda value: int(value) + 1,
    "not at all": lambda value: value,
}


def formula(
    lipschitz: float,
    bend: float,
    epsilon: float,
    *,
    treads: int = 1,
    half: float = 2.0,
    eighth: float = 8.0,
    root: bool = True,
    rounded: str = "up",
    least: tuple[int, int] = (0, 1),
    more: int = 0,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    whole = ROUNDING[rounded]
    steps = max(whole(lipschitz / (half * epsilon)) - treads, least[0])
    share = bend / (eighth * epsilon)
    relus = max(whole(math.sqrt(share) if root else share) + more, least[1])
    return _numbers(steps, relus)


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
        {"treads": 2, "least": (-1, 1)},
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
        {"rounded": "down", "least": (-1, 0)},
    ),
    Slip(
        "one-too-many-at-whole-numbers",
        "You cut off and add 1. That is right unless the quotient is a whole number: then that "
        "number itself will do, and the bound is exactly ε.",
        {"rounded": "cut off and one more"},
    ),
    Slip(
        "rounded-to-nearest",
        "You round to the nearest whole number. Where that is down, the bound is larger than ε.",
        {"rounded": "nearest", "least": (-1, 0)},
    ),
    Slip(
        "not-rounded",
        "You do not round. A number of units is whole, and the smallest that will do.",
        {"rounded": "not at all", "least": (-1, 0)},
    ),
    Slip(
        "at-least-one-step",
        "You ask for at least one step. With none the network is a constant, and where ε is large "
        "that will do.",
        {"least": (1, 1)},
    ),
    Slip(
        "at-least-two-relus",
        "You ask for at least two ReLUs. One draws a line, and where ε is large that will do.",
        {"least": (0, 2)},
    ),
    Slip("one-relu-too-many", "Your number of ReLUs is one too large.", {"more": 1}),
    Slip(
        "one-relu-too-few", "Your number of ReLUs is one too small.", {"more": -1, "least": (0, 0)}
    ),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("a slow function", {"lipschitz": 1.0, "bend": 3.0, "epsilon": 0.03}),
        Case("a fast function", {"lipschitz": 7.3, "bend": 41.0, "epsilon": 0.011}),
        Case("a large error allowed", {"lipschitz": 2.7, "bend": 9.0, "epsilon": 0.2}),
        # Powers of two, so that the quotients are whole numbers without any rounding.
        Case("quotients that are whole", {"lipschitz": 1.0, "bend": 8.0, "epsilon": 0.0625}),
        Case("one step, two ReLUs, exactly", {"lipschitz": 1.0, "bend": 8.0, "epsilon": 0.25}),
        Case("an error that a line meets", {"lipschitz": 0.5, "bend": 0.25, "epsilon": 1.0}),
        Case("a tiny error", {"lipschitz": 3.0, "bend": 5.0, "epsilon": 1e-4}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, exact=True)


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
