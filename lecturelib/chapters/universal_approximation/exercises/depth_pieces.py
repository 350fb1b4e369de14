"""universal-approximation-depth-pieces: folding w times in each layer."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the deep pieces", "the shallow pieces", "the units needed")


def oracle(width: int, layers: int) -> Parts:
    """Fold an interval and count."""
    pieces = 1
    for _ in range(layers):
        pieces = pieces * width
    values = (pieces, 1 + layers * width, pieces - 1)
    return tuple(torch.tensor(v).double() for v in values)


def formula(
    width: int,
    layers: int,
    *,
    deep: str = "power",
    bend: int = 1,
    missing: int = 1,
    shared: bool = True,
) -> Parts:
    """The three numbers with an argument for each way to get them wrong."""
    pieces = {
        "power": width**layers,
        "product": width * layers,
        "swapped": layers**width,
        "more": (width + 1) ** layers,
        "two": 2**layers,
        "last": width ** (layers - 1),
    }[deep]
    shallow = (width * layers if shared else width) + bend
    return tuple(torch.tensor(v).double() for v in (pieces, shallow, pieces - missing))


SLIPS = (
    Slip(
        "added-not-multiplied",
        "You add the folds of the layers. Each layer draws all of its pieces in *each* fold of the "
        "ones before.",
        {"deep": "product"},
    ),
    Slip(
        "base-and-exponent",
        "Base and exponent have changed places: a layer multiplies the pieces by its width.",
        {"deep": "swapped"},
    ),
    Slip(
        "one-fold-too-many",
        "You let a layer of w ReLUs make w + 1 folds on [0, 1]. Its first kink is spent at 0: it "
        "gives the first slope.",
        {"deep": "more"},
    ),
    Slip(
        "always-two",
        "Your number of folds is 2 for every width; that is the tent of the chapter.",
        {"deep": "two"},
    ),
    Slip(
        "one-layer-too-few",
        "You count the folds of one layer too few.",
        {"deep": "last"},
    ),
    Slip(
        "bends-not-pieces",
        "You count the bends of the shallow network. Between and around n bends lie n + 1 pieces.",
        {"bend": 0},
    ),
    Slip(
        "one-layer-only",
        "Your shallow network has the units of one layer. Give it as many as the deep one has "
        "altogether.",
        {"shared": False},
    ),
    Slip(
        "pieces-for-units",
        "n units make n + 1 pieces, so the number of units needed is one below that of the pieces.",
        {"missing": 0},
    ),
)


def examine(trial: Trial) -> None:
    cases = [
        Case(f"{layers} layers of {width}", {"width": width, "layers": layers})
        for width, layers in ((3, 4), (5, 2), (2, 6))
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-depth-pieces",
    title="Wider folds",
    chapter="universal_approximation",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function count(width, layers) that returns (deep, shallow, units needed)",
    hints=(
        "A zigzag on [0, 1] with w pieces takes w ReLUs: one for the first slope, w − 1 for the "
        "bends.",
        "Each layer multiplies the number of pieces.",
        "A single layer of n ReLUs has n + 1 pieces at most.",
    ),
    examine=examine,
)
