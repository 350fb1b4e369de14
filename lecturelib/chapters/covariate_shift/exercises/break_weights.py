"""covariate-shift-break: a test domain in which the weights make a misspecified line worse."""

from __future__ import annotations

import math

from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SETS, WORSE, SIZE = 400, 0.6, 3.0
LOW, HIGH = 0.1, 0.6


def examine(trial: Trial) -> None:
    from lecturelib.chapters.covariate_shift.shimodaira import fits

    values = read_numbers(trial.answer, ("mean", "deviation"))
    if values is None or values.numel() != 2:
        raise Finding(
            "not-two-numbers",
            "Wanted are two numbers: mean and standard deviation of the test domain.",
            got=describe(trial.answer),
        )
    mean, sd = values.double().reshape(2).tolist()
    if not (LOW <= sd <= HIGH and abs(mean) <= 5):
        raise Finding(
            "out-of-range",
            f"The standard deviation lies between {LOW} and {HIGH}, the mean between −5 and 5.",
            got=f"mean {mean:.4g}, standard deviation {sd:.4g}",
        )
    plain, weighted = (
        fits(1, power, samples=100, count=SETS, seed=2, test=(mean, sd)) for power in (0.0, 1.0)
    )
    worse = (weighted.excess > plain.excess).double().mean().item()
    size = weighted.size.median().item()
    if math.isnan(size):
        raise Finding(
            "no-weight-left",
            "So far from the training points every weight is 0 in float64, and there is no fit. "
            "Come nearer.",
            got=f"mean {mean:.4g}, standard deviation {sd:.4g}",
        )
    got = f"worse in {worse:.0%} of {SETS} training sets; effective number {size:.1f}"
    if worse >= WORSE and size >= SIZE:
        return
    if worse >= WORSE:
        raise Finding(
            "hardly-a-sample",
            f"The weights harm, but fewer than {SIZE:.0f} samples are left: no fit could be good. "
            "Find a domain that leaves more.",
            got=got,
        )
    if worse > 0.3:
        raise Finding(
            "undecided", "They harm in some of the sets, and not in most of them.", got=got
        )
    if size < 10:
        raise Finding(
            "variance-is-not-enough",
            "Few samples are left, and the weighted line is still better: the plain one is very "
            "wrong there. The plain line must not be too far off by luck.",
            got=got,
        )
    raise Finding(
        "weights-help",
        "Here the weights help. Where does the plain line lie near the curve, and where are few "
        "training points?",
        got=got,
    )


EXERCISE = Exercise(
    slug="covariate-shift-break",
    title="Break it: weights that harm a misspecified line",
    chapter="covariate_shift",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="two numbers (mean, standard deviation) of a test domain",
    hints=(
        "Weights cost most where the training points are few. On which side is that?",
        "Plot the plain line, 0.5 x − 0.25, and the curve: to the left of the training points "
        "they meet once more.",
        "Move the mean from 0 to −2 in steps of 0.2, with a wide domain.",
    ),
    examine=examine,
)
