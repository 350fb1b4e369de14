"""The exercises and quizzes of the chapter on hidden units, one file each."""

from lecturelib.chapters.hidden_units.exercises import (
    collapse,
    count,
    dead,
    derivatives,
    maxout,
    moments,
    prelu,
    smooth,
)

EXERCISES = (
    collapse.EXERCISE,
    derivatives.EXERCISE,
    smooth.EXERCISE,
    prelu.EXERCISE,
    moments.EXERCISE,
    maxout.EXERCISE,
    dead.EXERCISE,
    count.EXERCISE,
)
