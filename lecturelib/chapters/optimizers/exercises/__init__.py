"""The exercises and quizzes of the chapter on optimizers, one file each."""

from lecturelib.chapters.optimizers.exercises import (
    adagrad,
    adam,
    bias_correction,
    decay,
    heavy_ball,
    momentum,
    nesterov,
    noise,
    schedule,
)

EXERCISES = (
    momentum.EXERCISE,
    heavy_ball.EXERCISE,
    nesterov.EXERCISE,
    noise.EXERCISE,
    adagrad.EXERCISE,
    adam.EXERCISE,
    bias_correction.EXERCISE,
    decay.EXERCISE,
    schedule.EXERCISE,
)
