"""The exercises and quizzes of the chapter on output units, one file each."""

from lecturelib.chapters.output_units.exercises import (
    bins,
    calibrated,
    diagnose,
    die,
    entropy_slope,
    first_cost,
    fit_temperature,
    focal,
    inverse_softplus,
    logsumexp,
)

EXERCISES = (
    first_cost.EXERCISE,
    bins.EXERCISE,
    logsumexp.EXERCISE,
    inverse_softplus.EXERCISE,
    focal.EXERCISE,
    diagnose.EXERCISE,
    entropy_slope.EXERCISE,
    die.EXERCISE,
    calibrated.EXERCISE,
    fit_temperature.EXERCISE,
)
