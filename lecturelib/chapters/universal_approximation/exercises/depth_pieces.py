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
    return _numbers(pieces, 1 + layers * width, pieces - 1)


def _numbers(*values: int) -> Parts:
    """Whole numbers as float64, which holds them exactly below 2⁵³."""
    return tuple(torch.tensor(float(value), dtype=torch.float64) for value in values)


def formula(
    width: int,
    layers: int,
    *,
    deep: str = "power",
    shallow: str = "right",
    missing: int = 1,
    rounded: bool = False,
    single: int = -2,
) -> Parts:
    """The three numbers with an argument for each way to get them wrong."""
    pieces = {
        "power": width**layers,
        "product": width * layers,
        "swapped": layers**width,
        "more": (width + 1) ** layers,
        "two": 2**layers,
        "last": width ** (layers - 1),
        "fewer": (width - 1) ** layers,
        "next": width ** (layers + 1),
        "sum": sum(width**k for k in range(layers + 1)),
    }[deep]
    if rounded:
        pieces = int(torch.tensor(float(pieces), dtype=torch.float32))
    one_layer = {
        "right": width * layers + 1,
        "bends": width * layers,
        "fewer": width * layers - 1,
        "one layer's units": width + 1,
        "a bend a layer": (width + 1) * layers,
        "as deep": width**layers,
    }[shallow]
    return _numbers(pieces, one_layer, max(pieces - missing, single))


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
        {"shallow": "bends"},
    ),
    Slip(
        "one-layer-only",
        "Your shallow network has the units of one layer. Give it as many as the deep one has "
        "altogether.",
        {"shallow": "one layer's units"},
    ),
    Slip(
        "one-fold-too-few",
        "You let a layer of w ReLUs make w − 1 folds. The first ReLU gives the first slope, each "
        "further one a bend: w pieces.",
        {"deep": "fewer"},
    ),
    Slip(
        "one-layer-too-many",
        "You count the folds of one layer too many.",
        {"deep": "next"},
    ),
    Slip(
        "folds-summed",
        "You add the pieces after each layer. The result has those of the last: each layer "
        "multiplies.",
        {"deep": "sum"},
    ),
    Slip(
        "rounded",
        "Your number of pieces is not exact. Count with whole numbers: floating point loses digits "
        "of large ones.",
        {"rounded": True},
    ),
    Slip(
        "a-bend-a-layer",
        "In your shallow network each layer of the deep one brings a piece of its own. One layer "
        "of n ReLUs has n + 1 pieces at most, whatever it is compared with.",
        {"shallow": "a bend a layer"},
    ),
    Slip(
        "shallow-as-deep",
        "You give the shallow network as many pieces as the deep one. One layer of n ReLUs bends "
        "n times and no more.",
        {"shallow": "as deep"},
    ),
    Slip(
        "bends-subtracted",
        "Your shallow network has fewer pieces than ReLUs. Between and around n bends lie n + 1 "
        "pieces.",
        {"shallow": "fewer"},
    ),
    Slip(
        "one-unit-too-many",
        "n units make n + 1 pieces. The number of units needed is one below that of the pieces, "
        "not one above.",
        {"missing": -1},
    ),
    Slip(
        "at-least-one-unit",
        "You ask for at least one unit. A single piece takes none: a layer's output has a bias, "
        "and a constant is affine.",
        {"single": 1},
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
        for width, layers in ((3, 4), (5, 2), (2, 6), (4, 1), (1, 5), (1, 1), (3, 25), (2, 50))
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, exact=True)


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
