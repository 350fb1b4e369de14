"""hidden-units-hard-tanh: predict the fate of gradients for a new activation, and measure it."""

from __future__ import annotations

import math

from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

STEPS = 10
SLOPE = math.erf(1 / math.sqrt(2))  # P(|z| < 1)
DENSITY = math.exp(-1 / 2) / math.sqrt(2 * math.pi)
SQUARE = SLOPE - 2 * DENSITY + (1 - SLOPE)
RHO = SLOPE / SQUARE
RATIO = RHO ** (STEPS / 2)

_SQUARES = (
    (SLOPE - 2 * DENSITY, "tails-lost", "Beyond ±1 the square of the value is 1: add P(|z| > 1)."),
    (1.0, "square-of-z", "That is E z². Where |z| > 1, f(z)² is 1 and not z²."),
    (SLOPE + (1 - SLOPE) / 2, "square-of-z", "Inside, f(z)² is z², not 1."),
)  # fmt: skip
PARTS = ("E f²", "E f′²", "ρ", "measured ratio")


def examine(trial: Trial) -> None:
    values = read_numbers(trial.answer, ("square", "slope", "rho", "ratio"))
    if values is None or values.numel() != 4:
        raise Finding(
            "not-four-numbers",
            "Wanted are four numbers, (E f², E f′², ρ, measured ratio).",
            got=describe(trial.answer),
        )
    square, slope, rho, ratio = values.reshape(4).tolist()

    def near(value: float, wanted: float, tolerance: float = 0.004) -> bool:
        return abs(value - wanted) <= tolerance * abs(wanted)

    if near(square, SLOPE) and near(slope, SQUARE):
        raise Finding("exchanged", "E f² and E f′² have changed places.")
    if not near(square, SQUARE):
        for value, code, says in _SQUARES:
            if near(square, value):
                raise Finding(code, says, got=f"{square:.4g}")
        raise Finding(
            "square-wrong",
            "E f² is wrong. It is E[z²; |z| < 1] + P(|z| > 1); the first by parts, or both by a "
            "sum over normal draws.",
            got=f"{square:.4g}",
        )
    if not near(slope, SLOPE):
        raise Finding(
            "slope-wrong",
            "E f′² is wrong. The slope is 1 for |z| < 1 and 0 beyond.",
            got=f"{slope:.4g}",
        )
    if near(rho, 1 / RHO):
        raise Finding("rho-upside-down", "ρ is E f′² / E f², not the other way round.")
    if not near(rho, RHO):
        raise Finding("rho-wrong", "ρ is E f′² / E f², from your two numbers.", got=f"{rho:.4g}")
    _measured(ratio)


def _measured(ratio: float) -> None:
    if not 0 < ratio < math.inf:
        raise Finding("not-positive", "A ratio of two sizes is positive.", got=f"{ratio:.4g}")
    for wanted, code, says in (
        (1 / RATIO, "upside-down", "Wanted is the *first* layer over the last."),
        (RATIO**2, "mean-square", "That looks like the ratio of mean squares. Wanted is rms."),
        (RHO, "one-layer", "That looks like a single step. Wanted are ten, from layer 11 to 1."),
    ):
        if abs(math.log(ratio / wanted)) < 0.16:
            raise Finding(code, says, got=f"{ratio:.4g}")
    if abs(math.log(ratio / RATIO)) > 0.45:
        raise Finding(
            "not-measured",
            f"ρ says {RATIO:.2f} for ten steps, and the measured ratio is far from it. Are the "
            "weights of variance 1/(E f²) over the width, the first layer's 1 over it, and is the "
            "network 256 wide at least? The gradients are those of the sums z.",
            got=f"{ratio:.4g}",
        )


EXERCISE = Exercise(
    slug="hidden-units-hard-tanh",
    title="Predict and measure: a tanh made of straight lines",
    chapter="hidden_units",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="four numbers (E f², E f′², ρ, measured ratio)",
    hints=(
        "The slope is 1 with probability P(|z| < 1), else 0.",
        "E[z²; |z| < 1] = P(|z| < 1) − 2φ(1), by parts, with the normal density φ.",
        "Keep the sums of all layers in a list and ask torch.autograd.grad for the gradients of "
        "(h * r).sum() with respect to them, r random.",
    ),
    examine=examine,
)
