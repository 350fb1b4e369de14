"""backprop-accumulate: the backward pass of an engine for numbers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

Edges = Sequence[Sequence[int]]
Slopes = Sequence[Sequence[float]]


def oracle(parents: Edges, slopes: Slopes) -> Tensor:
    """Sum over all paths to the last node: no walk, and nothing to accumulate."""
    n = len(parents)
    edges = torch.zeros(n, n, dtype=torch.float64)
    for j, (inputs, factors) in enumerate(zip(parents, slopes, strict=True)):
        for i, factor in zip(inputs, factors, strict=True):
            edges[j, i] += factor
    # Paths of all lengths: I + E + E² + … = (I − E)⁻¹, as E is nilpotent.
    return torch.linalg.inv(torch.eye(n, dtype=torch.float64) - edges)[-1]


def formula(
    parents: Edges, slopes: Slopes, *, store: str = "add", seed: float = 1.0,
    upward: bool = False, incoming: bool = True, distinct: bool = False,
) -> Tensor:  # fmt: skip
    """The walk with an argument for each way to get it wrong."""
    n = len(parents)
    g = torch.zeros(n, dtype=torch.float64)
    g[-1] = seed
    for j in range(n) if upward else reversed(range(n)):
        seen = set()
        for i, factor in zip(parents[j], slopes[j], strict=True):
            part = factor * (g[j].item() if incoming else 1.0)
            if (store == "first" and g[i] != 0) or (distinct and i in seen):
                continue
            g[i] = part if store == "last" else g[i] + part
            seen.add(i)
    return g


SLIPS = (
    Slip(
        "overwritten",
        "A node that is used twice keeps only the part that came last. At a fan-out "
        "the parts *add*.",
        {"store": "last"},
    ),
    Slip(
        "first-kept",
        "A node that is used twice keeps only the part that came first. At a fan-out "
        "the parts *add*.",
        {"store": "first"},
    ),
    Slip("no-seed", "All gradients are zero: the walk needs a start, ∂L/∂L = 1.", {"seed": 0.0}),
    Slip(
        "inputs-first",
        "You walk from the inputs to the output. There the gradients that you pass "
        "on are not known yet.",
        {"upward": True},
    ),
    Slip(
        "local-slopes-only",
        "You add up local slopes. Each has to be multiplied with the gradient "
        "of the node that it leads to.",
        {"incoming": False},
    ),
    Slip(
        "edge-counted-once",
        "In s·s the node s is an input twice, and both edges count. You take one of them.",
        {"distinct": True},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws

    def case(special: str, parents: list[list[int]]) -> Case:
        slopes = [d.signed(len(p)).tolist() if p else [] for p in parents]
        return Case(special, {"parents": parents, "slopes": slopes})

    cases = [
        case("a fan-out", [[], [], [0, 1], [2, 0], [3]]),
        case("an input used twice by one node", [[], [0], [1, 1], [2, 0], [3, 1]]),
    ]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="backprop-accumulate",
    title="Write the backward pass",
    chapter="backprop",
    kind="code",
    difficulty=3,
    minutes=25,
    wants="a function backward(parents, slopes) that returns the gradient of each node",
    hints=(
        "Set the gradient of the last node to 1, all others to 0.",
        "From the last node to the first: for each of its inputs, add slope × gradient.",
        "zip(parents[j], slopes[j]) gives the edges, also where an input occurs twice.",
    ),
    examine=examine,
)
