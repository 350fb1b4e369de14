"""optimizers-schedule: a warm-up, then half a cosine."""

from __future__ import annotations

import cmath
import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(k: int, rise: int, total: int) -> Tensor:
    """A table, step by step: equal steps up, then the height of a hand that turns by half."""
    table = [0.0]
    for _ in range(rise):
        table.append(table[-1] + 1 / rise)
    hand, turn = 1 + 0j, cmath.exp(1j * math.pi / (total - rise))
    for _ in range(total - rise):
        hand *= turn
        table.append((1 + hand.real) / 2)
    return torch.tensor(table[min(k, total)], dtype=torch.float64)


def formula(
    k: int,
    rise: int,
    total: int,
    *,
    warm: str = "right",
    fall: str = "cosine",
    origin: str = "after",
    length: str = "rest",
    stays: bool = True,
) -> Tensor:
    """The factor with an argument for each way to get it wrong."""
    if k < rise and warm != "none":
        value = {
            "early": (k + 1) / rise,
            "inside": (k + 1) / (rise + 1),
            "cosine": (1 - math.cos(math.pi * k / rise)) / 2,
            "never zero": max(k, 1) / rise,
            "steps": k // rise,
        }.get(warm, k / rise)
        return torch.tensor(value, dtype=torch.float64)
    start = rise if origin == "after" and warm != "none" else 0
    spans = {"rest": total - rise, "longer": total - rise + 1, "shorter": max(total - rise - 1, 1)}
    span = total if warm == "none" else spans.get(length, total)
    done = (k - start) / span
    done = min(done, 1.0) if stays else done
    curve = {
        "cosine": (1 + math.cos(math.pi * done)) / 2,
        "whole": 1 + math.cos(math.pi * done),
        "line": 1 - done,
        "quarter": math.cos(math.pi * done / 2),
        "period": (1 + math.cos(2 * math.pi * done)) / 2,
    }
    return torch.tensor(curve[fall], dtype=torch.float64)


SLIPS = (
    Slip("no-warm-up", "There is no warm-up: the factor starts at 1.", {"warm": "none"}),
    Slip(
        "warm-up-one-early",
        "Your warm-up is a step early: it starts at 0, and reaches 1 where the cosine begins.",
        {"warm": "early"},
    ),
    Slip(
        "cosine-from-zero",
        "Your cosine counts from step 0. It begins where the warm-up ends.",
        {"origin": "start"},
    ),
    Slip(
        "cosine-too-long",
        "Your cosine takes total steps from the end of the warm-up. It has total − rise.",
        {"length": "total"},
    ),
    Slip(
        "whole-run",
        "Your cosine spans the whole run, as if there were no warm-up: the factor jumps there.",
        {"origin": "start", "length": "total"},
    ),
    Slip(
        "climbs-again",
        "After the last step your factor climbs up the cosine again. It should stay at 0.",
        {"stays": False},
    ),
    Slip("not-halved", "Your cosine starts at 2: halve it.", {"fall": "whole"}),
    Slip("line", "You fall on a straight line. Asked is half a cosine.", {"fall": "line"}),
    Slip(
        "quarter",
        "You take a quarter of the cosine's period. Half of it, raised and halved, ends level.",
        {"fall": "quarter"},
    ),
    Slip(
        "period", "You take a whole period of the cosine: it comes back to 1.", {"fall": "period"}
    ),
    Slip(
        "warm-up-inside",
        "Your warm-up has rise + 1 parts and misses both ends: it starts at 0, at step 0.",
        {"warm": "inside"},
    ),
    Slip(
        "warm-up-bent",
        "Your warm-up climbs along a cosine. Asked is a line.",
        {"warm": "cosine"},
    ),
    Slip(
        "warm-up-not-from-zero",
        "At step 0 your factor is that of step 1. It starts at 0.",
        {"warm": "never zero"},
    ),
    Slip(
        "warm-up-in-whole-numbers",
        "Your warm-up divides whole numbers and rounds down: it is 0 until it is 1.",
        {"warm": "steps"},
    ),
    Slip(
        "cosine-one-longer",
        "Your cosine is one step too long: at step total it should be 0.",
        {"length": "longer"},
    ),
    Slip(
        "cosine-one-shorter",
        "Your cosine is one step too short: it reaches 0 a step before total.",
        {"length": "shorter"},
    ),
)


def examine(trial: Trial) -> None:
    rise = int(trial.draws.choice([4, 5, 6]))
    total = rise + int(trial.draws.choice([14, 18, 22]))
    steps = {
        "the start": 0,
        "a step of the warm-up": rise - 2,
        "its end": rise,
        "a step of the cosine": rise + 4,
        "a late step": total - 3,
        "the end": total,
        "a step after the end": total + 5,
    }

    def case(special: str, k: int, rise: int, total: int) -> Case:
        # At the end the factor is 0 but for rounding.
        return Case(special, {"k": k, "rise": rise, "total": total}, atol=1e-6)

    usual = [case(name, k, rise, total) for name, k in steps.items()]
    edges = [
        case("the start of a warm-up of one step", 0, 1, 9),
        case("its end", 1, 1, 9),
        case("the middle of the cosine", 7, 4, 10),
        case("the last step before the end", 9, 4, 10),
        case("the step before a cosine of one step", 2, 3, 4),
        case("the end of a cosine of one step", 4, 3, 4),
        case("long after the end", 10**9, 10, 200),
        case("a long run", 150, 10, 200),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=("the factor",), formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-schedule",
    title="Warm-up and cosine",
    chapter="optimizers",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function factor(k, rise, total) that returns one number between 0 and 1",
    hints=(
        "Three pieces: a line up, half a cosine down, and zero.",
        "In the second piece, which share of its steps is done?",
    ),
    examine=examine,
)
