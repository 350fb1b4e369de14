"""The exercises of the chapter on noise and augmentation, one file each."""

from lecturelib.chapters.noise_and_augmentation.exercises import (
    attenuation,
    diagnose,
    floor,
    leak,
    lowers,
    ridge,
    settle,
    train,
    two_terms,
)

EXERCISES = (
    ridge.EXERCISE,
    floor.EXERCISE,
    two_terms.EXERCISE,
    lowers.EXERCISE,
    diagnose.EXERCISE,
    leak.EXERCISE,
    attenuation.EXERCISE,
    settle.EXERCISE,
    train.EXERCISE,
)
