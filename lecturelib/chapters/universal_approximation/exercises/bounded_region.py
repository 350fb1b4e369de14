"""universal-approximation-bounded-region: break the theorem with a unit that is not monotonic."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SHAPES = {"W": (2, 2), "b": (2,), "a": (2,), "c": ()}


def decision(points: Tensor, W: Tensor, b: Tensor, a: Tensor, c: Tensor) -> Tensor:
    """g at points of shape ``(N, 2)``."""
    return (-((points @ W.T + b) ** 2)).exp() @ a + c


def examine(trial: Trial) -> None:
    W, _, a, c = parts = _read(trial.answer)
    origin = decision(torch.zeros(1, 2, dtype=torch.float64), *parts).item()
    if origin <= 0:
        raise Finding(
            "origin-outside",
            "The origin should lie in the region, and g is not positive there.",
            got=f"g(0, 0) = {origin:.4g}",
        )
    sizes = W.norm(dim=1)
    if (sizes == 0).any() or abs(torch.linalg.det(W)) < 1e-9 * sizes.prod():
        raise Finding(
            "parallel-units",
            "Both units change in one direction only. Along the other g stays as it is, so the "
            "region contains a line.",
        )
    if c >= 0:
        raise Finding(
            "positive-far-out",
            "Far out in most directions both bumps are 0, and g is the bias c there. It must be "
            "below 0.",
            got=f"c = {c.item():.4g}",
        )
    # Along the ridge of unit i the other one dies out: g tends to a_i + c, from above if a_j > 0.
    for i, other in ((0, 1), (1, 0)):
        height = (a[i] + c).item()
        if height > 0 or (height == 0 and a[other] > 0):
            raise Finding(
                "one-unit-enough",
                f"On the ridge of unit {i + 1} alone g stays positive for ever. Neither unit may "
                "be enough by itself; only where both are high should g be above 0.",
                got=f"a{i + 1} + c = {height:.4g}",
            )


def _read(answer: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    if isinstance(answer, dict):
        answer = tuple(answer[name] for name in SHAPES if name in answer)
    if not isinstance(answer, tuple | list) or len(answer) != 4:
        raise Finding(
            "not-four-parts", "Wanted are four parts, (W, b, a, c).", got=describe(answer)
        )
    parts = []
    for (name, shape), part in zip(SHAPES.items(), answer, strict=True):
        value = to_tensor(part)
        if value is None or value.numel() != math.prod(shape):
            raise Finding(
                "wrong-sizes",
                f"{name} should have shape {shape}: two units with two inputs, and one output.",
                got=describe(answer),
            )
        if not value.isfinite().all():
            raise Finding("not-finite", f"{name} holds numbers that are not finite.")
        parts.append(value.reshape(shape).double())
    return parts[0], parts[1], parts[2], parts[3]


EXERCISE = Exercise(
    slug="universal-approximation-bounded-region",
    title="Break it: two units that enclose the origin",
    chapter="universal_approximation",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="a tuple (W, b, a, c) of two units, of shapes (2, 2), (2,), (2,) and ()",
    hints=(
        "Each unit is a ridge: high along a line, 0 far from it. Draw two of them that cross.",
        "Where they cross their heights add up. Which bias leaves the crossing above 0, and "
        "neither ridge alone?",
    ),
    examine=examine,
)
