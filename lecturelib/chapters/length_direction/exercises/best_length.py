"""length-direction-best-length: the best scale and shift behind a normalized unit."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("gamma", "beta", "the loss")


def oracle(X: Tensor, t: Tensor, w: Tensor) -> Parts:
    """By a least-squares solver on the normalized unit and a column of ones."""
    a = X @ w
    unit = (a - a.mean()) / a.std(correction=0)
    columns = torch.stack([unit, torch.ones_like(unit)], 1)
    found = torch.linalg.lstsq(columns, t[:, None]).solution[:, 0]
    return found[0], found[1], (t - columns @ found).square().mean()


def formula(
    X: Tensor,
    t: Tensor,
    w: Tensor,
    *,
    correction: int = 0,
    metric: str = "deviation",
    centre: bool = True,
    sign: float = 1.0,
    shift: str = "mean",
    loss: str = "rest",
) -> Parts:
    """Both parameters with an argument for each way to get them wrong."""
    a = X @ w
    size = {
        "deviation": a.std(correction=correction),
        "root mean square": a.square().mean().sqrt(),
        "length of w": w.norm(),
    }[metric]
    unit = (a - a.mean() * centre) / size
    gamma = sign * (t * unit).mean() / unit.square().mean()
    beta = {"mean": t.mean(), "zero": torch.zeros_like(t.mean())}[shift]
    rest = (t - gamma * unit - beta).square()
    value = {
        "rest": rest.mean(),
        "sum": rest.sum(),
        "rho": (t * unit).mean().square() / unit.square().mean(),
    }[loss]
    return gamma, beta, value


SLIPS = (
    Slip(
        "unbiased-variance",
        "You divide the unit by the deviation with N − 1. Batch norm divides by N in training.",
        {"correction": 1},
    ),
    Slip(
        "weight-norm",
        "You divide by the length of w, which is weight norm. Batch norm divides by the deviation"
        " of the unit over the batch.",
        {"metric": "length of w"},
    ),
    Slip(
        "not-centred",
        "The inputs are not centred here, and you divide by the unit's root mean square without"
        " removing its mean.",
        {"metric": "root mean square", "centre": False},
    ),
    Slip(
        "wrong-sign",
        "The scale has the wrong sign. With u = −E[t x] there is a minus in front of u; with the"
        " mean of t times the unit there is none.",
        {"sign": -1.0},
    ),
    Slip(
        "shift-forgotten", "The shift is 0 in your answer: targets have a mean.", {"shift": "zero"}
    ),
    Slip(
        "sum-of-squares",
        "Your loss is the sum over the samples. Asked is the mean.",
        {"loss": "sum"},
    ),
    Slip(
        "what-is-gained",
        "Your loss is what the direction gains, ρ. It is taken off the loss of the best constant.",
        {"loss": "rho"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, d: int, scale: float = 1.0, offset: float = 0.0) -> Case:
        X = draws.normal(n, d) + offset
        t = X @ draws.normal(d) + 0.5 * draws.normal(n) + 0.7
        return Case(special, {"X": X, "t": t, "w": scale * draws.signed(d)})

    usual = [case("inputs near 0", 12, 3), case("inputs with a mean", 9, 2, offset=1.5)]
    edges = [
        case("one input", 8, 1, offset=-1.0),
        case("long weights", 10, 3, scale=50.0, offset=0.5),
        case("many samples", 60, 4, offset=2.0),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="length-direction-best-length",
    title="The best scale and shift",
    chapter="length_direction",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function best(X, t, w) that returns (gamma, beta, loss)",
    hints=(
        "The normalized unit has mean 0 and mean square 1. What does that make of the two normal"
        " equations?",
        "The equations decouple: one has only β in it, the other only γ.",
        "β is the mean of t, γ the mean of t times the normalized unit.",
    ),
    examine=examine,
)
