"""The exercises of the chapter on length and direction, one file each."""

from lecturelib.chapters.length_direction.exercises import (
    best_length,
    diagnose,
    factors,
    gains_alone,
    great_circle,
    outliers,
)

EXERCISES = (
    best_length.EXERCISE,
    great_circle.EXERCISE,
    factors.EXERCISE,
    diagnose.EXERCISE,
    outliers.EXERCISE,
    gains_alone.EXERCISE,
)
