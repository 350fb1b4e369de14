"""gradient-descent-diagnose: four runs with a fault each, seen from loss and parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import letters_in_order
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
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
    found = ""
    while len(found) < 4:
        found += draws.choice([x for x in LETTERS if x not in found])
    return found


def given(draws: Draws) -> Mapping[str, Any]:
    """Four runs: the loss and both parameters before each step and after the last."""
    return {"runs": [_run(draws, letter) for letter in _letters(draws)]}


def _read(answer: Any) -> str:
    text = letters_in_order(answer)
    if not re.fullmatch(r"[a-f]{4}", text):
        raise Finding(
            "not-four-letters",
            "Wanted are four letters from a to f in the order of the runs, such as 'abcd'.",
            got=describe(answer),
        )
    return text


def examine(trial: Trial) -> None:
    chosen = _letters(trial.draws)
    wrong = [k for k, (one, other) in enumerate(zip(_read(trial.answer), chosen, strict=True))
             if one != other]  # fmt: skip
    if len(wrong) > 2:
        raise Finding(
            "most-wrong",
            f"{len(wrong)} of the four are wrong. Plot the loss on a logarithmic axis, and look at "
            "the signs of the parameters.",
        )
    if wrong:
        k = wrong[0]
        code = f"run-{k + 1}" if len(wrong) == 1 else "two-wrong"
        others = "" if len(wrong) == 1 else f" Run {wrong[1] + 1} is wrong, too."
        raise Finding(code, f"Run {k + 1}: {_LOOK[chosen[k]]}{others}")


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
