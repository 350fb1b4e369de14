"""parameter-norms-price: the strength of the penalty that has a given radius."""

from __future__ import annotations

import math

from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def _norm(h: Tensor, w: Tensor, lam: float, *, factor: float = 2.0, order: int = 2) -> float:
    return (h / (h + factor * lam) * w).norm(p=order).item()


def oracle(h: Tensor, w: Tensor, radius: float) -> float:
    """Bisection on the logarithm of λ: the norm falls with λ."""
    if _norm(h, w, 0.0) <= radius:
        return 0.0
    low, high = -60.0, 60.0
    for _ in range(200):
        middle = (low + high) / 2
        if _norm(h, w, math.exp(middle)) > radius:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def formula(
    h: Tensor, w: Tensor, radius: float, *, factor: float = 1.0, how: str = "right"
) -> float:
    """The strength with an argument for each way to get it wrong."""
    if how == "squared":
        return oracle(h, w, radius**2)
    if how == "root":
        return oracle(h, w, math.sqrt(radius))
    if how == "mean curvature":
        return max(h.mean().item() * (w.norm().item() / radius - 1) / 2, 0.0)
    if how == "no curvature":
        return max((w.norm().item() / radius - 1) / 2, 0.0)
    if how == "inverse":
        return 1 / radius
    return factor * oracle(h, w, radius)


SLIPS = (
    Slip(
        "twice",
        "Yours is twice as large: the share is h/(h + 2λ), not h/(h + λ).",
        {"factor": 2.0},
    ),
    Slip("half", "Yours is half as large: the share is h/(h + 2λ).", {"factor": 0.5}),
    Slip(
        "squared-radius",
        "You compare the norm with the square of the radius.",
        {"how": "squared"},
    ),
    Slip(
        "root-of-radius",
        "You compare the squared norm with the radius.",
        {"how": "root"},
    ),
    Slip(
        "one-curvature",
        "You use one curvature, the mean, for all directions. Each has its own share.",
        {"how": "mean curvature"},
    ),
    Slip("no-curvature", "The curvatures do not matter in yours.", {"how": "no curvature"}),
    Slip(
        "no-table",
        "You answer 1/r. The price depends on the data: on h and w.",
        {"how": "inverse"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, d: int, share: float) -> Case:
        h, w = draws.uniform(d, low=0.05, high=3.0), draws.signed(d)
        return Case(special, {"h": h, "w": w, "radius": share * w.norm().item()}, rtol=6e-3)

    usual = [case("half of the norm", 4, 0.5), case("nine tenths of it", 6, 0.9)]
    edges = [
        case("a single direction", 1, 0.3),
        case("a small ball", 3, 0.01),
        case("a tiny ball", 3, 1e-5),
        case("a ball around the minimum", 3, 1.5),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="parameter-norms-price",
    title="The price of a radius",
    chapter="parameter_norms",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function price(h, w, radius) that returns λ, a number",
    hints=(
        "Write the norm of the penalized minimum as a function of λ. Does it rise or fall?",
        "Bisection needs two ends: 0, and a λ that is large enough. Double one until it is.",
        "Which λ belongs to a ball that holds w*?",
    ),
    examine=examine,
)
