"""preprocessing-fold: standardization as a part of a padded convolution."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weight", "the bias", "the padding")


def oracle(weight: Tensor, bias: Tensor, mean: Tensor, std: Tensor) -> Parts:
    """Read off the affine map of one patch: its value at 0, and at the unit patches."""
    _, channels, height, width = weight.shape
    column = (slice(None), None, None)

    def f(patches: Tensor) -> Tensor:
        return F.conv2d((patches - mean[column]) / std[column], weight, bias)[:, :, 0, 0]

    units = torch.eye(channels * height * width, dtype=weight.dtype)
    zero = f(torch.zeros(1, channels, height, width, dtype=weight.dtype))
    new = (f(units.reshape(-1, channels, height, width)) - zero).T.reshape(weight.shape)
    # What the padding stands for, standardized, is 0.
    return new, zero[0], mean.clone()


def formula(
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    std: Tensor,
    *,
    scale: str = "divide",
    axis: str = "inputs",
    shift: str = "right",
    pad: str = "mean",
) -> Parts:
    """Weight, bias and padding with an argument for each way to get them wrong."""
    factor = {
        "divide": 1 / std,
        "times": std,
        "variance": 1 / std**2,
        "none": torch.ones_like(std),
    }[scale]
    if axis == "outputs" and len(factor) != len(bias):
        raise ValueError("the outputs do not fit")
    new = weight * (factor[:, None, None, None] if axis == "outputs" else factor[:, None, None])
    whole = new.sum((2, 3))
    moved = {
        "right": bias - whole @ mean,
        "kept": bias,
        "plus": bias + whole @ mean,
        "unscaled": bias - weight.sum((2, 3)) @ mean,
        "one place": bias - new.mean((2, 3)) @ mean,
        "lost": -whole @ mean,
    }[shift]
    padding = {"mean": mean, "zero": 0 * mean, "minus": -mean, "scaled": mean / std,
               "standard": -mean / std}[pad]  # fmt: skip
    return new, moved, padding


SLIPS = (
    Slip(
        "padded-by-zeros",
        "You pad with 0. Zero padding came after the standardization: which raw value becomes 0?",
        {"pad": "zero"},
    ),
    Slip(
        "padding-minus",
        "The sign of the padding is wrong: (value − mean)/deviation should be 0.",
        {"pad": "minus"},
    ),
    Slip(
        "padding-scaled",
        "You pad with the mean over the deviation. The raw images are padded: no deviation there.",
        {"pad": "scaled"},
    ),
    Slip(
        "padding-standardized",
        "You pad with what 0 becomes when it is standardized. Asked is what becomes 0.",
        {"pad": "standard"},
    ),
    Slip(
        "times",
        "You multiply the weight by the deviations: a channel with a large spread then counts "
        "more. Divide.",
        {"scale": "times"},
    ),
    Slip("variance", "You divide by the variance, not by the deviation.", {"scale": "variance"}),
    Slip("not-scaled", "The weight is not divided by the deviations.", {"scale": "none"}),
    Slip(
        "outputs",
        "You scale the outputs of the weight, its first axis. The deviations belong to the input "
        "channels, the second one.",
        {"axis": "outputs"},
    ),
    Slip("bias-kept", "The bias takes no notice of the mean.", {"shift": "kept"}),
    Slip("bias-plus", "The mean was subtracted from the input: mind the sign.", {"shift": "plus"}),
    Slip(
        "mean-unscaled",
        "The mean is divided by the deviation, too, before the weight sees it.",
        {"shift": "unscaled"},
    ),
    Slip(
        "one-place",
        "In the bias you average the kernel over its places. The mean enters at each of them: sum.",
        {"shift": "one place"},
    ),
    Slip("bias-lost", "The old bias is lost.", {"shift": "lost"}),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """What the folded layer gives for an image of means, where it should give the old bias."""
    weight, bias, _ = got
    mean, old = case.arguments["mean"], case.arguments["bias"]
    if weight.shape != wanted[0].shape or bias.shape != wanted[1].shape:
        return ""
    gap = (weight.sum((2, 3)) @ mean + bias - old).abs().max().item()
    if gap > 1e-4:
        return (
            "An image that is the mean everywhere is 0 when standardized, so inside it the layer "
            f"should give the old bias; yours is off by {gap:.2g} there."
        )
    return "For an image that is the mean everywhere it is right inside. And at the border?"


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, outputs: int, inputs: int, size: tuple[int, int] = (3, 3)) -> Case:
        return Case(
            special,
            {
                "weight": draws.signed(outputs, inputs, *size),
                "bias": draws.signed(outputs),
                "mean": draws.signed(inputs),
                "std": draws.uniform(inputs, low=1.5, high=3.0),
            },
        )

    usual = [case("three outputs of three channels", 3, 3), case("two of two", 2, 2)]
    edges = [
        case("two outputs of four channels", 2, 4),
        case("grey images", 5, 1),
        case("a kernel of one place", 2, 3, (1, 1)),
        case("a kernel that is no square", 2, 2, (1, 5)),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="preprocessing-fold",
    title="One convolution, preprocessing included",
    chapter="preprocessing",
    kind="code",
    difficulty=2,
    minutes=20,
    wants=(
        "a function fold(weight, bias, mean, std) that returns (weight, bias, padding), the last "
        "one with a number for each channel"
    ),
    hints=(
        "Write the output at one place as a sum over channels and places of the kernel, and "
        "collect what multiplies x.",
        "The mean of a channel enters the bias once for each place of the kernel.",
        "At the border the network saw zeros *after* standardizing. Which raw value is that?",
    ),
    examine=examine,
)
