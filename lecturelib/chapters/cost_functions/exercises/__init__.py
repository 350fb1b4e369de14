"""The exercises and quizzes of the chapter on cost functions, one file each."""

from lecturelib.chapters.cost_functions.exercises import (
    bad_start,
    balance,
    censored,
    contaminated,
    diagnose,
    least_squares,
    logit_gradient,
    logits,
    quantile,
    two_outputs,
)

EXERCISES = (
    censored.EXERCISE,
    contaminated.EXERCISE,
    least_squares.EXERCISE,
    logits.EXERCISE,
    logit_gradient.EXERCISE,
    quantile.EXERCISE,
    diagnose.EXERCISE,
    two_outputs.EXERCISE,
    bad_start.EXERCISE,
    balance.EXERCISE,
)
