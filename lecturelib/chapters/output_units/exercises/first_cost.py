"""output-units-first-cost: what the cost of a network is before the first step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "output-units-first-cost"
SAMPLES = 200_000
EXACT, MEASURED = 2e-3, 7e-3  # relative: three digits; 100,000 samples


def given(draws: Draws) -> Mapping[str, Any]:
    """The number of classes, and the standard deviation of the logits at the start."""
    return {"classes": draws.choice([10, 20]), "std": draws.choice([1.2, 1.5])}


def measured(classes: int, std: float) -> float:
    """Mean cost of Gaussian logits; which class is the true one does not matter."""
    generator = torch.Generator().manual_seed(0)
    z = std * torch.randn(SAMPLES, classes, generator=generator)
    return (z.logsumexp(1) - z[:, 0]).mean().item()


def _wrong(classes: int, std: float) -> tuple[dict[str, tuple[float, str]], ...]:
    """For each of the first two numbers what the usual mistakes give, and what to say."""
    level = math.log(classes)
    return (
        {
            "probability-for-cost": (1 / classes, "Your first number is a probability."),
            "log-likelihood": (-level, "Your first number is negative. A cost is −log p."),
            "bits": (math.log2(classes), "Your first number is in bits; asked are nats."),
        },
        {
            "shift-missing": (
                level,
                "Your second number is that of equal logits. The mean of exp(z) is not the "
                "exponential of the mean.",
            ),
            "std-for-variance": (
                level + std / 2,
                "Your second number has s/2 where the mean of exp(z) has the *variance*, halved.",
            ),
            "not-halved": (level + std**2, "Your second number has s² where s²/2 is due."),
        },
    )


def examine(trial: Trial) -> None:
    data = given(trial.draws)
    try:
        names = ("equal", "predicted", "measured")
        values = [v.item() for v in read_parts(trial.answer, names)]
    except (Finding, ValueError, RuntimeError):
        raise Finding(
            "not-three-numbers",
            "Wanted are three numbers, (equal, predicted, measured).",
            got=describe(trial.answer),
        ) from None
    level = math.log(data["classes"])
    right = (level, level + data["std"] ** 2 / 2)
    for place, (value, wanted) in enumerate(zip(values[:2], right, strict=True)):
        if _near(value, wanted, EXACT):
            continue
        for code, (wrong, says) in _wrong(**data)[place].items():
            if _near(value, wrong, EXACT):
                raise Finding(code, says, got=f"{value:.4g}")
        raise Finding(
            ("equal-wrong", "predicted-wrong")[place],
            (
                "The first number is wrong. With equal logits each class has the probability 1/K.",
                "The first number is right, the second is not. Replace the sum of the exponentials "
                "by K times their mean, exp(s²/2); the logit of the true class is 0 on average.",
            )[place],
            got=f"{value:.4g}",
        )
    if _near(values[2], right[1], EXACT):
        raise Finding(
            "not-measured",
            "Your third number is the predicted one. Was it measured? With so few classes the two "
            "differ in the second digit.",
            got=f"{values[2]:.4g}",
        )
    if not _near(values[2], measured(**data), MEASURED):
        raise Finding(
            "measured-wrong",
            "The first two numbers are right, the measured one is not. Draw 100,000 rows of logits "
            "with this standard deviation; the cost of a row is its logsumexp minus one logit.",
            got=f"{values[2]:.4g}",
        )


def _near(value: float, wanted: float, tolerance: float) -> bool:
    return abs(value - wanted) <= tolerance * abs(wanted)


EXERCISE = Exercise(
    slug=SLUG,
    title="Predict and measure: the cost before the first step",
    chapter="output_units",
    kind="experiment",
    difficulty=1,
    minutes=15,
    wants="three numbers (equal, predicted, measured), in nats",
    hints=(
        "The cost of a sample is logsumexp(z) minus the logit of the true class.",
        "With many classes the sum of the exponentials is near K times the mean of exp(z).",
        "torch.randn(100_000, K) * std, then z.logsumexp(1) − z[:, 0], on average.",
    ),
    examine=examine,
    given=given,
)
