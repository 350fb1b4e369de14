"""dropout-how-many: the size of a bag that reaches a given error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe


def given(draws: Draws) -> Mapping[str, Any]:
    """Mean square and mean product of the errors, and the error that is wanted."""
    # none with a whole (v - c) / (wanted - c): rounding up would hang on the last digit
    v, c, wanted = draws.choice(
        [(0.9, 0.2, 0.23), (0.8, 0.1, 0.13), (0.7, 0.3, 0.33), (1.2, 0.5, 0.56), (1.0, 0.4, 0.47)]
    )
    return {"v": v, "c": c, "wanted": wanted}


def _answers(v: float, c: float, wanted: float) -> dict[str, float]:
    """What the usual mistakes give, by name; the right one first."""
    exact = (v - c) / (wanted - c)
    return {
        "right": math.ceil(exact - 1e-9),
        "rounded-down": math.floor(exact - 1e-9),
        "correlation-forgotten": math.ceil(v / wanted - 1e-9),
        "share-forgotten": math.ceil(v / (wanted - c) - 1e-9),
        "not-whole": exact,
    }


_SAYS = {
    "rounded-down": "With so many the error is still a little above the wanted one: round up.",
    "correlation-forgotten": "That is v/k alone. The errors correlate: the second term, "
    "(k − 1)c/k, is missing.",
    "share-forgotten": "That is v/k + c. The second term is (k − 1)c/k: a little less than c.",
    "not-whole": "Right but for rounding: a bag has a whole number of members.",
}


def examine(trial: Trial) -> None:
    numbers = given(trial.draws)
    v, c, wanted = numbers["v"], numbers["c"], numbers["wanted"]
    value = to_tensor(trial.answer)
    if value is None or value.numel() != 1:
        raise Finding("not-a-number", "Wanted is one whole number.", got=describe(trial.answer))
    k = value.item()
    answers = _answers(v, c, wanted)
    if k == answers.pop("right"):
        return
    for code, wrong in answers.items():
        if abs(k - wrong) < 1e-6 * (1 + abs(wrong)):
            raise Finding(code, _SAYS[code], got=f"{k:g}")
    if not math.isfinite(k) or k < 1 or k != round(k):
        raise Finding(
            "no-number-of-members",
            "A bag has a whole number of members, at least one.",
            got=f"{k:g}",
        )
    error = v / k + (k - 1) / k * c
    if error <= wanted:
        raise Finding(
            "too-many", "So many reach the wanted error, but fewer do, too.", got=f"{k:g}"
        )
    raise Finding(
        "too-few",
        f"A bag of this size has the error {error:.3f}. Solve v/k + (k − 1)c/k for k.",
        tried=f"v = {v:g}, c = {c:g}, wanted error {wanted:g}",
        got=f"{k:g}",
    )


EXERCISE = Exercise(
    slug="dropout-how-many",
    title="How many members?",
    chapter="dropout",
    kind="question",
    difficulty=1,
    minutes=10,
    wants="one whole number",
    hints=(
        "Write v/k + (k − 1)c/k as c + (v − c)/k.",
        "Then (v − c)/k must be at most what the wanted error is above c.",
    ),
    examine=examine,
    given=given,
)
