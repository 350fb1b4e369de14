"""The exercises of the chapter on bagging and dropout, one file each."""

from lecturelib.chapters.dropout.exercises import (
    backward,
    blocks,
    break_mean,
    calibration_error,
    diagnose,
    how_many,
    train,
    weighted_bag,
)

EXERCISES = (
    how_many.EXERCISE,
    weighted_bag.EXERCISE,
    backward.EXERCISE,
    diagnose.EXERCISE,
    break_mean.EXERCISE,
    blocks.EXERCISE,
    calibration_error.EXERCISE,
    train.EXERCISE,
)
