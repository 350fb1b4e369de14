"""The exercises and quizzes of the chapter on initialization, one file each."""

from lecturelib.chapters.initialization.exercises import (
    cliff,
    diagnose,
    fans,
    lsuv,
    normalized,
    sine,
    std,
    symmetry,
    thirty_layers,
    three_units,
)

EXERCISES = (
    fans.EXERCISE,
    std.EXERCISE,
    symmetry.EXERCISE,
    three_units.EXERCISE,
    diagnose.EXERCISE,
    normalized.EXERCISE,
    sine.EXERCISE,
    lsuv.EXERCISE,
    cliff.EXERCISE,
    thirty_layers.EXERCISE,
)
