"""noise-and-augmentation-leak: validation images that are copies of training images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

TRAINED, KEPT = 120, 30
ALL = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))
STRAIGHT = tuple(s for s in ALL if 0 in s)
DIAGONAL = tuple(s for s in ALL if 0 not in s)


def _moved(images: Tensor, down: int, right: int, padding: str = "constant") -> Tensor:
    from lecturelib import augment

    shifts = float(down), float(right)
    return augment.shift(images[:, None], *shifts, padding_mode=padding)[:, 0]


def _data(draws: Draws) -> tuple[Tensor, Tensor]:
    from lecturelib.data import load_digits

    split = load_digits(as_images=True, seed=draws.choice([21, 22, 23]), dtype=torch.float64)
    images = split.x_train[:, 0]
    train, others = images[:TRAINED], images[TRAINED:]
    copies = [((0, 0), 2), (STRAIGHT[0], 1), (STRAIGHT[1], 1), (STRAIGHT[4], 1)]
    copies += [(s, 1) for s in DIAGONAL]
    leaked: list[Tensor] = []
    for shift, count in copies:
        for _ in range(count):
            image = train[draws.choice(range(TRAINED))][None]
            leaked.append(_moved(image, *shift)[0])
    fresh = []
    for i in range(KEPT - len(leaked)):
        fresh.append(_moved(others[i : i + 1], *draws.choice(ALL))[0])
    mixed, rest = [], [*leaked, *fresh]
    while rest:
        mixed.append(rest.pop(draws.choice(range(len(rest)))))
    return train, torch.stack(mixed)


def given(draws: Draws) -> Mapping[str, Any]:
    """Images train (120, 8, 8) and validation (30, 8, 8)."""
    train, validation = _data(draws)
    return {"train": train, "validation": validation}


def copies(
    train: Tensor, validation: Tensor, shifts: Sequence[tuple[int, int]], padding: str = "constant"
) -> set[int]:
    """The validation images that are a training image after one of these shifts."""
    found: set[int] = set()
    for shift in shifts:
        apart = torch.cdist(validation.flatten(1), _moved(train, *shift, padding).flatten(1))
        found |= set((apart.amin(1) < 1e-4).nonzero()[:, 0].tolist())
    return found


def _read(answer: Any) -> set[int]:
    values = to_tensor(sorted(answer) if isinstance(answer, set | frozenset) else answer)
    if values is None or values.ndim != 1 or not len(values):
        raise ValueError
    if len(values) == KEPT and ((values == 0) | (values == 1)).all():  # a mask
        return set(values.nonzero()[:, 0].tolist())
    if not (values == values.round()).all() or values.min() < 0 or values.max() > KEPT:
        raise ValueError
    return {int(v) for v in values}


def examine(trial: Trial) -> None:
    train, validation = _data(trial.draws)
    try:
        named = _read(trial.answer)
    except (ValueError, TypeError):
        raise Finding(
            "not-indices",
            f"Wanted are the places of the copies in validation, whole numbers from 0 to "
            f"{KEPT - 1}, such as [0, 3].",
            got=describe(trial.answer),
        ) from None
    right = copies(train, validation, ALL)
    if named == right:
        return
    known = {
        "exact-only": (
            copies(train, validation, [(0, 0)]),
            "These are the images that were not moved at all. A shifted copy tells as much.",
        ),
        "straight-only": (
            copies(train, validation, STRAIGHT),
            "Copies that were shifted down or up *and* to a side are missing.",
        ),
        "wrapped": (
            copies(train, validation, ALL, "circular"),
            "You let come in at one edge what leaves at the other, as torch.roll does. Copies "
            "whose strokes reach the edge are missing: the pipeline fills with zeros.",
        ),
        "complement": (
            set(range(KEPT)) - right,
            "These are the images that may stay. Asked: those that have to go.",
        ),
        "from-one": ({i + 1 for i in right}, "You count from 1; places start at 0."),
        "everything": (set(range(KEPT)), "Not every validation image is a copy."),
    }
    for code, (wrong, says) in known.items():
        if named == wrong:
            raise Finding(code, says)
    missed, extra = right - named, named - right
    got = f"{len(named & right)} of {len(right)} copies named, and {len(extra)} others"
    if extra:
        raise Finding(
            "false-alarm",
            "Some of these images are no copies. Like is not equal: the distance of a copy to its "
            "training image, shifted, is zero.",
            got=got,
        )
    raise Finding(
        "missed",
        f"Each of these is a copy, but {len(missed)} more are. Try all nine shifts.",
        got=got,
    )


EXERCISE = Exercise(
    slug="noise-and-augmentation-leak",
    title="Diagnose: a validation set that knows the answers",
    chapter="noise_and_augmentation",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="the places of the copies in validation, whole numbers such as [0, 3]",
    hints=(
        "Make all nine shifts of every training image, with zeros at the edge.",
        "For each validation image, find the smallest distance to any of them: torch.cdist on the "
        "flattened images.",
    ),
    examine=examine,
    given=given,
)
