"""loss-smoothness-diagnose: four walks along a gradient, measured wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

SLUG = "loss-smoothness-diagnose"
DISTANCES = (0.1, 0.2, 0.4, 0.8)
MISTAKES = {
    "a": "the walk goes along +g, uphill",
    "b": "raw steps ηg instead of distances",
    "c": "the change of the gradient is not divided by the distance",
    "d": "the gradient is not computed again on the way",
    "e": "the change of the gradient's length instead of the length of its change",
    "f": "the change is divided by the rate instead of the distance",
}
_LOOK = {
    "a": "the quotients are right and the losses are not: compare the first loss with the start.",
    "b": "the quotients are right. At which distance does the loss have this value?",
    "c": "divide each quotient by its distance.",
    "d": "which number are all quotients?",
    "e": "the losses are right, and the quotients are too small, but not zero.",
    "f": "the losses are right, and all quotients are too large or too small by one number. Which"
    " number of this loss is it?",
}


def walk(H: Tensor, theta: Tensor, letter: str = "") -> dict[str, Tensor]:
    """Losses and quotients on the quadratic, measured rightly or with one mistake."""
    d = torch.tensor(DISTANCES, dtype=H.dtype)
    g = H @ theta
    length = g.norm()
    sign = -1.0 if letter == "a" else 1.0
    steps = (d if letter == "b" else sign * d / length)[:, None] * g
    at = theta - steps
    moved = steps.norm(dim=1)
    change = at @ H - g
    size = (at @ H).norm(dim=1).sub(length).abs() if letter == "e" else change.norm(dim=1)
    if letter == "d":
        size = torch.zeros_like(size)
    divisor = {"c": torch.ones_like(d), "f": moved / length}.get(letter, moved)
    return {"losses": (at @ H * at).sum(1) / 2, "quotients": size / divisor}


def given(draws: Draws) -> Mapping[str, Any]:
    """A quadratic loss, a place, and four walks with a mistake each."""
    A = draws.normal(3, 3)
    H = A @ A.T + 0.5 * torch.eye(3, dtype=A.dtype)
    theta = draws.signed(3, low=0.8, high=1.6)
    theta = theta * (2 / (H @ theta).norm() + 0.5)  # a gradient whose length is not 1
    chosen = draws.some(MISTAKES, 4)
    return {
        "H": H,
        "theta": theta,
        "distances": torch.tensor(DISTANCES, dtype=H.dtype),
        "patients": [walk(H, theta, letter) for letter in chosen],
    }


def truth(data: Mapping[str, Any]) -> str:
    """The letters, found by repeating each mistake."""
    found = ""
    for patient in data["patients"]:
        for letter in MISTAKES:
            same = walk(data["H"], data["theta"], letter)
            if all(torch.allclose(same[k], patient[k]) for k in same):
                found += letter
                break
    return found


def examine(trial: Trial) -> None:
    right = truth(given(trial.draws))
    begin = (
        "First decide for each whether the losses are right, then whether the quotients are: "
        "compute both from H and θ."
    )
    examine_letters(trial, right, _LOOK, of="patients", begin=begin)


EXERCISE = Exercise(
    slug=SLUG,
    title="Diagnose: four measurements of smoothness",
    chapter="loss_smoothness",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="four letters in the order of the patients, such as 'abcd'",
    hints=(
        "On a quadratic everything is known: compute losses and quotients rightly first.",
        "The right quotient is ‖Hg‖/‖g‖ at every distance.",
        "Three of the mistakes leave the losses right and change the quotients: by the distance, by"
        " the length of g, or into something smaller.",
    ),
    examine=examine,
    given=given,
)
