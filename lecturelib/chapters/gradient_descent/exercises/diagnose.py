"""gradient-descent-diagnose: four runs with a fault each, seen from loss and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial
from lecturelib.gradient_descent import gradient_descent

STEPS = 60
LETTERS = "abcdef"
_LOOK = {
    "a": "the loss grows, and the first parameter changes its sign at each step.",
    "b": "the loss falls as a straight line, by the same small amount each step: nothing is wrong "
    "but the pace.",
    "c": "the loss falls at first and then goes up and down on one level, both parameters too.",
    "d": "the loss rests and then falls, while the second parameter grows by one factor all along.",
    "e": "the loss grows, and no parameter ever changes its sign.",
    "f": "the first parameter goes to zero with changing signs; what is left of the loss is the "
    "second one's, which hardly moves.",
}


def _run(draws: Draws, letter: str) -> dict[str, Tensor]:
    """Loss and both parameters along a run with this fault."""
    x, y = (draws.uniform(1, low=0.9, high=1.4).item() for _ in range(2))
    noise = draws.normal(STEPS, 2) if letter == "c" else torch.zeros(STEPS, 2).double()
    second = {"d": -1.0, "f": 0.002}.get(letter, 0.5)
    curvatures = torch.tensor([1.0, second], dtype=torch.float64)
    rate = {"a": 2.1, "b": 0.004, "c": 0.3, "d": 0.25, "e": -0.06, "f": 1.7}[letter]
    quartic = letter == "d"
    start = torch.tensor([x, 1e-4 * y if quartic else y], dtype=torch.float64)

    def gradient(theta: Tensor, t: int) -> Tensor:
        bent = torch.stack([torch.zeros(()).double(), theta[1] ** 3 * quartic])
        return curvatures * theta + bent + noise[t]

    path = gradient_descent(gradient, start, lr=rate, steps=STEPS)
    loss = (curvatures * path**2).sum(1) / 2 + quartic * (path[:, 1] ** 4 + 1) / 4
    return {"loss": loss, "first": path[:, 0], "second": path[:, 1]}


def _letters(draws: Draws) -> str:
    return "".join(draws.some(LETTERS, 4))


def given(draws: Draws) -> Mapping[str, Any]:
    """Four runs: the loss and both parameters before each step and after the last."""
    return {"runs": [_run(draws, letter) for letter in _letters(draws)]}


def examine(trial: Trial) -> None:
    right = _letters(trial.draws)
    begin = "Plot the loss on a logarithmic axis, and look at the signs of the parameters."
    examine_letters(trial, right, _LOOK, of="runs", begin=begin)


EXERCISE = Exercise(
    slug="gradient-descent-diagnose",
    title="Diagnose: four runs that fail",
    chapter="gradient_descent",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="four letters in the order of the runs, such as 'abcd'",
    hints=(
        "Does the loss grow, rest, creep or go up and down?",
        "A parameter that is multiplied by 1 − ηλ changes its sign where ηλ > 1.",
    ),
    examine=examine,
    given=given,
)
