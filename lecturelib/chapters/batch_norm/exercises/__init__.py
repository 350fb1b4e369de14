"""The exercises and quizzes of the chapter on batch normalization, one file each."""

from lecturelib.chapters.batch_norm.exercises import (
    backward,
    conv_statistics,
    dropout_order,
    folding,
    forward,
    identity,
    one_output,
    placement,
    redundant_bias,
    running_statistics,
    scale_invariance,
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
    placement.EXERCISE,
    why_beta_outside.EXERCISE,
    one_output.EXERCISE,
    dropout_order.EXERCISE,
    scale_invariance.EXERCISE,
)
