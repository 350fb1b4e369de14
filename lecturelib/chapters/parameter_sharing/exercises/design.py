"""parameter-sharing-design: a stack of convolutions within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lecturelib.chapters.parameter_sharing.structure import output_size
from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

CHANNELS, SIDE = 3, 32
OUT_CHANNELS, OUT_SIDE = 16, 8
FIELD, PARAMETERS, PRODUCTS = 23, 7_000, 600_000


class Cost(NamedTuple):
    """What a stack makes of an image, what it sees and what it costs."""

    channels: int
    side: int
    field: int
    seen: int  # rows of the field on which an output depends: fewer, if strides skip some
    parameters: int
    products: int


def cost(layers: Sequence[Sequence[int]]) -> Cost:
    """Follow (channels, kernel, stride, padding) through an image of 3 × 32 × 32."""
    channels, side, rows, step, parameters, products = CHANNELS, SIDE, {0}, 1, 0, 0
    for out, kernel, stride, padding in layers:
        side = output_size(side, kernel, stride=stride, padding=padding)
        window = kernel * kernel * channels
        parameters += out * (window + 1)
        products += out * window * side * side
        rows = {row + step * k for row in rows for k in range(kernel)}
        step, channels = step * stride, out
    return Cost(channels, side, max(rows) + 1, len(rows), parameters, products)


def _read(answer: Any) -> list[list[int]]:
    values = to_tensor(answer)
    shaped = values is not None and values.ndim == 2 and values.shape[1] == 4
    if values is None or not shaped or not values.eq(values.round()).all():
        raise Finding(
            "not-layers",
            "Wanted is a list of layers, each four whole numbers: (channels, kernel, stride, "
            "padding).",
            got=describe(answer),
        )
    return [[int(v) for v in row] for row in values.tolist()]


def examine(trial: Trial) -> None:
    layers = _read(trial.answer)
    try:
        found = cost(layers)
        if min(row[0] for row in layers) < 1:
            raise ValueError("a layer without channels")
    except ValueError as error:
        raise Finding(
            "does-not-fit",
            "A layer of the stack can't be: channels, kernel and stride are at least 1, and the "
            f"window has to fit into the padded map ({error}).",
        ) from None
    got = ", ".join(f"{name} {value}" for name, value in found._asdict().items())
    if (found.channels, found.side) != (OUT_CHANNELS, OUT_SIDE):
        raise Finding(
            "wrong-output",
            f"The output has {found.channels} channels of {found.side} × {found.side}; asked are "
            f"{OUT_CHANNELS} of {OUT_SIDE} × {OUT_SIDE}.",
            got=got,
        )
    if any(padding >= kernel for _, kernel, _, padding in layers):
        raise Finding(
            "empty-windows",
            "A layer is padded by as much as its kernel or more: some windows see nothing but "
            "padding.",
            got=got,
        )
    if found.field < FIELD:
        raise Finding(
            "field-too-small",
            f"An output sees {found.field} × {found.field} pixels, fewer than {FIELD}. A layer "
            "behind a stride adds more than one before it.",
            got=got,
        )
    if found.seen < FIELD:
        raise Finding(
            "gaps",
            f"An output's pixels lie in {found.field} × {found.field}, but it depends on "
            f"{found.seen} × {found.seen} of them: a stride skips what its kernel does not cover.",
            got=got,
        )
    if found.parameters > PARAMETERS:
        raise Finding(
            "too-many-parameters",
            f"{found.parameters} parameters are more than {PARAMETERS}. A large kernel costs its "
            "square; two small ones in a row see as far.",
            got=got,
        )
    if found.products > PRODUCTS:
        raise Finding(
            "too-many-multiplications",
            f"{found.products} multiplications are more than {PRODUCTS}. The parameters are few "
            "enough; they are used at too many places.",
            got=got,
        )


EXERCISE = Exercise(
    slug="parameter-sharing-design",
    title="Design: a stack within a budget",
    chapter="parameter_sharing",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="a list of layers (channels, kernel, stride, padding), such as [(8, 3, 1, 1), …]",
    hints=(
        "Two strides of 2 take 32 to 8. Where in the stack do they save most multiplications?",
        "Behind both strides a 3×3 layer adds 8 pixels to what an output sees; before them 2.",
        "Padding of (F − 1)/2 keeps the size at stride 1 and halves an even size at stride 2.",
    ),
    examine=examine,
)
