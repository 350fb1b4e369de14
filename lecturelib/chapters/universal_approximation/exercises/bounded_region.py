"""universal-approximation-bounded-region: three ReLUs that enclose the origin."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

FAR = 1e6


def decision(points: Tensor, W: Tensor, b: Tensor, a: Tensor, c: Tensor) -> Tensor:
    """g at points of shape ``(N, 2)``."""
    return (points @ W.T + b).relu() @ a + c


def examine(trial: Trial) -> None:
    parts = _read(trial.answer)
    W, _, a, c = parts
    origin = decision(torch.zeros(1, 2, dtype=torch.float64), *parts).item()
    if origin <= 0:
        raise Finding(
            "origin-outside",
            "The origin should lie in the region, and g is not positive there.",
            got=f"g(0, 0) = {origin:.4g}",
        )
    angles = torch.arange(1440, dtype=torch.float64) * 2 * math.pi / 1440
    circle = FAR * torch.stack([angles.cos(), angles.sin()], 1)
    far = decision(circle, *parts)
    if (far <= 0).all():
        return
    place = angles[int(far.argmax())].item() * 180 / math.pi
    got = f"g is {far.max():.3g} far out at {place:.0f} degrees"
    if (far > 0).all():
        raise Finding(
            "positive-everywhere",
            "Your g is positive far out in every direction. Each unit should take something away "
            "beyond its line.",
            got=got,
        )
    if (a > 0).any():
        raise Finding(
            "unit-adds",
            "One of your output weights is positive: beyond that unit's line, g grows without end.",
            got=got,
        )
    if c.item() > 0 and torch.linalg.matrix_rank(W) < 2:
        raise Finding(
            "parallel-lines",
            "All of your lines are parallel: along them g never changes.",
            got=got,
        )
    if (a == 0).any():
        raise Finding(
            "unit-unused",
            "One of your output weights is 0. With the two units that are left no bounded region "
            "is possible.",
            got=got,
        )
    raise Finding(
        "gap-between-units",
        "Between your units is a gap: far out in some directions none of them is on, and g is the "
        "bias c > 0 there. Which way do the three weights point?",
        got=got,
    )


def _read(answer: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    if isinstance(answer, dict):
        answer = tuple(answer.values())
    if not isinstance(answer, tuple | list) or len(answer) != 4:
        raise Finding(
            "not-four-parts", "Wanted are four parts, (W, b, a, c).", got=describe(answer)
        )
    values = [to_tensor(part) for part in answer]
    shapes = [(3, 2), (3,), (3,), ()]
    for name, value, shape in zip("Wbac", values, shapes, strict=True):
        if value is None or value.numel() != math.prod(shape):
            raise Finding(
                "wrong-sizes",
                f"{name} should have shape {shape}: three units with two inputs, and one output.",
                got=describe(answer),
            )
    W, b, a, c = (v.reshape(s) for v, s in zip(values, shapes, strict=True) if v is not None)
    return W, b, a, c


EXERCISE = Exercise(
    slug="universal-approximation-bounded-region",
    title="Enclose the origin",
    chapter="universal_approximation",
    kind="question",
    difficulty=2,
    minutes=10,
    wants="a tuple (W, b, a, c) of three ReLUs, of shapes (3, 2), (3,), (3,) and ()",
    hints=(
        "Let g be positive in the middle, and let each unit subtract something beyond its line.",
        "Far out in every direction at least one of the three must be on. Draw three arrows from "
        "the origin.",
    ),
    examine=examine,
)
