"""residual-connections-plain-identity: a plain deep network that is the identity."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

CASES = ((3, 4), (1, 2), (5, 1), (2, 9))


def _read(value: Any, case: Case, inputs: int, layers: int) -> list[Tensor]:
    items = list(value) if isinstance(value, tuple | list) else []
    if isinstance(value, Tensor) and value.dim() == 3:
        items = list(value)
    found = [to_tensor(item) for item in items]
    if len(found) != layers + 1 or any(w is None for w in found):
        raise Finding(
            "wrong-number",
            f"Wanted is a list of weights: one for each of the {layers} hidden layers, and one for "
            "the output.",
            tried=str(case),
            got=describe(value),
        )
    weights = [torch.as_tensor(w).double() for w in found]
    sizes = [inputs, *(w.shape[0] if w.dim() == 2 else -1 for w in weights)]
    fits = all(w.dim() == 2 and w.shape[1] == n for w, n in zip(weights, sizes, strict=False))
    if not fits or sizes[-1] != inputs:
        raise Finding(
            "do-not-fit",
            f"The weights do not fit: a row for each output, a column for each input, {inputs} "
            f"inputs and {inputs} outputs of the whole.",
            tried=str(case),
            got=", ".join(str(tuple(w.shape)) for w in weights),
        )
    if max(sizes[1:-1]) > 2 * inputs:
        raise Finding(
            "too-wide",
            f"A hidden layer has {max(sizes[1:-1])} units; {2 * inputs} are allowed, and enough.",
            tried=str(case),
        )
    return weights


def _output(weights: list[Tensor], x: Tensor) -> Tensor:
    h = x
    for w in weights[:-1]:
        h = (h @ w.T).relu()
    return h @ weights[-1].T


def examine(trial: Trial) -> None:
    trial.needs_function("inputs", "layers")
    for inputs, layers in CASES:
        case = Case(
            f"{inputs} inputs, {layers} hidden layers", {"inputs": inputs, "layers": layers}
        )
        weights = _read(trial.call(case), case, inputs, layers)
        x = 2 * trial.draws.normal(40, inputs)
        out = _output(weights, x)
        if not out.isfinite().all():
            raise Finding("not-finite", "The outputs are not finite numbers.", tried=str(case))
        if (out - x).abs().max() < 1e-6:
            continue
        _diagnose(weights, x, out, case)


def _diagnose(weights: list[Tensor], x: Tensor, out: Tensor, case: Case) -> None:
    def near(a: Tensor, b: Tensor) -> bool:
        return bool((a - b).abs().max() < 1e-6)

    if near(out, x.clamp(min=0)):
        raise Finding(
            "positives-only",
            "Positive inputs come out as they are, negative ones as 0. Who carries the negative "
            "half?",
            tried=str(case),
        )
    if near(out, x.abs()):
        raise Finding(
            "absolute-value",
            "The network returns |x|: the two halves are added where one should be subtracted.",
            tried=str(case),
        )
    if near(out, -x):
        raise Finding(
            "negative", "The network returns −x. Look at the signs of the output.", tried=str(case)
        )
    ratio = (out * x).sum() / (x * x).sum()
    if ratio.abs() > 1e-9 and near(out, ratio * x):
        raise Finding(
            "factor",
            f"The network returns {ratio.item():.3g} times its input.",
            tried=str(case),
        )
    if near(_output(weights[:1] + weights[-1:], x), x):
        raise Finding(
            "later-layers",
            "With the first hidden layer and the output alone it would be right; the layers "
            "between change what passes. What do they get, and what is its ReLU?",
            tried=str(case),
        )
    raise Finding(
        "not-the-identity",
        f"The output is off its input by up to {(out - x).abs().max().item():.3g}.",
        tried=str(case),
    )


EXERCISE = Exercise(
    slug="residual-connections-plain-identity",
    title="Break it: a plain network that does nothing",
    chapter="residual_connections",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function weights(inputs, layers) that returns the list of weights, the output's last",
    hints=(
        "What does a ReLU do to x, and what to −x? What is max(x, 0) − max(−x, 0)?",
        "What arrives behind the first ReLU is never negative. What does another ReLU do to it?",
    ),
    examine=examine,
)
