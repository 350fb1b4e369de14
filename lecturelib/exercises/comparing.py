"""Compare an answer with the right one, and with the ways in which it is usually wrong.

A formula of a subject goes wrong in few ways: another axis, another divisor, a term that is
missing. Each is a :class:`Slip`, a change of one argument of a formula that can be computed
wrongly on purpose. An answer that differs from the oracle is compared with every slip and with
every two slips together; the one that agrees in all cases is the diagnosis. Where none explains
all parts of an answer, each part is explained by itself. Where none agrees, what can still be
said is said (:mod:`~lecturelib.exercises.saying`), and what the exercise's own ``look`` sees.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lecturelib.exercises.calling import Kind
from lecturelib.exercises.gradients import judge_gradients
from lecturelib.exercises.reading import Parts, in_order, read_parts, to_tensor
from lecturelib.exercises.rules import Rule, leaves_arguments, obey
from lecturelib.exercises.saying import Comparison, in_another_order, seen, unnamed
from lecturelib.exercises.tolerance import TOLERANCE, Tolerance, agree, tolerances
from lecturelib.exercises.trial import Case, Finding, Trial
from lecturelib.exercises.words import capital, verb

__all__ = [
    "TOLERANCE",
    "Parts",
    "Slip",
    "agree",
    "explain",
    "judge",
    "read_parts",
    "to_tensor",
    "untouched",
]

Look = Callable[[Parts, Parts, Case], str]
Tidy = Callable[[Any], Any]


@dataclass(frozen=True)
class Slip:
    """A named mistake: what the formula takes in its place, and what to say about it."""

    code: str
    says: str
    change: Mapping[str, Any]


@dataclass(frozen=True)
class _Task:
    """What an answer is held against."""

    cases: Sequence[Case]
    wanted: Sequence[Parts]
    parts: tuple[str, ...]
    exact: bool | Collection[str]
    formula: Callable[..., Any] | None
    slips: Sequence[Slip]
    look: Look | None
    tidy: Tidy | None


@dataclass(frozen=True)
class _Attempt:
    """What came of calling the answer with one kind of arguments."""

    kind: Kind
    values: Sequence[Any] = ()
    finding: Finding | None = None
    tidy: Tidy | None = None


def judge(
    trial: Trial,
    cases: Sequence[Case],
    oracle: Callable[..., Any],
    *,
    parts: tuple[str, ...] = ("the result",),
    formula: Callable[..., Any] | None = None,
    slips: Sequence[Slip] = (),
    look: Look | None = None,
    tidy: Tidy | None = None,
    gradients: Sequence[str] = (),
    gradient_oracle: Callable[..., Any] | None = None,
    rules: Sequence[Rule] = (),
    exact: bool | Collection[str] = (),
) -> None:
    """Return when the answer agrees with the oracle in all cases; raise a Finding when not.

    ``formula(**arguments, **change)`` computes the subject's formula with slips, ``look`` says
    more where no slip agrees, and ``tidy`` brings a returned value into the form that is
    compared. ``exact`` names the parts that are whole numbers. What only a statement can ask for
    comes on top: right ``gradients`` with respect to these arguments (of ``gradient_oracle``, or
    of the oracle), and ``rules`` for the way.
    """
    trial.needs_function(*cases[0].arguments)
    wanted = [_as_parts(oracle(**case.arguments)) for case in cases]
    task = _Task(cases, wanted, parts, exact, formula, slips, look, tidy)
    values, tidy = _right_values(trial, task)
    obey(trial, (), [rule for rule in rules if not rule.traced])  # writing stops a gradient, too
    if gradients:
        judge_gradients(trial, cases, gradient_oracle or oracle, gradients, parts, tidy)
    obey(trial, cases, [rule for rule in rules if rule.traced])
    _remark_on_writing(trial)
    _remark_on_precision(trial, values)


def untouched(trial: Trial) -> None:
    """A Finding when the answer wrote to its arguments."""
    obey(trial, (), (leaves_arguments(),))


# --- tensors or arrays --------------------------------------------------------------------------


def _right_values(trial: Trial, task: _Task) -> tuple[Sequence[Any], Tidy | None]:
    """The values of an answer that is right with tensors or with arrays, and how they were read; a
    Finding otherwise."""
    attempts: list[_Attempt] = []
    for kind in trial.kinds(task.cases[0]):  # the one that it took before comes first
        raised = all(a.finding is not None and a.finding.error is not None for a in attempts)
        if kind in ("list", "number") and not raised:
            break  # these are for answers that did not run otherwise
        attempts.append(_attempt(trial, task, kind))
        finding = attempts[-1].finding
        if finding is None:
            _remark_on_kinds(trial, attempts)
            return attempts[-1].values, attempts[-1].tidy
        if finding.code in ("too-slow", "exit"):
            break
    raise _likeliest(attempts)


def _attempt(trial: Trial, task: _Task, kind: Kind) -> _Attempt:
    trial.changed.clear()
    try:
        values = [trial.call(case, kind) for case in task.cases]
        finding = _reading(trial, task, values)
        if finding is None or not any(
            hasattr(v, "_asdict") or isinstance(v, Mapping) for v in values
        ):
            return _Attempt(kind, values, finding, task.tidy)
        plainly = dataclasses.replace(task, tidy=_without_names(task))
        if _reading(trial, plainly, values) is None:  # the names meant something else
            return _Attempt(kind, values, None, plainly.tidy)
        return _Attempt(kind, values, finding, task.tidy)
    except Finding as finding:
        return _Attempt(kind, finding=finding)


def _reading(trial: Trial, task: _Task, values: Sequence[Any]) -> Finding | None:
    """What is wrong with the values, once they are read."""
    try:
        got = [
            _read(value, task, wanted, trial.tried(case))
            for value, wanted, case in zip(values, task.wanted, task.cases, strict=True)
        ]
    except Finding as finding:
        return finding
    return _examine(trial, task, got)


def _without_names(task: _Task) -> Tidy:
    """The task's tidying, and then the items of a dict in their order."""

    def tidy(value: Any) -> Any:
        return in_order(value if task.tidy is None else task.tidy(value), task.parts)

    return tidy


