"""Compare an answer with the right one, and with the ways in which it is usually wrong.

A formula of a subject goes wrong in few ways: another axis, another divisor, a term that is
missing. Each is a :class:`Slip`, a change of one argument of a formula that can be computed
wrongly on purpose. An answer that differs from the oracle is compared with every slip and with
every two slips together; the one that agrees in all cases is the diagnosis. Where none agrees,
what can still be said is said: which part is right, in which case it goes wrong, by which factor
it is off, and what the exercise's own ``look`` sees.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.trial import Case, Finding, Trial, describe

TOLERANCE = (
    2e-4  # an answer in float32 is as right as one in float64; the named slips are far larger
)

Parts = tuple[Tensor, ...]
Look = Callable[[Parts, Parts, Case], str]


@dataclass(frozen=True)
class Slip:
    """A named mistake: what the formula takes in its place, and what to say about it."""

    code: str
    says: str
    change: Mapping[str, Any]


def judge(
    trial: Trial,
    cases: Sequence[Case],
    oracle: Callable[..., Any],
    *,
    parts: tuple[str, ...] = ("the result",),
    formula: Callable[..., Any] | None = None,
    slips: Sequence[Slip] = (),
    look: Look | None = None,
    tidy: Callable[[Any], Any] | None = None,
) -> None:
    """Return when the answer agrees with the oracle in all cases; raise a Finding when not.

    ``formula(**arguments, **change)`` computes the subject's formula with slips, ``look`` says
    more where no slip agrees, and ``tidy`` brings a returned value into the form that is
    compared.
    """
    trial.needs_function(*cases[0].arguments)
    values = [trial.call(case) for case in cases]
    wanted = [_as_parts(oracle(**case.arguments)) for case in cases]
    got = [
        _read(value, parts, trial.tried(case), tidy)
        for value, case in zip(values, cases, strict=True)
    ]
    wrong = [i for i, (g, w) in enumerate(zip(got, wanted, strict=True)) if not agree(g, w)]
    if wrong:
        first = wrong[0]
        tried, seen = trial.tried(cases[first]), _seen(got[first], wanted[first], parts)
        if formula is not None:
            found = explain(got, cases, formula, slips)
            if found:
                raise _named(found, tried, seen)
        code, says = _unnamed(got, wanted, cases, wrong, parts)
        if look is not None and code in ("different", "only-sometimes"):
            says = f"{says} {look(got[first], wanted[first], cases[first])}".strip()
        raise Finding(code, says, tried=tried, got=seen)
    untouched(trial)
    _remark_on_precision(trial, values)


def untouched(trial: Trial) -> None:
    """A Finding when the answer wrote to its arguments."""
    for name, case in trial.changed.items():
        raise Finding(
            "argument-changed",
            f"The value is right, but {trial.name} writes to its argument `{name}`: whoever calls "
            "it finds other numbers there afterwards. Work on a copy, or avoid operations in"
            " place.",
            tried=trial.tried(case),
        )


def explain(
    got: Sequence[Parts], cases: Sequence[Case], formula: Callable[..., Any], slips: Sequence[Slip]
) -> tuple[Slip, ...]:
    """The slip, or the two slips, with which the formula gives what the answer gave in every
    case."""
    for candidate in _candidates(slips):
        changes = {k: v for slip in candidate for k, v in slip.change.items()}
        if all(_gives(formula, case, changes, g) for case, g in zip(cases, got, strict=True)):
            return candidate
    return ()


def _candidates(slips: Sequence[Slip]) -> Iterator[tuple[Slip, ...]]:
    yield from ((slip,) for slip in slips)
    for one, other in itertools.combinations(slips, 2):
        if not one.change.keys() & other.change.keys():
            yield one, other


def _gives(formula: Callable[..., Any], case: Case, changes: Mapping[str, Any], got: Parts) -> bool:
    try:
        value = _as_parts(formula(**case.arguments, **changes))
    except (RuntimeError, IndexError, ValueError):
        return False  # a slip may be impossible for this shape
    return agree(got, value)


def agree(got: Sequence[Tensor], wanted: Sequence[Tensor], tolerance: float = TOLERANCE) -> bool:
    """Equal shapes, and differences small against the size of the values; NaN agrees with NaN."""
    return len(got) == len(wanted) and all(
        g.shape == w.shape and _close(g, w, tolerance) for g, w in zip(got, wanted, strict=True)
    )


def _close(got: Tensor, wanted: Tensor, tolerance: float) -> bool:
    finite = wanted[wanted.isfinite()]
    scale = max(1.0, finite.abs().max().item()) if finite.numel() else 1.0
    return torch.allclose(got, wanted, rtol=0.0, atol=tolerance * scale, equal_nan=True)


# --- reading what came back -------------------------------------------------------------------


def to_tensor(value: Any) -> Tensor | None:
    """A float64 tensor of a tensor, array, number or nested list of numbers; None for anything
    else.

    >>> to_tensor([1, 2]), to_tensor("1, 2")
    (tensor([1., 2.], dtype=torch.float64), None)
    """
    if isinstance(value, Tensor):
        if value.is_complex():
            return None
        return value.detach().to("cpu", torch.float64)
    if isinstance(value, tuple | list) and any(isinstance(v, Tensor) for v in value):
        items = [to_tensor(v) for v in value]
        if any(i is None or i.shape != items[0].shape for i in items):  # type: ignore[union-attr]
            return None
        return torch.stack(items)  # type: ignore[arg-type]
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return None
    if array.dtype.kind not in "fiub":
        return None
    return torch.from_numpy(array.astype(np.float64))


def _as_parts(value: Any) -> Parts:
    items = value if isinstance(value, tuple) else (value,)
    return tuple(torch.as_tensor(item, dtype=torch.float64) for item in items)


def _read(
    value: Any, parts: tuple[str, ...], tried: str, tidy: Callable[[Any], Any] | None
) -> Parts:
    """The parts of a returned value, each a float64 tensor; a Finding when they are not there."""
    if tidy is not None:
        try:
            value = tidy(value)
        except Finding as finding:
            finding.tried = tried
            raise
    items = (value,)
    if len(parts) > 1:
        if isinstance(value, dict):
            value = tuple(value.values())
        if not isinstance(value, tuple | list) or len(value) != len(parts):
            count = f"{len(value)} values" if isinstance(value, tuple | list) else describe(value)
            raise Finding(
                "wrong-number-of-values",
                f"Wanted are {len(parts)} values, ({', '.join(parts)}); {count} came back.",
                tried=tried,
                got=describe(value),
            )
        items = tuple(value)
    read = []
    for item, part in zip(items, parts, strict=True):
        tensor = to_tensor(item)
        if tensor is None:
            raise Finding(
                "wrong-type",
                f"{_capital(part)} should be a tensor or an array of numbers.",
                tried=tried,
                got=describe(item),
            )
        read.append(tensor)
    return tuple(read)


# --- what to say ------------------------------------------------------------------------------


def _named(found: tuple[Slip, ...], tried: str, seen: str) -> Finding:
    code = "+".join(slip.code for slip in found)
    if len(found) == 1:
        return Finding(code, found[0].says, tried=tried, got=seen)
    both = " Second: ".join(slip.says for slip in found)
    return Finding(code, f"Two things at once. First: {both}", tried=tried, got=seen)


def _seen(got: Parts, wanted: Parts, parts: tuple[str, ...]) -> str:
    """What came back, in a line for each part that is wrong."""
    lines = []
    for part, g, w in zip(parts, got, wanted, strict=True):
        if g.shape != w.shape:
            lines.append(f"{part}: shape {_shape(g)}, wanted is {_shape(w)}")
        elif not agree((g,), (w,)):
            gap = (g - w).abs().nan_to_num(nan=torch.inf)
            worst = tuple(int(i) for i in np.unravel_index(int(gap.argmax()), tuple(g.shape)))
            where = f" at {list(worst)}" if worst else ""
            off = f", off by {gap[worst]:.3g}" if gap[worst].isfinite() else ""
            lines.append(f"{part}: {g[worst]:.4g}{where}{off}")
    return "; ".join(lines)


def _shape(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)}" if tensor.ndim else "of a single number"


def _unnamed(
    got: Sequence[Parts],
    wanted: Sequence[Parts],
    cases: Sequence[Case],
    wrong: Sequence[int],
    parts: tuple[str, ...],
) -> tuple[str, str]:
    """A diagnosis where no slip agrees: order, shape, NaN, sign, factor, the case, the part."""
    for order in itertools.permutations(range(len(parts))):
        if all(agree([g[i] for i in order], w) for g, w in zip(got, wanted, strict=True)):
            names = ", ".join(parts)
            return "order", f"The values are right but stand in another order than ({names})."
    g, w = got[wrong[0]], wanted[wrong[0]]
    for part, mine, right in zip(parts, g, w, strict=True):
        if mine.shape != right.shape:
            return _shape_says(part, mine, right)
        if not mine.isfinite().all():
            special = cases[wrong[0]].special
            return (
                "not-finite",
                (
                    f"{_capital(part)} holds {_bad_numbers(mine)}. It happens with {special}: which"
                    " division or root is not safe there?"
                ),
            )
    return _size_says(got, wanted, cases, parts)


def _shape_says(part: str, mine: Tensor, right: Tensor) -> tuple[str, str]:
    if mine.numel() == right.numel():
        return (
            "wrong-shape",
            (
                f"{_capital(part)} has as many entries as it should, in shape {_shape(mine)} and"
                f" not {_shape(right)}."
            ),
        )
    return (
        "wrong-shape",
        (
            f"{_capital(part)} has shape {_shape(mine)}; wanted is {_shape(right)}. Over which axes"
            " do you average or sum, and which do you keep?"
        ),
    )


def _size_says(
    got: Sequence[Parts], wanted: Sequence[Parts], cases: Sequence[Case], parts: tuple[str, ...]
) -> tuple[str, str]:
    """Which part is wrong and when, and whether by a sign, a factor or a shift."""
    fits = [[agree((g[i],), (w[i],)) for g, w in zip(got, wanted, strict=True)] for i in _n(parts)]
    fine = [part for part, fit in zip(parts, fits, strict=True) if all(fit)]
    verb = "is" if len(fine) == 1 else "are"
    where = _capital(f"{' and '.join(fine)} {verb} right. ") if fine else ""
    i = next(i for i in _n(parts) if not all(fits[i]))
    part = _capital(parts[i])
    if any(fits[i]):
        good, bad = cases[fits[i].index(True)].special, cases[fits[i].index(False)].special
        return (
            "only-sometimes",
            f"{where}{part} is right with {good} and wrong with {bad}. What differs there?",
        )
    pairs = [(g[i], w[i]) for g, w in zip(got, wanted, strict=True)]
    if all(not g.any() for g, _ in pairs):
        return "all-zero", f"{where}{part} is zero everywhere."
    if all(agree((-g,), (w,)) for g, w in pairs):
        return "sign", f"{where}{part} has the right size everywhere and the wrong sign."
    factors = [_factor(g, w) for g, w in pairs]
    if all(f is not None for f in factors):
        each = ", ".join(f"{f:.3g}" for f in factors)
        return (
            "factor",
            (
                f"{where}{part} has the right pattern and the wrong size: it is the right one times"
                f" a number ({each} in the cases tried). Where does such a factor come from?"
            ),
        )
    if all(g.numel() > 1 and agree((g - (g - w).mean(),), (w,)) for g, w in pairs):
        return "shift", f"{where}{part} is off by the same amount everywhere."
    return "different", f"{where}{part} differs from the definition in every case tried."


def _n(parts: tuple[str, ...]) -> range:
    return range(len(parts))


def _factor(got: Tensor, wanted: Tensor) -> float | None:
    """The number k with got = k · wanted, if there is one."""
    if got.numel() < 2:
        return None
    k = ((got * wanted).sum() / (wanted**2).sum()).item()
    return k if agree((got,), (k * wanted,)) else None


def _capital(text: str) -> str:
    """Capitalizes words, and leaves names of code such as dx alone."""
    return text[0].upper() + text[1:] if text.startswith("the ") else text


def _bad_numbers(tensor: Tensor) -> str:
    nan, inf = int(tensor.isnan().sum()), int(tensor.isinf().sum())
    kinds = [f"{n} {name}" for n, name in ((nan, "NaN"), (inf, "infinite values")) if n]
    return f"{' and '.join(kinds)} among {tensor.numel()} entries"


def _remark_on_precision(trial: Trial, values: Sequence[Any]) -> None:
    first = values[0] if isinstance(values[0], tuple | list) else (values[0],)
    types = {str(v.dtype).removeprefix("torch.") for v in first if hasattr(v, "dtype")}
    if types & {"float32", "float16", "bfloat16"}:
        trial.remarks.append(
            "The arguments were float64 and the result is not: digits were lost on the way."
        )
