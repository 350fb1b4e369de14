"""universal-approximation-knots: where to put 16 ReLUs for the square root."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

COUNT, GOAL = 17, 0.0025


def largest_errors(knots: Tensor) -> Tensor:
    """Error of the chord of √x on each piece: its largest value, by calculus."""
    a, b = knots[:-1].sqrt(), knots[1:].sqrt()
    return (b - a) ** 2 / (4 * (a + b))


def examine(trial: Trial) -> None:
    knots = _read(trial.answer)
    errors = largest_errors(knots)
    worst = int(errors.argmax())
    error = errors[worst].item()
    if error <= GOAL:
        return
    got = f"largest error {error:.4f}, between {knots[worst]:.4g} and {knots[worst + 1]:.4g}"
    widths = knots.diff()
    if widths.max() - widths.min() < 1e-6:
        raise Finding(
            "equal-distances",
            "Equal distances: all of the error sits in the first piece, where the root is steep. "
            "The other pieces have more knots than they need.",
            got=got,
        )
    for code, known, says in _SHAPES:
        if torch.allclose(knots, known, atol=1e-6):
            raise Finding(code, says, got=got)
    for code, power, says in _POWERS:
        if torch.allclose(
            knots, torch.linspace(0, 1, COUNT, dtype=knots.dtype) ** power, atol=1e-6
        ):
            raise Finding(code, says, got=got)
    place = "first" if worst == 0 else "last" if worst == COUNT - 2 else "a middle"
    article = "the " if worst in (0, COUNT - 2) else ""
    code = {"first": "first-piece-worst", "last": "last-piece-worst"}.get(
        place, "middle-piece-worst"
    )
    raise Finding(
        code,
        f"Your largest error sits in {article}{place} piece. Move knots towards it, from pieces "
        "that do better.",
        got=got,
    )


_EVEN = torch.linspace(0, 1, COUNT, dtype=torch.float64, device="cpu")
_SHAPES = (
    (
        "crowded-at-both-ends",
        (1 - (torch.pi * _EVEN).cos()) / 2,
        "You crowd the knots at both ends, as one does for polynomials. At 1 the root is nearly "
        "straight: knots are wasted there.",
    ),
    (
        "crowded-at-one",
        (torch.pi / 2 * _EVEN).sin(),
        "You crowd the knots towards 1, where the root is nearly straight. It is steep at 0.",
    ),
    (
        "halved-again-and-again",
        torch.cat([_EVEN[:1], 2.0 ** torch.arange(2.0 - COUNT, 1, device="cpu").double()]),
        "Each knot is twice the one before. That crowds far too many at 0, and leaves one piece "
        "for the upper half.",
    ),
)
_POWERS = (
    (
        "squares",
        2.0,
        "Squares of equal distances make equal steps in *height*. That is better, and the first "
        "piece is still the worst by far: there the root bends most.",
    ),
    (
        "cubes",
        3.0,
        "Cubes: better than squares, and not there yet. Compare the error of the first piece with "
        "that of the last.",
    ),
    (
        "roots",
        0.5,
        "Roots of equal distances crowd the knots towards 1, where the root is nearly straight. It "
        "is steep at 0.",
    ),
)


def _read(answer: Any) -> Tensor:
    knots = to_tensor(answer)
    if knots is None or knots.numel() != COUNT:
        raise Finding(
            "not-seventeen-numbers",
            f"Wanted are {COUNT} numbers: 16 pieces have 17 ends.",
            got=describe(answer),
        )
    knots = knots.reshape(COUNT)
    if abs(knots[0]) > 1e-12 or abs(knots[-1] - 1) > 1e-9:
        raise Finding(
            "ends-missing",
            "The first knot should be 0 and the last 1, so that the pieces cover [0, 1].",
            got=describe(answer),
        )
    if not (knots.diff() > 0).all():
        raise Finding(
            "not-increasing",
            "The knots should increase, each above the last.",
            got=describe(answer),
        )
    return knots


EXERCISE = Exercise(
    slug="universal-approximation-knots",
    title="Where to put the units",
    chapter="universal_approximation",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="an array of 17 increasing numbers from 0 to 1",
    hints=(
        "Where does the root bend most? There the pieces should be short.",
        "Try knots (i/16) to some power, and look at the error of each piece.",
        "On a piece of width h the error is about |f″| h²/8, and f″ ~ x^(−3/2). Equal errors mean "
        "h ~ x^(3/4). If x = t^p with equal steps of t, then h ~ t^(p−1). Which p?",
    ),
    examine=examine,
)
