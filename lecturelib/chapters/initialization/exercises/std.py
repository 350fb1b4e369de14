"""initialization-std: the standard deviation that a leaky ReLU needs."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(fan_in: int, slope: float) -> Tensor:
    """PyTorch's gain over the root of the fan-in."""
    gain = nn.init.calculate_gain("leaky_relu", slope)
    return torch.tensor(gain / math.sqrt(fan_in), dtype=torch.float64)


def formula(
    fan_in: int,
    slope: float,
    *,
    gain: str = "leaky",
    root: bool = True,
    multiplied: bool = False,
    squared: str = "yes",
    sign: float = 1.0,
    half: bool = True,
    bound: bool = False,
    less: bool = False,
    outside: bool = False,
) -> Tensor:
    """The standard deviation with an argument for each way to get it wrong."""
    power = {"yes": slope**2, "no": slope, "signed": slope * abs(slope)}[squared]
    fan_in = max(fan_in - 1, 1) if less else fan_in
    if outside:
        return torch.tensor(2**0.5 / (1 + abs(slope)) / fan_in**0.5, dtype=torch.float64)
    square = {"leaky": (1 + sign * power) / (2 if half else 1), "relu": 0.5, "xavier": 1.0}[gain]
    variance = fan_in / square if multiplied else 1 / (fan_in * square)
    variance = 3 * variance if bound else variance
    return torch.tensor(math.sqrt(variance) if root else variance, dtype=torch.float64)


SLIPS = (
    Slip("variance", "This is the variance. Asked is the standard deviation.", {"root": False}),
    Slip(
        "multiplied",
        "You multiply by the root of fan-in, as the slide does. A sum of n terms is √n times as"
        " large as one: divide.",
        {"multiplied": True},
    ),
    Slip(
        "slope-lost",
        "This is He's formula for ReLU. The left side lets something through, too: a².",
        {"gain": "relu"},
    ),
    Slip(
        "activation-lost",
        "This is the formula for linear units, which breaks with ReLU.",
        {"gain": "xavier"},
    ),
    Slip(
        "slope-not-squared",
        "In the mean square of f the slope is squared.",
        {"squared": "no"},
    ),
    Slip(
        "sign-of-the-slope",
        "With a negative slope your left side takes away. Its square adds, whatever the sign.",
        {"squared": "signed"},
    ),
    Slip(
        "one-input-less",
        "You divide by the number of inputs less one. All of them add to the sum.",
        {"less": True},
    ),
    Slip(
        "slope-outside-the-root",
        "You divide He's value by 1 + |a|. The slope stands under the root, squared.",
        {"outside": True},
    ),
    Slip(
        "slope-subtracted",
        "The left side adds to the mean square: 1 + a².",
        {"sign": -1.0},
    ),
    Slip(
        "bound",
        "This is the bound of the uniform version, √3 times the standard deviation.",
        {"bound": True},
    ),
    Slip(
        "half-lost",
        "Each side has half of the probability: E f² is (1 + a²)/2 times E z².",
        {"half": False},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How far off the first case is, as a factor."""
    return f"With {case.special} yours is {(got[0] / wanted[0]).item():.3g} times the right value."


def examine(trial: Trial) -> None:
    usual = [
        Case("a leak of 0.3", {"fan_in": 50, "slope": 0.3}),
        Case("ReLU", {"fan_in": 50, "slope": 0.0}),
        Case("a steep left side", {"fan_in": 8, "slope": 0.8}),
    ]
    edges = [
        Case("a linear unit", {"fan_in": 20, "slope": 1.0}),
        Case("the absolute value", {"fan_in": 6, "slope": -1.0}),
        Case("a negative slope", {"fan_in": 12, "slope": -0.4}),
        Case("a left side that is steeper", {"fan_in": 30, "slope": 2.5}),
        Case("a single input", {"fan_in": 1, "slope": 0.1}),
        Case("a million inputs", {"fan_in": 10**6, "slope": 0.01}),
    ]
    parts = ("the standard deviation",)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="initialization-std",
    title="He for a leaky ReLU",
    chapter="initialization",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function std(fan_in, slope) that returns one number",
    hints=(
        "E z² of a layer is n times the variance of a weight times E h² of the layer below.",
        "For z symmetric around 0, half of E z² comes from each side.",
        "E h² = (1 + a²)/2 · E z².",
    ),
    examine=examine,
)
