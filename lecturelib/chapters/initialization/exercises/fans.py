"""initialization-fans: inputs of an output, outputs of an input."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial

PARTS = ("fan-in", "fan-out")


def oracle(shape: tuple[int, ...]) -> Parts:
    """PyTorch's own count."""
    fans = nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    return tuple(torch.tensor(float(fan)) for fan in fans)


def formula(
    shape: tuple[int, ...],
    *,
    exchanged: bool = False,
    field: str = "both",
    size: str = "product",
) -> Parts:
    """Both fans with an argument for each way to get them wrong."""
    rows, columns, *rest = shape
    area = {
        "product": math.prod(rest),
        "sum": sum(rest) or 1,
        "side": rest[0] if rest else 1,
        "images": math.prod(rest) if len(rest) == 2 else 1,
        "first two": math.prod(rest[:2]),
        "last two": math.prod(rest[-2:]),
        "cube": rest[0] ** len(rest) if rest else 1,
    }[size]
    fan_in = columns * (area if field in ("both", "in") else 1)
    fan_out = rows * (area if field in ("both", "out") else 1)
    fans = (fan_out, fan_in) if exchanged else (fan_in, fan_out)
    return tuple(torch.tensor(float(fan)) for fan in fans)


SLIPS = (
    Slip(
        "exchanged",
        "The two stand in the wrong order: the first entry of the shape counts outputs.",
        {"exchanged": True},
    ),
    Slip(
        "field-lost",
        "You forget the receptive field: an output of a 3 × 3 convolution sees nine pixels of each"
        " channel.",
        {"field": "none"},
    ),
    Slip(
        "field-lost-in-fan-out",
        "The receptive field counts in fan-out, too: a pixel is seen by nine outputs of each"
        " channel.",
        {"field": "in"},
    ),
    Slip(
        "field-lost-in-fan-in",
        "The receptive field counts in fan-in, too: an output sees nine pixels of each channel.",
        {"field": "out"},
    ),
    Slip(
        "sides-added",
        "You add the sides of the receptive field. It has height times width pixels.",
        {"size": "sum"},
    ),
    Slip("one-side", "You count one side of the receptive field only.", {"size": "side"}),
    Slip(
        "images-only",
        "You know linear layers and convolutions over images. A convolution over a series has a "
        "weight of three dimensions, one over a volume has five: all after the second are the "
        "receptive field.",
        {"size": "images"},
    ),
    Slip(
        "two-sides-only",
        "You count two sides of the receptive field. A convolution over a volume has three.",
        {"size": "first two"},
    ),
    Slip(
        "last-two-sides-only",
        "You count the last two sides of the receptive field. A convolution over a volume has "
        "three.",
        {"size": "last two"},
    ),
    Slip(
        "equal-sides-assumed",
        "You take all sides of the receptive field to be as long as the first.",
        {"size": "cube"},
    ),
)


def examine(trial: Trial) -> None:
    usual = [
        Case("a linear layer", {"shape": (7, 5)}),
        Case("a convolution", {"shape": (20, 10, 3, 3)}),
        Case("an oblong kernel", {"shape": (4, 6, 5, 2)}),
    ]
    further = [
        Case("a convolution over a series", {"shape": (8, 3, 5)}),
        Case("a convolution over a volume", {"shape": (6, 4, 3, 5, 2)}),
    ]
    edges = [
        Case("one weight", {"shape": (1, 1)}),
        Case("kernels of one pixel", {"shape": (3, 2, 1, 1)}),
        Case("a large layer", {"shape": (4096, 25088)}),
    ]
    # First what all know; a function that stops at five dimensions is told about these.
    judge(trial, usual, oracle, parts=PARTS, formula=formula, slips=SLIPS, exact=True)
    _knows_all_ranks(trial, further)
    cases = usual + further
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, exact=True)
    judge(trial, edges, oracle, parts=PARTS, formula=formula, slips=SLIPS, exact=True)


def _knows_all_ranks(trial: Trial, cases: Sequence[Case]) -> None:
    """A Finding when the answer stops at weights of three or of five dimensions."""
    says = next(slip.says for slip in SLIPS if slip.code == "images-only")
    for case in cases:
        try:
            trial.call(case)
        except Finding as finding:
            if finding.code not in ("exception", "nothing-returned"):
                raise
            stopped = Finding("images-only", says, tried=finding.tried, got=finding.says)
            stopped.code_lines = finding.code_lines
            raise stopped from None


EXERCISE = Exercise(
    slug="initialization-fans",
    title="Fans of a convolution",
    chapter="initialization",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function fans(shape) that returns (fan-in, fan-out)",
    hints=(
        "How many products are added for one output number?",
        "The dimensions after the second are the receptive field; they count in both.",
    ),
    examine=examine,
)
