"""hidden-units-maxout: the largest of several sums."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """One linear layer a piece, and the running maximum."""
    value = F.linear(x, weight[0], bias[0])
    for w, b in zip(weight[1:], bias[1:], strict=True):
        value = torch.maximum(value, F.linear(x, w, b))
    return value


def formula(
    x: Tensor, weight: Tensor, bias: Tensor, *, reduce: str = "max", biased: str = "inside"
) -> Tensor:
    """The layer with an argument for each way to get it wrong."""
    sums = torch.einsum("nd,khd->nkh", x, weight)
    if biased == "inside":
        sums = sums + bias
    largest = {
        "max": sums.amax(1),
        "mean": sums.mean(1),
        "sum": sums.sum(1),
        "min": sums.amin(1),
        "absolute": sums.gather(1, sums.abs().argmax(1, keepdim=True))[:, 0],
        "relu": sums.amax(1).clamp(min=0),
    }[reduce]
    return largest + bias[0] if biased == "after" else largest


SLIPS = (
    Slip(
        "mean", "You average the pieces. A mean of linear functions is linear.", {"reduce": "mean"}
    ),
    Slip("sum", "You add the pieces. A sum of linear functions is linear.", {"reduce": "sum"}),
    Slip("min", "You take the smallest of the sums.", {"reduce": "min"}),
    Slip(
        "largest-in-size",
        "You take the sum that is largest in absolute value. Its sign counts: −3 is less than 1.",
        {"reduce": "absolute"},
    ),
    Slip(
        "relu-on-top",
        (
            "You cut off negative values. A maxout unit has no further activation, and may be"
            " negative."
        ),
        {"reduce": "relu"},
    ),
    Slip("bias-lost", "The biases are missing.", {"biased": "none"}),
    Slip(
        "bias-after",
        (
            "You add a bias after the maximum. Each piece has its own, which takes part in "
            "the contest."
        ),
        {"biased": "after"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, k: int) -> Case:
        arguments = {"x": draws.normal(n, 3), "weight": draws.normal(k, 4, 3)}
        return Case(special, {**arguments, "bias": draws.signed(k, 4)})

    cases = [case("two pieces", 5, 2), case("three pieces", 6, 3)]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-maxout",
    title="A maxout layer",
    chapter="hidden_units",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function maxout_layer(x, weight, bias) that returns values of shape (N, H)",
    hints=(
        "First all sums, of shape (N, k, H); then the largest of the k.",
        'torch.einsum("nd,khd->nkh", x, weight)',
    ),
    examine=examine,
)
