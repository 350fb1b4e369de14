"""preprocessing-harmless: a sample that only whitening finds strange."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.reading import unnamed
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.preprocessing import Standardize, Whiten

WANTED = 50.0
LEAST, MOST = 4, 50  # patients


def _read(answer: Any) -> tuple[Tensor, Tensor]:
    answer = unnamed(answer, ("train", "sample"))
    items = list(answer) if isinstance(answer, tuple | list) and len(answer) == 2 else []
    parts = [to_tensor(item) for item in items]
    if len(parts) != 2 or any(part is None or not part.isfinite().all() for part in parts):
        raise Finding(
            "not-two-parts",
            "Wanted is a pair (train, sample) of finite numbers: rows of two columns, and one such "
            "row.",
            got=describe(answer),
        )
    train, sample = (torch.as_tensor(part) for part in parts)
    fits = train.ndim == 2 and train.shape[1] == 2 and sample.numel() == 2
    if not fits or not LEAST <= len(train) <= MOST:
        raise Finding(
            "wrong-shapes",
            f"train should have {LEAST} to {MOST} rows of two numbers, and sample two numbers.",
            got=f"{describe(train)}, {describe(sample)}",
        )
    return train, sample.reshape(1, 2)


def examine(trial: Trial) -> None:
    train, sample = _read(trial.answer)
    low, high = train.amin(0), train.amax(0)
    if (low == high).any():
        raise Finding("constant-column", "A column of the training data is constant.")
    if ((sample < low) | (sample > high)).any():
        raise Finding(
            "conspicuous",
            "The sample lies outside the range of the training data in a column. Anyone would see "
            "that; wanted is one that no column shows.",
            got=describe(sample),
        )
    size = Whiten().fit(train).transform(sample).norm().item()
    plain = Standardize().fit(train).transform(sample).abs().max().item()
    got = f"whitened {size:.3g} long; standardized {plain:.3g} at most"
    if size >= WANTED:
        return
    if Whiten().fit(train).rank < 2:
        raise Finding(
            "exactly-collinear",
            "The training points lie exactly on a line. Along the other axis nothing varies, and "
            "by the chapter's rule whitening makes it 0. Let them lie nearly on a line.",
            got=got,
        )
    if size < 3:
        raise Finding(
            "ordinary",
            "The sample is an ordinary one for whitening, too. Along which direction do the "
            "training data vary least, and how could a sample lie far out in it and inside both "
            "columns?",
            got=got,
        )
    raise Finding(
        "not-far-enough",
        f"On the way, but not {WANTED:g}. The length is the distance from the line divided by the "
        "spread round the line: make one larger or the other smaller.",
        got=got,
    )


EXERCISE = Exercise(
    slug="preprocessing-harmless",
    title="Break it: a harmless patient, whitened",
    chapter="preprocessing",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="a pair (train, sample): 4 to 50 rows of two numbers, and one row of two numbers",
    hints=(
        "Whitening divides by the standard deviation along each principal axis. Make one of them "
        "small.",
        "Two columns that almost always agree leave little spread along their difference.",
        "A sample may be low in one column and high in the other, each within its range.",
    ),
    examine=examine,
)
