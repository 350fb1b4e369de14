"""noise-and-augmentation-train: a network for digits that are neither centred nor clean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

SAMPLES, TESTED, WANTED, STD = 600, 300, 0.75, 0.3
SHIFTS = ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (1, 0), (-1, 0), (0, -1))


def _data(draws: Draws) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    from lecturelib.data import load_digits

    split = load_digits(as_images=True, seed=draws.choice([11, 12, 13]), dtype=torch.float64)
    return (
        split.x_train[:SAMPLES],
        split.y_train[:SAMPLES],
        split.x_test[:TESTED],
        split.y_test[:TESTED],
    )


def given(draws: Draws) -> Mapping[str, Any]:
    """Images X of shape (600, 1, 8, 8), pixels from 0 to 1, and their classes t."""
    X, t, _, _ = _data(draws)
    return {"X": X, "t": t}


def _classes(trial: Trial, special: str, x: Tensor) -> Tensor:
    """The answer's classes; a Finding where its logits are none."""
    last: Exception | None = None
    for images in (x, x.float()):
        case = Case(special, {"x": images})
        try:
            value = trial.call(case)
        except Exception as error:  # a model of another precision is tried with the other one
            last = error
            continue
        logits = to_tensor(value)
        if logits is None or logits.shape != (len(x), 10):
            raise Finding(
                "wrong-shape",
                "Wanted are ten logits an image, of shape (N, 10), for images (N, 1, 8, 8).",
                got=describe(value),
            )
        if not logits.isfinite().all():
            raise Finding("not-finite", "The logits are not finite: has the training diverged?")
        return logits.argmax(1)
    assert last is not None
    raise last


def examine(trial: Trial) -> None:
    from lecturelib import augment
    from lecturelib.regularizers import add_noise

    trial.needs_function("x")
    _, _, x, t = _data(trial.draws)
    down, right = (
        torch.tensor([SHIFTS[i % 8][k] for i in range(len(x))], dtype=x.dtype) for k in (0, 1)
    )
    moved = augment.shift(x, down, right)
    noisy = add_noise(moved, STD, generator=torch.Generator().manual_seed(0))
    guesses = _classes(trial, "shifted digits with noise", noisy)
    accuracy = (guesses == t).double().mean().item()
    if accuracy >= WANTED:
        return
    still = (_classes(trial, "centred digits", x) == t).double().mean().item()
    clean = (_classes(trial, "shifted digits", moved) == t).double().mean().item()
    got = (
        f"{accuracy:.0%} of shifted digits with noise right, {clean:.0%} of shifted ones without, "
        f"{still:.0%} of centred ones without"
    )
    if len(guesses.unique()) == 1:
        raise Finding("one-class", "Every digit gets the same class.", got=got)
    if ((guesses + 1) % 10 == t).double().mean() >= WANTED:
        raise Finding("off-by-one", "Nearly every class is one too small: classes start at 0, "
                      "and logit 0 is that of the digit 0.", got=got)  # fmt: skip
    if clean >= WANTED:
        raise Finding(
            "noise-not-met",
            "Shifted digits are learnt, those with noise are not learnt well enough. Add noise to "
            "the shifted training images, anew in every step; more hidden units help, too.",
            got=got,
        )
    if still >= WANTED:
        raise Finding(
            "not-invariant",
            "Centred digits are learnt, shifted ones are not. Shift the training images, anew in "
            "every step, and train longer.",
            got=got,
        )
    raise Finding(
        "not-learnt",
        "Not even centred digits are learnt well: more steps, another rate, more hidden units?",
        got=got,
    )


EXERCISE = Exercise(
    slug="noise-and-augmentation-train",
    title="Train and tune: shifted digits with noise",
    chapter="noise_and_augmentation",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants="a function model(x) from images (N, 1, 8, 8) to logits (N, 10)",
    hints=(
        "The chapter's loop meets shifts alone. What else must a training image look like, and how "
        "large a network, how many steps does it take to learn both?",
        "Shift, then add noise; 256 hidden units, a rate of 0.1 with momentum 0.9 and 2,000 steps "
        "will do.",
    ),
    examine=examine,
    given=given,
)
