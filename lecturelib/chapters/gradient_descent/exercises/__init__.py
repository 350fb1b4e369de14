"""The exercises and quizzes of the chapter on gradient descent, one file each."""

from lecturelib.chapters.gradient_descent.exercises import (
    budget,
    diagnose,
    floor,
    guarantee,
    saddle_noise,
    schedules,
    smoothness,
    stratified,
    two_rates,
    uphill,
    worthless,
)

EXERCISES = (
    smoothness.EXERCISE,
    uphill.EXERCISE,
    guarantee.EXERCISE,
    two_rates.EXERCISE,
    saddle_noise.EXERCISE,
    diagnose.EXERCISE,
    stratified.EXERCISE,
    floor.EXERCISE,
    schedules.EXERCISE,
    worthless.EXERCISE,
    budget.EXERCISE,
)
