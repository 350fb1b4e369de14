"""The exercises of the chapter on signal propagation, one file each."""

from lecturelib.chapters.signal_propagation.exercises import (
    constant_linear,
    diagnose,
    homogeneous,
    layers_until,
    leaky,
    twenty_four,
)

EXERCISES = (
    leaky.EXERCISE,
    layers_until.EXERCISE,
    diagnose.EXERCISE,
    constant_linear.EXERCISE,
    homogeneous.EXERCISE,
    twenty_four.EXERCISE,
)
