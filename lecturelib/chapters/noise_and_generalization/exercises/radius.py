"""noise-and-generalization-radius: how far a linear classifier stands an attack."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(W: Tensor, b: Tensor, x: Tensor, y: int) -> Tensor:
    """For each other class the size at which the best change closes the gap; the least of them."""
    z = torch.nn.functional.linear(x, W, b)
    found = []
    for k in range(len(z)):
        if k != y:
            change = torch.sign(W[k] - W[y])
            found.append((z[y] - z[k]) / torch.dot(W[k] - W[y], change))
    return torch.stack(found).amin().clamp(min=0)


def formula(
    W: Tensor,
    b: Tensor,
    x: Tensor,
    y: int,
    *,
    order: float = 1,
    own: bool = False,
    half: bool = False,
    largest: bool = False,
    runner_up: bool = False,
    signed: bool = False,
    bias: bool = True,
) -> Tensor:
    """The radius with an argument for each way to get it wrong."""
    z = W @ x + (b if bias else 0)
    others = [k for k in range(len(z)) if k != y]
    gaps = z[y] - z[others]
    away = W[y].expand(len(others), -1) if own else W[y] - W[others]
    sizes = gaps / torch.linalg.vector_norm(away, ord=order, dim=1)
    nearest = sizes[gaps.argmin()] if runner_up else sizes.min()
    r = sizes.max() if largest else nearest
    r = r / 2 if half else r
    return r if signed else r.clamp(min=0)


SLIPS = (
    Slip(
        "euclidean",
        "You divide by the Euclidean length. Each pixel may change by ε, so the signs add up.",
        {"order": 2},
    ),
    Slip(
        "largest-entry",
        "You divide by the largest entry. All pixels change at once.",
        {"order": float("inf")},
    ),
    Slip(
        "own-weights",
        "The change moves the other logit, too: the difference of the two rows counts.",
        {"own": True},
    ),
    Slip("half", "You halve it. Is the gap already that of two moving logits?", {"half": True}),
    Slip("largest", "The attacker takes the class that is reached first.", {"largest": True}),
    Slip(
        "runner-up",
        "You look at the class with the second largest logit. Another may be nearer, if its row"
        " differs more from that of y.",
        {"runner_up": True},
    ),
    Slip("negative", "Where the answer is wrong already, the radius is 0.", {"signed": True}),
    Slip("no-bias", "The biases are part of the logits.", {"bias": False}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, d: int, k: int, *, right: bool = True) -> Case:
        W, b, x = draws.normal(k, d), draws.normal(k), draws.normal(d)
        z = W @ x + b
        y = int(z.argmax() if right else z.argmin())
        return Case(special, {"W": W, "b": b, "x": x, "y": y})

    usual = [case("six pixels, four classes", 6, 4), case("twenty pixels", 20, 5)]
    edges = [
        case("two classes", 5, 2),
        case("one pixel", 1, 3),
        case("ten classes", 8, 10),
        case("a wrong answer", 6, 4, right=False),
    ]
    far = torch.tensor([[1.0, 1.0], [0.0, 1.0], [-9.0, -9.0], [0.9, 1.0]], dtype=torch.float64)
    near = Case(
        "a far class with large weights",
        {
            "W": far,
            "b": torch.tensor([0.0, 0, 12, -1]).double(),
            "x": torch.ones(2).double(),
            "y": 0,
        },
    )
    for cases in ([*usual, near], edges):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="noise-and-generalization-radius",
    title="How far does it stand?",
    chapter="noise_and_generalization",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function radius(W, b, x, y) that returns one number",
    hints=(
        "Take two classes first: by how much can a change within ±ε close the gap of their logits?",
        "By ε times the sum of the absolute differences of their rows.",
        "One size for each other class; the smallest counts, and none is below 0.",
    ),
    examine=examine,
)
