"""preprocessing-fold: standardization as a part of the first layer."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weight", "the bias")


def oracle(weight: Tensor, bias: Tensor, mean: Tensor, std: Tensor) -> Parts:
    """Read off the affine map: its value at 0, and at the unit vectors."""

    def f(x: Tensor) -> Tensor:
        return F.linear((x - mean) / std, weight, bias)

    zero = f(torch.zeros_like(mean))
    return (f(torch.eye(len(mean), dtype=mean.dtype)) - zero).T, zero


def formula(
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    std: Tensor,
    *,
    scale: str = "divide",
    axis: str = "columns",
    shift: str = "right",
) -> Parts:
    """Weight and bias with an argument for each way to get them wrong."""
    factor = {
        "divide": 1 / std,
        "times": std,
        "variance": 1 / std**2,
        "root": 1 / std.sqrt(),
        "plus": 1 / (std + 1e-8),
        "none": torch.ones_like(std),
    }[scale]
    if axis == "rows" and len(factor) != len(bias):
        raise ValueError("the rows do not fit")
    new = factor[:, None] * weight if axis == "rows" else weight * factor
    moved = {
        "right": bias - new @ mean,
        "kept": bias,
        "plus": bias + new @ mean,
        "unscaled": bias - weight @ mean,
        "lost": -new @ mean,
        "unscaled plus": bias + weight @ mean,
        "multiplied": bias - weight @ (mean * std),
    }[shift]
    return new.T if axis == "transposed" else new, moved


SLIPS = (
    Slip(
        "times",
        "You multiply the weight by the deviations: a column with a large spread then counts "
        "more. Divide.",
        {"scale": "times"},
    ),
    Slip("variance", "You divide by the variance, not by the deviation.", {"scale": "variance"}),
    Slip("not-scaled", "The weight is not divided by the deviations.", {"scale": "none"}),
    Slip(
        "rows",
        "You scale the rows of the weight. Rows are outputs; the deviations belong to inputs.",
        {"axis": "rows"},
    ),
    Slip("bias-kept", "The bias takes no notice of the mean.", {"shift": "kept"}),
    Slip("bias-plus", "The mean was subtracted from the input: mind the sign.", {"shift": "plus"}),
    Slip(
        "mean-unscaled",
        "The mean is divided by the deviation, too, before the weight sees it.",
        {"shift": "unscaled"},
    ),
    Slip("bias-lost", "The old bias is lost.", {"shift": "lost"}),
    Slip(
        "mean-unscaled-and-added",
        "The mean enters the bias undivided, and with the wrong sign.",
        {"shift": "unscaled plus"},
    ),
    Slip(
        "mean-multiplied",
        "In the bias you multiply the mean by the deviation. It is divided, as the input is.",
        {"shift": "multiplied"},
    ),
    Slip("root", "You divide by the root of the deviation.", {"scale": "root"}),
    Slip(
        "transposed",
        "Your weight is transposed. Rows are outputs, columns inputs, as before.",
        {"axis": "transposed"},
    ),
    Slip(
        "plus-small-number",
        "You add 1e-8 to the deviations. They are given and not 0; one that is as small changes.",
        {"scale": "plus"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """What the folded layer gives at the mean, where it should give the old bias."""
    weight, bias = got
    mean, old = case.arguments["mean"], case.arguments["bias"]
    if weight.shape != wanted[0].shape or bias.shape != wanted[1].shape:
        return ""
    gap = (weight @ mean + bias - old).abs().max().item()
    if gap > 1e-4:
        return (
            "At x = mean the standardized input is 0, so the layer should give the old bias; "
            f"yours is off by {gap:.2g} there."
        )
    return "At x = mean it is right. What does it give one deviation further, in one input?"


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, outputs: int, inputs: int) -> Case:
        return Case(
            special,
            {
                "weight": draws.normal(outputs, inputs),
                "bias": draws.signed(outputs),
                "mean": draws.signed(inputs),
                "std": draws.uniform(inputs, low=1.5, high=3.0),
            },
        )

    usual = [case("three outputs of three inputs", 3, 3), case("two of two", 2, 2)]
    tiny = case("deviations from 1e-7 to 1e4", 3, 3).arguments
    spread = torch.tensor([1e-7, 1.0, 1e4], dtype=torch.float64)
    edges = [
        case("two outputs of four inputs", 2, 4),
        case("five outputs of two inputs", 5, 2),
        case("one output of one input", 1, 1),
        Case("deviations from 1e-7 to 1e4", {**tiny, "std": spread, "mean": spread}, by="entry"),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="preprocessing-fold",
    title="One network, preprocessing included",
    chapter="preprocessing",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function fold(weight, bias, mean, std) that returns (weight, bias) for raw inputs",
    hints=(
        "Write the layer on (x − μ)/σ and collect what multiplies x.",
        "Each column of the weight belongs to an input.",
        "What does the layer give for x = 0?",
    ),
    examine=examine,
)
