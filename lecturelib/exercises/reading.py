"""Read an answer as what it holds, whatever container it came in.

Two wanted values may come as a tuple, a list, a stacked tensor, an array, a dict with their names
or a dataclass; letters as text, a list, or a dict of statements and truth values.
"""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import re
from collections.abc import (
    Collection,
    ItemsView,
    Iterator,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lecturelib.exercises.finding import Finding
from lecturelib.exercises.words import Unknown, capital, describe

Parts = tuple[Tensor, ...]

MOST_ENTRIES = 1_000_000  # of a sequence that is read entry by entry


# --- plain values -------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """The value with everything read that could take time or trick: generators become lists,
    objects that call themselves arrays become arrays. Called within the clock.

    >>> plain(i * i for i in range(3)), plain(range(2))
    ([0, 1, 4], [0, 1])
    """
    if isinstance(value, Tensor | np.ndarray | nn.Module | str | bytes | type) or value is None:
        return value
    if isinstance(value, bool | int | float | complex | np.generic) or value is Ellipsis:
        return value
    if inspect.isawaitable(value):
        return _unawaited(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return _sequence(value)
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, KeysView | ValuesView | ItemsView):
        return _taken(iter(value))  # the keys of a dict are in order
    if isinstance(value, AbstractSet):
        return {item if isinstance(item, str) else plain(item) for item in value}
    if hasattr(value, "__array__"):
        return np.asarray(value)
    if isinstance(value, Iterator | range | Sequence) or inspect.isgenerator(value):
        return _taken(value)
    return value if callable(value) or value is NotImplemented else _other(value)


def _sequence(value: Any) -> Any:
    items = [plain(item) for item in value]
    if hasattr(value, "_fields"):
        return type(value)._make(items)
    return tuple(items) if isinstance(value, tuple) else items


def _taken(value: Any) -> list[Any]:
    items = list(itertools.islice(value, MOST_ENTRIES + 1))
    if len(items) > MOST_ENTRIES:
        raise Finding(
            "too-long",
            f"A sequence of more than {MOST_ENTRIES:,} entries came back. Does it ever end?",
            got=type(value).__name__,
        )
    return [plain(item) for item in items]


def _unawaited(value: Any) -> Any:
    if hasattr(value, "close"):
        value.close()
    raise Finding(
        "coroutine",
        "The function is written with `async`: what it returns is a promise, not a value. Leave"
        " `async` out.",
        got=type(value).__name__,
    )


def _other(value: Any) -> Any:
    try:
        return float(value)  # Fraction, Decimal
    except (TypeError, ValueError):
        return Unknown(value)


# --- numbers ------------------------------------------------------------------------------------


def to_tensor(value: Any) -> Tensor | None:
    """A float64 tensor of a tensor, array, number or nested list of numbers; None for anything
    else.

    >>> to_tensor([1, 2]), to_tensor("1, 2")
    (tensor([1., 2.], dtype=torch.float64), None)
    """
    if isinstance(value, Tensor):
        return _real(value)
    if value is None:
        return None  # NumPy takes it for NaN
    if isinstance(value, tuple | list) and _holds_tensors(value):
        items = [to_tensor(v) for v in value]
        if any(i is None or i.shape != items[0].shape for i in items):  # type: ignore[union-attr]
            return None
        return torch.stack(items)  # type: ignore[arg-type]
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and array.size:  # whole numbers beyond 64 bits, fractions
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    if array.dtype.kind == "c":
        return _real(torch.from_numpy(np.ascontiguousarray(array)))
    if array.dtype.kind not in "fiub":
        return None
    return torch.from_numpy(array.astype(np.float64))


def _real(value: Tensor) -> Tensor | None:
    if value.is_meta or (value.is_complex() and torch.view_as_real(value.resolve_conj()).numel()):
        if value.is_meta or value.resolve_conj().imag.any():
            return None
        value = value.real
    value = value.detach()
    dense = value if value.layout is torch.strided else value.to_dense()
    return dense.to("cpu", torch.float64)


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(_holds_tensors(item) for item in value)
    return isinstance(value, Tensor)


def read_parts(value: Any, parts: Sequence[str], wanted: Parts = ()) -> Parts:
    """The parts of a value, each a float64 tensor; a Finding when they are not there. The shape
    of what is ``wanted`` says whether a tuple of one is a container or a vector.

    >>> read_parts({"bias": 2.0, "weight": 1.0}, ("the weight", "the bias"))
    (tensor(1., dtype=torch.float64), tensor(2., dtype=torch.float64))
    """
    read = []
    for item, part in zip(split(value, parts, wanted), parts, strict=True):
        tensor = to_tensor(item)
        if tensor is None:
            says = f"{capital(part)} should be a tensor or an array of numbers."
            raise Finding("wrong-type", says, got=describe(item))
        read.append(tensor)
    return tuple(read)


def read_numbers(value: Any, parts: Sequence[str]) -> Tensor | None:
    """As many numbers as there are parts, in this order; None where they are not there.

    >>> read_numbers({"b": 2, "w": 1.0}, ("w", "b")), read_numbers([[1, 2]], ("w",))
    (tensor([1., 2.], dtype=torch.float64), None)
    """
    try:
        items = unnamed(value, parts)
        if items is not value:  # from a dict or a namedtuple: each is a number of its own
            items = [part.reshape(()) for part in read_parts(items, parts)]
        read = to_tensor(items)
    except (Finding, RuntimeError):  # other parts, or vectors
        return None
    return read.reshape(-1) if read is not None and read.numel() == len(parts) else None


def split(value: Any, parts: Sequence[str], wanted: Sequence[Any] = ()) -> tuple[Any, ...]:
    """One item for each part: by name where the names are clear, else in order."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping) and len(value) == len(parts):
        return _by_name(value, parts)
    if len(parts) == 1:
        alone = isinstance(value, tuple) and len(value) == 1 and not _is_vector(value, wanted)
        return (value[0],) if alone else (value,)
    if isinstance(value, Tensor | np.ndarray) and value.ndim and len(parts) in value.shape:
        axis = 0 if value.shape[0] == len(parts) else -1
        if value.shape[axis] == len(parts):
            return tuple(value[i] if axis == 0 else value[..., i] for i in range(len(parts)))
    if isinstance(value, tuple | list) and len(value) == len(parts):
        return tuple(value)
    count = f"{len(value)} values" if isinstance(value, tuple | list) else describe(value)
    raise Finding(
        "wrong-number-of-values",
        f"Wanted are {len(parts)} values, ({', '.join(parts)}); {count} came back.",
        got=describe(value),
    )


def in_order(value: Any, parts: Sequence[str]) -> Any:
    """A value without its names, unless they are those of the parts to the letter.

    >>> in_order({"mean": 1.0, "n": 2}, ("the mean", "the count"))
    (1.0, 2)
    """
    value = value._asdict() if hasattr(value, "_asdict") else value
    if not isinstance(value, Mapping) or {*map(_word, value)} == {*map(_word, parts)}:
        return value
    return tuple(value.values())


def unnamed(value: Any, parts: Sequence[str]) -> Any:
    """The values of a dict or namedtuple in the order of the parts; anything else as it is.

    >>> unnamed({"b": 2.0, "w": 1.0}, ("w", "b")), unnamed([1.0, 2.0], ("w", "b"))
    ((1.0, 2.0), [1.0, 2.0])
    """
    value = value._asdict() if hasattr(value, "_asdict") else value
    named = isinstance(value, Mapping) and len(value) == len(parts)
    return _by_name(value, parts) if named else value


def _is_vector(value: tuple[Any, ...], wanted: Sequence[Any]) -> bool:
    """Whether a tuple of one has the wanted shape as it is, with an axis of length 1."""
    shape = tuple(wanted[0].shape) if wanted else ()
    read = to_tensor(value) if shape[:1] == (1,) else None
    return read is not None and tuple(read.shape) == shape


def _by_name(value: Mapping[Any, Any], parts: Sequence[str]) -> tuple[Any, ...]:
    """Each key goes to the one part that it names; in order, where that is not clear for all."""
    for names in (_exactly, _by_words, _by_beginning):
        fits = {key: [part for part in parts if names(key, part)] for key in value}
        keys = {found[0]: key for key, found in fits.items() if len(found) == 1}
        unclear = [key for key, found in fits.items() if len(found) != 1]
        if len(unclear) == 1 and len(keys) == len(parts) - 1 and not fits[unclear[0]]:
            keys[next(part for part in parts if part not in keys)] = unclear[0]  # what is left
        if len(keys) == len(parts):
            return tuple(value[keys[part]] for part in parts)
    return tuple(value.values())


def _exactly(key: Any, part: str) -> bool:
    return _word(key) == _word(part)


def _by_words(key: Any, part: str) -> bool:
    """Whether all words of one are among those of the other."""
    one, other = _words(key), _words(part)
    return bool(one and other) and (one <= other or other <= one)


def _by_beginning(key: Any, part: str) -> bool:
    """Whether one begins the other, or names it by words: "var", "w" for a weight."""
    one, other = _word(key), _word(part)
    begins = one.startswith(other) or other.startswith(one)
    return _by_words(key, part) or (bool(one and other) and begins)


def _words(name: Any) -> set[str]:
    return {*re.findall(r"[^\W_]+", str(name).lower())} - {"the", "a", "of"}


def _word(name: Any) -> str:
    return re.sub(r"\W|_", "", str(name).lower().removeprefix("the "))


# --- letters ------------------------------------------------------------------------------------


def letters(answer: Any, allowed: str) -> set[str]:
    """The letters of the statements that an answer chooses; a Finding when it has none.

    >>> sorted(letters("(a) and (C)", "abc")), letters({"a": True, "b": False}, "ab")
    (['a', 'c'], {'a'})
    """
    chosen = _letters(answer, allowed)
    if not chosen or not chosen <= set(allowed):
        raise Finding(
            "not-letters",
            "Wanted are the letters of all statements that are true, such as 'a, c'.",
            got=describe(answer),
        )
    return chosen


def _letters(answer: Any, allowed: str) -> set[str]:
    if isinstance(answer, np.ndarray | Tensor):
        answer = answer.tolist()
    if isinstance(answer, str):
        text = answer.lower().strip()
        return set(re.findall(r"\b[a-z]\b", text)) or set(text)
    if isinstance(answer, Mapping):
        return _true(answer)
    if not isinstance(answer, Collection) or isinstance(answer, bytes):
        return set()
    if all(isinstance(item, bool) for item in answer) and len(answer) == len(allowed):
        return {letter for letter, true in zip(allowed, answer, strict=True) if true}
    if not all(isinstance(item, str) for item in answer):
        return {"?"}
    return set().union(*(_letters(item, allowed) for item in answer)) if answer else set()


_YES, _NO = ("true", "yes", "t", "right", "1"), ("false", "no", "f", "wrong", "0")


def _true(answer: Mapping[Any, Any]) -> set[str]:
    """The letters whose value is true; a value that is neither true nor false spoils the answer."""
    chosen = set()
    for key, value in answer.items():
        said = str(value.item() if isinstance(value, Tensor | np.generic) else value).lower()
        if said not in _YES + _NO:
            return {"?"}
        if said in _YES:
            chosen |= {str(key).strip(" ().").lower()}
    return chosen
