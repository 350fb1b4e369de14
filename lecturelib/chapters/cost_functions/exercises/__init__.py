"""The exercises and quizzes of the chapter on cost functions, one file each."""

from lecturelib.chapters.cost_functions.exercises import (
    balance,
    divergence,
    gaussian,
    laplace_fit,
    least_squares,
    logit_gradient,
    logits,
    mean_property,
    quantile,
    scales,
)

EXERCISES = (
    gaussian.EXERCISE,
    laplace_fit.EXERCISE,
    least_squares.EXERCISE,
    logits.EXERCISE,
    logit_gradient.EXERCISE,
    quantile.EXERCISE,
    divergence.EXERCISE,
    scales.EXERCISE,
    mean_property.EXERCISE,
    balance.EXERCISE,
)
