"""The exercises of the chapter on the layer of batch normalization, one file each."""

from lecturelib.chapters.batch_norm.exercises import (
    backward,
    conv_statistics,
    folding,
    forward,
    identity,
    redundant_bias,
    running_statistics,
    stale_layer,
    twenty_steps,
    why_beta_outside,
)

EXERCISES = (
    forward.EXERCISE,
    backward.EXERCISE,
    running_statistics.EXERCISE,
    conv_statistics.EXERCISE,
    folding.EXERCISE,
    identity.EXERCISE,
    redundant_bias.EXERCISE,
    why_beta_outside.EXERCISE,
    stale_layer.EXERCISE,
    twenty_steps.EXERCISE,
)
