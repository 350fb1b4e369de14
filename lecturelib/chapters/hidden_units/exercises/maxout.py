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
    if biased in ("inside", "minus"):
        sums = sums + (bias if biased == "inside" else -bias)
    largest = {
        "max": sums.amax(1),
        "mean": sums.mean(1),
        "sum": sums.sum(1),
        "min": sums.amin(1),
        "absolute": sums.gather(1, sums.abs().argmax(1, keepdim=True))[:, 0],
        "relu": sums.amax(1).clamp(min=0),
        "leaky": F.leaky_relu(sums.amax(1)),
        "soft": torch.logsumexp(sums, 1),
        "first": sums[:, 0],
        "two": sums[:, :2].amax(1),
        "mixed": _mixed(sums),
    }[reduce]
    if biased in ("mean after", "largest after"):
        return largest + (bias.mean(0) if biased == "mean after" else bias.amax(0))
    return largest + bias[0] if biased == "after" else largest


def _mixed(sums: Tensor) -> Tensor:
    """The largest of k neighbours, when all k·H sums are cut into H groups of k."""
    n, k, units = sums.shape
    return sums.reshape(n, units, k).amax(2)


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
    Slip(
        "leaky-on-top",
        "You put a leaky ReLU on the maximum. A maxout unit has no further activation.",
        {"reduce": "leaky"},
    ),
    Slip(
        "soft-maximum",
        "You take log-sum-exp, a smooth maximum. A maxout unit takes the largest sum itself.",
        {"reduce": "soft"},
    ),
    Slip("first-piece-only", "You take the first piece alone.", {"reduce": "first"}),
    Slip(
        "two-pieces-only",
        "You compare the first two pieces alone. There are k of them.",
        {"reduce": "two"},
    ),
    Slip(
        "pieces-mixed",
        "You compare sums of different units. The first axis of the weight counts the pieces, so a "
        "reshape to (N, H, k) mixes them: it should be (N, k, H), and the maximum over k.",
        {"reduce": "mixed"},
    ),
    Slip(
        "bias-sign",
        "You subtract the biases. A layer adds them.",
        {"biased": "minus"},
    ),
    *(
        Slip(
            f"bias-{name.split()[0]}-after",
            f"You add the {name.split()[0]} of the pieces' biases after the maximum. Each piece "
            "has its own, which takes part in the contest.",
            {"biased": name},
        )
        for name in ("mean after", "largest after")
    ),
    Slip("bias-lost", "The biases are missing.", {"biased": "none"}),
    Slip(
        "bias-after",
        "You add the same bias to all pieces, as if it came after the maximum. Each piece has its "
        "own, which takes part in the contest.",
        {"biased": "after"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, k: int, units: int = 4, d: int = 3) -> Case:
        arguments = {"x": draws.normal(n, d), "weight": draws.normal(k, units, d)}
        return Case(special, {**arguments, "bias": draws.signed(k, units)})

    cases = [
        case("two pieces", 5, 2),
        case("three pieces", 6, 3),
        case("as many pieces as units and inputs", 3, 3, 3, 3),
        case("a single piece", 4, 1),
        case("one sample, one unit, one input", 1, 4, 1, 1),
    ]
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
