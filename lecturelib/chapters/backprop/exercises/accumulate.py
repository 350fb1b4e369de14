"""backprop-accumulate: the backward pass of an engine for numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

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
    upward: bool = False, incoming: bool = True, distinct: bool = False, start: int = -1,
    used: str = "all", slope: str = "right",
) -> Tensor:  # fmt: skip
    """The walk with an argument for each way to get it wrong."""
    n = len(parents)
    g = torch.zeros(n, dtype=torch.float64)
    g[start] = seed
    for j in range(n) if upward else reversed(range(n)):
        seen = set()
        edges = list(zip(parents[j], _changed(slopes[j], slope), strict=True))
        edges = {
            "all": edges,
            "different": sorted(set(edges)),
            "but the last": edges[:-1],
            "but the first": edges[1:],
            "two": edges[:2],
            "last of each": list(dict(edges).items()),
        }[used]
        for i, factor in edges:
            if slope == "added":
                g[i] += factor + g[j].item()
                continue
            part = factor * (g[j].item() if incoming else 1.0)
            if (store == "first" and g[i] != 0) or (distinct and i in seen):
                continue
            g[i] = part if store == "last" else g[i] + part
            seen.add(i)
    return g


def _changed(slopes: Sequence[float], how: str) -> Sequence[float]:
    """The slopes of a node as a slip takes them."""
    changes: dict[str, Callable[[float], float]] = {
        "squared": lambda s: s**2,
        "size": abs,
        "one": lambda s: 1.0,
    }
    if how == "reversed":
        return slopes[::-1]
    return [changes[how](s) for s in slopes] if how in changes else slopes


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
    Slip(
        "equal-edges-once",
        "Edges that agree in input *and* slope count once for you (a set drops the second). In s·s "
        "both edges have the slope s, and both count.",
        {"used": "different"},
    ),
    Slip(
        "one-edge-for-each-input",
        "Where an input occurs twice, your dictionary keeps the last of its slopes. All edges "
        "count.",
        {"used": "last of each"},
    ),
    Slip(
        "last-input-dropped",
        "The last input of each node gets nothing. All edges count.",
        {"used": "but the last"},
    ),
    Slip(
        "first-input-dropped",
        "The first input of each node gets nothing. All edges count.",
        {"used": "but the first"},
    ),
    Slip(
        "two-inputs-only",
        "You serve the first two inputs of a node. A node may have more.",
        {"used": "two"},
    ),
    Slip(
        "seed-at-the-input",
        "Your seed stands at node 0. The derivative that is 1 from the start is that of L, the "
        "last node, by itself.",
        {"start": 0},
    ),
    Slip(
        "slopes-squared",
        "You multiply by each slope twice. An edge passes slope × gradient on.",
        {"slope": "squared"},
    ),
    Slip(
        "slopes-without-sign",
        "You take the sizes of the slopes. Their signs count.",
        {"slope": "size"},
    ),
    Slip(
        "slopes-exchanged",
        "The slopes of a node are read from the back. `slopes[j]` stands in the order of "
        "`parents[j]`.",
        {"slope": "reversed"},
    ),
    Slip(
        "slopes-ignored",
        "You add up gradients and forget the slopes: that counts paths.",
        {"slope": "one"},
    ),
    Slip(
        "slopes-added",
        "You add the slope to the gradient. Along a path factors *multiply*; at a fan-out parts "
        "add.",
        {"slope": "added"},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws

    def case(special: str, parents: list[list[int]]) -> Case:
        slopes = [d.signed(len(p)).tolist() if p else [] for p in parents]
        return Case(special, {"parents": parents, "slopes": slopes})

    square = {"parents": [[], [0], [1, 1]], "slopes": [[], [3.0], [1.5, 1.5]]}
    cases = [
        case("a fan-out", [[], [], [0, 1], [2, 0], [3]]),
        case("an input used twice by one node", [[], [0], [1, 1], [2, 0], [3, 1]]),
        Case("s·s, whose edges have the same slope", square),
        case("nodes that do not lead to L", [[], [], [0], [1, 2], [0, 0]]),
        Case("a node that does not lead to L, between two that do",
             {"parents": [[], [0], [1], [1]], "slopes": [[], [2.0], [3.0], [5.0]]}),
        case("a node with four inputs", [[], [], [0], [1], [2, 0, 3, 1, 2]]),
        case("a chain", [[], [0], [1], [2], [3], [4]]),
        case("a node alone", [[]]),
        Case("slopes of 0", {"parents": [[], [0], [0, 1], [1, 2]],
             "slopes": [[], [0.0], [2.0, -1.5], [0.0, 3.0]]}),
    ]  # fmt: skip
    judge(trial, cases, oracle, formula=formula, slips=SLIPS, tidy=_in_order)


def _in_order(value: Any) -> Any:
    """The gradients of a dictionary by the numbers of the nodes, as a list."""
    return [value[node] for node in sorted(value)] if isinstance(value, dict) else value


EXERCISE = Exercise(
    slug="backprop-accumulate",
    title="Write the backward pass",
    chapter="backprop",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function backward(parents, slopes) that returns the gradient of each node",
    hints=(
        "Set the gradient of the last node to 1, all others to 0.",
        "From the last node to the first: for each of its inputs, add slope × gradient.",
        "zip(parents[j], slopes[j]) gives the edges, also where an input occurs twice.",
    ),
    examine=examine,
)
