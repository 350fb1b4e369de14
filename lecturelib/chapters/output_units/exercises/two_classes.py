"""output-units-two-classes: one sigmoid that does the work of a softmax over two classes."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("w", "c")


def oracle(W: Tensor, b: Tensor) -> Parts:
    """Log-odds of class 1, read off the softmax at the origin and at the unit vectors."""
    points = torch.cat([torch.zeros(1, W.shape[1], dtype=W.dtype), torch.eye(W.shape[1]).to(W)])
    log_p = torch.log_softmax(points @ W.T + b, 1)
    odds = log_p[:, 1] - log_p[:, 0]
    return odds[1:] - odds[0], odds[0]


def formula(
    W: Tensor,
    b: Tensor,
    *,
    first: float = -1.0,
    second: float = 1.0,
    bias: str = "right",
    weight: str = "right",
) -> Parts:
    """w = second·W₁ + first·W₀, and c likewise unless said."""
    w = first * W[0] + second * W[1]
    c = first * b[0] + second * b[1]
    if weight == "own":
        w = W[1]
    elif weight == "flipped":
        w = -w
    elif weight == "size":
        w = w.abs()
    return w, {"right": c, "none": 0 * c, "flipped": -c, "own": b[1], "sum": b.sum()}[bias]


SLIPS = (
    Slip(
        "class-zero",
        "Your unit gives the probability of class 0. Which sign has the logit of class 1?",
        {"first": 1.0, "second": -1.0},
    ),
    Slip(
        "second-row-only",
        "You take the logit of class 1 alone. The softmax compares it with that of class 0.",
        {"first": 0.0, "second": 1.0},
    ),
    Slip(
        "rows-added",
        "You add the two rows. What both classes share cancels in a softmax.",
        {"first": 1.0, "second": 1.0},
    ),
    Slip(
        "halved",
        "You take half of the difference, as a tanh would want it. A sigmoid takes all of it.",
        {"first": -0.5, "second": 0.5},
    ),
    Slip(
        "doubled",
        "You take twice the difference. Divide the softmax by exp(z₁) and read off the exponent.",
        {"first": -2.0, "second": 2.0},
    ),
    Slip("bias-added", "w is right, and c adds up both biases.", {"bias": "sum"}),
    Slip("weight-sign", "c is right, and w has the wrong sign.", {"weight": "flipped"}),
    Slip(
        "weight-of-class-one",
        "c is right, and w is the row of class 1 alone. Treat weights as you treat biases.",
        {"weight": "own"},
    ),
    Slip(
        "weight-without-sign",
        "c is right, and your w has lost its signs.",
        {"weight": "size"},
    ),
    Slip("bias-missing", "w is right, and the biases are lost.", {"bias": "none"}),
    Slip("bias-sign", "w is right, and c has the wrong sign.", {"bias": "flipped"}),
    Slip(
        "bias-of-class-one",
        "w is right, and c is the bias of class 1 alone. Treat biases as you treat weights.",
        {"bias": "own"},
    ),
)


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws
    sizes = torch.tensor([1e-3, 1.0, 1e3], dtype=torch.float64)
    return [
        Case("three inputs", {"W": draws.signed(2, 3), "b": draws.signed(2)}),
        Case("two inputs", {"W": draws.signed(2, 2), "b": draws.signed(2)}),
        Case("one input", {"W": draws.signed(2, 1), "b": draws.signed(2)}),
        # The oracle reads w off probabilities, and leaves 1e-16 where it is 0.
        Case("two equal rows", {"W": draws.signed(1, 3).repeat(2, 1), "b": draws.signed(2)},
             atol=1e-6),
        Case("weights of different sizes", {"W": draws.signed(2, 3) * sizes, "b": 0 * sizes[:2]},
             by="entry", atol=1e-9),
    ]  # fmt: skip


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="output-units-two-classes",
    title="A softmax of two classes is a sigmoid",
    chapter="output_units",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function as_sigmoid(W, b) that returns (w, c)",
    hints=(
        "Divide numerator and denominator of the softmax by the exponential of one logit.",
        "You get 1/(1 + exp(something)). What is the something, as a function of x?",
    ),
    examine=examine,
)
