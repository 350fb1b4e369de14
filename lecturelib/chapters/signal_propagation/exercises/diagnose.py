"""signal-propagation-diagnose: which network has these sizes and shares?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

SLUG = "signal-propagation-diagnose"
LAYERS = (1, 2, 10, 40)
WIDTH, SAMPLES, DEPTH = 64, 64, 40
_LOOK = {
    "a": "the size stays, and the share falls with the depth. By what factor would the size change"
    " with other weights?",
    "b": "the share falls like that of a ReLU network. What halves the mean square in each layer?",
    "c": "neither size nor share changes much, and the share is not exactly 1.",
    "d": "the share falls, though slowly at first, and the size grows like a root of the depth."
    " What adds the same amount in each layer, to all inputs alike?",
    "e": "size and share are 1 to all digits. What sets them?",
    "f": "the size doubles in its square with each block. What is added to what?",
    "g": "size and share change a little over forty blocks, by no more than one layer would.",
}


@torch.no_grad()
def network(letter: str, seed: int) -> dict[str, Tensor]:
    """Root mean square and share of variance of the sums at ``LAYERS``."""
    draw = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw, dtype=torch.float64, device="cpu")

    h, rms, share = normal(WIDTH, SAMPLES), [], []
    for layer in range(1, DEPTH + 1):
        w = normal(WIDTH, WIDTH) / math.sqrt(WIDTH)
        if letter in "fg":
            scale = 1.0 if letter == "f" else 1 / math.sqrt(DEPTH)
            h = z = h + scale * math.sqrt(2) * w @ h.relu()
        else:
            z = (math.sqrt(2) if letter == "a" else 1.0) * w @ h
            if letter == "d":
                z = z + math.sqrt(0.1) * normal(WIDTH, 1)
            if letter == "e":
                z = (z - z.mean(1, keepdim=True)) / z.std(1, correction=0, keepdim=True)
            h = z if letter in "cd" else z.relu()
        if layer in LAYERS:
            rms.append(z.square().mean().sqrt())
            share.append(z.var(1, correction=0).mean() / z.square().mean())
    return {"rms": torch.stack(rms), "share": torch.stack(share)}


def given(draws: Draws) -> Mapping[str, Any]:
    """Four networks, each by its sizes and shares at four layers."""
    return {"layers": torch.tensor(LAYERS), "patients": [network(*pair) for pair in _chosen(draws)]}


def _chosen(draws: Draws) -> list[tuple[str, int]]:
    chosen = draws.some(_LOOK, 4)
    return [(letter, draws.choice(range(1000))) for letter in chosen]


def examine(trial: Trial) -> None:
    right = "".join(letter for letter, _ in _chosen(trial.draws))
    begin = (
        "First sort them by the size at layer 40: does it shrink, stay or grow? Then look at "
        "the share."
    )
    examine_letters(trial, right, _LOOK, of="networks", begin=begin)


EXERCISE = Exercise(
    slug=SLUG,
    title="Diagnose: four networks by size and share",
    chapter="signal_propagation",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="four letters in the order of the networks, such as 'abcd'",
    hints=(
        "The share of variance does not change if all weights of a ReLU network are multiplied by"
        " one number. The size does.",
        "By theory: which mean square does each network have after 40 layers?",
        "Two networks have shares near 1 throughout; the digits tell them apart.",
    ),
    examine=examine,
    given=given,
)
