"""The exercises of the chapter on parameter norms, one file each."""

from lecturelib.chapters.parameter_norms.exercises import (
    best_strength,
    break_rate,
    diagnose,
    elastic,
    intercept,
    price,
    stopping,
    train,
    tune,
)

EXERCISES = (
    elastic.EXERCISE,
    intercept.EXERCISE,
    price.EXERCISE,
    stopping.EXERCISE,
    best_strength.EXERCISE,
    break_rate.EXERCISE,
    diagnose.EXERCISE,
    tune.EXERCISE,
    train.EXERCISE,
)
