"""batch-norm-in-networks-attack: one sample moves another one's value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.normalization import batch_norm

SLUG = "batch-norm-in-networks-attack"
WANTED = 0.3


def given(draws: Draws) -> Mapping[str, Any]:
    """Seven values of one unit; the first is the victim's, the lowest of all."""
    others = draws.uniform(6, low=-1.0, high=2.0)
    return {"x": torch.cat([torch.tensor([-2.0], dtype=torch.float64), others])}


def _victim(x: torch.Tensor, v: float | None = None) -> float:
    """The victim's normalized value, in the batch alone or with one value more."""
    batch = x if v is None else torch.cat([x, torch.tensor([v], dtype=torch.float64)])
    return batch_norm(batch[:, None], None, None, training=True)[0].item()


def _read(answer: Any) -> float:
    try:
        values = torch.as_tensor(answer, dtype=torch.float64).reshape(-1)
    except (TypeError, ValueError, RuntimeError):
        values = torch.empty(0)
    if values.numel() != 1:
        raise Finding("not-a-number", "Wanted is one number.", got=describe(answer))
    return values.item()


def examine(trial: Trial) -> None:
    v = _read(trial.answer)
    if not math.isfinite(v):
        raise Finding("not-finite", "An infinite value gives nan in the whole batch.")
    x = given(trial.draws)["x"]
    before, after = _victim(x), _victim(x, v)
    got = f"the victim's normalized value goes from {before:.2f} to {after:.2f}"
    if after >= WANTED:
        return
    if after < before:
        raise Finding(
            "lower-still",
            "Your value pushes the victim further down. Which way does it move the mean?",
            got=got,
        )
    if after <= 0:
        raise Finding(
            "still-below",
            "Better than before, but the victim is still below the mean of its batch. The mean"
            " must pass below it.",
            got=got,
        )
    raise Finding(
        "not-far-enough",
        f"The victim has changed sides. Asked is a value of {WANTED} or more: what happens to it"
        " as your value moves on?",
        got=got,
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Break it: one sample against another",
    chapter="batch_norm_in_networks",
    kind="question",
    difficulty=1,
    minutes=15,
    wants="one number, the value of your own sample",
    hints=(
        "Compute the normalized values of the eight for a few values of your own.",
        "The victim has to lie above the mean of the batch. Your value moves the mean.",
        (
            "If your value is far from all others, these look alike from there. The eight"
            " normalized values sum to 0, and their squares to 8."
        ),
    ),
    examine=examine,
    given=given,
)
