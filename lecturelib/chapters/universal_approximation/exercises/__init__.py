"""The exercises and quizzes of the chapter on universal approximation, one file each."""

from lecturelib.chapters.universal_approximation.exercises import (
    and_units,
    bounded_region,
    coefficients,
    decision_line,
    depth_pieces,
    knots,
    parity,
    pieces_error,
    rate,
    train,
    units_needed,
)

EXERCISES = (
    and_units.EXERCISE,
    parity.EXERCISE,
    units_needed.EXERCISE,
    knots.EXERCISE,
    coefficients.EXERCISE,
    pieces_error.EXERCISE,
    depth_pieces.EXERCISE,
    bounded_region.EXERCISE,
    decision_line.EXERCISE,
    rate.EXERCISE,
    train.EXERCISE,
)
