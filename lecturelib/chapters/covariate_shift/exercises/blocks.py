"""covariate-shift-blocks: the internal covariate shift of a quadratic loss, exactly."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def _double(value: Any) -> Tensor:
    return torch.as_tensor(value, dtype=torch.float64)


def oracle(H: Any, g: Any, sizes: tuple[int, ...], lr: float) -> Tensor:
    """By moving the lower blocks and taking the gradient again."""
    H, g = _double(H), _double(g)
    found, first = [], 0
    for size in sizes:
        step = torch.zeros_like(g)
        step[:first] = -lr * g[:first]
        gradient = g + H @ step
        found.append((gradient - g)[first : first + size].norm())
        first += size
    return torch.stack(found)


def formula(
    H: Any,
    g: Any,
    sizes: tuple[int, ...],
    lr: float,
    *,
    which: str = "below",
    rate: bool = True,
    relative: bool = False,
    squared: bool = False,
    triangle: bool = False,
) -> Tensor:
    """The shifts with an argument for each way to get them wrong."""
    H, g = _double(H), _double(g)
    starts = [sum(sizes[:i]) for i in range(len(sizes) + 1)]
    blocks = [slice(a, b) for a, b in itertools.pairwise(starts)]
    found = []
    for i, block in enumerate(blocks):
        moved = {
            "below": blocks[:i],
            "up to": blocks[: i + 1],
            "above": blocks[i + 1 :],
            "others": blocks[:i] + blocks[i + 1 :],
            "next": blocks[max(i - 1, 0) : i],
        }[which]
        terms = [H[block, other] @ g[other] for other in moved] or [torch.zeros_like(g[block])]
        change = sum(t.norm() for t in terms) if triangle else torch.stack(terms).sum(0).norm()
        change = change * (lr if rate else 1.0)
        change = change / g[block].norm() if relative else change
        found.append(change**2 if squared else change)
    return torch.stack([torch.as_tensor(v) for v in found])


SLIPS = (
    Slip(
        "own-layer-moved",
        "You move the layer itself, too. Its own weights stay: only the layers below have stepped.",
        {"which": "up to"},
    ),
    Slip("layers-above", "You move the layers above in place of those below.", {"which": "above"}),
    Slip(
        "all-others",
        "You move the layers above as well. They stay where they are.",
        {"which": "others"},
    ),
    Slip(
        "only-the-next",
        "You move only the layer right below. All layers below have made their step.",
        {"which": "next"},
    ),
    Slip("no-rate", "The rate is missing: the step is −η g.", {"rate": False}),
    Slip(
        "relative",
        "You divide by the length of the gradient. Asked is the shift itself.",
        {"relative": True},
    ),
    Slip("squared", "You return the square of the length.", {"squared": True}),
    Slip(
        "lengths-added",
        "You add the lengths of the layers' contributions. They are vectors: add them first, some "
        "of them may cancel.",
        {"triangle": True},
    ),
)


def _case(draws: Draws, special: str, sizes: tuple[int, ...], lr: float) -> Case:
    n = sum(sizes)
    A = draws.normal(n, n)
    return Case(special, {"H": A + A.T, "g": draws.normal(n), "sizes": sizes, "lr": lr})


def examine(trial: Trial) -> None:
    cases = [
        _case(trial.draws, "three layers", (2, 3, 2), 0.1),
        _case(trial.draws, "four layers of different sizes", (1, 4, 2, 3), 0.03),
        _case(trial.draws, "two layers and a long step", (3, 3), 2.0),
        _case(trial.draws, "one layer", (4,), 0.5),
    ]
    judge(trial, cases, oracle, parts=("the shifts",), formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="covariate-shift-blocks",
    title="The shift of a quadratic loss",
    chapter="covariate_shift",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function shifts(H, g, sizes, lr) that returns one length a layer",
    hints=(
        "For a quadratic loss the first-order formula is exact: there is no o(η).",
        "Row block i of H, column blocks below i, times −η g of these.",
    ),
    examine=examine,
)
