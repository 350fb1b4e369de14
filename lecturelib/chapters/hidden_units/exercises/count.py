"""hidden-units-parameters: what maxout costs."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(inputs: int, units: int, outputs: int, pieces: int) -> Tensor:
    """Count the parameters of the layers, which take no memory on the device "meta"."""
    layers = (
        torch.nn.Linear(inputs, pieces * units, device="meta"),
        torch.nn.Linear(units, outputs, device="meta"),
    )
    total = sum(p.numel() for layer in layers for p in layer.parameters())
    return torch.tensor(total, dtype=torch.float64)


def formula(
    inputs: int,
    units: int,
    outputs: int,
    pieces: int,
    *,
    hidden_biases: str = "each",
    output_biases: bool | str = True,
    wide: bool = False,
    everywhere: bool = False,
    once: bool = False,
) -> Tensor:
    """The count with an argument for each way to get it wrong."""
    rows = units * (1 if once else pieces)
    biases = {"each": rows, "unit": units, "piece": pieces, "one": 1, "none": 0}[hidden_biases]
    values = rows if wide else units
    ends = {True: outputs, "one": 1, "more": outputs + 1, "less": outputs - 1}
    last = (values * outputs + ends.get(output_biases, 0)) * (pieces if everywhere else 1)
    return torch.tensor(inputs * rows + biases + last, dtype=torch.float64)


SLIPS = (
    Slip(
        "hidden-biases-once",
        "You count one bias a hidden unit. Each piece has its own.",
        {"hidden_biases": "unit"},
    ),
    Slip(
        "hidden-biases-lost",
        "The biases of the hidden layer are missing.",
        {"hidden_biases": "none"},
    ),
    Slip(
        "output-biases-lost",
        "The biases of the output layer are missing.",
        {"output_biases": False},
    ),
    Slip(
        "hidden-biases-one-a-piece",
        "You count one bias for each number of a piece. Each piece of *each unit* has its own.",
        {"hidden_biases": "piece"},
    ),
    Slip(
        "output-bias-once",
        "You count one bias for the output layer. Each output has its own.",
        {"output_biases": "one"},
    ),
    Slip("one-too-many", "You count one parameter too many.", {"output_biases": "more"}),
    Slip("one-too-few", "You count one parameter too few.", {"output_biases": "less"}),
    Slip(
        "output-too-wide",
        "Your output layer sees all pieces. It sees one value a unit, the largest.",
        {"wide": True},
    ),
    Slip(
        "maxout-outputs",
        "You give the outputs several pieces, too. They are linear.",
        {"everywhere": True},
    ),
    Slip(
        "pieces-forgotten", "This is the count for ReLUs: the pieces are missing.", {"once": True}
    ),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("two pieces", {"inputs": 64, "units": 30, "outputs": 10, "pieces": 2}),
        Case("five pieces", {"inputs": 7, "units": 4, "outputs": 3, "pieces": 5}),
        Case("one piece", {"inputs": 5, "units": 6, "outputs": 2, "pieces": 1}),
        Case("one of each", {"inputs": 1, "units": 1, "outputs": 1, "pieces": 1}),
        Case("a wide layer", {"inputs": 784, "units": 4096, "outputs": 1000, "pieces": 3}),
        Case("a huge one", {"inputs": 50_000, "units": 20_001, "outputs": 7, "pieces": 5}),
    ]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS, exact=True)


EXERCISE = Exercise(
    slug="hidden-units-parameters",
    title="What maxout costs",
    chapter="hidden_units",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function parameters(inputs, units, outputs, pieces) that returns one number",
    hints=("Each piece has a weight vector and a bias.", "The output layer is linear: one piece."),
    examine=examine,
)
