"""preprocessing-harm: a case in which centring makes it ten times worse."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

FACTOR = 10


def _read(answer: Any) -> tuple[Tensor, Tensor]:
    try:
        variances, mean = read_parts(answer, ("variances", "mean"))
    except Finding:
        raise Finding(
            "not-two-pairs",
            "Wanted are two pairs, (variances, mean), such as ((4, 1), (1, 1)).",
            got=describe(answer),
        ) from None
    if any(t.shape != (2,) or not t.isfinite().all() for t in (variances, mean)):
        raise Finding(
            "not-two-numbers",
            "Each of the two, variances and mean, should be two finite numbers.",
            got=describe(answer),
        )
    return variances, mean


def examine(trial: Trial) -> None:
    variances, mean = _read(trial.answer)
    if (variances <= 0).any():
        raise Finding(
            "variance-not-positive",
            "Variances should be greater than 0: with 0 there is nothing to learn along that "
            "input once it is centred.",
            got=describe(variances),
        )
    v, m = variances.numpy(), mean.numpy()
    before, after = (float(np.linalg.cond(M)) for M in (np.diag(v) + np.outer(m, m), np.diag(v)))
    tried = f"variances {describe(variances)}, mean {describe(mean)}"
    got = f"κ = {before:.4g} before centring, {after:.4g} after"
    if after >= FACTOR * before * (1 - 1e-9):  # exactly ten times is enough, in binary numbers too
        return
    small, large = (0, 1) if v[0] < v[1] else (1, 0)
    if not m.any():
        code, says = "no-mean", "The mean is zero already: centring does nothing."
    elif after < 1.001:
        code, says = (
            "equal-variances",
            "The variances are equal, so centred data have κ = 1. Nothing could be worse before "
            "and better than that.",
        )
    elif abs(m[large]) > abs(m[small]):
        code, says = (
            "mean-along-the-large-variance",
            "The mean points along the input with the larger variance, and makes the larger "
            "eigenvalue larger still. Centring takes that away.",
        )
    elif after < FACTOR:
        code, says = (
            "variances-too-close",
            f"Centred, these variances have κ = {after:.3g}; κ is never below 1, so it cannot "
            f"have risen by a factor of {FACTOR}. Take variances further apart.",
        )
    elif abs(m[large]) > 0:
        code, says = (
            "mean-askew",
            "The mean points along the small variance only in part; what it has along the other "
            "one makes the cloud longer.",
        )
    elif v[small] + m[small] ** 2 < v[large]:
        code, says = (
            "mean-too-small",
            "The mean lifts the small eigenvalue, as it should, but not far enough: by the square "
            "of the mean.",
        )
    else:
        code, says = (
            "mean-too-large",
            "The mean lifts the small eigenvalue past the large one, and too far.",
        )
    raise Finding(code, says, tried=tried, got=got)


EXERCISE = Exercise(
    slug="preprocessing-harm",
    title="When centring harms",
    chapter="preprocessing",
    kind="question",
    difficulty=2,
    minutes=10,
    wants="two pairs (variances, mean), such as ((4, 1), (1, 1))",
    hints=(
        "Centring removes the square of the mean from E x² of each input, and the product of the "
        "means off the diagonal.",
        "Take a mean that is zero in one input. Which of the two eigenvalues should it have "
        "lifted, and how far?",
    ),
    examine=examine,
)
