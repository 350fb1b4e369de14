"""universal-approximation-decision-line: why four networks of three units miss the triangle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

Network = dict[str, Tensor]
UNITS, REASONS = 3, "abcde"
_LOOK = {
    "a": "which of its units is above 0 at any point?",
    "b": "is there a unit whose argument has the same sign at all points?",
    "c": "divide the rows of [W, b] by each other.",
    "d": "look at the output weights.",
    "e": "what does each unit do to g beyond its line? Look at the signs of a.",
}


def given(draws: Draws) -> Mapping[str, Any]:
    """Points of the chapter's triangle, and four networks that miss it, each for its own reason."""
    from lecturelib.chapters.universal_approximation.experiments import triangle_data

    x, y = triangle_data([0], 200)
    letters = draws.some(REASONS, 4)
    return {
        "x": x[0].double(),
        "y": y[0].double(),
        "networks": [network(draws, letter) for letter in letters],
    }


def network(draws: Draws, reason: str) -> Network:
    """The chapter's three units, slightly turned and scaled, one of them spoilt."""
    from lecturelib.chapters.universal_approximation.experiments import triangle_distances

    corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    at = triangle_distances(corners).double()  # affine: three points give weights and biases
    W, b = -(at[1:] - at[0]).T, -at[0]
    W, b = W + 0.05 * draws.normal(UNITS, 2), b + 0.02 * draws.normal(UNITS)
    scale = draws.uniform(UNITS, low=0.6, high=2.5)
    W, b, a = scale[:, None] * W, scale * b, -3 / scale
    k, other = draws.choice([(0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)])
    if reason == "a":
        b[k] = -8.0 * scale[k]
    elif reason == "b":
        b[k] = 8.0 * scale[k]
    elif reason == "c":
        factor = draws.uniform(low=1.3, high=2.2)
        W[k], b[k] = factor * W[other], factor * b[other]
    elif reason == "d":
        a[k] = 0.0
    else:
        a[k] = -a[k]
    return {"W": W, "b": b, "a": a, "c": torch.tensor(0.1, dtype=torch.float64)}


def truth(x: Tensor, W: Tensor, b: Tensor, a: Tensor) -> str:
    """The reason, found from the weights and the points alone."""
    z = x @ W.T + b
    if (a == 0).any():
        return "d"
    if (z <= 0).all(0).any():
        return "a"
    if (z > 0).all(0).any():
        return "b"
    return "e" if (a > 0).any() else "c"


def examine(trial: Trial) -> None:
    stated = given(trial.draws)
    right = "".join(truth(stated["x"], n["W"], n["b"], n["a"]) for n in stated["networks"])
    begin = (
        "Compute the arguments z of the three units at all points first, and count for each "
        "where it is above 0."
    )
    examine_letters(trial, right, _LOOK, of="networks", begin=begin)


EXERCISE = Exercise(
    slug="universal-approximation-decision-line",
    title="Diagnose: why is that decision line not found?",
    chapter="universal_approximation",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="four letters in the order of the networks, such as 'abcd'",
    hints=(
        "Compute z = x Wᵀ + b for each network: a row a point, a column a unit.",
        "A line that is drawn has points on both sides. (z > 0).sum(0) says how many are on one.",
        "The rows of [W, b] say where the lines lie; two rows that are multiples of each other are "
        "one line.",
    ),
    examine=examine,
    given=given,
)