def _likeliest(attempts: Sequence[_Attempt]) -> Finding:
    """The finding that says most: one about the values, with the fewest mistakes at once, before
    an exception that comes of the arguments' kind."""
    findings = [attempt.finding for attempt in attempts if attempt.finding is not None]
    return min(findings, key=_rank)  # the first of equals: the likeliest kind


def _rank(finding: Finding) -> int:
    if finding.error is not None:
        return 9 if isinstance(finding.error, AttributeError | TypeError) else 3
    if finding.code in ("too-slow", "wrong-type", "nothing-returned", "wrong-number-of-values"):
        return 4
    return finding.code.count("+") if finding.code not in _UNNAMED else 2


_UNNAMED = ("different", "only-sometimes", "not-finite", "wrong-shape")


def _remark_on_kinds(trial: Trial, attempts: Sequence[_Attempt]) -> None:
    earlier = attempts[0].finding
    if len(attempts) == 2 and earlier is not None and earlier.error is None:
        right, wrong = (
            ("arrays", "tensors") if attempts[1].kind == "array" else ("tensors", "arrays")
        )
        trial.remark(
            f"Right with {right}. With {wrong} the same text gives other values: `var` and `std` of"
            " tensors divide by N − 1, those of arrays by N."
        )


# --- right or wrong -----------------------------------------------------------------------------


def _examine(trial: Trial, task: _Task, got: Sequence[Parts]) -> Finding | None:
    allowed = [tolerances(case, task.parts, task.exact) for case in task.cases]
    comparison = Comparison(task.cases, got, task.wanted, allowed, task.parts)
    wrong = comparison.wrong_cases
    if not wrong:
        return None
    code, says = _named(comparison, task) or unnamed(comparison)
    first = wrong[0]
    if task.look is not None and code in ("different", "only-sometimes"):
        says = f"{says} {task.look(got[first], task.wanted[first], task.cases[first])}".strip()
    return Finding(code, says, tried=trial.tried(task.cases[first]), got=seen(comparison, first))


