"""Values in words, as a reply shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn


class Unknown:
    """Stands for an object of a kind that no check reads: its text was taken within the clock."""

    def __init__(self, value: object) -> None:
        self.kind, self.text = type(value).__name__, short(repr(value))

    def __repr__(self) -> str:
        return self.text


def describe(value: Any) -> str:
    """A value in a few words: numbers as they are, arrays by shape and type.

    >>> import torch
    >>> describe(torch.zeros(2, 3)), describe(0.5), describe(torch.tensor([1.0, 2.0]))
    ('a tensor of shape (2, 3)', '0.5', '[1, 2]')
    """
    if isinstance(value, Tensor | np.ndarray):
        kind = "a tensor" if isinstance(value, Tensor) else "an array"
        if (
            value.ndim <= 1
            and 0 < len(value.reshape(-1)) <= 6
            and not getattr(value, "is_meta", False)
        ):
            return _numbers(value)
        return f"{kind} of shape {tuple(value.shape)}"
    if isinstance(value, bool | int):
        return str(value) if abs(value) < 10**30 else "a whole number of more than 30 digits"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, nn.Sequential):
        return " → ".join(type(layer).__name__ for layer in value)
    if isinstance(value, nn.Linear):
        bias = "" if value.bias is not None else ", bias=False"
        return f"Linear({value.in_features}, {value.out_features}{bias})"
    if isinstance(value, nn.BatchNorm1d):
        return f"BatchNorm1d({value.num_features}, eps={value.eps:g})"
    if isinstance(value, nn.Module):
        return short(repr(value))
    if isinstance(value, tuple | list) and 0 < len(value) <= 4:
        return "(" + ", ".join(describe(v) for v in value) + ")"
    if callable(value):
        return f"the function {getattr(value, '__name__', type(value).__name__)}"
    kind = value.kind if isinstance(value, Unknown) else type(value).__name__
    return f"{short(repr(value))} ({kind})"


def _numbers(value: Any) -> str:
    flat = value.tolist()
    if not isinstance(flat, list):
        return f"{flat:.4g}" if isinstance(flat, float) else str(flat)
    return "[" + ", ".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in flat) + "]"


def short(text: str, limit: int = 300) -> str:
    """The text on one line, cut after ``limit`` characters."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def capital(text: str) -> str:
    """Capitalizes words, and leaves names of code such as dx alone."""
    return text[0].upper() + text[1:] if text.startswith(("the ", "your ")) else text


def listed(names: Sequence[str]) -> str:
    """Names in a row: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


_ENDINGS_OF_ONE = ("ss", "us", "is", "bias")


def verb(names: Sequence[str], one: str = "is", several: str = "are") -> str:
    """The form of the verb that goes with these parts of an answer.

    >>> verb(["the bias"]), verb(["the output weights"]), verb(["dx", "dgamma"])
    ('is', 'are', 'are')
    """
    return several if len(names) != 1 or _is_plural(names[0]) else one


def _is_plural(name: str) -> bool:
    word = name.split(" of ")[0].split()[-1]
    return name.startswith("the ") and word.endswith("s") and not word.endswith(_ENDINGS_OF_ONE)
