"""The same answer in another style: what students hand in that is as right as the solution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

Function = Callable[..., Any]


def in_float32(function: Function) -> Function:
    """Rounds tensors to float32 first, and returns float32."""

    def answer(*arguments: Any) -> Any:
        return _each(_single, function(*_each(_single_tensor, arguments)))

    return answer


def as_object(function: Function) -> Any:
    """An object of a class with ``__call__``: it has neither a name nor code of its own."""

    class Answer:
        def __call__(self, *arguments: Any) -> Any:
            return function(*arguments)

    return Answer()


def in_torch(function: Function) -> Function:
    """Returns tensors where the function returns numbers."""

    def answer(*arguments: Any) -> Any:
        return _each(torch.as_tensor, function(*arguments))

    return answer


def in_numpy(function: Function) -> Function:
    """Returns one array of all numbers that the function returns."""

    def answer(*arguments: Any) -> Any:
        return np.array(function(*arguments))

    return answer


def _each(change: Callable[[Any], Any], value: Any) -> Any:
    return type(value)(map(change, value)) if isinstance(value, tuple | list) else change(value)


def _single(value: Any) -> Tensor:
    return torch.as_tensor(value).float()


def _single_tensor(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value
