"""signal-propagation-constant-linear: constant units without any ReLU."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "signal-propagation-constant-linear"
DEPTH, WIDTH, SAMPLES = 30, 32, 64
BOUND, WANTED = 0.5, 0.01
BY_CHANCE = 10 * WANTED  # what random biases leave: none of 100,000 then came down to WANTED


def given(draws: Draws) -> Mapping[str, Any]:
    """Weights of thirty linear layers, and inputs ``[32, 64]``: such that the solution suffices,
    and luck does not.
    """
    while True:  # one draw in three is taken
        weights = draws.normal(DEPTH, WIDTH, WIDTH) / math.sqrt(WIDTH)
        x = draws.normal(WIDTH, SAMPLES)
        suffices = share(weights, aligned(weights, x), x) < 0.95 * WANTED
        if suffices and share_by_chance(weights, x) > BY_CHANCE:
            return {"weights": weights, "x": x}


def aligned(weights: Tensor, x: Tensor) -> Tensor:
    """Biases along the mean that arrives at each layer, as long as they may be."""
    mean, rows = x.mean(1), []
    for w in weights:
        arrives = w @ mean
        rows.append(BOUND * math.sqrt(WIDTH) * arrives / arrives.norm())
        mean = arrives + rows[-1]
    return torch.stack(rows)


def share(weights: Tensor, biases: Tensor, x: Tensor) -> float:
    """Share of the last layer's mean square that is variance over the inputs."""
    h = x
    for w, b in zip(weights, biases, strict=True):
        h = w @ h + b[:, None]
    return float(h.var(1, correction=0).mean() / h.square().mean())


def share_by_chance(weights: Tensor, x: Tensor) -> float:
    """The share with random biases, their mean square as it is on average over the draws: each
    adds its mean square times ‖A‖², A the product of the layers above it.
    """
    h, above = x, torch.eye(WIDTH, dtype=x.dtype)
    added = 0.0
    for down, up in zip(weights, weights.flip(0), strict=True):
        h = down @ h
        added += BOUND**2 * float(above.square().sum()) / WIDTH
        above = above @ up
    return float(h.var(1, correction=0).mean()) / (float(h.square().mean()) + added)


def _read(answer: Any) -> Tensor:
    if isinstance(answer, Sequence) and not isinstance(answer, str):
        rows = [to_tensor(row) for row in answer]
        if rows and all(row is not None and row.numel() == WIDTH for row in rows):
            answer = torch.stack([row.reshape(-1).double() for row in rows])  # type: ignore[union-attr]
    values = to_tensor(answer)
    if values is None or values.numel() != DEPTH * WIDTH:
        raise Finding(
            "not-the-biases",
            f"Wanted are the biases of {DEPTH} layers, {WIDTH} numbers each.",
            got=describe(answer),
        )
    return values.double().reshape(DEPTH, WIDTH)


def examine(trial: Trial) -> None:
    data = given(trial.draws)
    biases = _read(trial.answer)
    if not biases.isfinite().all():
        raise Finding("not-finite", "Every bias should be a finite number.")
    size = biases.square().mean(1).sqrt()
    if (size > BOUND * 1.001).any():
        layer = int(size.argmax()) + 1
        raise Finding(
            "too-large",
            f"The biases of a layer may have a root mean square of {BOUND} at most.",
            got=f"layer {layer}: {float(size.max()):.3g}",
        )
    found = share(data["weights"], biases, data["x"])
    if found <= WANTED:
        return
    shown = f"share of variance {found:.3f}"
    if float(size.max()) < 0.99 * BOUND:
        raise Finding(
            "not-used-up",
            f"Not constant enough, and your biases are smaller than the {BOUND} that is allowed.",
            got=shown,
        )
    raise Finding(
        "not-enough",
        "The biases are as large as they may be, but they do not add up: a later one undoes a part"
        " of what the earlier ones did. In which direction is the mean at a layer?",
        got=shown,
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Break it: constant units without any ReLU",
    chapter="signal_propagation",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="biases of thirty layers, shape (30, 32), that make the last layer's units constant",
    hints=(
        "Follow the mean over the inputs: what does a layer do to it, and what can a bias add?",
        "Random biases add up like a random walk. What grows faster?",
        "b = 0.5 √32 · (W m)/‖W m‖, with m the mean of the layer below: along what is there.",
    ),
    examine=examine,
    given=given,
)
