"""cost-functions-balance: a distribution against the lecture's definition of the median."""

from __future__ import annotations

from typing import Any

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

EXACT = 1e-6  # shares in float32 are as good as in float64


def _balances(p: list[float]) -> str:
    """Where P(y ≤ m) = P(y ≥ m): a value, a gap between two values, or nowhere (empty)."""
    below = 0.0
    for value, share in enumerate(p):
        above = 1 - below
        below += share
        if abs(below - above) < EXACT:
            return f"at-{value}"
        if value < len(p) - 1 and abs(below - (1 - below)) < EXACT:
            return f"between-{value}-and-{value + 1}"
    return ""


def examine(trial: Trial) -> None:
    p = _read(trial.answer)
    place = _balances(p)
    if not place:
        return
    if max(p) > 1 - EXACT:
        raise Finding(
            "one-value-only",
            "All of your probability sits on one value. There both sides weigh 1, so the lecture's "
            "equation holds.",
            got=describe(p),
        )
    words = place.replace("-", " ")
    if place.startswith("at"):
        says = f"The lecture's equation holds {words}: as much lies below that value as above it."
    else:
        says = (
            f"The lecture's equation holds for every m {words}: half of the probability lies on "
            "each side."
        )
    raise Finding(f"balances-{place}", says, got=describe(p))


def _read(answer: Any) -> list[float]:
    if isinstance(answer, dict):
        answer = [answer[key] for key in sorted(answer, key=str)]
    values = to_tensor(answer)
    if values is None or values.numel() != 3:
        raise Finding(
            "not-three-numbers",
            "Wanted are three probabilities, of y = 0, 1 and 2.",
            got=describe(answer),
        )
    p: list[float] = values.reshape(3).tolist()
    if min(p) < 0 or not all(v == v for v in p):
        raise Finding("negative", "A probability is not negative.", got=describe(p))
    if abs(sum(p) - 1) > 1e-6:
        raise Finding("not-normalized", f"These add up to {sum(p):g}, not to 1.", got=describe(p))
    return [share / sum(p) for share in p]


EXERCISE = Exercise(
    slug="cost-functions-balance",
    title="Break it: a median that does not balance",
    chapter="cost_functions",
    kind="question",
    difficulty=2,
    minutes=10,
    wants="three probabilities, of y = 0, 1 and 2",
    hints=(
        "Draw P(y ≤ m) and P(y ≥ m) against m: one climbs in steps, the other goes down in steps.",
        "They cross in any case. Where must they cross so that they are never equal?",
    ),
    examine=examine,
)
