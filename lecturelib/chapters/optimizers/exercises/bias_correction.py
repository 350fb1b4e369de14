"""optimizers-bias-correction: how far off Adam is without its correction."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(t: int, beta1: float, beta2: float) -> Tensor:
    """Run the two averages under a gradient of 1."""
    s = r = 0.0
    for _ in range(t):
        s, r = s + (1 - beta1) * (1 - s), r + (1 - beta2) * (1 - r)
    return torch.tensor(s / r**0.5, dtype=torch.float64)


def formula(
    t: int,
    beta1: float,
    beta2: float,
    *,
    power: float = 0.5,
    inverse: bool = False,
    steps: str = "right",
    upper: bool = True,
    lower: bool = True,
) -> Tensor:
    """The factor with an argument for each way to get it wrong."""
    n = {"right": t, "first": 1, "late": t - 1, "early": t + 1, "swapped": t}[steps]
    if n == 0:
        raise ValueError("no step yet")
    if power == 1.5:
        return torch.tensor(((1 - beta1**t) / (1 - beta2**t)) ** 0.5, dtype=torch.float64)
    if steps == "swapped":
        beta1, beta2, n = beta2, beta1, t
    above = 1 - beta1**n if upper else 1.0
    below = (1 - beta2**n) ** power if lower else 1.0
    return torch.tensor(below / above if inverse else above / below, dtype=torch.float64)


SLIPS = (
    Slip(
        "no-root",
        "The mean square enters by its root, and so does what it lacks.",
        {"power": 1.0},
    ),
    Slip(
        "inverse",
        "This is what the correction multiplies by. Asked is the step without it.",
        {"inverse": True},
    ),
    Slip(
        "first-step-always",
        "This is the factor of the first step, whatever t is. The averages fill up with time.",
        {"steps": "first"},
    ),
    Slip(
        "one-step-late",
        "Your exponents are one too small: after step t the averages hold t gradients.",
        {"steps": "late"},
    ),
    Slip(
        "square-forgotten",
        "Only the mean of the gradient is too small in your formula. Its mean square is as well.",
        {"lower": False},
    ),
    Slip(
        "mean-forgotten",
        "Only the mean square is too small in your formula. The mean of the gradient is as well.",
        {"upper": False},
    ),
    Slip(
        "one-step-early",
        "Your exponents are one too large: after step t the averages hold t gradients.",
        {"steps": "early"},
    ),
    Slip(
        "root-of-both",
        "You take the root of the whole quotient. Only the mean square stands under a root.",
        {"power": 1.5},
    ),
    Slip("betas-swapped", "You have exchanged the two betas.", {"steps": "swapped"}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, t: int) -> Case:
        betas = draws.uniform(2, low=0.5, high=0.8)
        return Case(special, {"t": t, "beta1": betas[0].item(), "beta2": (betas[1] + 0.15).item()})

    usual = [case("the second step", 2), case("the fourth step", 4)]
    edges = [
        Case("the first step", {"t": 1, "beta1": 0.9, "beta2": 0.999}),
        Case("no momentum", {"t": 3, "beta1": 0.0, "beta2": 0.99}),
        Case("equal betas", {"t": 5, "beta1": 0.8, "beta2": 0.8}),
        Case("no averages at all", {"t": 2, "beta1": 0.0, "beta2": 0.0}),
        Case("a late step", {"t": 2000, "beta1": 0.9, "beta2": 0.999}),
    ]
    parts = ("the factor",)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-bias-correction",
    title="Without bias correction",
    chapter="optimizers",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants="a function uncorrected(t, beta1, beta2) that returns one number",
    hints=(
        "Write the average after t steps as a sum over the gradients so far.",
        "With a constant gradient it is a geometric series.",
    ),
    examine=examine,
)
