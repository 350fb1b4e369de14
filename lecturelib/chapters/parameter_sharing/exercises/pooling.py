"""parameter-sharing-pooling: an image whose pooled map changes everywhere by a shift of a pixel."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SIDE, WANTED = 8, 0.9


def pooled(x: Tensor) -> Tensor:
    """The largest value of each window of 2×2 pixels."""
    return F.max_pool2d(x[None, None], 2)[0, 0]


def examine(trial: Trial) -> None:
    x = to_tensor(trial.answer)
    if x is not None and x.ndim in (3, 4) and x.shape[:-2].numel() == 1:
        x = x.reshape(x.shape[-2:])  # one image of a batch, or of one channel
    if x is None or x.shape != (SIDE, SIDE) or not x.isfinite().all():
        raise Finding(
            "not-an-image",
            f"Wanted is an image of {SIDE} × {SIDE} finite numbers.",
            got=describe(trial.answer),
        )
    x = x.double()
    if x.min() < 0 or x.max() > 1:
        raise Finding("out-of-range", "Pixels lie between 0 and 1.", got=describe(x))
    change = (pooled(x.roll(1, 1)) - pooled(x)).abs()
    if change.min() >= WANTED:
        return
    got = f"the map changes by {change.min():.3g} to {change.max():.3g}"
    down = (pooled(x.roll(1, 0)) - pooled(x)).abs()
    if down.min() >= WANTED:
        raise Finding(
            "downwards", "That image does it for a shift down. Asked is one to the right.", got=got
        )
    if change.max() < 1e-9:
        raise Finding(
            "invariant",
            "The pooled map does not change at all. Is the image constant along its rows?",
            got=got,
        )
    if change.min() < 1e-9:
        share = (change >= WANTED).double().mean().item()
        raise Finding(
            "not-everywhere",
            f"{share:.0%} of the map's entries change by {WANTED:g} or more, and some not at all. "
            "Each entry has to go from 0 to 1 or from 1 to 0.",
            got=got,
        )
    raise Finding(
        "too-little",
        "Every entry changes, and the smallest change is too small: take pixels of 0 and 1.",
        got=got,
    )


EXERCISE = Exercise(
    slug="parameter-sharing-pooling",
    title="Break it: pooling that is anything but invariant",
    chapter="parameter_sharing",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="an image of 8 × 8 pixels between 0 and 1",
    hints=(
        "All rows may be equal. So think of a ring of eight pixels, in windows of two.",
        "Which pixels does a window see before the shift, and which after it?",
        "A bright pixel leaves its window by the shift, or stays in it. Let all of them leave.",
    ),
    examine=examine,
)
