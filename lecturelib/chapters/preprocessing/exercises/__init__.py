"""The exercises and quizzes of the chapter on preprocessing, one file each."""

from lecturelib.chapters.preprocessing.exercises import (
    clinic,
    fold,
    harmless,
    kappa,
    merge,
    misjudged,
    pipelines,
    pixels,
    uniform,
)

EXERCISES = (
    kappa.EXERCISE,
    merge.EXERCISE,
    misjudged.EXERCISE,
    uniform.EXERCISE,
    harmless.EXERCISE,
    fold.EXERCISE,
    pipelines.EXERCISE,
    pixels.EXERCISE,
    clinic.EXERCISE,
)
