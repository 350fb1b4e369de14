"""backprop-five-point: predict the best step of another difference, and measure it."""

from __future__ import annotations

from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

_BY_ORDER = {
    "one-sided": (1 / 2, 1 / 2, "These are the exponents of the one-sided difference."),
    "central": (1 / 3, 2 / 3, "These are the exponents of the central difference."),
    "no-division": (
        1 / 4,
        1.0,
        "You set h⁴ equal to ε. The division by h makes the rounding error larger: it is ε/h.",
    ),
    "step-for-error": (
        1 / 5,
        1 / 5,
        "The first exponent is right. The second is that of the error at this step: put h = ε^α "
        "into h⁴.",
    ),
    "exchanged": (4 / 5, 1 / 5, "The two exponents have changed places: first that of the step."),
}


def examine(trial: Trial) -> None:
    values = read_numbers(trial.answer, ("alpha", "beta", "h"))
    if values is None or values.numel() != 3:
        raise Finding(
            "not-three-numbers",
            "Wanted are three numbers, (alpha, beta, h).",
            got=describe(trial.answer),
        )
    alpha, beta, step = values.reshape(3).tolist()

    def near(value: float, wanted: float) -> bool:
        return abs(value - wanted) < 0.011

    for code, (a, b, says) in _BY_ORDER.items():
        if near(alpha, a) and near(beta, b):
            raise Finding(code, says, got=describe(trial.answer))
    if not near(alpha, 1 / 5):
        raise Finding(
            "alpha-wrong",
            "The exponent of the step is wrong. The sum h⁴ + ε/h is smallest, constants aside, "
            "where its two terms are equal.",
            got=f"{alpha:.4g}",
        )
    if not near(beta, 4 / 5):
        raise Finding(
            "beta-wrong",
            "The exponent of the step is right, that of the error is not: both terms are then "
            "h⁴ = ε^(4α).",
            got=f"{beta:.4g}",
        )
    if not 4e-4 <= step <= 4e-3:
        raise Finding(
            "step-not-measured",
            "The exponents are right, the measured step is not. Try h = 10⁻¹, 10⁻², …, 10⁻⁸ in "
            "double precision and take the one with the smallest error.",
            got=f"{step:.4g}",
        )


EXERCISE = Exercise(
    slug="backprop-five-point",
    title="Predict and measure: the best step of another difference",
    chapter="backprop",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="three numbers (alpha, beta, h)",
    hints=(
        "The error is a sum of two terms, h⁴ and ε/h: one falls with h, the other rises.",
        "Set the two terms equal and solve for h; then put this h into either term.",
        "exp at 1 has the derivative e: measure |difference − e| for each power of ten.",
    ),
    examine=examine,
)
