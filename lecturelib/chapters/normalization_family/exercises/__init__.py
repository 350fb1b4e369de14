"""The exercises of the chapter on the normalization family, one file each."""

from lecturelib.chapters.normalization_family.exercises import (
    alone,
    constants,
    recurrent_scale,
    shift,
    switch,
    weight_standardization,
)

EXERCISES = (
    switch.EXERCISE,
    weight_standardization.EXERCISE,
    constants.EXERCISE,
    shift.EXERCISE,
    recurrent_scale.EXERCISE,
    alone.EXERCISE,
)
