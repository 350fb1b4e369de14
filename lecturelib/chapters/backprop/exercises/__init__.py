"""The exercises and quizzes of the chapter on backpropagation, one file each."""

from lecturelib.chapters.backprop.exercises import (
    broadcast,
    diagnose,
    five_point,
    fool_check,
    jacobian,
    matmul,
    order,
    order_cost,
    rings,
    softmax,
)

EXERCISES = (
    jacobian.EXERCISE,
    order_cost.EXERCISE,
    matmul.EXERCISE,
    broadcast.EXERCISE,
    softmax.EXERCISE,
    order.EXERCISE,
    fool_check.EXERCISE,
    diagnose.EXERCISE,
    five_point.EXERCISE,
    rings.EXERCISE,
)
