"""residual-connections-growth: how the mean square grows for any branch."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(blocks: int, alpha: float, gain: float, layers: int) -> Tensor:
    """Block after block, layer after layer: half of the mean square passes each ReLU."""
    q = torch.tensor(1.0, dtype=torch.float64)
    for _ in range(blocks):
        branch = q
        for _ in range(layers):
            branch = gain * branch / 2
        q = q + alpha**2 * branch
    return q


def formula(
    blocks: int,
    alpha: float,
    gain: float,
    layers: int,
    *,
    squared: bool = True,
    half: bool = True,
    depth: str = "all",
    root: bool = False,
    combine: str = "product",
    skip: float = 1.0,
) -> Tensor:
    """The factor with an argument for each way to get it wrong."""
    one = gain / 2 if half else gain
    branch = {"all": one**layers, "one": one, "times": one * layers}[depth]
    a = alpha**2 if squared else alpha
    total = (skip + a * branch) ** blocks
    if combine == "sum":
        total = 1 + blocks * a * branch
    value = torch.tensor(total, dtype=torch.float64)
    return value.abs().sqrt() if root else value


SLIPS = (
    Slip("not-squared", "α multiplies a value; the mean square gets α².", {"squared": False}),
    Slip(
        "half-lost",
        "A ReLU lets half of the mean square pass. You leave the factor 1/2 a layer out.",
        {"half": False},
    ),
    Slip(
        "one-layer",
        "You count one layer of the branch. It has several, and each multiplies.",
        {"depth": "one"},
    ),
    Slip(
        "layers-added",
        "You multiply by the number of layers of a branch. Their factors multiply: a power.",
        {"depth": "times"},
    ),
    Slip("root", "This is the factor of the root mean square.", {"root": True}),
    Slip(
        "blocks-added",
        "You add up the blocks. The second block's branch starts from what the first has made.",
        {"combine": "sum"},
    ),
    Slip("no-skip", "This is the factor without skip connections.", {"skip": 0.0}),
)


def examine(trial: Trial) -> None:
    names = ("blocks", "alpha", "gain", "layers")
    rows = {
        "ten blocks": (10, 0.5, 3.0, 2),
        "branches of three layers": (6, 0.7, 1.5, 3),
        "weights of a small variance": (20, 1.0, 0.4, 2),
        "a negative scale": (7, -0.6, 2.5, 2),
        "branches of one layer": (5, 0.3, 4.0, 1),
        "no block": (0, 1.0, 2.0, 2),
        "a scale of 0": (12, 0.0, 2.0, 2),
        "many blocks": (1000, 0.05, 2.2, 2),
    }
    cases = [Case(name, dict(zip(names, row, strict=True))) for name, row in rows.items()]
    judge(trial, cases, oracle, parts=("the factor",), formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="residual-connections-growth",
    title="How a stream grows",
    chapter="residual_connections",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function growth(blocks, alpha, gain, layers) that returns one number",
    hints=(
        "A layer W max(z, 0) multiplies the mean square by n v / 2, half of the gain.",
        "What is added has mean 0 given what it is added to: mean squares add up.",
        "One block multiplies by 1 + α² (gain/2)^layers.",
    ),
    examine=examine,
)
