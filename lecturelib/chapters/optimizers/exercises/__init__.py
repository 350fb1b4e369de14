"""The exercises and quizzes of the chapter on optimizers, one file each."""

from lecturelib.chapters.optimizers.exercises import (
    adam,
    break_nesterov,
    decay,
    heavy_ball,
    momentum,
    noise,
    schedule,
    sixty_steps,
    spike,
    traces,
    tune_valley,
)

EXERCISES = (
    momentum.EXERCISE,
    adam.EXERCISE,
    decay.EXERCISE,
    schedule.EXERCISE,
    heavy_ball.EXERCISE,
    noise.EXERCISE,
    break_nesterov.EXERCISE,
    traces.EXERCISE,
    spike.EXERCISE,
    tune_valley.EXERCISE,
    sixty_steps.EXERCISE,
)
