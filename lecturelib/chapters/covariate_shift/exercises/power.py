"""covariate-shift-power: the power of the weights that serves few samples best."""

from __future__ import annotations

import math
from functools import cache

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SAMPLES, SETS, ROOM = 8, 2_000, 1.05


@cache
def excess(power: float) -> float:
    """Median excess error of the line over training sets of 8 points."""
    from lecturelib.chapters.covariate_shift.shimodaira import fits

    return fits(1, power, samples=SAMPLES, count=SETS, seed=1).excess.median().item()


@cache
def best() -> float:
    """The lowest median on a grid."""
    return min(excess(k / 20) for k in range(21))


def examine(trial: Trial) -> None:
    value = to_tensor(trial.answer)
    if value is None or value.numel() != 1 or not math.isfinite(float(value)):
        raise Finding(
            "not-a-number", "Wanted is one number, the power λ.", got=describe(trial.answer)
        )
    power = float(value)
    if not 0 <= power <= 1:
        raise Finding("out-of-range", "λ lies between 0 (no weights) and 1.", got=f"{power:.4g}")
    got = f"λ = {power:.3g}: median excess error {excess(round(power, 6)):.4f}"
    if excess(round(power, 6)) <= ROOM * best():
        return
    if power < 0.1:
        raise Finding(
            "no-weights",
            "With next to no weights the line is that of the training domain: it rises.",
            got=got,
        )
    if power > 0.9:
        raise Finding(
            "full-weights",
            "The full correction is right on average, but with 8 points a few of them decide. "
            "Somewhat smaller weights give more bias and less variance.",
            got=got,
        )
    raise Finding(
        "not-best",
        "There is a better λ. Take a grid, and enough training sets that the median is stable: "
        "with a hundred sets it is not.",
        got=got,
    )


EXERCISE = Exercise(
    slug="covariate-shift-power",
    title="Tune it: how much weighting do eight points bear?",
    chapter="covariate_shift",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="one number, the power λ between 0 and 1",
    hints=(
        "shimodaira.fits(1, power, samples=8, count=…) does the fits for many training sets.",
        "Print the median excess error for λ = 0, 0.1, …, 1 with 2,000 sets; change the seed.",
    ),
    examine=examine,
)
