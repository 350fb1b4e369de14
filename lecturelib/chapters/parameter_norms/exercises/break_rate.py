"""parameter-norms-break-rate: where early stopping is far from the penalty."""

from __future__ import annotations

import math

from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

WANTED = 1.9


def examine(trial: Trial) -> None:
    lr, h, t = (part.item() for part in read_parts(trial.answer, ("lr", "h", "t")))
    if not (math.isfinite(lr) and lr > 0 and math.isfinite(h) and h > 0):
        raise Finding("not-positive", "Rate and curvature must be positive numbers.")
    if not (t >= 1 and t == int(t)):
        raise Finding("no-steps", "The number of steps must be whole and at least 1.", got=f"{t:g}")
    if lr * h > 1:
        raise Finding(
            "swings",
            "At ηh > 1 the step overshoots the minimum. Stay at ηh ≤ 1.",
            got=f"ηh = {lr * h:g}",
        )
    stopped = 1 - (1 - lr * h) ** t
    penalty = h / (h + 1 / (lr * t))
    ratio = stopped / penalty
    if ratio >= WANTED:
        return
    got = f"stopped {stopped:.4g}, penalty {penalty:.4g}, quotient {ratio:.4g}"
    if lr * h * t < 0.5:
        raise Finding(
            "both-small",
            "Where ηht is small, both shares are about ηht. Leave that corner.",
            got=got,
        )
    if ratio < 1.3:
        raise Finding(
            "within-the-bound",
            "That is within what the chapter's bound for small rates allows. Which assumption of "
            "the bound can you break and keep ηh ≤ 1?",
            got=got,
        )
    raise Finding("nearly", "Further in this direction: what if a single step arrives?", got=got)


EXERCISE = Exercise(
    slug="parameter-norms-break-rate",
    title="Break it: early stopping is L2",
    chapter="parameter_norms",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="three numbers (lr, h, t): learning rate, curvature, number of steps",
    hints=(
        "The bound 1.299 was for ηh → 0. Tabulate the quotient for ηh = 0.1, 0.5, 0.9 and few "
        "steps.",
        "At ηh = 1 one step reaches the minimum. What does the penalty with λ = 1/(2η) leave?",
    ),
    examine=examine,
)
