"""preprocessing-pipelines: four pipelines with a mistake each, seen from the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

TRAIN, TEST, COLUMNS = 8, 6, 3
MISTAKES = "abcdefgh"
_LOOK = {
    "a": "the training data are right. Which mean and deviation has z_test, column by column?",
    "b": "the training data are right. Compare z_test with x_test.",
    "c": "the training data are right, and z_test is far from 0. Undo the right transform once on "
    "z_test, and look again.",
    "d": "the training data have mean 0, and their deviations are not 1. What is the product of "
    "each with the deviation of the raw column?",
    "e": "the training data have mean 0. Compare their deviations with those of the raw columns.",
    "f": "neither training nor test data have mean 0 by themselves. And both together?",
    "g": "look at the rows of z_train instead of its columns.",
    "h": "the columns keep their distances from each other. Take the mean and the deviation of all "
    "entries of z_train at once.",
}


def _fitted(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.mean(0), x.std(0, correction=0)


def seen(letter: str, train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """What the network gets of both sets, with this mistake."""
    mean, std = _fitted(train)
    right = (train - mean) / std, (test - mean) / std
    own, own_std = _fitted(test)
    both, both_std = _fitted(torch.cat([train, test]))

    def by_row(x: Tensor) -> Tensor:
        return (x - x.mean(1, keepdim=True)) / x.std(1, correction=0, keepdim=True)

    def at_once(x: Tensor) -> Tensor:
        return (x - train.mean()) / train.std(correction=0)

    return {
        "a": (right[0], (test - own) / own_std),
        "b": (right[0], test),
        "c": (right[0], (right[1] - mean) / std),
        "d": ((train - mean) / std**2, (test - mean) / std**2),
        "e": (train - mean, test - mean),
        "f": ((train - both) / both_std, (test - both) / both_std),
        "g": (by_row(train), by_row(test)),
        "h": (at_once(train), at_once(test)),
    }[letter]


def _letters(draws: Draws) -> str:
    return "".join(draws.some(MISTAKES, 4))


def given(draws: Draws) -> Mapping[str, Any]:
    """Four pipelines: raw data of both sets, and what the network got."""
    pipelines = []
    for letter in _letters(draws):
        scale = torch.tensor([12.0, 0.5, 3.0], dtype=torch.float64)
        mean = torch.tensor([50.0, 37.0, 5.0], dtype=torch.float64)
        x = mean + scale * draws.normal(TRAIN + TEST, COLUMNS)
        z_train, z_test = seen(letter, x[:TRAIN], x[TRAIN:])
        pipelines.append(
            {"x_train": x[:TRAIN], "x_test": x[TRAIN:], "z_train": z_train, "z_test": z_test}
        )
    return {"pipelines": pipelines}


def examine(trial: Trial) -> None:
    right = _letters(trial.draws)
    begin = "Print mean and standard deviation of each column of z_train first, then of z_test."
    examine_letters(trial, right, _LOOK, of="pipelines", begin=begin)


EXERCISE = Exercise(
    slug="preprocessing-pipelines",
    title="Diagnose: four pipelines with a mistake",
    chapter="preprocessing",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="four letters in the order of the pipelines, such as 'abcd'",
    hints=(
        "What mean and deviation should the columns of z_train have? And those of z_test: have "
        "they to be 0 and 1?",
        "If z_train is right, compute what z_test should be, and compare.",
        "Rows, all entries at once, or both sets together: whose mean is exactly 0?",
    ),
    examine=examine,
    given=given,
)
