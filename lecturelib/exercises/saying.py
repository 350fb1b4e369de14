"""What to say about a wrong answer that no named mistake explains.

Order of the parts, shape, NaN, zeros; then relations between what came back and what is wanted: a
sign, a factor and where it may come from, a shift, a transpose, the right values in other places,
a power; at last which entries are right.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.reading import Parts
from lecturelib.exercises.tolerance import Tolerance, agree
from lecturelib.exercises.trial import Case
from lecturelib.exercises.words import capital, listed, verb


@dataclass(frozen=True)
class Comparison:
    """What came back and what is wanted, in each case, part by part."""

    cases: Sequence[Case]
    got: Sequence[Parts]
    wanted: Sequence[Parts]
    tolerances: Sequence[Sequence[Tolerance]]
    parts: tuple[str, ...]

    def fits(self, case: int, part: int) -> bool:
        """Whether a part is right in a case."""
        g, w = self.got[case][part], self.wanted[case][part]
        return agree((g,), (w,), (self.tolerances[case][part],))

    @property
    def wrong_cases(self) -> list[int]:
        return [c for c in range(len(self.cases)) if not all(self.fits(c, p) for p in self.numbers)]

    @property
    def wrong_parts(self) -> list[int]:
        cases = range(len(self.cases))
        return [p for p in self.numbers if not all(self.fits(c, p) for c in cases)]

    @property
    def numbers(self) -> range:
        return range(len(self.parts))

    def pairs(self, part: int) -> list[tuple[Tensor, Tensor, Tolerance]]:
        """The part as it came back, as it is wanted, and how close it must be, in each case."""
        return [
            (g[part], w[part], t[part])
            for g, w, t in zip(self.got, self.wanted, self.tolerances, strict=True)
        ]

    def fine(self) -> str:
        """A sentence about the parts that are right in all cases."""
        wrong = self.wrong_parts
        names = [part for i, part in enumerate(self.parts) if i not in wrong]
        return capital(f"{listed(names)} {verb(names)} right. ") if names else ""


def seen(comparison: Comparison, case: int) -> str:
    """What came back in a case, in a line for each part that is wrong."""
    lines = []
    for i, part in enumerate(comparison.parts):
        g, w = comparison.got[case][i], comparison.wanted[case][i]
        if g.shape != w.shape:
            lines.append(f"{part}: shape {_shape(g)}, wanted is {_shape(w)}")
        elif not comparison.fits(case, i):
            worst = _worst(g, w, comparison.tolerances[case][i])
            where = f" at {list(worst)}" if worst else ""
            gap = (g[worst] - w[worst]).abs().item()
            off = f", off by {gap:.3g}" if math.isfinite(gap) else ""
            lines.append(f"{part}: {g[worst]:.4g}{where}{off}")
    return "; ".join(lines)


def _worst(got: Tensor, wanted: Tensor, tolerance: Tolerance) -> tuple[int, ...]:
    """The entry that is farthest off, among those that are wrong."""
    gap = torch.where(tolerance.holds(got, wanted), -1.0, (got - wanted).abs())
    return tuple(
        int(i) for i in np.unravel_index(int(gap.nan_to_num(nan=torch.inf).argmax()), got.shape)
    )


def unnamed(comparison: Comparison) -> tuple[str, str]:
    """The code and the words for an answer that no slip explains."""
    return in_another_order(comparison) or _ill_formed(comparison) or _sized(comparison)


def in_another_order(c: Comparison) -> tuple[str, str] | None:
    """The right values in another order, of up to five parts."""
    if not 1 < len(c.parts) <= 5:
        return None
    for order in itertools.permutations(c.numbers):
        if all(
            agree([g[i] for i in order], w, t)
            for g, w, t in zip(c.got, c.wanted, c.tolerances, strict=True)
        ):
            names = ", ".join(c.parts)
            return "order", f"The values are right but stand in another order than ({names})."
    return None


def _ill_formed(c: Comparison) -> tuple[str, str] | None:
    """A wrong shape, or numbers that are none, in the first case that has them."""
    for case in c.wrong_cases:
        for i, part in enumerate(c.parts):
            mine, right = c.got[case][i], c.wanted[case][i]
            if mine.shape != right.shape:
                return _shape_says(part, mine, right)
            if not (mine.isfinite() | (mine == right) | right.isnan()).all():
                # Where infinity is a right answer to another case, it was meant here, too.
                meant = not mine.isnan().any() and any(w[i].isinf().any() for w in c.wanted)
                asks = "which division or root is not safe there?"
                return "not-finite", (
                    f"{capital(part)} {verb([part], 'holds', 'hold')} {_bad_numbers(mine)}. It"
                    f" happens with {c.cases[case].special}:"
                    f" {'there the right answer is finite.' if meant else asks}"
                    f"{_wrong_elsewhere(c, i)}"
                )
    return None


def _wrong_elsewhere(c: Comparison, part: int) -> str:
    """A sentence about a case in which the part is made of numbers, and wrong as well."""
    for case in c.wrong_cases:
        mine, right = c.got[case][part], c.wanted[case][part]
        if mine.shape == right.shape and mine.isfinite().all() and not c.fits(case, part):
            special = c.cases[case].special
            return f" With {special} there are numbers, and they are wrong as well: begin there."
    return ""


def _shape_says(part: str, mine: Tensor, right: Tensor) -> tuple[str, str]:
    has = verb([part], "has", "have")
    if mine.numel() == right.numel():
        turned = mine.ndim == right.ndim == 2 and mine.shape == right.T.shape
        more = " Is it transposed?" if turned else ""
        return "wrong-shape", (
            f"{capital(part)} {has} as many entries as {verb([part], 'it', 'they')} should, in"
            f" shape {_shape(mine)} and not {_shape(right)}.{more}"
        )
    return "wrong-shape", (
        f"{capital(part)} {has} shape {_shape(mine)}; wanted is {_shape(right)}. Over which axes do"
        " you average or sum, and which do you keep?"
    )


def _shape(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)}" if tensor.ndim else "of a single number"


def _bad_numbers(tensor: Tensor) -> str:
    nan, inf = int(tensor.isnan().sum()), int(tensor.isinf().sum())
    kinds = [f"{n} {name}" for n, name in ((nan, "NaN"), (inf, "infinite values")) if n]
    return f"{' and '.join(kinds)} among {tensor.numel()} entries"


# --- right shape, wrong size --------------------------------------------------------------------


def _sized(c: Comparison) -> tuple[str, str]:
    """Which part is wrong and when, and how it is related to the right one."""
    i = c.wrong_parts[0]
    part, fits = capital(c.parts[i]), [c.fits(case, i) for case in range(len(c.cases))]
    pairs, be = c.pairs(i), verb([c.parts[i]])
    if all(not g.any() for g, _, _ in pairs):
        return "all-zero", f"{c.fine()}{part} {be} zero everywhere."
    telling = [(g, w, t) for g, w, t in pairs if w.any() or g.any()]  # 0 = k · 0 for every k
    if any(bool(t.holds(g, w).all()) for g, w, t in telling):
        good, bad = c.cases[fits.index(True)].special, c.cases[fits.index(False)].special
        says = f"{part} {be} right with {good} and wrong with {bad}. What differs there?"
        return "only-sometimes", f"{c.fine()}{says}"
    if all(t.exact and not (g == g.round()).all() for g, _, t in telling):
        says = f"{part} should be a whole number, exactly; what came back is none."
        return "not-whole", f"{c.fine()}{says}"
    for relation in (_sign, _factor, _shift, _places):
        found = relation(c, i, telling)
        if found:
            return found[0], f"{c.fine()}{part} {found[1]}"
    return "different", f"{c.fine()}{part} {_differs(c, i, telling)}"


Pairs = list[tuple[Tensor, Tensor, Tolerance]]
Relation = tuple[str, str] | None


def _sign(c: Comparison, i: int, pairs: Pairs) -> Relation:
    has = verb([c.parts[i]], "has", "have")
    if _all(pairs, lambda g: -g):
        return "sign", f"{has} the right size everywhere and the wrong sign."
    if _all([(g.abs(), w.abs(), t) for g, w, t in pairs], lambda g: g):
        return "signs", f"{has} the right size everywhere, and in some entries the wrong sign."
    return None


def _factor(c: Comparison, i: int, pairs: Pairs) -> Relation:
    factors = [_ratio(g, w, t) for g, w, t in pairs]
    if any(f is None for f in factors) or pairs[0][0].numel() < 2:
        return None  # any two numbers have a ratio
    each = ", ".join(f"{f:.3g}" for f in factors)
    source = _source([f for f in factors if f is not None], c.cases)
    number = f"a number ({each} in the cases tried)"
    asks = f"that is {source}." if source else "where does such a factor come from?"
    return "factor", (
        f"{verb([c.parts[i]], 'has', 'have')} the right pattern and the wrong size: it is the right"
        f" one times {number}. {asks[0].upper()}{asks[1:]}"
    )


def _ratio(got: Tensor, wanted: Tensor, tolerance: Tolerance) -> float | None:
    """The number k with got = k · wanted, if there is one."""
    norm = (wanted**2).sum().item()
    if not norm or not math.isfinite(norm):
        return None
    k = ((got * wanted).sum() / norm).item()
    return k if k and bool(tolerance.holds(got / k, wanted).all()) else None


def _source(factors: Sequence[float], cases: Sequence[Case]) -> str:
    """Where factors come from: a fixed number, the number of rows, n/(n − 1), an argument, …"""
    if len(factors) > 1 and all(_near(f, factors[0]) for f in factors):
        return f"a fixed {_FIXED.get(round(factors[0], 6), f'{factors[0]:.4g}')}"
    for name in _quantities(cases[0]):
        values = [_quantities(case).get(name, math.nan) for case in cases]
        for words, law in _LAWS:
            guesses = [law(v) if v not in (0.0, 1.0) else math.nan for v in values]
            if len(cases) > 1 and all(map(_near, factors, guesses)):
                return words.format(name)
    return ""


_FIXED = {0.5: "one half", -0.5: "minus one half", 0.25: "quarter", -2.0: "−2"}
_LAWS: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("{}", lambda v: v),
    ("1 / {}", lambda v: 1 / v),
    ("n / (n − 1), with n = {}", lambda v: v / (v - 1)),
    ("(n − 1) / n, with n = {}", lambda v: (v - 1) / v),
    ("the root of {}", lambda v: math.sqrt(abs(v))),
    ("1 over the root of {}", lambda v: 1 / math.sqrt(abs(v))),
    ("the square of {}", lambda v: v * v),
    ("minus {}", lambda v: -v),
    ("1 − {}", lambda v: 1 - v),
    ("1 / (1 − {})", lambda v: 1 / (1 - v)),
)


def _quantities(case: Case) -> dict[str, float]:
    """The numbers of a case that a factor may come from: lengths of axes and plain arguments."""
    found: dict[str, float] = {}
    for name, value in case.arguments.items():
        if isinstance(value, Tensor) and value.ndim:
            for axis, length in enumerate(value.shape):
                found[f"the length of axis {axis} of `{name}`"] = float(length)
            found[f"the number of entries of `{name}`"] = float(value.numel())
        elif isinstance(value, int | float) or (isinstance(value, Tensor) and value.numel() == 1):
            found[f"`{name}`"] = float(value)
    return found


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-5)


def _shift(c: Comparison, i: int, pairs: Pairs) -> Relation:
    if all(g.numel() > 1 and t.holds(g - (g - w).mean(), w).all() for g, w, t in pairs):
        each = ", ".join(f"{(g - w).mean().item():.3g}" for g, w, _ in pairs)
        return "shift", f"{verb([c.parts[i]])} off by the same amount everywhere ({each})."
    return None


def _places(c: Comparison, i: int, pairs: Pairs) -> Relation:
    """The right values in other places."""
    if all(g.ndim == 2 and g.shape == g.T.shape and t.holds(g.T, w).all() for g, w, t in pairs):
        return (
            "transposed",
            f"{verb([c.parts[i]])} transposed: rows and columns have changed places.",
        )
    if all(g.ndim and t.holds(g.flip(0), w).all() for g, w, t in pairs):
        return "reversed", f"{verb([c.parts[i]])} right in reverse: the last comes first."
    if all(g.numel() > 1 and _sorted_alike(g, w, t) for g, w, t in pairs):
        has = verb([c.parts[i]], "has", "have")
        return "places", f"{has} the right values, but not all of them in their places."
    return None


def _sorted_alike(got: Tensor, wanted: Tensor, tolerance: Tolerance) -> bool:
    one, other = got.reshape(-1).sort().values, wanted.reshape(-1).sort().values
    return bool(tolerance.holds(one, other).all()) and bool((other != other[0]).any())


# --- what else can be said -----------------------------------------------------------------------


def _differs(c: Comparison, i: int, pairs: Pairs) -> str:
    """A relation to the right one, or how many entries are right."""
    differs = f"{verb([c.parts[i]], 'differs', 'differ')} from the definition"
    found = _ratio_of_numbers(c, pairs) or _power(pairs) or _argument(c, i)
    if found:
        return f"{differs} in every case tried: {verb([c.parts[i]], 'it is', 'they are')} {found}."
    return f"{differs} in every case tried.{_some_right(c, i, pairs)}"


def _ratio_of_numbers(c: Comparison, pairs: Pairs) -> str:
    """A factor between single numbers, if it comes from somewhere."""
    factors = [_ratio(g, w, t) for g, w, t in pairs]
    if len(pairs) < len(c.cases) or any(f is None for f in factors):
        return ""
    source = _source([f for f in factors if f is not None], c.cases)
    return f"the right one times {source}" if source else ""


_UNDONE: tuple[tuple[str, Callable[[Tensor], Tensor]], ...] = (
    ("one over the right one", lambda g: 1 / g),
    ("the root of the right one", lambda g: torch.where(g >= 0, g * g, math.nan)),
    ("the square of the right one", lambda g: g.sqrt()),
    ("the logarithm of the right one", lambda g: g.exp()),
    ("the exponential of the right one", lambda g: g.log()),
    ("one minus the right one", lambda g: 1 - g),
    ("minus the logarithm of the right one", lambda g: (-g).exp()),
    ("the right one in bits, not in nats", lambda g: g * math.log(2)),
)


def _power(pairs: Pairs) -> str:
    if len({value for _, w, _ in pairs for value in w.reshape(-1).tolist()}) < 2:
        return ""  # one number has too many relations to another one
    return next((words for words, undo in _UNDONE if _all(pairs, undo)), "")


def _argument(c: Comparison, i: int) -> str:
    """The right one times, over, plus or minus an argument."""
    pairs = c.pairs(i)
    for name, first in c.cases[0].arguments.items():
        if not isinstance(first, Tensor | float):
            continue
        values = [torch.as_tensor(case.arguments[name]).detach().double() for case in c.cases]
        if all(agree((g,), (v,), (t,)) for (g, _, t), v in zip(pairs, values, strict=True)):
            return f"`{name}` itself"
        for words, undo in _WITH_ARGUMENT:
            if all(_undone(g, w, t, v, undo) for (g, w, t), v in zip(pairs, values, strict=True)):
                return words.format(f"`{name}`")
    return ""


_WITH_ARGUMENT: tuple[tuple[str, Callable[[Tensor, Tensor], Tensor]], ...] = (
    ("the right one times {}", lambda g, v: g / v),
    ("the right one divided by {}", lambda g, v: g * v),
    ("the right one plus {}", lambda g, v: g - v),
    ("the right one minus {}", lambda g, v: g + v),
)


def _undone(
    got: Tensor,
    wanted: Tensor,
    tolerance: Tolerance,
    value: Tensor,
    undo: Callable[[Tensor, Tensor], Tensor],
) -> bool:
    try:
        found = undo(got, value)
    except RuntimeError:  # the shapes do not fit
        return False
    return found.shape == wanted.shape and bool(tolerance.holds(found, wanted).all())


def _all(pairs: Pairs, undo: Callable[[Tensor], Tensor]) -> bool:
    return all(bool(t.holds(undo(g), w).all()) for g, w, t in pairs)


def _some_right(c: Comparison, i: int, pairs: Pairs) -> str:
    """How many entries are right, or on which side the values lie."""
    right = [int(t.holds(g, w).sum()) for g, w, t in pairs]
    if any(right):
        counts = ", ".join(f"{n} of {g.numel()}" for n, (g, _, _) in zip(right, pairs, strict=True))
        return f" Entries that are right in the cases tried: {counts}."
    above = [bool((g >= w).all()) for g, w, _ in pairs]
    below = [bool((g <= w).all()) for g, w, _ in pairs]
    if all(above) or all(below):
        side = "large" if all(above) else "small"
        return f" In every case {verb([c.parts[i]], 'it is', 'they are')} too {side}."
    return ""
