"""The exercises of the chapter on noise and generalization, one file each."""

from lecturelib.chapters.noise_and_generalization.exercises import (
    diagnose,
    draws_needed,
    flattest,
    groups,
    left_over,
    masked,
    radius,
    robust,
    sizes,
)

EXERCISES = (
    groups.EXERCISE,
    sizes.EXERCISE,
    left_over.EXERCISE,
    radius.EXERCISE,
    diagnose.EXERCISE,
    draws_needed.EXERCISE,
    masked.EXERCISE,
    robust.EXERCISE,
    flattest.EXERCISE,
)
