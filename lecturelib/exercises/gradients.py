"""Where a statement asks for gradients: does the answer's result carry the right ones?

The result is contracted with random cotangents, one for each part: with ones in their place, a
gradient that lacks a term would pass wherever the terms add up to zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.calling import Outcome, call, convert, copy_of
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.finding import Finding
from lecturelib.exercises.reading import plain, split
from lecturelib.exercises.tolerance import agree, of_case
from lecturelib.exercises.trial import SECONDS, Case, Trial
from lecturelib.exercises.words import describe, listed, verb

Gradients = Mapping[str, Tensor]


def judge_gradients(
    trial: Trial,
    cases: Sequence[Case],
    oracle: Callable[..., Any],
    names: Sequence[str],
    parts: Sequence[str],
    tidy: Callable[[Any], Any] | None = None,
) -> None:
    """A Finding unless the answer's gradients with respect to these arguments are the oracle's,
    in every case that is smooth."""
    for case in cases:
        if case.smooth:
            _judge(trial, case, oracle, names, parts, tidy)


def _judge(
    trial: Trial,
    case: Case,
    oracle: Callable[..., Any],
    names: Sequence[str],
    parts: Sequence[str],
    tidy: Callable[[Any], Any] | None,
) -> None:
    leaves, arguments = _leaves(case, names)
    outputs = oracle(**arguments)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    wanted = _gradients(outputs, leaves)

    def run() -> Any:
        mine, given = _leaves(case, names)
        fed = [
            convert(v, trial.kind or "tensor") if n not in names else v for n, v in given.items()
        ]
        value = plain(trial.answer(*fed))
        items = [_joined(item) for item in _split(value, parts, tidy, outputs)]
        return value, items, _gradients(items, mine)

    outcome = call(run, {}, SECONDS, "tensor")
    if outcome.error is not None:
        raise _cut(trial, case, names, _stopped(outcome))
    value, items, got = outcome.value
    asked = [i for i, o in enumerate(outputs) if isinstance(o, Tensor) and o.requires_grad]
    without = [parts[i] for i in asked if not _flows(items[i])]
    if len(without) == len(asked):
        raise _cut(trial, case, names, _without_graph(value))
    lost = [n for n in names if got[n] is None and wanted[n] is not None and wanted[n].any()]
    if lost:
        raise _finding(
            trial,
            case,
            "gradient-lost",
            f"no gradient reaches {listed([f'`{n}`' for n in lost])}. Something on the way from"
            " there to the result cuts it, such as `.detach()`, `.item()` or NumPy.",
        )
    wrong = [n for n in names if not _alike(got[n], wanted[n], case)]
    if wrong or without:
        more = (
            f" {listed(without)} {verb(without, 'carries', 'carry')} none at all."
            if without
            else ""
        )
        raise _finding(
            trial,
            case,
            "gradient-wrong",
            f"the gradient with respect to {listed([f'`{n}`' for n in wrong or names])} is not that"
            f" of the definition: part of the way is cut, or held constant.{more}",
        )


def _leaves(case: Case, names: Sequence[str]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Arguments of a call: those in ``names`` require a gradient. The call gets copies of the
    leaves, since a leaf can't be written to."""
    arguments = {name: copy_of(value) for name, value in case.arguments.items()}
    leaves = {n: torch.as_tensor(arguments[n]).double().requires_grad_() for n in names}
    return leaves, {**arguments, **{name: leaf.clone() for name, leaf in leaves.items()}}


def _gradients(outputs: Sequence[Any], leaves: Mapping[str, Tensor]) -> dict[str, Any]:
    """The gradient of Σ r · output by each leaf, with a random r for each; None where none
    comes."""
    draws = Draws("cotangents")
    total: Any = 0.0
    for output in outputs:
        if _flows(output):
            total = total + (draws.normal(*output.shape) * output).sum()
        elif isinstance(output, Tensor | np.ndarray):
            draws.normal(*output.shape)
    if not _flows(total):
        return dict.fromkeys(leaves)
    found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    return dict(zip(leaves, found, strict=True))


def _flows(output: Any) -> bool:
    return isinstance(output, Tensor) and output.requires_grad


def _split(
    value: Any,
    parts: Sequence[str],
    tidy: Callable[[Any], Any] | None,
    wanted: Sequence[Any],
) -> tuple[Any, ...]:
    if isinstance(value, Mapping) and tidy is not None:
        return split(tidy(value), parts, wanted)
    try:
        return split(value, parts, wanted)
    except Finding:
        return split(tidy(value) if tidy else value, parts, wanted)


def _joined(item: Any) -> Any:
    """One tensor of a list of tensors."""
    if isinstance(item, tuple | list) and any(isinstance(v, Tensor) for v in item):
        return torch.stack([torch.as_tensor(_joined(v)) for v in item])
    return item


def _alike(got: Tensor | None, wanted: Tensor | None, case: Case) -> bool:
    if wanted is None:
        return got is None or not got.any()
    mine = torch.zeros_like(wanted) if got is None else got.double()
    return agree((mine,), (wanted,), (of_case(case),))


# --- words --------------------------------------------------------------------------------------


def _finding(trial: Trial, case: Case, code: str, says: str) -> Finding:
    return Finding(
        code,
        f"The values are right, and the statement asks for gradients, too: {says}",
        tried=trial.tried(case),
    )


def _cut(trial: Trial, case: Case, names: Sequence[str], why: str) -> Finding:
    asked = listed([f"`{name}`" for name in names])
    return _finding(
        trial, case, "gradient-cut", f"no gradient with respect to {asked} flows back. {why}"
    )


def _stopped(outcome: Outcome) -> str:
    text = str(outcome.error)
    if "numpy" in text.lower():
        return "NumPy knows no gradients: write it with torch's operations."
    name = type(outcome.error).__name__
    return f"With arguments that require a gradient the function stops with {name}: {text[:200]}"


def _without_graph(value: Any) -> str:
    if isinstance(value, Tensor):
        return (
            "The tensor that comes back has no graph: `.detach()`, `.data`, `torch.no_grad()` or"
            " `torch.tensor(…)` has cut it off."
        )
    return (
        f"What comes back is {describe(value)}, no tensor with a graph: NumPy, `float(…)` and"
        " `.item()` cut it off. Write it with torch's operations, to the end."
    )
