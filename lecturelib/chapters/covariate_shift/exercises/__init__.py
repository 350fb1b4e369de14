"""The exercises of the chapter on covariate shift, one file each."""

from lecturelib.chapters.covariate_shift.exercises import (
    best_line,
    blocks,
    break_weights,
    diagnose,
    power,
    train,
    weighted_risk,
)

EXERCISES = (
    best_line.EXERCISE,
    weighted_risk.EXERCISE,
    power.EXERCISE,
    break_weights.EXERCISE,
    blocks.EXERCISE,
    diagnose.EXERCISE,
    train.EXERCISE,
)
