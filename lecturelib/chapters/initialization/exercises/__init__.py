"""The exercises and quizzes of the chapter on initialization, one file each."""

from lecturelib.chapters.initialization.exercises import (
    branch,
    cliff,
    clip,
    fans,
    lsuv,
    normalized,
    ratio,
    std,
    symmetry,
)

EXERCISES = (
    fans.EXERCISE,
    std.EXERCISE,
    symmetry.EXERCISE,
    ratio.EXERCISE,
    normalized.EXERCISE,
    branch.EXERCISE,
    lsuv.EXERCISE,
    clip.EXERCISE,
    cliff.EXERCISE,
)
