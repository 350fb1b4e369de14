"""optimizers-schedule: a warm-up, then half a cosine."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(k: int, rise: int, total: int) -> Tensor:
    """PyTorch's schedulers, one after the other; at the end the rate stays."""
    theta = torch.zeros(1, requires_grad=True)
    theta.grad = torch.zeros(1)
    factors = [i / rise for i in range(rise)]
    cosine = torch.optim.SGD([theta], 1.0)
    down = torch.optim.lr_scheduler.CosineAnnealingLR(cosine, total - rise)
    for _ in range(total - rise + 1):
        factors.append(float(cosine.param_groups[0]["lr"]))
        cosine.step()
        down.step()
    return torch.tensor(factors[min(k, total)], dtype=torch.float64)


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
        value = (k + 1) / rise if warm == "early" else k / rise
        return torch.tensor(value, dtype=torch.float64)
    start = rise if origin == "after" and warm != "none" else 0
    span = total - rise if length == "rest" and warm != "none" else total
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
    cases = [Case(name, {"k": k, "rise": rise, "total": total}) for name, k in steps.items()]
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
