"""gradient-descent-schedules: which rates fulfil the conditions of Robbins and Monro."""

from __future__ import annotations

from lecturelib.exercises.reading import letters
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

# The rate is about t^(−p) (log t)^(−q): Σ diverges for p < 1, and for p = 1 if q ≤ 1.
SCHEDULES: dict[str, tuple[float, float]] = {
    "a": (0.0, 0.0),
    "b": (1.0, 0.0),
    "c": (0.5, 0.0),
    "d": (2.0, 0.0),
    "e": (0.75, 0.0),
    "f": (1.0, 1.0),
    "g": (1.0, 2.0),
    "h": (float("inf"), 0.0),
}

_SAYS = {
    "a": "You hold (a) for suitable. A constant rate: does its square add up to something finite?",
    "b": "You leave out (b). 1/t is the example of Robbins and Monro: the harmonic series diverges "
    "and Σ 1/t² does not.",
    "c": "You hold (c) for suitable. Square it: Σ 1/t.",
    "d": "You hold (d) for suitable. Σ 1/t² is finite: the walk can get only so far.",
    "e": "You leave out (e). Powers between ½ and 1, the 1 included, fulfil both conditions.",
    "f": "You leave out (f). Compare Σ 1/(t ln t) with the integral of 1/(t ln t), which is "
    "ln ln t.",
    "g": "You hold (g) for suitable. The integral of 1/(t (ln t)²) is −1/ln t, which is bounded.",
    "h": "You hold (h) for suitable. A geometric series is finite, however slowly it falls.",
}


def diverges(p: float, q: float) -> bool:
    """Whether Σ t^(−p) (log t)^(−q) is infinite, by the integral test."""
    return p < 1 or (p == 1 and q <= 1)


def truths() -> set[str]:
    """Letters of the schedules with Σ η = ∞ and Σ η² < ∞."""
    return {
        letter
        for letter, (p, q) in SCHEDULES.items()
        if diverges(p, q) and not diverges(2 * p, 2 * q)
    }


def examine(trial: Trial) -> None:
    chosen, right = letters(trial.answer, "".join(SCHEDULES)), truths()
    wrong = sorted(chosen ^ right)
    if not wrong:
        return
    settled = len(SCHEDULES) - len(wrong)
    kind = "held" if wrong[0] in chosen else "left-out"
    raise Finding(
        f"{wrong[0]}-{kind}",
        f"Judged rightly: {settled} of the {len(SCHEDULES)} rates. {_SAYS[wrong[0]]}",
        got=", ".join(sorted(chosen)),
    )


EXERCISE = Exercise(
    slug="gradient-descent-schedules",
    title="Which rates may fall so?",
    chapter="gradient_descent",
    kind="question",
    difficulty=2,
    minutes=10,
    wants="the letters of all suitable rates, such as 'a, d'",
    hints=(
        "Two questions for each: is Σ ηₜ infinite, and is Σ ηₜ² finite?",
        "Σ t^(−p) is finite exactly for p > 1. With logarithms compare with an integral.",
    ),
    examine=examine,
)