def _named(comparison: Comparison, task: _Task) -> tuple[str, str] | None:
    """The slips that explain the answer: as a whole, or else part by part."""
    if task.formula is None:
        return None
    allowed = comparison.tolerances
    formula = _remembering(task.formula)
    task = dataclasses.replace(task, formula=formula)
    whole = explain(comparison.got, task.cases, formula, task.slips, allowed)
    if whole:
        return "+".join(slip.code for slip in whole), _both([slip.says for slip in whole])
    if len(task.parts) == 1 or in_another_order(comparison):
        return None
    slips = [slip for slip in task.slips if not _exchanging(comparison, task, slip)]
    found = {p: _explain_part(comparison, task, slips, p) for p in comparison.wrong_parts}
    if not all(found.values()):
        return None
    codes = dict.fromkeys(slip.code for slips in found.values() for slip in slips)
    return "+".join(codes), _part_says(comparison, task, found)


def _remembering(formula: Callable[..., Any]) -> Callable[..., Any]:
    """The formula, computed once for the same arguments: each part asks for all the slips."""
    known: dict[Any, tuple[Any, ...]] = {}

    def remembered(**arguments: Any) -> Any:
        key = tuple((name, id(value)) for name, value in arguments.items())
        if key not in known:
            # The arguments are kept, so that no other object gets the id of one of them.
            known[key] = (formula(**arguments), *arguments.values())
        return known[key][0]

    return remembered


def _part_says(comparison: Comparison, task: _Task, found: Mapping[int, tuple[Slip, ...]]) -> str:
    """The slips of each part. One that would change other parts, too, is a likeness only."""
    says = []
    for p, slips in found.items():
        part = comparison.parts[p]
        like = f"{capital(part)} {verb([part], 'comes', 'come')} out as with this mistake:"
        head = f"In {part}:" if _changed(task, slips) <= {p} else like
        says.append(f"{head} {_both([slip.says for slip in slips])}")
    return comparison.fine() + " ".join(says)


def _changed(task: _Task, slips: Sequence[Slip]) -> set[int]:
    """The parts that these slips change in any case."""
    assert task.formula is not None  # asked before
    values = _values(task.formula, task.cases, *slips)
    if values is None:
        return {*range(len(task.parts))}  # impossible for some shape
    return {
        p
        for got, wanted in zip(values, task.wanted, strict=True)
        for p, (value, right) in enumerate(zip(got, wanted, strict=True))
        if not agree((value,), (right,))
    }


def _both(says: Sequence[str]) -> str:
    return says[0] if len(says) == 1 else f"Two things at once. First: {' Second: '.join(says)}"


def explain(
    got: Sequence[Parts],
    cases: Sequence[Case],
    formula: Callable[..., Any],
    slips: Sequence[Slip],
    allowed: Sequence[Sequence[Tolerance]] | None = None,
) -> tuple[Slip, ...]:
    """The slip, or the two slips, with which the formula gives what the answer gave in every
    case. Two slips have to act together: none takes back what the other one does to a part."""
    limits = allowed or [[Tolerance()] * len(g) for g in got]
    telling = [*zip(cases, got, limits, strict=True)]
    if len(cases) > 1:  # those that are wrong refuse most slips at once
        telling.sort(key=lambda each: _gives(formula, each[0], (), each[1], each[2]))
    for candidate in _candidates(slips):
        gives = all(_gives(formula, case, candidate, g, limit) for case, g, limit in telling)
        if gives and (len(candidate) == 1 or _both_needed(formula, cases, candidate, got, limits)):
            return candidate
    return ()


def _both_needed(
    formula: Callable[..., Any],
    cases: Sequence[Case],
    pair: tuple[Slip, ...],
    got: Sequence[Parts],
    allowed: Sequence[Sequence[Tolerance]],
) -> bool:
    """Whether each part that is right is right with each of two slips alone, too, and neither
    slip exchanges parts: with another one beside it, that is a likeness only."""
    for slip in pair:
        ways = _values(formula, cases, slip)
        right = [_as_parts(formula(**case.arguments)) for case in cases]
        if ways is None:
            continue  # impossible alone for some shape
        if _exchanges(ways, right, allowed):
            return False
        for part in range(len(got[0])):
            fits = [_part_agrees(*each, part) for each in zip(got, right, allowed, strict=True)]
            kept = [_part_agrees(*each, part) for each in zip(ways, right, allowed, strict=True)]
            if all(fits) and not all(kept):
                return False
    return True


def _part_agrees(got: Parts, wanted: Parts, allowed: Sequence[Tolerance], part: int) -> bool:
    return agree((got[part],), (wanted[part],), (allowed[part],))


