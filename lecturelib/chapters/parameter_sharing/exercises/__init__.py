"""The exercises of the chapter on shared parameters, one file each."""

from lecturelib.chapters.parameter_sharing.exercises import (
    autoencoder,
    design,
    field,
    matrices,
    moved,
    pooling,
    spectrum,
    statements,
)

EXERCISES = (
    field.EXERCISE,
    autoencoder.EXERCISE,
    statements.EXERCISE,
    spectrum.EXERCISE,
    design.EXERCISE,
    matrices.EXERCISE,
    pooling.EXERCISE,
    moved.EXERCISE,
)
