"""parameter-sharing-field: how many pixels an output of the last convolution sees."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

Whole = Sequence[int]


def oracle(kernels: Whole, strides: Whole, dilations: Whole) -> Tensor:
    """Walk back from output 0: the lowest and the highest place that it looks at."""
    low = high = 0
    for kernel, stride, dilation in reversed(list(zip(kernels, strides, dilations, strict=True))):
        low, high = low * stride, high * stride + dilation * (kernel - 1)
    return torch.tensor(high - low + 1)


def formula(
    kernels: Whole,
    strides: Whole,
    dilations: Whole,
    *,
    jump: str = "before",
    dilated: bool = True,
    minus: int = 1,
    start: int = 1,
    order: int = 1,
) -> Tensor:
    """The sum over layers with an argument for each way to get it wrong."""
    layers = list(zip(kernels, strides, dilations, strict=True))[::order]
    field, step = start, 1
    for kernel, stride, dilation in layers:
        step = step * stride if jump == "own" else step
        field += step * (dilation if dilated else 1) * (kernel - minus)
        step = step * stride if jump == "before" else step
    return torch.tensor(field)


SLIPS = (
    Slip(
        "strides-lost",
        "The strides do not count. Behind a layer of stride 2 neighbours are two pixels apart.",
        {"jump": "none"},
    ),
    Slip(
        "own-stride",
        "A layer's own stride enters its own window. It counts for the layers behind it alone.",
        {"jump": "own"},
    ),
    Slip(
        "dilation-lost",
        "The dilation does not count: a window of F weights spans d(F − 1) + 1 places.",
        {"dilated": False},
    ),
    Slip(
        "whole-kernels",
        "Each layer adds its whole kernel. One of its pixels was there before: it adds F − 1.",
        {"minus": 0},
    ),
    Slip("one-less", "With no layer an output sees one pixel: start from 1.", {"start": 0}),
    Slip("backwards", "You go through the layers from the last to the first.", {"order": -1}),
)


def _case(special: str, kernels: Whole, strides: Whole, dilations: Whole) -> Case:
    return Case(
        special,
        {"kernels": list(kernels), "strides": list(strides), "dilations": list(dilations)},
    )


def examine(trial: Trial) -> None:
    usual = [
        _case("three layers", (3, 3, 5), (2, 1, 3), (1, 2, 1)),
        _case("strides first", (5, 2, 3), (3, 2, 1), (1, 1, 2)),
    ]
    edges = [
        _case("one layer", (7,), (4,), (1,)),
        _case("kernels of one weight", (1, 3, 1), (2, 1, 2), (3, 1, 1)),
        _case("eight layers", (3,) * 8, (1, 2) * 4, (1,) * 8),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=("the window",), formula=formula, slips=SLIPS, exact=True)


EXERCISE = Exercise(
    slug="parameter-sharing-field",
    title="What an output sees",
    chapter="parameter_sharing",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function field(kernels, strides, dilations) that returns a whole number",
    hints=(
        "How many places does one window of F weights span, if they are d places apart?",
        "Two neighbours behind a layer of stride S: how many of its inputs are they apart?",
        "Each layer adds d(F − 1) places, each as wide as the strides before it make it.",
    ),
    examine=examine,
)
