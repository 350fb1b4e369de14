"""noise-and-generalization-flattest: the flattest network of an orbit, proved and coded."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the factor a", "the least trace")


def oracle(t_w: float, t_v: float) -> Parts:
    """By the convex function of the logarithm of a: where its slope changes sign."""
    low, high = -40.0, 40.0
    for _ in range(200):
        middle = (low + high) / 2
        slope = -2 * t_w * torch.tensor(-2 * middle).double().exp()
        slope = slope + 2 * t_v * torch.tensor(2 * middle).double().exp()
        low, high = (low, middle) if slope > 0 else (middle, high)
    a = torch.tensor(low, dtype=torch.float64).exp()
    return a, t_w / a**2 + t_v * a**2


def formula(
    t_w: float,
    t_v: float,
    *,
    power: float = 0.25,
    swapped: bool = False,
    double: float = 2.0,
    rooted: bool = True,
    start: bool = False,
) -> Parts:
    """Both with an argument for each way to get them wrong."""
    w, v = (torch.as_tensor(t, dtype=torch.float64) for t in (t_w, t_v))
    a = (v / w if swapped else w / v) ** power
    least = double * ((w * v).sqrt() if rooted else w * v)
    return a, (w + v if start else least)


SLIPS = (
    Slip("square-of-a", "You return a². Asked is a.", {"power": 0.5}),
    Slip(
        "upside-down",
        "Your a is one over the right one. Which block shrinks when W is multiplied by a?",
        {"swapped": True},
    ),
    Slip("half", "The two terms are equal at the minimum: there are two.", {"double": 1.0}),
    Slip("no-root", "The least trace is a geometric mean: a root is missing.", {"rooted": False}),
    Slip("at-one", "You return the trace at a = 1, where you came from.", {"start": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, w: float, v: float) -> Case:
        return Case(special, {"t_w": w, "t_v": v})

    size = draws.uniform(4, low=0.5, high=9.0).tolist()
    usual = [case("two traces", size[0], size[1] + 10), case("others", size[2] + 10, size[3])]
    edges = [
        case("equal traces", 3.0, 3.0),
        case("a sharp layer", 1e-3, 50.0),
        case("large ones", 4e5, 2e3),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="noise-and-generalization-flattest",
    title="The flattest network that computes the same",
    chapter="noise_and_generalization",
    kind="proof",
    difficulty=2,
    minutes=25,
    wants="a function flattest(t_w, t_v) that returns (a, the least trace)",
    hints=(
        "The trace of the Hessian is the sum of the traces of the two diagonal blocks.",
        "At factor a it is t_w/a² + a² t_v. Both terms are positive.",
        "The mean of two positive numbers is at least the root of their product; when is it equal?",
    ),
    examine=examine,
)
