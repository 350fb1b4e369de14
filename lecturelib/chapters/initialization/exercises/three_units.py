"""initialization-three-units: units that differ, and yet work as one for ever."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.reading import unnamed
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

UNITS, INPUTS, STEPS = 3, 2, 60
APART = 0.1  # by which two units have to differ in a weight
SAME = 1e-6  # of the length of the longest unit


def _read(answer: Any) -> tuple[Tensor, Tensor]:
    answer = unnamed(answer, ("W", "v"))
    items = list(answer) if isinstance(answer, tuple | list) else []
    parts = [to_tensor(item) for item in items]
    if len(parts) != 2 or any(part is None for part in parts):
        raise Finding(
            "not-two-parts",
            "Wanted is a pair (W, v): three rows of two weights, and three outgoing weights.",
            got=describe(answer),
        )
    W, v = (torch.as_tensor(part) for part in parts)
    if W.shape != (UNITS, INPUTS) or v.numel() != UNITS:
        raise Finding(
            "wrong-shapes",
            "W should have three rows, one a unit, of two weights each, and v three numbers.",
            got=f"{describe(W)}, {describe(v)}",
        )
    if not (W.isfinite().all() and v.isfinite().all()):
        raise Finding("not-finite", "All weights should be finite numbers.")
    return W.clone(), v.reshape(UNITS).clone()


def _aside(W: Tensor) -> Tensor:
    """How far each row is from the nearest of w, −w and 0, with the longest row w; over its
    length."""
    w = W[W.norm(dim=1).argmax()]
    choices = torch.stack([w, -w, torch.zeros_like(w)])
    gaps = (W[:, None] - choices).norm(dim=2).amin(1)
    return gaps / w.norm().clamp(min=1e-300)


def _descend(W: Tensor, v: Tensor, x: Tensor, y: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    """Gradient descent on half the mean squared error of v·tanh(Wx)."""
    for _ in range(STEPS):
        h = torch.tanh(x @ W.T)
        error = (h @ v - y) / len(x)
        dW = ((error[:, None] * v) * (1 - h**2)).T @ x
        W, v = W - lr * dW, v - lr * h.T @ error
    return W, v


def _after(W: Tensor, v: Tensor, trial: Trial) -> Tensor:
    """How far each unit is from being one of w, −w, 0 after training on random data."""
    aside = torch.zeros(UNITS, dtype=torch.float64)
    for _ in range(3):
        x, y = trial.draws.normal(12, INPUTS), trial.draws.signed(12)
        aside = torch.maximum(aside, _aside(_descend(W, v, x, y, 0.3)[0]))
    return aside


def _balanced(W: Tensor, v: Tensor) -> bool:
    """Whether w and −w have opposite outgoing weights, and a unit of weights 0 has none.

    Where tanh is flat, or all of v is tiny, training is too slow to show that they have not.
    """
    zero = W.norm(dim=1) <= SAME * W.norm(dim=1).amax()
    rest = torch.stack([v[~zero].sum().abs(), v[zero].abs().sum()])
    return bool((rest <= SAME * v.abs().amax()).all())


def examine(trial: Trial) -> None:
    W, v = _read(trial.answer)
    gaps = (W[:, None] - W).abs().amax(2) + torch.eye(UNITS)
    if (gaps < APART).any():
        raise Finding(
            "units-equal",
            f"Two of the units have incoming weights that differ by less than {APART}. The theorem "
            "of the chapter keeps those together; wanted are three different ones.",
            got=describe(W),
        )
    lengths = W.norm(dim=1)
    zero = lengths < 1e-12
    if ((lengths <= SAME * lengths.amax()) & ~zero).any():
        raise Finding(
            "nearly-zero",
            "A unit has incoming weights that are tiny, and not 0. On large inputs it is a function"
            " of its own, and its outgoing weight gets a gradient.",
            got=describe(W),
        )
    if (_after(W, v, trial) < SAME).all() and _balanced(W, v):
        return
    if (_aside(W) > SAME).any():
        flat = torch.linalg.matrix_rank(W, rtol=SAME) < 2
        if flat:
            raise Finding(
                "another-size",
                "The rows lie on one line but are of different sizes, and tanh(2z) is not 2 "
                "tanh(z): these are two functions from the start. Which rows give the same "
                "function up to a factor?",
                got=describe(W),
            )
        raise Finding(
            "several-lines",
            "The units look at the plane in different directions: there are several functions from "
            "the start. tanh is odd. Which other row gives the same function up to a sign?",
            got=describe(W),
        )
    if (zero & (v.abs() > SAME * v.abs().amax())).any():
        raise Finding(
            "zero-unit-leaves",
            "The unit with incoming weights 0 has an outgoing weight that is not 0, so its "
            "incoming weights get a gradient, and it leaves.",
            got=f"v = {describe(v)}",
        )
    raise Finding(
        "mirror-broken",
        "At the start the units are one function; after the first step they are not. A unit's "
        "gradient is multiplied by its outgoing weight: which relation of the outgoing weights "
        "keeps w and −w opposite?",
        got=f"v = {describe(v)}",
    )


EXERCISE = Exercise(
    slug="initialization-three-units",
    title="Break it: three different units that stay one",
    chapter="initialization",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="a pair (W, v): three rows of two weights each, and three numbers",
    hints=(
        "Two units need not be equal to be the same function up to a factor. tanh is odd: "
        "tanh(−z) = −tanh(z).",
        "Exchange two units and turn the signs of both: which starts does that leave as they are?",
        "Two units can mirror each other. Which third one gets no gradient at all, whatever the "
        "data?",
    ),
    examine=examine,
)
