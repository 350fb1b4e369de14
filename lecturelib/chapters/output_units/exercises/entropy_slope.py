"""output-units-entropy-slope: a proof, and a number that holds it to account."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Finding, Trial

SHIFT = 1e7  # float64 keeps nine digits of a logit there, and none of a difference of squares


def oracle(z: Tensor, T: float) -> Tensor:
    """Automatic differentiation of the entropy by the temperature."""
    leaf = torch.tensor(T, dtype=z.dtype, requires_grad=True)
    log_p = torch.log_softmax(z / leaf, 0)
    return torch.autograd.grad(-(log_p.exp() * log_p).sum(), leaf)[0]


def formula(
    z: Tensor,
    T: float,
    *,
    power: float = 3.0,
    sign: float = 1.0,
    weights: str = "p",
    centred: bool = True,
    root: bool = False,
    factor: str = "right",
    naive: bool = False,
) -> Tensor:
    """Var(z) / T³, with an argument for each way to get it wrong."""
    e = torch.exp(z / T)
    p = {
        "p": e / e.sum() if naive else torch.softmax(z / T, 0),
        "multiplied": torch.softmax(z * T, 0),
        "uniform": torch.full_like(z, 1 / len(z)),
        "T = 1": torch.softmax(z, 0),
    }[weights]
    spread = (p * z**2).sum() - (p @ z) ** 2 * centred
    factors = {
        "right": 1.0,
        "bits": 1 / math.log(2),
        "half": 0.5,
        "double": 2.0,
        "less": len(z) / (len(z) - 1) if len(z) > 1 else math.nan,
    }
    if factor == "absolute":
        spread = (p * (z - p @ z).abs()).sum()
    elif factor == "plain mean":
        spread = (p * (z - z.mean()) ** 2).sum()
    return sign * factors.get(factor, 1.0) * (spread.sqrt() if root else spread) / T**power


SLIPS = (
    Slip(
        "sign",
        "Your slope is negative. Does a hot softmax have more entropy than a cold one, or less?",
        {"sign": -1.0},
    ),
    Slip(
        "square-of-temperature",
        "You divide by T². One more factor 1/T comes from dH/da = −a·Var(z), with a = 1/T.",
        {"power": 2.0},
    ),
    Slip(
        "temperature-once",
        "You divide by T. Both dH/da and da/dT bring their own factors.",
        {"power": 1.0},
    ),
    Slip(
        "temperature-missing",
        "You have the variance alone. Where have the powers of T gone?",
        {"power": 0.0},
    ),
    Slip(
        "variance-not-weighted",
        "You take the variance of the logits with equal weights. The expectation is under p(T).",
        {"weights": "uniform"},
    ),
    Slip(
        "probabilities-at-one",
        "You take the probabilities at T = 1. They depend on the temperature.",
        {"weights": "T = 1"},
    ),
    Slip(
        "second-moment",
        "You take E[z²] and not the variance: a shift of all logits would change your slope, and "
        "changes no probability.",
        {"centred": False},
    ),
    Slip(
        "power-too-high",
        "You divide by too high a power of T: is your variance that of z/T already?",
        {"power": 5.0},
    ),
    Slip(
        "power-four",
        "You divide by T⁴. dH/da brings 1/T, and da/dT brings 1/T².",
        {"power": 4.0},
    ),
    Slip("bits", "Your entropy is in bits. The course's is in nats.", {"factor": "bits"}),
    Slip("halved", "Your slope is half of what it should be.", {"factor": "half"}),
    Slip("doubled", "Your slope is twice what it should be.", {"factor": "double"}),
    Slip(
        "divided-by-less",
        "Your variance has the divisor K − 1 of a sample. The variance under p(T) is an "
        "expectation, with no divisor at all.",
        {"factor": "less"},
    ),
    Slip(
        "absolute-deviation",
        "You take the mean absolute deviation. The variance squares.",
        {"factor": "absolute"},
    ),
    Slip(
        "mean-not-weighted",
        "You measure deviations from the plain mean of the logits. The expectation is under p(T).",
        {"factor": "plain mean"},
    ),
    Slip(
        "temperature-multiplied",
        "You multiply the logits by T where T divides them.",
        {"weights": "multiplied"},
    ),
    Slip(
        "overflow",
        "Your formula is right, and your exponentials overflow for logits of 1000.",
        {"naive": True},
    ),
    Slip("standard-deviation", "You take the root of the variance.", {"root": True}),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How far off, against what was measured."""
    return (
        f"Measured on the entropy of the softmax the slope is {wanted[0]:.4g}; yours is "
        f"{got[0]:.4g}."
    )


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws
    return [
        Case("T above 1", {"z": draws.normal(4, mean=1.0, std=1.5), "T": 1.7}),
        Case("T below 1", {"z": draws.normal(5, mean=-0.5), "T": 0.6}),
        Case("two classes", {"z": draws.normal(2, mean=2.0), "T": 0.8}),
        Case("T = 1", {"z": draws.normal(3), "T": 1.0}),
        Case("logits of a thousand at T = 400", {"z": 1000 * draws.signed(4), "T": 400.0}),
        Case("logits near 1000", {"z": draws.normal(4).round(decimals=2) + 1000, "T": 1.2}),
        # Differences of the entropy leave rounding where the slope is 0.
        Case("equal logits", {"z": torch.ones(3, dtype=torch.float64), "T": 0.5}, atol=1e-5),
        Case("a single class", {"z": torch.ones(1, dtype=torch.float64), "T": 2.0}, atol=1e-5),
    ]


def examine(trial: Trial) -> None:
    rules = (no_autograd(),)
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS, look=look, rules=rules)
    z = trial.draws.normal(4).round(decimals=2) + SHIFT
    shifted = Case(f"logits near {SHIFT:,.0f}", {"z": z, "T": 1.2}, atol=1e-5)
    try:
        judge(trial, [shifted], oracle)
    except Finding as finding:
        raise Finding(
            "digits-lost",
            "Right, until all logits are shifted by 10⁷, which changes no probability. There E[z²] "
            "and E[z]² agree in nearly all their digits, and their difference is rounding. Which "
            "way to write a variance, or which shift of the logits, avoids it?",
            tried=finding.tried,
            got=finding.got,
        ) from None


EXERCISE = Exercise(
    slug="output-units-entropy-slope",
    title="Entropy rises with temperature",
    chapter="output_units",
    kind="proof",
    difficulty=3,
    minutes=30,
    wants="a function slope(z, T) that returns dH/dT",
    hints=(
        "Write a = 1/T and A = log Σ exp(a z). What are log p and H in terms of a and A?",
        "A' is the mean of z under p, and A'' its variance.",
        "dH/dT = dH/da · da/dT.",
    ),
    examine=examine,
)
