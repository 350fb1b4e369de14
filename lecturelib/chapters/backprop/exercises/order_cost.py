"""backprop-order-cost: what the two orders of the products cost."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from lecturelib.chapters.backprop.experiments import multiplications
from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

_SAYS = {
    "exchanged": "The two numbers have changed places. The forward order starts at the input.",
    "one-product-too-many": "You count one product too many: P matrices need P − 1 products.",
    "sizes-only": "You add the sizes of the Jacobians. Forward, each entry of a factor is used "
    "once for every input; in reverse, once for every output.",
    "both-ends": "You multiply by inputs *and* outputs. Only one end stays during the products.",
    "layers-alone": "You count (rows) × (columns) of the partial products: the numbers that they "
    "hold. Each of these takes a sum of products.",
}


def given(draws: Draws) -> Mapping[str, Any]:
    """Sizes of the chain, input first."""
    first, last = draws.choice([30, 40, 50]), draws.choice([2, 3, 4])
    return {"widths": [first, draws.choice([8, 10, 12]), draws.choice([5, 6, 7]), last]}


def mistakes(widths: list[int]) -> dict[str, tuple[int, int]]:
    """What the usual mistakes give, by name."""
    sizes = [a * b for a, b in pairwise(widths)]
    first, last = widths[0], widths[-1]
    return {
        "exchanged": (multiplications(widths, "reverse"), multiplications(widths, "forward")),
        "one-product-too-many": (first * sum(sizes), last * sum(sizes)),
        "sizes-only": (sum(sizes[1:]), sum(sizes[:-1])),
        "both-ends": (first * last * sum(sizes[1:]), first * last * sum(sizes[:-1])),
        "layers-alone": (first * sum(widths[2:]), last * sum(widths[:-2])),
    }


def examine(trial: Trial) -> None:
    widths = given(trial.draws)["widths"]
    wanted = (multiplications(widths, "forward"), multiplications(widths, "reverse"))
    values = to_tensor(trial.answer)
    if values is None or values.numel() != 2:
        raise Finding(
            "not-two-numbers",
            "Wanted are two numbers, (forward, reverse).",
            got=describe(trial.answer),
        )
    found = tuple(values.reshape(2).tolist())
    if found == wanted:
        return
    for code, wrong in mistakes(widths).items():
        if found == wrong:
            raise Finding(code, _SAYS[code], got=describe(trial.answer))
    fits = [f == w for f, w in zip(found, wanted, strict=True)]
    if any(fits):
        good, bad = ("forward", "reverse") if fits[0] else ("reverse", "forward")
        raise Finding(
            f"{bad}-wrong", f"The {good} order is right, the {bad} order is not.",
            got=describe(trial.answer),
        )  # fmt: skip
    raise Finding(
        "both-wrong",
        "Neither number is right. Write down the shape of each partial product first: an a × b by "
        "a b × c matrix takes abc multiplications.",
        got=describe(trial.answer),
    )


EXERCISE = Exercise(
    slug="backprop-order-cost",
    title="The price of an order",
    chapter="backprop",
    kind="question",
    difficulty=1,
    minutes=10,
    wants="two whole numbers (forward, reverse)",
    hints=(
        "With sizes n0, n1, n2, n3 the Jacobians are n1 × n0, n2 × n1, n3 × n2.",
        "Forward: first J2 J1 takes n2 n1 n0 multiplications, then J3 (J2 J1) takes n3 n2 n0.",
    ),
    examine=examine,
    given=given,
)
