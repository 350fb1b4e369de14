"""universal-approximation-bounded-region: three ReLUs that enclose the origin."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

EXACT = 1e-9  # against the size of what is added


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
    directions = _directions(W)
    escapes = [_escapes(direction, *parts) for direction in directions]
    if not any(escapes):
        return
    x, y = directions[escapes.index(True)].tolist()
    got = f"g stays positive far out at {math.degrees(math.atan2(y, x)) % 360:.4g} degrees"
    if all(escapes):
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


def _directions(W: Tensor) -> Tensor:
    """Unit vectors along the lines of the units, and halfway between neighbours of these.

    Between two neighbours the same units are on far out, so g has one slope there, which is a
    sinusoid of the direction: it can't be positive inside and not at the ends or the middle.
    """
    used = W[W.norm(dim=1) > 0]
    along = torch.atan2(used[:, 0], -used[:, 1])
    angles = torch.cat([along, along + math.pi, torch.zeros(1, dtype=W.dtype)]) % (2 * math.pi)
    angles = angles.sort().values
    middles = (angles + torch.cat([angles[1:], angles[:1] + 2 * math.pi])) / 2
    both = torch.cat([angles, middles])
    return torch.stack([both.cos(), both.sin()], 1)


def _escapes(direction: Tensor, W: Tensor, b: Tensor, a: Tensor, c: Tensor) -> bool:
    """Whether g stays positive for ever in a direction, from somewhere."""
    rates = W @ direction
    rates = torch.where(rates.abs() < EXACT * W.abs().max(), 0.0, rates)
    slope = (a * rates.relu()).sum().item()
    if abs(slope) > EXACT * (a.abs() @ rates.abs()).item():
        return slope > 0
    # No slope: what counts is the height, on the kinks of the units that stay as they are.
    sizes = W.square().sum(1, keepdim=True)
    kinks = torch.where(sizes > 0, -b[:, None] * W / sizes.clamp(min=1e-300), 0.0)
    start = torch.cat(
        [torch.zeros(1, 2, dtype=W.dtype), kinks, kinks[:, None].add(kinks).reshape(-1, 2)]
    )
    values = start @ W.T + b
    on = torch.where(rates > 0, values, torch.where(rates < 0, 0.0, values.relu()))
    return bool((on @ a + c > EXACT * (a.abs() @ b.abs() + c.abs())).any())


def _read(answer: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    if isinstance(answer, dict):
        answer = tuple(answer[name] for name in ("W", "b", "a", "c") if name in answer)
    if not isinstance(answer, tuple | list) or len(answer) != 4:
        raise Finding(
            "not-four-parts", "Wanted are four parts, (W, b, a, c).", got=describe(answer)
        )
    values = [to_tensor(part) for part in answer]
    shapes = [(3, 2), (3,), (3,), ()]
    for name, value, shape in zip("Wbac", values, shapes, strict=True):
        turned = value is not None and name == "W" and value.shape == (2, 3)
        if value is None or value.numel() != math.prod(shape) or turned:
            raise Finding(
                "wrong-sizes",
                f"{name} should have shape {shape}: three units with two inputs, and one output.",
                got=describe(answer),
            )
        if not value.isfinite().all():
            raise Finding("not-finite", f"{name} holds numbers that are not finite.")
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
