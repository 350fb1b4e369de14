"""output-units-diagnose: four last layers with a mistake, seen from their gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

SAMPLES, CLASSES = 5, 4


def _sigmoids(z: Tensor, t: Tensor) -> Tensor:
    y = one_hot(t, CLASSES).to(z)
    return torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(z)


COSTS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "a": lambda z, t: cross_entropy(torch.softmax(z, 1), t),
    "b": lambda z, t: cross_entropy(z, t, reduction="sum"),
    "c": lambda z, t: cross_entropy(z / 2, t),
    "d": _sigmoids,
    "e": lambda z, t: (torch.softmax(z, 1) - one_hot(t, CLASSES)).square().sum(1).mean() / 2,
    "f": lambda z, t: cross_entropy(z, (t + 1) % CLASSES),
}
_LOOK = {
    "a": "its rows add up to 0 and are small, in particular where the logits are far apart. What "
    "do the probabilities go through on their way?",
    "b": "it is the right gradient times one number.",
    "c": "its rows add up to 0, and times a certain number it is p − y for other probabilities.",
    "d": "its rows do not add up to 0. For which unit do the classes not compete?",
    "e": "its rows add up to 0, and it nearly vanishes where the network is sure and wrong.",
    "f": "N times it, added to the labels' ones, does not give p; look where its negative entries "
    "stand.",
}


def gradient(z: Tensor, t: Tensor, letter: str) -> Tensor:
    """Of the cost with this mistake, with respect to the logits."""
    leaf = z.clone().requires_grad_()
    return torch.autograd.grad(COSTS[letter](leaf, t), leaf)[0]


def letter(z: Tensor, t: Tensor, g: Tensor) -> str:
    """The mistake whose gradient this is."""
    return next(k for k in COSTS if torch.allclose(g, gradient(z, t, k), rtol=1e-6, atol=1e-12))


def given(draws: Draws) -> Mapping[str, Any]:
    """Four patients: logits, true classes, and the gradient that the program computed."""
    letters = draws.some(COSTS, 4)
    return {"patients": [_patient(draws, c) for c in letters]}


def _patient(draws: Draws, mistake: str) -> dict[str, Tensor]:
    z = draws.normal(SAMPLES, CLASSES, std=2.0)
    t = torch.tensor([draws.choice(range(CLASSES)) for _ in range(SAMPLES)])
    return {"z": z, "t": t, "g": gradient(z, t, mistake)}


def examine(trial: Trial) -> None:
    right = "".join(letter(**patient) for patient in given(trial.draws)["patients"])
    begin = "Compute (p − y)/N for each patient first, and compare: row sums, ratios, signs."
    examine_letters(trial, right, _LOOK, of="patients", begin=begin)


EXERCISE = Exercise(
    slug="output-units-diagnose",
    title="Diagnose: four last layers with a mistake",
    chapter="output_units",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="four letters in the order of the patients, such as 'abcd'",
    hints=(
        "Divide each gradient by the right one, (p − y)/N, entry by entry.",
        "Behind a softmax the entries of each row of the gradient add up to 0. Why?",
        "Write down the gradient of each of the six costs; the chapter has what you need for all.",
    ),
    examine=examine,
    given=given,
)
