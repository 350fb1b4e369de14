"""noise-and-augmentation-settle: where noise at the weight drives a weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

CLOSE, MEASURED = 1e-3, 0.02


def given(draws: Draws) -> Mapping[str, Any]:
    """The target y and the standard deviation of the noise."""
    return {"y": draws.choice([1.5, 2.0, 3.0]), "std": draws.choice([0.3, 0.4, 0.5])}


def examine(trial: Trial) -> None:
    values = to_tensor(trial.answer)
    if values is None or values.numel() != 2 or not values.isfinite().all():
        raise Finding(
            "not-two-numbers",
            "Wanted are two numbers, (predicted, measured).",
            got=describe(trial.answer),
        )
    predicted, measured = values.double().reshape(2).tolist()
    numbers = given(trial.draws)
    y, variance = numbers["y"], numbers["std"] ** 2
    wanted = (y - 3 * variance) ** 0.5
    known = {
        "no-noise": (y**0.5, "This is where the loss *without* noise is least."),
        "penalty-alone": (
            (y - 2 * variance) ** 0.5,
            "You keep the gradient's term alone. Here f bends, and the second term counts.",
        ),
        "second-alone": (
            (y - variance) ** 0.5,
            "This makes the mean of f equal to y. The spread of f costs something, too.",
        ),
        "std-not-squared": (
            max(y - 3 * numbers["std"], 0.0) ** 0.5,
            "The noise enters by its variance.",
        ),
        "value": (wanted**2, "This is w². Asked: w."),
        "negative": (-wanted, "A minimum as well, but from w = 1 the other one is reached."),
    }
    if abs(predicted - wanted) > CLOSE:
        for code, (wrong, says) in known.items():
            if abs(predicted - wrong) < CLOSE:
                raise Finding(code, says, got=f"{predicted:.4f}")
        raise Finding(
            "prediction-wrong",
            "The predicted weight is wrong. Write E((w + n)² − y)² with E n² = σ² and E n⁴ = 3σ⁴, "
            "and set its derivative by w to zero.",
            got=f"{predicted:.4f}",
        )
    if measured == predicted:
        raise Finding(
            "copied",
            "The measured weight is the predicted one to the last digit. A mean over noisy steps "
            "is not.",
        )
    if abs(measured - wanted) > MEASURED * wanted:
        raise Finding(
            "not-measured",
            "The prediction is right, the measurement is not within 2% of it. Take the gradient at "
            "w + n, the step from w, a rate of 0.002 or less, and the mean of the last 20,000 of "
            "40,000 steps.",
            got=f"{measured:.4f}",
        )


EXERCISE = Exercise(
    slug="noise-and-augmentation-settle",
    title="Predict and measure: where a noisy weight settles",
    chapter="noise_and_augmentation",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="two numbers (predicted, measured)",
    hints=(
        "The expected loss is a polynomial in w: expand ((w + n)² − y)² and take the mean.",
        "E((w + n)² − y)² = w⁴ + 6σ²w² + 3σ⁴ − 2y(w² + σ²) + y². Where is its derivative zero?",
    ),
    examine=examine,
    given=given,
)
