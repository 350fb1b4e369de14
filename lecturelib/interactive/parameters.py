"""What a reader can move: the values that each parameter of a figure function may take."""

from __future__ import annotations

import inspect
import itertools
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lecturelib.interactive.numbers import number

MAX_FRAMES = 256
"""Most combinations of values that one figure may have: each is computed at build time."""

_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "eps": "ε", "mu": "μ", "sigma": "σ"}


@dataclass(frozen=True)
class Parameter:
    """One control: its values in order, the number of the first one shown, and its kind."""

    name: str
    values: tuple[Any, ...]
    start: int
    kind: str  # "range" (slider), "choice" (list) or "switch" (check box)

    @property
    def label(self) -> str:
        """The name as a reader sees it.

        >>> Parameter("batch_size", (2, 4), 0, "range").label
        'batch size'
        """
        return " ".join(_GREEK.get(word, word) for word in self.name.split("_"))

    def text(self, i: int) -> str:
        """Value number ``i`` as a reader sees it."""
        value = self.values[i]
        if isinstance(value, float):
            return number(value, 6)
        return self._plain(i).replace("-", "−") if _is_number(value) else self._plain(i)

    def _plain(self, i: int) -> str:
        """Value number ``i`` as code has it."""
        value = self.values[i]
        if isinstance(value, bool):
            return "on" if value else "off"
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    def __str__(self) -> str:
        texts = [self._plain(i) for i in range(len(self.values))]
        if self.kind == "range" and len(texts) > 3:
            return f"{self.name}: {texts[0]} … {texts[-1]} ({len(texts)} values)"
        return f"{self.name}: " + " | ".join(texts)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """A NumPy number as Python's, so that labels and cache keys do not depend on its type."""
    return value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value


def _linspace(low: float, high: float, n: int) -> list[float]:
    # Twelve digits, so that 0.1 + 2 * 0.1 is shown as 0.3; whole steps between integers stay whole.
    values = [float(f"{low + (high - low) * i / (n - 1):.12g}") for i in range(n)]
    whole = isinstance(low, int) and isinstance(high, int) and all(v == int(v) for v in values)
    return [int(v) for v in values] if whole else values


def _values(name: str, spec: Any) -> tuple[list[Any], str]:
    if isinstance(spec, bool):
        return [False, True], "switch"
    if isinstance(spec, str):
        return [spec], "choice"
    if isinstance(spec, tuple) and len(spec) == 3 and all(_is_number(v) for v in spec):
        low, high, n = (_plain(v) for v in spec)
        if not isinstance(n, int) or n < 2:
            raise ValueError(
                f"explore: {name}={spec!r} means (low, high, number of values); the number must be "
                f"an integer of at least 2. For these three values themselves give a list."
            )
        return _linspace(low, high, n), "range"
    if isinstance(spec, Mapping | set | frozenset) or not hasattr(spec, "__iter__"):
        raise TypeError(
            f"explore: {name}={spec!r} is no set of values; give a list of values, "
            f"(low, high, number of values), True or False, or one string."
        )
    values = [_plain(v) for v in spec]
    if not values:
        raise ValueError(f"explore: {name} has no values.")
    for value in values:
        try:
            hash(value)
        except TypeError:
            raise TypeError(
                f"explore: {name} holds {value!r}, of type {type(value).__name__}, which can't be "
                f"hashed; give numbers, strings or booleans and look the rest up in the function."
            ) from None
    if len(set(values)) < len(values):
        raise ValueError(f"explore: {name}={values!r} holds a value twice.")
    return values, "range" if all(_is_number(v) for v in values) else "choice"


def read_parameters(
    function: Callable[..., Any], specs: Mapping[str, Any]
) -> tuple[Parameter, ...]:
    """The parameters of ``function``, each starting at the function's default where it has one.

    Without a default, a list starts at its first value and ``(low, high, n)`` in its middle.

    >>> def figure(batch_size=32, *, rate): ...
    >>> for p in read_parameters(figure, dict(batch_size=[8, 32, 128], rate=(0.0, 1.0, 5))):
    ...     print(p, "- starts at", p.text(p.start))
    batch_size: 8 | 32 | 128 - starts at 32
    rate: 0 … 1 (5 values) - starts at 0.5
    """
    if not specs:
        raise TypeError("explore: give at least one parameter to move, for example n=[1, 2, 4].")
    signature = inspect.signature(function)
    try:
        signature.bind(**dict.fromkeys(specs))
    except TypeError as error:
        raise TypeError(f"explore: {name_of(function)}{signature} does not fit: {error}.") from None
    parameters = []
    for name, spec in specs.items():
        values, kind = _values(name, spec)
        default = getattr(signature.parameters.get(name), "default", inspect.Parameter.empty)
        if isinstance(spec, bool):
            start = int(spec)
        elif any(default is v or default == v for v in values):
            start = values.index(default)
        else:
            interval = isinstance(spec, tuple) and len(spec) == 3 and kind == "range"
            start = len(values) // 2 if interval else 0
        parameters.append(Parameter(name, tuple(values), start, kind))
    frames = 1
    for parameter in parameters:
        frames *= len(parameter.values)
    if frames > MAX_FRAMES:
        sizes = " × ".join(f"{len(p.values)} {p.name}" for p in parameters)
        raise ValueError(
            f"explore: {sizes} = {frames} frames, more than the {MAX_FRAMES} that one figure may "
            f"have; give fewer values."
        )
    return tuple(parameters)


def combinations(parameters: tuple[Parameter, ...]) -> list[dict[str, Any]]:
    """The arguments of every frame; the last parameter moves fastest."""
    names = [p.name for p in parameters]
    return [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(p.values for p in parameters))
    ]


def start_frame(parameters: tuple[Parameter, ...]) -> int:
    """The number, in the order of ``combinations``, of the frame that is shown first."""
    number = 0
    for p in parameters:
        number = number * len(p.values) + p.start
    return number


def name_of(function: Callable[..., Any]) -> str:
    """The figure function's name for messages."""
    return getattr(function, "__qualname__", type(function).__name__).replace("<locals>.", "")