def _values(
    formula: Callable[..., Any], cases: Sequence[Case], *slips: Slip
) -> Sequence[Parts] | None:
    changes = {k: v for slip in slips for k, v in slip.change.items()}
    try:
        return [_as_parts(formula(**case.arguments, **changes)) for case in cases]
    except (ArithmeticError, RuntimeError, IndexError, ValueError):
        return None


def _exchanges(
    got: Sequence[Parts], wanted: Sequence[Parts], allowed: Sequence[Sequence[Tolerance]]
) -> bool:
    """Whether these are the wanted parts in another order."""
    count = len(wanted[0])
    if not 1 < count <= 5:
        return False
    cases = list(zip(got, wanted, allowed, strict=True))
    stands_for = [
        [all(agree((g[i],), (w[p],), (t[p],)) for g, w, t in cases) for i in range(count)]
        for p in range(count)
    ]
    return not all(stands_for[p][p] for p in range(count)) and any(
        all(stands_for[p][i] for p, i in enumerate(order))
        for order in itertools.permutations(range(count))
    )


def _explain_part(
    comparison: Comparison, task: _Task, slips: Sequence[Slip], part: int
) -> tuple[Slip, ...]:
    """The slip, or the two, with which the formula gives this part of the answer. Two at once
    explain it only if they leave the parts alone that are right."""

    def formula(**arguments: Any) -> Any:
        assert task.formula is not None  # asked before
        return _as_parts(task.formula(**arguments))[part]

    got = [(g[part],) for g in comparison.got]
    limits = [[t[part]] for t in comparison.tolerances]
    found = explain(got, task.cases, formula, slips, limits)
    right = {*comparison.numbers} - {*comparison.wrong_parts}
    if len(found) == 2 and any(_changed(task, (slip,)) & right for slip in found):
        return ()
    return found


def _exchanging(comparison: Comparison, task: _Task, slip: Slip) -> bool:
    """Whether a slip is that all parts have changed places: it explains no part by itself."""
    assert task.formula is not None  # asked before
    values = _values(task.formula, task.cases, slip)
    return values is not None and _exchanges(values, task.wanted, comparison.tolerances)


def _candidates(slips: Sequence[Slip]) -> Iterator[tuple[Slip, ...]]:
    yield from ((slip,) for slip in slips)
    for one, other in itertools.combinations(slips, 2):
        if not one.change.keys() & other.change.keys():
            yield one, other


def _gives(
    formula: Callable[..., Any],
    case: Case,
    slips: Sequence[Slip],
    got: Parts,
    allowed: Sequence[Tolerance],
) -> bool:
    changes = {k: v for slip in slips for k, v in slip.change.items()}
    try:
        value = _as_parts(formula(**case.arguments, **changes))
    except (ArithmeticError, RuntimeError, IndexError, ValueError):
        return False  # a slip may be impossible for this shape
    return agree(got, value, allowed)


# --- reading what came back -------------------------------------------------------------------


def _as_parts(value: Any) -> Parts:
    items = value if isinstance(value, tuple) else (value,)
    return tuple(torch.as_tensor(item, dtype=torch.float64) for item in items)


def _read(value: Any, task: _Task, wanted: Parts, tried: str) -> Parts:
    """The parts of a returned value, each a float64 tensor; a Finding when they are not there."""
    try:
        value = value if task.tidy is None else task.tidy(value)
        return read_parts(value, task.parts, wanted)
    except Finding as finding:
        finding.tried = tried
        raise


# --- remarks ------------------------------------------------------------------------------------


def _remark_on_writing(trial: Trial) -> None:
    for name in trial.changed:
        trial.remark(
            f"{trial.name} writes to its argument `{name}`: whoever calls it finds other numbers "
            "there afterwards."
        )


def _remark_on_precision(trial: Trial, values: Sequence[Any]) -> None:
    first = values[0] if isinstance(values[0], tuple | list) else (values[0],)
    types = {str(v.dtype).removeprefix("torch.") for v in first if hasattr(v, "dtype")}
    for name, digits in _FEWER_DIGITS.items():
        if name in types:
            trial.remark(f"The result is {name}, which keeps {digits} digits; float64 keeps 15.")


_FEWER_DIGITS = {"float32": 6, "float16": 3, "bfloat16": 2}
"""Decimal digits that survive in these types (``torch.finfo``'s ``resolution``)."""
