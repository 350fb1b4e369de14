"""The exercises and quizzes of the chapter on backpropagation, one file each."""

from lecturelib.chapters.backprop.exercises import (
    accumulate,
    broadcast,
    cross_entropy,
    jacobian,
    matmul,
    order,
    order_cost,
    softmax,
)

EXERCISES = (
    jacobian.EXERCISE,
    order_cost.EXERCISE,
    matmul.EXERCISE,
    broadcast.EXERCISE,
    softmax.EXERCISE,
    cross_entropy.EXERCISE,
    order.EXERCISE,
    accumulate.EXERCISE,
)
