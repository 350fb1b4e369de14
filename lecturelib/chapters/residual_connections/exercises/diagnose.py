"""residual-connections-diagnose: four networks by what is measured at their start."""

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

BLOCKS, WIDTH, SAMPLES = 16, 48, 32
SEEDS = 24  # of each kind; a test tells all of them apart
KINDS: dict[str, dict[str, Any]] = {
    "a": {"skip": 0.0},
    "b": {},
    "c": {"alpha": 1 / math.sqrt(BLOCKS)},
    "d": {"alpha": 0.0},
    "e": {"alpha": 1 / math.sqrt(BLOCKS), "skip": 0.8},
    "f": {"alpha": 1 / math.sqrt(BLOCKS), "lost": (7, 8, 9)},
    "g": {"alpha": 1 / math.sqrt(BLOCKS), "relu": True},
}
_LOOK = {
    "a": "the sizes stay within a power of ten, and yet the outputs of different samples point the "
    "same way. Where is the input forgotten?",
    "b": "both sizes grow by a factor of 1.4 a block. What factor has a block with α = 1?",
    "c": "the sizes grow by less than a factor of 2. Whose mean squares grow by less than e?",
    "d": "one block after the other changes nothing at all. What must a branch be for that?",
    "e": "the sizes shrink by a steady factor a block. What multiplies 16 times?",
    "f": "the cosine between samples jumps at three blocks, and grows slowly before and after.",
    "g": "the cosines are high from the first block on, and rise. What is done to the stream at "
    "each block?",
}


def record(seed: int, *, alpha: float = 1.0, skip: float = 1.0, lost: tuple[int, ...] = (),
           relu: bool = False) -> dict[str, list[float]]:  # fmt: skip
    """What is measured at the start of one network, block by block, to three digits."""
    g = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    h, std = normal(WIDTH, SAMPLES).requires_grad_(), math.sqrt(2 / WIDTH)
    stream = [h]
    for i in range(BLOCKS):
        W, V = std * normal(WIDTH, WIDTH), std * normal(WIDTH, WIDTH)
        f = V @ (W @ h.relu()).relu()
        h = f if i in lost or skip == 0 else skip * h + alpha * f
        h = h.relu() if relu else h
        stream.append(h)
    down = torch.autograd.grad((h * normal(WIDTH, SAMPLES)).sum(), stream)
    units = [s.detach() / s.detach().norm(dim=0).clamp_min(1e-300) for s in stream]
    pairs = SAMPLES * (SAMPLES - 1)
    found = {
        "rms of h": [s.detach().square().mean().sqrt() for s in stream],
        "rms of gradient": [s.square().mean().sqrt() for s in down],
        "cosine of samples": [((u.T @ u).sum() - SAMPLES) / pairs for u in units],
    }
    return {name: [float(f"{v.item():.3g}") for v in values] for name, values in found.items()}


def _drawn(draws: Draws) -> list[tuple[str, int]]:
    """Four letters and the seeds of their networks."""
    chosen = draws.some(KINDS, 4)
    return [(letter, draws.choice(range(SEEDS))) for letter in chosen]


def given(draws: Draws) -> Mapping[str, Any]:
    """Four networks: by what is measured, one number for each place in the stream."""
    networks = [record(seed, **KINDS[letter]) for letter, seed in _drawn(draws)]
    return {"networks": networks, "blocks": BLOCKS, "width": WIDTH}


def examine(trial: Trial) -> None:
    right = "".join(letter for letter, _ in _drawn(trial.draws))
    begin = (
        "For each candidate write down what a block does to the mean square, and whether it "
        "keeps different samples apart."
    )
    examine_letters(trial, right, _LOOK, of="networks", begin=begin)


EXERCISE = Exercise(
    slug="residual-connections-diagnose",
    title="Diagnose: four networks at their start",
    chapter="residual_connections",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="four letters in the order of the networks, such as 'abcd'",
    hints=(
        "Divide each list's last entry by its first one and take the sixteenth root.",
        "For scaled branches, 1 + α² with α² = 1/16 is the factor of the mean square a block.",
        "Where a list jumps at one place, the blocks there are different.",
    ),
    examine=examine,
    given=given,
)
