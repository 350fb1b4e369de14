"""The exercises of the chapter on the smoothness of the loss, one file each."""

from lecturelib.chapters.loss_smoothness.exercises import (
    diagnose,
    leaving,
    longer_weights,
    powers,
    stands_the_rate,
    sure_step,
)

EXERCISES = (
    sure_step.EXERCISE,
    powers.EXERCISE,
    diagnose.EXERCISE,
    longer_weights.EXERCISE,
    leaving.EXERCISE,
    stands_the_rate.EXERCISE,
)
