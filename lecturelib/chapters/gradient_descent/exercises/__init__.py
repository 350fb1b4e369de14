"""The exercises and quizzes of the chapter on gradient descent, one file each."""

from lecturelib.chapters.gradient_descent.exercises import (
    best_rate,
    copies,
    floor,
    guarantee,
    nearest,
    schedules,
    sgd,
    smoothness,
    uphill,
    variance,
)

EXERCISES = (
    smoothness.EXERCISE,
    uphill.EXERCISE,
    guarantee.EXERCISE,
    best_rate.EXERCISE,
    copies.EXERCISE,
    nearest.EXERCISE,
    variance.EXERCISE,
    sgd.EXERCISE,
    floor.EXERCISE,
    schedules.EXERCISE,
)
