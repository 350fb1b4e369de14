"""noise-and-augmentation-floor: the least loss that smoothed labels allow."""

from __future__ import annotations

import math

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(epsilon: float, K: int) -> float:
    """The entropy of the smoothed target."""
    q = [epsilon / K] * (K - 1) + [1 - epsilon + epsilon / K]
    return -sum(p * math.log(p) for p in q if p > 0)


def formula(
    epsilon: float, K: int, *, share: bool = True, among: bool = False, base: float = math.e,
    scored: str = "smoothed", sign: float = 1.0, others: bool = True,
) -> float:  # fmt: skip
    """The loss with an argument for each way to get it wrong."""
    right = 1 - epsilon + (epsilon / K if share else 0.0)
    wrong = epsilon / K
    if among:
        right, wrong = 1 - epsilon, epsilon / max(K - 1, 1)
    if scored == "true":
        return -math.log(right) if right > 0 else math.inf

    def term(p: float) -> float:
        return -p * math.log(p) if p > 0 else 0.0

    return sign * (term(right) + others * (K - 1) * term(wrong)) / math.log(base)


SLIPS = (
    Slip(
        "share-forgotten",
        "You give the right class 1 − ε. Its share ε/K of the uniform part is missing: the "
        "probabilities do not add up to 1.",
        {"share": False},
    ),
    Slip(
        "others-only",
        "You spread ε over the K − 1 wrong classes alone. Here it is spread over all K.",
        {"among": True},
    ),
    Slip(
        "true-labels",
        "This is the loss on the *plain* labels at the optimum. Asked: that on the smoothed ones.",
        {"scored": "true"},
    ),
    Slip(
        "one-term",
        "The wrong classes are missing: each of them has a part in the cross-entropy.",
        {"others": False},
    ),
    Slip("wrong-sign", "The size is right, the sign is not: a cross-entropy of classes is "
         "never negative.", {"sign": -1.0}),
    Slip("bits", "This is in bits. The course takes the natural logarithm.", {"base": 2.0}),
)  # fmt: skip


def examine(trial: Trial) -> None:
    d = trial.draws
    epsilon = d.choice([0.05, 0.15, 0.25, 0.35])
    cases = [
        Case("ten classes", {"epsilon": epsilon, "K": 10}),
        Case("two classes", {"epsilon": 0.3, "K": 2}),
        Case("a thousand classes", {"epsilon": 0.1, "K": 1000}),
        Case("no smoothing", {"epsilon": 0.0, "K": 5}, atol=1e-9),
        Case("nothing but smoothing", {"epsilon": 1.0, "K": 5}),
    ]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="noise-and-augmentation-floor",
    title="The loss that can't be trained away",
    chapter="noise_and_augmentation",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function floor(epsilon, K) that returns a number",
    hints=(
        "Where is the cross-entropy with a fixed target smallest, and what is it there?",
        "It is the entropy of (1 − ε + ε/K, ε/K, …, ε/K). At ε = 0 take 0 log 0 = 0.",
    ),
    examine=examine,
)
