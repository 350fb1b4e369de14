"""gradient-descent-saddle-noise: how long noise takes to leave a saddle."""

from __future__ import annotations

import math

from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

RATE, TIMES = 0.1, 1000.0
MORE = math.log(TIMES) / math.log(1 + RATE)  # 72.5 steps
FIRST = 92.6  # median for σ = 10⁻³: ln(1 / (0.6745 · σ · η / √((1 + η)² − 1))) / ln(1 + η)

_PREDICTIONS = {
    "continuous": (
        math.log(TIMES) / RATE,
        "You let y grow as exp(ηt). The steps are finite: the factor of one is 1 + η.",
    ),
    "contracting": (
        -math.log(TIMES) / math.log(1 - RATE),
        "1 − η is the factor of x, which shrinks. What is the factor of y?",
    ),
    "one-decade": (
        math.log(10) / math.log(1 + RATE),
        "That is for a factor of ten. The noise is a thousand times smaller.",
    ),
    "squared": (
        2 * MORE,
        "You take the square of the noise. y is proportional to its standard deviation.",
    ),
    "proportional": (
        TIMES,
        "The number of steps does not go with one over the noise: y grows exponentially.",
    ),
}
PARTS = ("predicted difference", "median for 10⁻³", "median for 10⁻⁶")


def examine(trial: Trial) -> None:
    values = read_numbers(trial.answer, ("predicted", "first", "second"))
    if values is None or values.numel() != 3:
        raise Finding(
            "not-three-numbers",
            "Wanted are three numbers, (predicted difference, median for 10⁻³, for 10⁻⁶).",
            got=describe(trial.answer),
        )
    more, first, second = values.double().reshape(3).tolist()
    if abs(more - MORE) > 1:
        for code, (value, says) in _PREDICTIONS.items():
            if abs(more - value) < max(1.0, 0.005 * value):
                raise Finding(code, says, got=f"{more:.4g}")
        raise Finding(
            "prediction-wrong",
            "The predicted difference is not right. By which factor does |y| grow in a step, once "
            "it is larger than the noise? How many such factors make a thousand?",
            got=f"{more:.4g}",
        )
    if abs(second - FIRST) < 8 and abs(first - FIRST - MORE) < 8:
        raise Finding("exchanged", "The two medians have changed places.")
    if abs(first - FIRST) > 8:
        raise Finding(
            "first-median",
            "The prediction is right, the median for 10⁻³ is not. Start at y = 0; a step is "
            "y ← y − η(−y + ξ) with ξ normal; count steps until |y| > 1; take 200 runs at least.",
            got=f"{first:.4g}",
        )
    if abs(second - first - MORE) > 6:
        raise Finding(
            "second-median",
            "The median for 10⁻³ is right, that for 10⁻⁶ does not fit to it. Did you let the runs "
            "go on long enough?",
            got=f"{second:.4g}",
        )


EXERCISE = Exercise(
    slug="gradient-descent-saddle-noise",
    title="Predict and measure: noise at a saddle",
    chapter="gradient_descent",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="three numbers (predicted difference, median for 10⁻³, median for 10⁻⁶)",
    hints=(
        "y ← (1 + η) y − η ξ. Once y is larger than the noise, only the first part matters.",
        "A thousand times less noise makes the whole path of y a thousand times smaller.",
        "Runs side by side: a vector of 1,000 values of y, and for each the number of steps with "
        "|y| ≤ 1 so far.",
    ),
    examine=examine,
)
