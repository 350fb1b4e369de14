"""cost-functions-bad-start: a start from which the squared error does not learn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "cost-functions-bad-start"
COUNT, STEPS, RATE, LIMIT = 100, 300, 1.0, 1000.0
GOOD, BAD = 0.85, 0.5


def given(draws: Draws) -> Mapping[str, Any]:
    """A hundred inputs and their labels."""
    x = draws.normal(COUNT)
    return {"x": x, "y": (draws.uniform(COUNT) < torch.sigmoid(8 * x)).double()}


def accuracy(x: Tensor, y: Tensor, w: float, b: float, *, squared: bool) -> float:
    """Share of right decisions after training from (w, b)."""
    for _ in range(STEPS):
        p = torch.sigmoid(w * x + b)
        slope = (p - y) * (p * (1 - p) if squared else 1)
        w, b = w - RATE * (slope * x).mean().item(), b - RATE * slope.mean().item()
    return ((w * x + b > 0).double() == y).double().mean().item()


def examine(trial: Trial) -> None:
    start = read_numbers(trial.answer, ("w", "b"))
    if start is None or start.numel() != 2:
        raise Finding(
            "not-two-numbers", "Wanted are two numbers, (w, b).", got=describe(trial.answer)
        )
    w, b = start.reshape(2).tolist()
    if not (math.isfinite(w) and math.isfinite(b)):
        raise Finding("not-finite", "Both numbers should be finite.", got=f"{w:g}, {b:g}")
    if not max(abs(w), abs(b)) <= LIMIT:
        raise Finding("too-large", f"Both numbers may be {LIMIT:g} at most.", got=f"{w:g}, {b:g}")
    data = given(trial.draws)
    nll = accuracy(data["x"], data["y"], w, b, squared=False)
    square = accuracy(data["x"], data["y"], w, b, squared=True)
    got = f"accuracy {nll:.2f} with the NLL, {square:.2f} with the squared error"
    if nll >= GOOD and square <= BAD:
        return
    if nll >= GOOD:
        z = w * data["x"] + b
        before = (1 + z.sign() * (2 * data["y"] - 1)).mean().item() / 2  # a tie is half right
        if before > BAD:
            raise Finding(
                "right-from-the-start",
                f"{before:.0%} of the decisions are right at the start already. The squared error "
                "has its difficulty with samples that are surely wrong: make them the majority.",
                got=got,
            )
        raise Finding(
            "both-learn",
            "Both learn. The start is wrong, but not surely enough: how large must |z| be that "
            "300 steps of the squared error do not matter?",
            got=got,
        )
    if square <= BAD:
        raise Finding(
            "neither-learns",
            "Neither learns. The gradient of the NLL is never larger than the mean of |x|: how far "
            "do 300 steps carry w and b?",
            got=got,
        )
    raise Finding("nll-behind", "Here it is the NLL that learns less.", got=got)


EXERCISE = Exercise(
    slug=SLUG,
    title="Break it: a start that one cost does not survive",
    chapter="cost_functions",
    kind="experiment",
    difficulty=1,
    minutes=15,
    wants="two numbers (w, b)",
    hints=(
        "Write the loop of 300 steps for both costs, and try a few starts.",
        "Which sign of w makes most decisions wrong? And which size makes them surely wrong?",
        "The NLL has to come back in 300 steps, at most about 0.8 a step for w.",
    ),
    examine=examine,
    given=given,
)
