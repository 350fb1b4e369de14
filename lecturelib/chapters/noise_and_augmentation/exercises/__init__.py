"""The exercises of the chapter on noise and augmentation, one file each."""

from lecturelib.chapters.noise_and_augmentation.exercises import (
    attenuation,
    diagnose,
    floor,
    lowers,
    ridge,
    train,
    two_terms,
)

EXERCISES = (
    ridge.EXERCISE,
    floor.EXERCISE,
    two_terms.EXERCISE,
    lowers.EXERCISE,
    diagnose.EXERCISE,
    attenuation.EXERCISE,
    train.EXERCISE,
)
