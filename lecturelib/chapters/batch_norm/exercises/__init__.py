"""The exercises of the chapter on the layer of batch normalization, one file each."""

from lecturelib.chapters.batch_norm.exercises import (
    backward,
    folding,
    forward,
    identity,
    redundant_bias,
    running_statistics,
    split_batch,
    stale_layer,
    twenty_steps,
    why_beta_outside,
)

EXERCISES = (
    forward.EXERCISE,
    backward.EXERCISE,
    running_statistics.EXERCISE,
    split_batch.EXERCISE,
    folding.EXERCISE,
    identity.EXERCISE,
    redundant_bias.EXERCISE,
    why_beta_outside.EXERCISE,
    stale_layer.EXERCISE,
    twenty_steps.EXERCISE,
)
