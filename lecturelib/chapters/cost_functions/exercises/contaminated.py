"""cost-functions-contaminated: from which share of outliers on is the median better?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "cost-functions-contaminated"
SHARE = 0.05  # at which the ratio is measured
PREDICTED, MEASURED = 0.01, 0.08  # relative tolerances: three digits, and 10,000 repetitions


def given(draws: Draws) -> Mapping[str, Any]:
    """The standard deviation of the outliers; that of all other targets is 1."""
    return {"scale": draws.choice([8, 10, 12])}


def ratio(p: float, scale: float) -> float:
    """Variance of the median over that of the mean, for many targets."""
    variance = 1 - p + p * scale**2
    density = (1 - p + p / scale) / math.sqrt(2 * math.pi)
    return 1 / (4 * density**2) / variance


def root(function: Callable[[float], float]) -> float:
    """The share below 0.3 at which a function that starts above 1 falls to 1."""
    low, high = 0.0, 0.3
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 1 else (low, middle)
    return low


def _shares(scale: float) -> dict[str, tuple[float, str]]:
    """Shares of the usual mistakes, by their names, with what to say of them."""
    right = root(lambda p: ratio(p, scale))
    return {
        "percent": (100 * right, "Your share is in percent. Wanted is a number between 0 and 1."),
        "median-unchanged": (
            (math.pi / 2 - 1) / (scale**2 - 1),
            "You take the variance of the median for that of clean data. Outliers lower the "
            "density in the middle a little, too.",
        ),
        "scale-not-squared": (
            root(lambda p: ratio(p, scale) * (1 - p + p * scale**2) / (1 - p + p * scale)),
            "In your variance of the targets the outliers' standard deviation is not squared.",
        ),
        "variances-of-scales": (
            root(lambda p: ratio(p, scale) * (1 - p + p * scale**2) / (1 - p + p * scale) ** 2),
            "You average standard deviations. The variance of a mixture around a common mean is "
            "the average of the variances.",
        ),
    }


def examine(trial: Trial) -> None:
    scale = given(trial.draws)["scale"]
    try:
        share, measured = (v.item() for v in read_parts(trial.answer, ("share", "ratio")))
    except (Finding, ValueError, RuntimeError):
        raise Finding(
            "not-two-numbers",
            "Wanted are two numbers, (share, ratio).",
            got=describe(trial.answer),
        ) from None
    right, wanted = root(lambda p: ratio(p, scale)), ratio(SHARE, scale)
    if _near(measured, right, PREDICTED) and _near(share, wanted, MEASURED):
        raise Finding("order", "The values are right but stand in another order: (share, ratio).")
    if not _near(share, right, PREDICTED):
        raise Finding(*_share_finding(share, right, scale), got=f"{share:.4g}")
    if not _near(measured, wanted, MEASURED):
        raise Finding(*_ratio_finding(measured, wanted, scale), got=f"{measured:.4g}")


def _near(value: float, wanted: float, tolerance: float) -> bool:
    return abs(value - wanted) <= tolerance * wanted


def _share_finding(share: float, right: float, scale: float) -> tuple[str, str]:
    for code, (wrong, says) in _shares(scale).items():
        if _near(share, wrong, PREDICTED):
            return code, says
    if _near(share, right, 0.15):
        return (
            "share-nearly",
            "Your share is near. Was it measured? Asked is where the two formulas agree, to three "
            "digits.",
        )
    return (
        "share-wrong",
        "The share is wrong. Write both variances as functions of p, and halve an interval until "
        "they agree.",
    )


def _ratio_finding(measured: float, wanted: float, scale: float) -> tuple[str, str]:
    if _near(measured, 1 / wanted, MEASURED):
        return "ratio-inverted", "Your ratio is that of the mean over that of the median."
    if _near(measured, math.sqrt(wanted), MEASURED):
        return "ratio-of-deviations", "Your ratio is one of standard deviations. Square it."
    if _near(measured, math.pi / 2, MEASURED):
        return (
            "no-outliers",
            "Your ratio is that of clean Gaussian targets. Are there outliers in your data?",
        )
    if _near(measured, 1.0, MEASURED):
        return "at-the-share", f"You measure at the share that you predicted. Asked is {SHARE}."
    return (
        "ratio-wrong",
        "The share is right, the measured ratio is not. Draw 101 targets many times, and take the "
        "variances of their medians and of their means over the repetitions.",
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Predict and measure: how many outliers make the median better",
    chapter="cost_functions",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="two numbers (share, ratio)",
    hints=(
        "The variance of a target is (1 − p)·1 + p·scale², its density at 0 is (1 − p)·φ + "
        "p·φ/scale with φ = 1/√(2π).",
        "Set 1/(4 g²) equal to the variance and halve an interval of p: there is one solution.",
        "To draw: torch.where(torch.rand(…) < p, scale, 1.0) * torch.randn(…), with 101 targets a "
        "row.",
    ),
    examine=examine,
    given=given,
)
