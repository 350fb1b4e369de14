"""The exercises and quizzes of the chapter on residual connections, one file each."""

from lecturelib.chapters.residual_connections.exercises import (
    backward,
    diagnose,
    fifty_layers,
    growth,
    paths,
    plain_identity,
    projection,
    undo,
)

EXERCISES = (
    projection.EXERCISE,
    backward.EXERCISE,
    plain_identity.EXERCISE,
    growth.EXERCISE,
    paths.EXERCISE,
    undo.EXERCISE,
    diagnose.EXERCISE,
    fifty_layers.EXERCISE,
)
