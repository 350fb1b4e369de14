"""backprop-order-cost: what the two orders of the products cost."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

_SAYS = {
    "exchanged": "The two numbers have changed places. The forward order starts at the input.",
    "one-product-too-many": "You count one product too many: P matrices need P − 1 products.",
    "sizes-only": "You add the sizes of the Jacobians. Forward, each entry of a factor is used "
    "once for every input; in reverse, once for every output.",
    "both-ends": "You multiply by inputs *and* outputs. Only one end stays during the products.",
    "additions-too": "You count additions as well. Asked are the multiplications alone.",
    "additions-alone": "You count the additions, b − 1 for each entry. Asked are the "
    "multiplications, b for each.",
    "operations-doubled": "You count each multiplication twice, as operations with their "
    "additions. Asked are the multiplications alone.",
    "one-vector": "You add up the sizes of all Jacobians: that is the price of a product with one "
    "vector. Here whole matrices are multiplied.",
    "first-product-only": "You count the first product of each order alone. There are two.",
    "layers-alone": "You count (rows) × (columns) of the partial products: the numbers that they "
    "hold. Each of these takes a sum of products.",
}


def given(draws: Draws) -> Mapping[str, Any]:
    """Sizes of the chain, input first."""
    first, last = draws.choice([30, 40, 50]), draws.choice([2, 3, 4])
    return {"widths": [first, draws.choice([8, 10, 12]), draws.choice([5, 6, 7]), last]}


def mistakes(widths: list[int]) -> dict[str, tuple[int, int]]:
    """What the usual mistakes give, by name."""
    from lecturelib.chapters.backprop.experiments import multiplications

    sizes = [a * b for a, b in pairwise(widths)]
    first, last = widths[0], widths[-1]
    wanted = (multiplications(widths, "forward"), multiplications(widths, "reverse"))
    entries = (first * sum(widths[2:]), last * sum(widths[:-2]))
    return {
        "additions-too": (2 * wanted[0] - entries[0], 2 * wanted[1] - entries[1]),
        "additions-alone": (wanted[0] - entries[0], wanted[1] - entries[1]),
        "operations-doubled": (2 * wanted[0], 2 * wanted[1]),
        "one-vector": (sum(sizes), sum(sizes)),
        "first-product-only": (first * sizes[1], last * sizes[1]),
        "exchanged": (multiplications(widths, "reverse"), multiplications(widths, "forward")),
        "one-product-too-many": (first * sum(sizes), last * sum(sizes)),
        "sizes-only": (sum(sizes[1:]), sum(sizes[:-1])),
        "both-ends": (first * last * sum(sizes[1:]), first * last * sum(sizes[:-1])),
        "layers-alone": (first * sum(widths[2:]), last * sum(widths[:-2])),
    }


def examine(trial: Trial) -> None:
    from lecturelib.chapters.backprop.experiments import multiplications

    widths = given(trial.draws)["widths"]
    wanted = (multiplications(widths, "forward"), multiplications(widths, "reverse"))
    try:
        found = tuple(v.item() for v in read_parts(trial.answer, ("forward", "reverse")))
    except (Finding, ValueError, RuntimeError):
        raise Finding(
            "not-two-numbers",
            "Wanted are two numbers, (forward, reverse).",
            got=describe(trial.answer),
        ) from None
    if found == wanted:
        return
    for code, wrong in mistakes(widths).items():
        if found == wrong:
            raise Finding(code, _SAYS[code], got=describe(trial.answer))
    fits = [f == w for f, w in zip(found, wanted, strict=True)]
    if any(fits):
        good, bad = ("forward", "reverse") if fits[0] else ("reverse", "forward")
        says = f"The {good} order is right, the {bad} order is not."
        part = int(fits[0])
        known = (
            code
            for code, wrong in mistakes(widths).items()
            if wrong[part] == found[part] and code != "exchanged"  # the other one is right
        )
        says += f" {_SAYS[code]}" if (code := next(known, "")) else ""
        raise Finding(f"{bad}-wrong", says, got=describe(trial.answer))
    raise Finding(
        "both-wrong",
        "Neither number is right. Write down the shape of each partial product first: an a × b by "
        "a b × c matrix takes abc multiplications.",
        tried=f"the chain of sizes {widths}",
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
