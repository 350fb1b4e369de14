"""The exercises of the chapter on batch normalization in networks, one file each."""

from lecturelib.chapters.batch_norm_in_networks.exercises import (
    dropout_order,
    one_output,
    placement,
    scale_invariance,
)

EXERCISES = (
    placement.EXERCISE,
    dropout_order.EXERCISE,
    scale_invariance.EXERCISE,
    one_output.EXERCISE,
)
