"""noise-and-augmentation-attenuation: predict how input noise shrinks a slope, and measure it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SAMPLES, CLOSE, MEASURED = 40, 1e-3, 0.03
EXACT = 1e-7  # closer than any measurement comes, but by luck


def given(draws: Draws) -> Mapping[str, Any]:
    """Inputs x, targets y and the standard deviation of the noise."""
    x = draws.normal(SAMPLES, std=draws.choice([0.6, 1.7]))
    return {"x": x, "y": 2 * x + draws.normal(SAMPLES, std=0.3), "std": draws.choice([0.5, 0.8])}


def examine(trial: Trial) -> None:
    values = read_numbers(trial.answer, ("predicted", "measured"))
    if values is None or values.numel() != 2 or not values.isfinite().all():
        raise Finding(
            "not-two-numbers",
            "Wanted are two numbers, (predicted, measured).",
            got=describe(trial.answer),
        )
    predicted, measured = values.reshape(2).tolist()
    numbers = given(trial.draws)
    square, std = numbers["x"].square().mean().item(), numbers["std"]
    wanted = square / (square + std**2)
    known = {
        "unit-variance": (
            1 / (1 + std**2),
            "You take the mean square of the inputs for 1. Here it is another number.",
        ),
        "std-not-squared": (square / (square + std), "What adds to the mean square is a variance."),
        "inverse": (1 / wanted, "This is the inverse: noise makes the slope smaller, not larger."),
        "first-order": (
            1 - std**2 / square,
            "This is the first order in σ²/E x². The factor is known exactly.",
        ),
        "sum-of-squares": (
            SAMPLES * square / (SAMPLES * square + std**2),
            "You add the noise of one sample to the sum over all of them.",
        ),
        "root": (wanted**0.5, "This is the square root of the factor."),
    }
    if abs(predicted - wanted) > CLOSE:
        for code, (wrong, says) in known.items():
            if abs(predicted - wrong) < CLOSE:
                raise Finding(code, says, got=f"{predicted:.4f}")
        raise Finding(
            "prediction-wrong",
            "The predicted factor is wrong. Write the slope of ridge regression, one input, over "
            "that without noise.",
            got=f"{predicted:.4f}",
        )
    if measured == predicted:
        raise Finding(
            "copied",
            "The measured factor is the predicted one to the last digit. A measurement with drawn "
            "noise is not.",
        )
    if abs(measured - wanted) < EXACT < abs(predicted - wanted):
        raise Finding(
            "swapped",
            "The second number is the prediction to many digits, and the first is not: the "
            "prediction comes first.",
            got=f"{predicted:.6f}, {measured:.6f}",
        )
    if abs(measured - wanted) > MEASURED * wanted:
        raise Finding(
            "not-measured",
            "The prediction is right, the measurement is not within 3% of it. Repeat x and y at "
            "least a thousand times, add noise to x alone, and fit y ≈ w x.",
            got=f"{measured:.4f}",
        )


EXERCISE = Exercise(
    slug="noise-and-augmentation-attenuation",
    title="Predict and measure: a slope that shrinks",
    chapter="noise_and_augmentation",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="two numbers (predicted, measured)",
    hints=(
        "With one input and no intercept the slope is Σxy / Σx². What does noise add to Σx²?",
        "The factor is E x² / (E x² + σ²), with the mean over the given samples.",
    ),
    examine=examine,
    given=given,
)
