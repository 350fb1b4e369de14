"""The exercises of the chapter on batch normalization in networks, one file each."""

from lecturelib.chapters.batch_norm_in_networks.exercises import (
    attack,
    dropout_order,
    one_output,
    pairs,
    placement,
    scale_invariance,
)

EXERCISES = (
    placement.EXERCISE,
    dropout_order.EXERCISE,
    scale_invariance.EXERCISE,
    one_output.EXERCISE,
    attack.EXERCISE,
    pairs.EXERCISE,
)
