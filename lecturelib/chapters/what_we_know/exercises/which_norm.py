"""what-we-know-which-norm: find out which norm a layer is, by asking it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial

DIMENSIONS = {"batch": (0, 2), "layer": (1, 2), "instance": (2,)}
"""Over which of the dimensions N, C and L a norm averages."""

SEEN = {
    "batch": "change one sample, and the same channels of the other samples change too",
    "layer": "change one channel of a sample, and all channels of that sample change, and no other"
    " sample",
    "group": "change one channel of a sample, and half of the channels of that sample change",
    "instance": "change one place of a channel, and the other places of that channel change, and"
    " nothing else",
    "none": "change one entry, and no other entry changes",
}


class _Layer:
    """A layer of one kind with γ and β of its own; it takes tensors or arrays."""

    def __init__(self, kind: str, gamma: Tensor, beta: Tensor) -> None:
        self.kind, self.gamma, self.beta = kind, gamma[:, None], beta[:, None]

    def __call__(self, x: Any) -> Any:
        values = torch.as_tensor(x, dtype=torch.float64)
        out = self.gamma * self._normalized(values) + self.beta
        return out if isinstance(x, Tensor) else out.numpy()

    def __repr__(self) -> str:
        return "a layer"

    def _normalized(self, x: Tensor) -> Tensor:
        if self.kind == "none":
            return x
        if self.kind == "group":
            halves = x.chunk(2, 1)
            return torch.cat([_standardized(half, (1, 2)) for half in halves], 1)
        return _standardized(x, DIMENSIONS[self.kind])


def _standardized(x: Tensor, dims: tuple[int, ...]) -> Tensor:
    variance, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
    return (x - mean) / (variance + 1e-5).sqrt()


def _name(got: object) -> str:
    """The name in an answer, without the word "norm"; empty where there is none."""
    words = got.lower() if isinstance(got, str) else ""
    for word in ("normalization", "normalisation", "norm", "_", "-", " "):
        words = words.replace(word, "")
    return "none" if words in ("no", "identity") else words


def examine(trial: Trial) -> None:
    trial.needs_function("layer", "shape")
    draws = trial.draws
    rows: list[tuple[str, tuple[int, int, int]]] = [
        ("batch", (4, 4, 5)),
        ("layer", (4, 4, 5)),
        ("instance", (4, 4, 5)),
        ("group", (4, 4, 5)),
        ("none", (4, 4, 5)),
        ("batch", (3, 6, 4)),
        ("instance", (5, 6, 3)),
        ("group", (3, 8, 4)),
        ("layer", (3, 2, 7)),
        ("none", (3, 6, 4)),
    ]
    for kind, shape in rows:
        layer = _Layer(kind, draws.signed(shape[1]), draws.normal(shape[1]))
        got = _ask(trial, layer, shape)
        if got not in SEEN:
            raise Finding(
                "not-a-name",
                f"Wanted is one of the names {', '.join(SEEN)}.",
                tried=f"a layer for values of shape {shape}",
                got=got or "something else",
            )
        if got != kind:
            raise Finding(
                f"missed-{kind}",
                f"Asked about a layer that is “{kind}”, your function says “{got}”. It could have"
                f" seen this: {SEEN[kind]}.",
                tried=f"values of shape {shape}",
                got=got,
            )


def _ask(trial: Trial, layer: Callable[[Any], Any], shape: tuple[int, int, int]) -> str:
    return _name(trial.call(Case("a layer", {"layer": layer, "shape": shape}, smooth=False)))


EXERCISE = Exercise(
    slug="what-we-know-which-norm",
    title="Diagnose: which norm is it?",
    chapter="what_we_know",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function which_norm(layer, shape) that returns one of the five names",
    hints=(
        "You may call the layer as often as you like. What do you learn from two calls whose inputs"
        " differ in a single entry?",
        "Change x[0, 0, 0] alone, and look where the outputs differ: in other samples, in other"
        " channels, in other places?",
        "Outputs that differ in another sample: batch. Else in the last channel: layer. Else in the"
        " second channel: group. Else in another place: instance. Else none. Which channel is in"
        " the same half as the first if there are two channels?",
    ),
    examine=examine,
)
