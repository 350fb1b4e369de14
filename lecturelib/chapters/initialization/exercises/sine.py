"""initialization-sine: a start that keeps the signal of a sine, and what its gradient does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

CLOSE, MEASURED = 0.005, 0.03  # relative: of a formula, of a measurement
PARTS = ("n·v", "factor predicted", "factor measured")


def given(draws: Draws) -> Mapping[str, Any]:
    """The frequency of the sine."""
    return {"omega": draws.choice([1.1, 1.2, 1.3, 1.5])}


def moments(omega: float) -> tuple[float, float]:
    """E f² and E f′² of f(z) = sin(ωz) for standard normal z, by quadrature."""
    dz = 1e-3
    points = [dz * k for k in range(-9_000, 9_001)]
    weights = [math.exp(-z * z / 2) * dz / math.sqrt(2 * math.pi) for z in points]
    pairs = list(zip(points, weights, strict=True))
    square = sum(w * math.sin(omega * z) ** 2 for z, w in pairs)
    slope = sum(w * (omega * math.cos(omega * z)) ** 2 for z, w in pairs)
    return square, slope


def _near(value: float, wanted: float, share: float = CLOSE) -> bool:
    return abs(value - wanted) <= share * abs(wanted)


def examine(trial: Trial) -> None:
    values = read_numbers(trial.answer, ("variance", "predicted", "measured"))
    if values is None or values.numel() != 3 or not values.isfinite().all():
        raise Finding(
            "not-three-numbers",
            "Wanted are three numbers, (n·v, factor predicted, factor measured).",
            got=describe(trial.answer),
        )
    variance, predicted, measured = values.reshape(3).tolist()
    omega = given(trial.draws)["omega"]
    square, slope = moments(omega)
    wanted = 1 / square
    if not _near(variance, wanted):
        raise _variance(variance, omega, square)
    rho = math.sqrt(wanted * slope)
    if not _near(predicted, rho):
        raise _factor(predicted, omega, square, slope)
    if not _near(measured, rho, MEASURED):
        if _near(measured, 1 / rho, MEASURED):
            raise Finding(
                "measured-upwards",
                "You divide the last layer's gradient by the first one's. Both factors are for the "
                "way down.",
                got=f"{measured:.4g}",
            )
        if _near(measured, rho**2, 2 * MEASURED):
            raise Finding(
                "measured-square",
                "What you measured is the factor of the mean square. Take the root.",
                got=f"{measured:.4g}",
            )
        raise Finding(
            "not-measured",
            "Prediction right, measurement not. 20 layers of 256 units, with weights of variance "
            "(n·v)/256, come within two in a hundred of it; the factor a layer is the 19th root of "
            "first over last.",
            got=f"{measured:.4g}",
        )


def _variance(value: float, omega: float, square: float) -> Finding:
    known = {
        "he": (2.0, "This is He's variance. It is made for ReLU, which lets one half through."),
        "linear": (
            1 / omega**2,
            "You take the sine for linear, ωz. At z of mean square 1 it is far from that.",
        ),
        "root": (math.sqrt(1 / square), "This is a standard deviation. Asked is n times v."),
        "upside-down": (square, "This is E f². The variance has to make up for it."),
        "average-of-the-sine": (
            2.0 / (1 - math.exp(-(omega**2))),
            "The characteristic function is taken at ω: sin² has twice the frequency.",
        ),
    }
    for code, (wrong, says) in known.items():
        if _near(value, wrong):
            return Finding(code, says, got=f"{value:.4g}")
    return Finding(
        "variance-wrong",
        "n·v is wrong. It should make n v E f(z)² = 1 for a standard normal z; use sin² x = (1 − "
        "cos 2x)/2 and E cos(tz) = exp(−t²/2).",
        got=f"{value:.4g}",
    )


def _factor(value: float, omega: float, square: float, slope: float) -> Finding:
    rho2 = slope / square
    known = {
        "mean-square": (rho2, "This is the factor of the mean square. Asked is that of the rms."),
        "signal": (1.0, "The signal is level. Does the same variance keep the gradient level?"),
        "slope-only": (
            math.sqrt(slope),
            "This is the root of E f′² alone. The weights multiply, too: n v E f′².",
        ),
        "omega-lost": (
            math.sqrt(rho2) / omega,
            "The derivative of sin(ωz) has a factor ω.",
        ),
        "factor-upwards": (
            1 / math.sqrt(rho2),
            "This is the inverse: asked is by how much the gradient is multiplied on its way down.",
        ),
    }
    for code, (wrong, says) in known.items():
        if _near(value, wrong):
            return Finding(code, says, got=f"{value:.4g}")
    return Finding(
        "factor-wrong",
        "n·v is right, the predicted factor is not. The gradient's mean square is multiplied by "
        "n v E f′(z)².",
        got=f"{value:.4g}",
    )


EXERCISE = Exercise(
    slug="initialization-sine",
    title="Predict and measure: a network of sines",
    chapter="initialization",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants="three numbers (n·v, factor predicted, factor measured)",
    hints=(
        "Sums of mean square 1 stay so if n v E f(z)² = 1 for z ~ N(0, 1).",
        "sin² x = (1 − cos 2x)/2 and cos² x = (1 + cos 2x)/2; for z ~ N(0, 1), E cos(tz) = "
        "exp(−t²/2).",
        "To measure: send standard normal inputs up through 20 layers of 256 units, a standard "
        "normal gradient down, and compare the rms by the sums of layers 1 and 20.",
    ),
    examine=examine,
    given=given,
)
