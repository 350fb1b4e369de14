"""universal-approximation-train: a small network that finds a quadrilateral."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import unnamed
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

POINTS, MOST, WANTED = 200, 5, 0.95


def quadrilateral(draws: Draws) -> tuple[Tensor, Tensor]:
    """Normals and offsets of four lines around the origin, in random directions."""
    turn = draws.uniform(4, low=-0.25, high=0.25) + math.pi / 2 * torch.arange(4)
    return torch.stack([turn.cos(), turn.sin()], 1), draws.uniform(4, low=0.45, high=0.8)


def points_of(draws: Draws, lines: tuple[Tensor, Tensor], count: int) -> tuple[Tensor, Tensor]:
    """Points of a square, half of them inside, none within 0.04 of a side."""
    normal, offset = lines
    sides: dict[bool, list[Tensor]] = {True: [], False: []}
    while min(map(len, sides.values())) < count // 2:
        x = draws.uniform(2, low=-1.5, high=1.5)
        margin = (offset - normal @ x).min().item()
        if abs(margin) > 0.04:
            sides[margin > 0].append(x)
    chosen = [torch.stack(sides[inside][: count // 2]) for inside in (True, False)]
    return torch.cat(chosen), torch.repeat_interleave(torch.tensor([1.0, 0.0]), count // 2).double()


def given(draws: Draws) -> Mapping[str, Any]:
    """The training set: points X and classes t."""
    X, t = points_of(draws, quadrilateral(draws), POINTS)
    return {"X": X, "t": t}


def _parameters(value: object) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    value = unnamed(value, ("W", "b", "a", "c"))
    items = [to_tensor(item) for item in value] if isinstance(value, tuple | list) else []
    if len(items) != 4 or any(item is None for item in items):
        raise Finding(
            "not-four-parameters", "Wanted are four parameters, (W, b, a, c).", got=describe(value)
        )
    W, b, a, c = (item.double() for item in items if item is not None)
    units = len(W) if W.ndim == 2 and W.shape[1] == 2 else 0
    if not units or b.numel() != units or a.numel() != units or c.numel() != 1:
        raise Finding(
            "wrong-shapes",
            "With n hidden units the shapes are W (n, 2), b (n,), a (n,) and one number c.",
            got=describe(value),
        )
    if not all(p.isfinite().all() for p in (W, b, a, c)):
        raise Finding("not-finite", "The parameters are not finite. Is the rate too large?")
    return W, b.reshape(-1), a.reshape(-1), c.reshape(())


def _wrong(X: Tensor, t: Tensor, parameters: tuple[Tensor, ...]) -> int:
    W, b, a, c = parameters
    return int((((X @ W.T + b).relu() @ a + c > 0) != (t > 0.5)).sum())


def examine(trial: Trial) -> None:
    lines = quadrilateral(trial.draws)
    X, t = points_of(trial.draws, lines, POINTS)
    fresh, classes = points_of(trial.draws, lines, POINTS)
    parameters = _parameters(trial.answer)
    W, b, _, _ = parameters
    if len(W) > MOST:
        raise Finding(
            "too-many-units",
            f"Your network has {len(W)} hidden units. With that many it is easy; here {MOST} have "
            "to do.",
        )
    wrong, new = _wrong(X, t, parameters), _wrong(fresh, classes, parameters)
    if wrong == 0 and new <= (1 - WANTED) * POINTS:
        return
    got = f"{wrong} of the given points wrong, {new} of {POINTS} new ones"
    z = X @ W.T + b
    if wrong > 0.9 * POINTS:
        raise Finding("upside-down", "Nearly every point is on the wrong side of g = 0.", got=got)
    if wrong == 0:
        raise Finding(
            "not-on-new-points",
            "No mistake on the given points, and too many on new ones: the lines lie elsewhere.",
            got=got,
        )
    if (z <= 0).all(0).any():
        raise Finding(
            "unit-off",
            "One of your units is off at every point, so it gets no gradient any more. Try another "
            "start.",
            got=got,
        )
    if len(W) < 3:
        raise Finding("too-few-units", "Two units enclose nothing, however trained.", got=got)
    raise Finding(
        "not-found",
        "Not all of the given points are right. Try other starts, another rate, more steps.",
        got=got,
    )


EXERCISE = Exercise(
    slug="universal-approximation-train",
    title="Train and tune: a quadrilateral with five units",
    chapter="universal_approximation",
    kind="experiment",
    difficulty=3,
    minutes=35,
    wants="the trained parameters (W, b, a, c) of at most five hidden ReLUs",
    hints=(
        "Take the loop of the chapter, start it from several seeds, and keep the network with the "
        "fewest mistakes.",
        "Which rates did the chapter find best? With too small a one hardly any start arrives.",
    ),
    examine=examine,
    given=given,
)
