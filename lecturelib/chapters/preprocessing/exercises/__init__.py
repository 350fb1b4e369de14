"""The exercises and quizzes of the chapter on preprocessing, one file each."""

from lecturelib.chapters.preprocessing.exercises import (
    fold,
    harm,
    inference,
    kappa,
    rounding,
    standardize,
    steps,
    uniform,
    window,
    zca,
)

EXERCISES = (
    standardize.EXERCISE,
    kappa.EXERCISE,
    steps.EXERCISE,
    uniform.EXERCISE,
    harm.EXERCISE,
    zca.EXERCISE,
    fold.EXERCISE,
    inference.EXERCISE,
    rounding.EXERCISE,
    window.EXERCISE,
)
