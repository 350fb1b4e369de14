"""noise-and-augmentation-diagnose: four pipelines that should shift images, with a mistake each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

COUNT, SIDE = 6, 6
LETTERS = "abcdef"
_LOOK = {
    "a": "compare the shifts of its six images with one another.",
    "b": "what stands in the row or column that a shift has emptied, and where was it before?",
    "c": "what stands in the row or column that a shift has emptied? Look at its neighbour.",
    "d": "no shift alone brings the images of before to those of after. Look at left and right.",
    "e": "list the six shifts (down, right). Which of them never occur?",
    "f": "list the six shifts (down, right). How long is the longest?",
}


def moved(image: Tensor, down: int, right: int, padding: str = "constant") -> Tensor:
    """An image ``[H, W]`` shifted by whole pixels."""
    from lecturelib import augment

    return augment.shift(image[None, None], float(down), float(right), padding_mode=padding)[0, 0]


def pipeline(images: Tensor, letter: str, draws: Draws) -> Tensor:
    """The six images after a pipeline with this mistake."""
    shifts = [(1, -1), (-1, 1), (1, 1), (-1, -1), (1, 0), (0, 1)]
    if letter == "a":
        shifts = [draws.choice(shifts[:4])] * COUNT
    if letter == "e":
        shifts = [(0, draws.choice([-1, 1])) for _ in range(4)] + [(0, 1), (0, -1)]
    if letter == "f":
        shifts = [(2, -1), (-2, 1), (1, 2), (-1, -2), (1, 0), (0, 2)]
    padding = {"b": "circular", "c": "replicate"}.get(letter, "constant")
    result = torch.stack([moved(a, *s, padding) for a, s in zip(images, shifts, strict=True)])
    return result.flip(2) if letter == "d" else result


def _patients(draws: Draws) -> tuple[str, list[dict[str, Tensor]]]:
    chosen = draws.some(LETTERS, 4)
    patients = []
    for letter in chosen:
        images = draws.uniform(COUNT, SIDE, SIDE, low=0.1, high=1.0)
        patients.append({"before": images, "after": pipeline(images, letter, draws)})
    return "".join(chosen), patients


def given(draws: Draws) -> Mapping[str, Any]:
    """Four patients: images before and after."""
    return {"patients": _patients(draws)[1]}


def examine(trial: Trial) -> None:
    right, _ = _patients(trial.draws)
    begin = (
        "For each image find the shift (down, right) that brings it nearest to the one after, "
        "and list the six."
    )
    examine_letters(trial, right, _LOOK, of="patients", begin=begin)


EXERCISE = Exercise(
    slug="noise-and-augmentation-diagnose",
    title="Diagnose: four augmentations with a mistake",
    chapter="noise_and_augmentation",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="four letters in the order of the patients, such as 'abcd'",
    hints=(
        "The inside of a shifted image, a pixel or two from the edge, is a piece of the old one: "
        "try all shifts from −2 to 2 and see which fits.",
        "Where a shift fits, look at the row and the column that it has emptied.",
    ),
    examine=examine,
    given=given,
)
