"""backprop-order: in which order backward may visit the nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor

from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

Graph = Mapping[str, Sequence[str]]

# Each has a node that is reached at different depths, or one that the output does not depend on.
GRAPHS: dict[str, tuple[Graph, str]] = {
    "a skip connection": ({"x": [], "a": ["x"], "b": ["a"], "L": ["x", "b"]}, "L"),
    "a long and a short way": (
        {"L": ["x", "c"], "c": ["b", "a"], "b": ["a"], "a": ["x"], "x": []},
        "L",
    ),
    "a node that is not needed": ({"x": [], "w": [], "a": ["x", "w"], "z": ["a"], "L": ["a"]}, "L"),
    "an input used twice": ({"x": [], "s": ["x"], "L": ["s", "s"]}, "L"),
    "an input used twice, and once more behind": (
        {"L": ["x", "x", "b"], "b": ["x"], "x": []},
        "L",
    ),
    "a node that uses the output": (
        {"x": [], "M": ["L", "x"], "L": ["a", "x"], "a": ["x", "x"]},
        "L",
    ),
    "an output without inputs": ({"L": [], "x": []}, "L"),
    "an output in the middle": ({"c": ["b"], "b": ["a", "x"], "x": [], "a": ["x"]}, "b"),
    # 2³⁰ paths, on which a walk without memory does not end.
    "thirty diamonds in a row": (
        {"n0": []}
        | {f"l{i}": [f"n{i}"] for i in range(30)}
        | {f"r{i}": [f"n{i}"] for i in range(30)}
        | {f"n{i + 1}": [f"l{i}", f"r{i}"] for i in range(30)},
        "n30",
    ),
}


def reachable(inputs: Graph, output: str) -> set[str]:
    """The nodes on which the output depends, itself among them."""
    found, stack = {output}, [output]
    while stack:
        for parent in inputs[stack.pop()]:
            if parent not in found:
                found.add(parent)
                stack.append(parent)
    return found


def examine(trial: Trial) -> None:
    trial.needs_function("inputs", "output")
    for special, (inputs, output) in GRAPHS.items():
        case = Case(special, {"inputs": {k: list(v) for k, v in inputs.items()}, "output": output})
        _judge(trial.call(case), inputs, output, trial.tried(case))


def _judge(answer: Any, inputs: Graph, output: str, tried: str) -> None:
    def finding(code: str, says: str) -> Finding:
        return Finding(code, says, tried=tried, got=describe(answer))

    if isinstance(answer, set | frozenset):
        raise finding("not-a-list", "A set has no order. Wanted is a list of the names of nodes.")
    if isinstance(answer, str | Tensor) or not isinstance(answer, Iterable):
        raise finding("not-a-list", "Wanted is a list of the names of nodes.")
    order = list(answer)
    if unknown := [n for n in order if not isinstance(n, str) or n not in inputs]:
        raise finding("unknown-node", f"{unknown[0]!r} is no node of this graph.")
    if len(set(order)) < len(order):
        raise finding(
            "visited-twice",
            "A node occurs twice. Backward would send its gradient on twice.",
        )
    needed = reachable(inputs, output)
    if missing := sorted(needed - set(order)):
        raise finding("node-missing", f"The output depends on {missing[0]}, which is not visited.")
    if extra := sorted(set(order) - needed):
        raise finding(
            "unneeded-node",
            f"The output does not depend on {extra[0]}: no gradient comes from there.",
        )
    place = {node: i for i, node in enumerate(order)}
    late = [(p, n) for n in order for p in inputs[n] if place[p] < place[n]]
    if late and all(place[p] < place[n] for n in order for p in inputs[n]):
        raise finding("forward-order", "This is the order of the forward pass. Backward starts at "
                      "the output.")  # fmt: skip
    if late:
        parent, node = late[0]
        raise finding(
            "visited-too-early",
            f"{parent} is visited before {node}, which uses it: the gradient of {parent} is not "
            "complete at that time. How far a node is from the output does not settle its turn.",
        )


EXERCISE = Exercise(
    slug="backprop-order",
    title="Whose turn is it?",
    chapter="backprop",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function backward_order(inputs, output) that returns a list of names",
    hints=(
        "A node may be visited when all nodes that use it have been visited.",
        "Depth first: append a node after all of its inputs. That is an order for forward.",
        "Reverse it.",
    ),
    examine=examine,
)
