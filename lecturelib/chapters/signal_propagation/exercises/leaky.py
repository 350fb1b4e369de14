"""signal-propagation-leaky: the map of correlations of a leaky ReLU."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(rho: Tensor, a: float) -> Tensor:
    """From E[max(u, 0) max(v, 0)] for both signs of both values."""
    return formula(rho, a)


def formula(
    rho: Tensor,
    a: float,
    *,
    norm: str = "right",
    mixed: str = "right",
    both: bool = True,
    squared: bool = True,
) -> Tensor:
    """The map with an argument for each way to get it wrong."""

    def c(r: Tensor) -> Tensor:
        angle = r.clamp(-1, 1).arccos()
        return (angle.sin() + (math.pi - angle) * angle.cos()) / math.pi

    below = a**2 if squared else a
    cross = {"right": -2 * a * c(-rho), "sign": 2 * a * c(-rho), "none": 0 * rho}[mixed]
    total = c(rho) * (1 + both * below) + cross
    return total / {"right": 1 + a**2, "none": 1.0, "linear": 1 + a}[norm]


SLIPS = (
    Slip(
        "not-normalized",
        "You return twice the mean product. Asked is the cosine behind the layer: at ρ = 1 it is 1."
        " What is the mean square of a leaky ReLU's values?",
        {"norm": "none"},
    ),
    Slip(
        "mean-square-of-the-leak",
        "The mean square behind the layer is not (1 + a)/2: below 0 the values are multiplied by a,"
        " and their squares by a².",
        {"norm": "linear"},
    ),
    Slip(
        "mixed-sign",
        "Where u and v have opposite signs their product is negative, and so is that term.",
        {"mixed": "sign"},
    ),
    Slip(
        "mixed-missing",
        "What of the cases where one value is positive and the other negative? Leaky units do not"
        " give 0 there.",
        {"mixed": "none"},
    ),
    Slip(
        "both-negative-missing",
        "Where both values are negative, the product of the outputs is a²uv, not 0.",
        {"both": False},
    ),
    Slip(
        "leak-once",
        "Where both are negative each of the two values is multiplied by a.",
        {"squared": False},
    ),
)


def examine(trial: Trial) -> None:
    grid = torch.tensor([-0.9, -0.4, 0.0, 0.3, 0.8], dtype=torch.float64)
    few = trial.draws.uniform(4, low=-0.95, high=0.95)
    cases = [Case("a small leak", {"rho": grid, "a": 0.1}), Case("a large", {"rho": few, "a": 0.6})]
    edges = [
        Case("a = 0, a ReLU", {"rho": few, "a": 0.0}),
        Case("a = 1, a linear layer", {"rho": grid, "a": 1.0}),
        Case("equal and opposite inputs", {"rho": torch.tensor([1.0, -1.0]).double(), "a": 0.3}),
    ]
    for some in (cases, edges):
        judge(trial, some, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="signal-propagation-leaky",
    title="The map of a leaky ReLU",
    chapter="signal_propagation",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function leaky_map(rho, a) that returns the correlation behind the layer",
    hints=(
        "Write the leaky ReLU as max(z, 0) − a max(−z, 0), and multiply out.",
        "The pair (u, −v) has the correlation −ρ. Which function gives E[max(u,0) max(−v,0)]?",
        "c(ρ) (1 + a²) − 2a c(−ρ), over the value that it has at ρ = 1.",
    ),
    examine=examine,
)
