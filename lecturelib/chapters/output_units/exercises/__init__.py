"""The exercises and quizzes of the chapter on output units, one file each."""

from lecturelib.chapters.output_units.exercises import (
    cooling,
    die,
    entropy_slope,
    fit_temperature,
    gradient,
    inverse_softplus,
    logsumexp,
    signs,
    two_classes,
    which_unit,
)

EXERCISES = (
    which_unit.EXERCISE,
    two_classes.EXERCISE,
    logsumexp.EXERCISE,
    inverse_softplus.EXERCISE,
    gradient.EXERCISE,
    cooling.EXERCISE,
    entropy_slope.EXERCISE,
    die.EXERCISE,
    signs.EXERCISE,
    fit_temperature.EXERCISE,
)
