"""noise-and-generalization-left-over: predict what noise is left, then measure it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

SLUG = "noise-and-generalization-left-over"
NAMES = ("the mean of k", "the limit", "two strengths")


def given(draws: Draws) -> Mapping[str, Any]:
    """A number of units, the correlation of their noises, and the strength of a second unit."""
    return {
        "k": draws.choice([4, 5, 8, 10]),
        "rho": draws.choice([0.2, 0.3, 0.4, 0.6]),
        "strength": draws.choice([0.3, 0.5, 0.25]),
    }


def best(strengths: torch.Tensor, rho: float) -> float:
    """Least noise of a combination that passes x as it is: 1/(aᵀC⁻¹a)."""
    n = len(strengths)
    C = rho * torch.ones(n, n, dtype=torch.float64) + (1 - rho) * torch.eye(n, dtype=torch.float64)
    return 1 / float(strengths @ torch.linalg.solve(C, strengths))


def truth(data: Mapping[str, Any]) -> tuple[float, float, float]:
    """The three variances."""
    k, rho, b = data["k"], data["rho"], data["strength"]
    two = best(torch.tensor([1.0, b], dtype=torch.float64), rho)
    return rho + (1 - rho) / k, rho, two


def slips(data: Mapping[str, Any]) -> list[tuple[int, float, str, str]]:
    """Part, wrong value, code, words."""
    k, rho, b = data["k"], data["rho"], data["strength"]
    mean = (1 + 2 * b * rho + b * b) / (1 + b * b) ** 2
    return [
        (0, 1 / k, "independent", "The mean of k: 1/k is right for independent noises. These have"
         " a part in common, which the mean can't reduce."),
        (0, rho, "common-part", "The mean of k: that is the common part alone. A share of the rest"
         " is left, too."),
        (1, 0.0, "limit-zero", "The limit: it would be 0 for independent noises. What do all units"
         " have in common?"),
        (2, 1 / (1 + b * b), "two-independent", "Two strengths: that is right without correlation."
         " Subtracting a little of the weaker unit takes common noise away."),
        (2, mean, "matched", "Two strengths: you weigh each unit by its strength. That is best for"
         " independent noises; with a common part the weak unit may serve better to cancel it."),
        (2, 1.0, "first-alone", "Two strengths: that is the first unit alone. The second says"
         " something about its noise."),
    ]  # fmt: skip


def examine(trial: Trial) -> None:
    data = given(trial.draws)
    parts = [float(p) for p in read_parts(trial.answer, NAMES)]
    right = truth(data)
    wrong = [i for i in range(3) if abs(parts[i] - right[i]) > 0.01 * right[i] + 1e-6]
    if not wrong:
        return
    i = wrong[0]
    for place, value, code, words in slips(data):
        if place == i and abs(parts[i] - value) <= 0.004 * max(value, 0.1):
            raise Finding(code, words)
    raise Finding(
        f"part-{i + 1}",
        f"{NAMES[i].capitalize()}: measure it. Draw the noises from their covariance matrix, with"
        " 1 on the diagonal and ρ elsewhere, and look at the variance of the combination.",
        got=f"{parts[i]:.4g}",
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Predict and measure: what is left of the noise",
    chapter="noise_and_generalization",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="three numbers: the variance of the mean of k, its limit, the least variance of two",
    hints=(
        "A noise with correlation ρ is √ρ times a common draw plus √(1 − ρ) times one of its own.",
        "The mean of k keeps the common part, and 1/k of the variance of the other.",
        "Minimize vᵀCv subject to v₁ + b v₂ = 1, by hand or by drawing noises and a grid for v₂.",
    ),
    examine=examine,
    given=given,
)
