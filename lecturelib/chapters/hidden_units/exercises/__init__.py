"""The exercises and quizzes of the chapter on hidden units, one file each."""

from lecturelib.chapters.hidden_units.exercises import (
    collapse,
    dead,
    derivatives,
    diagnose,
    hard_tanh,
    kill,
    maxout,
    moments,
    prelu,
    smooth,
    train,
)

EXERCISES = (
    collapse.EXERCISE,
    derivatives.EXERCISE,
    smooth.EXERCISE,
    prelu.EXERCISE,
    moments.EXERCISE,
    hard_tanh.EXERCISE,
    diagnose.EXERCISE,
    dead.EXERCISE,
    kill.EXERCISE,
    maxout.EXERCISE,
    train.EXERCISE,
)
