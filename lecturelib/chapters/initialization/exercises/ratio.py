"""initialization-gradient-ratio: what layers of given widths do to the gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(widths: Sequence[int], variances: Sequence[float]) -> Tensor:
    """The expectation of δδᵀ, carried down layer by layer as a matrix."""
    second = torch.eye(widths[-1], dtype=torch.float64)
    for layer in range(len(variances), 1, -1):
        # E[Wᵀ S W] = v tr(S) I for independent weights, and ReLU keeps one half.
        trace = second.diagonal().sum()
        second = 0.5 * variances[layer - 1] * trace * torch.eye(widths[layer - 1]).double()
    return second.diagonal().mean()


def formula(
    widths: Sequence[int],
    variances: Sequence[float],
    *,
    fan: str = "out",
    half: bool = True,
    first: int = 2,
    root: bool = False,
    inverse: bool = False,
    shifted: bool = False,
    all_relus: bool = False,
    rooted: bool = False,
    fewer_relus: bool = False,
) -> Tensor:
    """The product with an argument for each way to get it wrong."""
    value = 1.0
    for layer in range(first, len(variances) + 1):
        n = {"out": widths[layer], "in": widths[layer - 1]}.get(
            fan, (widths[layer] + widths[layer - 1]) / 2
        )
        v = variances[layer - 2 if shifted else layer - 1]
        value *= (0.5 if half else 1.0) * n * (v**0.5 if rooted else v)
    value *= 0.5 if all_relus else 2.0 if fewer_relus else 1.0
    value = 1 / value if inverse else value
    return torch.tensor(math.sqrt(value) if root else value, dtype=torch.float64)


SLIPS = (
    Slip(
        "fan-in",
        "You count inputs. On the way down a unit collects from its outputs: fan-out. (With inputs "
        "you get the ratio of sums over all units of a layer; E δ² is the mean square of one.)",
        {"fan": "in"},
    ),
    Slip("half-lost", "The ReLU is missing: half of the units let nothing back.", {"half": False}),
    Slip(
        "first-layer-counted",
        "You count the weights of layer 1. The gradient by z₁ has not passed them.",
        {"first": 1},
    ),
    Slip(
        "root", "This is the ratio of the rms. Asked is that of the mean squares.", {"root": True}
    ),
    Slip(
        "layers-shifted",
        "You pair each layer's outputs with the variance of the layer before it.",
        {"shifted": True},
    ),
    Slip(
        "one-relu-too-many",
        "You count one ReLU too many: between the gradients by the first and the last z there is"
        " one less than layers.",
        {"all_relus": True},
    ),
    Slip(
        "upside-down",
        "This is the gradient at the last layer over that at the first. Asked is the inverse.",
        {"inverse": True},
    ),
    Slip(
        "mean-of-fans",
        "You take the mean of fan-in and fan-out, as Xavier's compromise does. On the way down it "
        "is fan-out.",
        {"fan": "mean"},
    ),
    Slip(
        "deviations",
        "You multiply by standard deviations of the weights. Mean squares go with their variances.",
        {"rooted": True},
    ),
    Slip(
        "one-relu-too-few",
        "You count one ReLU too few: each layer that the gradient passes has one.",
        {"fewer_relus": True},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How far off the first case is, as a factor."""
    return f"With {case.special} yours is {(got[0] / wanted[0]).item():.3g} times the right value."


def examine(trial: Trial) -> None:
    usual = [
        Case("three layers", {"widths": (4, 6, 9, 5), "variances": (0.3, 0.2, 0.5)}),
        Case("two layers", {"widths": (3, 8, 2), "variances": (0.5, 0.4)}),
        Case("four layers", {"widths": (5, 7, 3, 8, 6), "variances": (0.6, 0.5, 0.9, 0.35)}),
    ]
    he = tuple(2 / n for n in (9, 4, 7, 5))
    edges = [
        Case("one layer", {"widths": (4, 3), "variances": (0.7,)}),
        Case("weights by fan-out", {"widths": (6, 9, 4, 7, 5), "variances": he}),
        Case("forty narrow layers", {"widths": (4,) * 41, "variances": (0.3,) * 40}),
        Case("forty wide ones", {"widths": (64,) * 41, "variances": (0.1,) * 40}),
        Case("units of one", {"widths": (1, 1, 1), "variances": (2.0, 1e-3)}),
    ]
    parts = ("the ratio",)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="initialization-gradient-ratio",
    title="From the last layer to the first",
    chapter="initialization",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function ratio(widths, variances) that returns one number",
    hints=(
        "One factor for each layer that the gradient passes. Which layers are these?",
        "δ of layer l − 1 is made of the weights of layer l: a sum over its outputs.",
        "Each factor is ½ nₗ vₗ.",
    ),
    examine=examine,
)
