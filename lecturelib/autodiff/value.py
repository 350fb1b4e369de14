"""What Python and NumPy ask of a value: comparisons, truth, length, rows, numbers, functions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np

CONSTANTS = {np.zeros_like, np.ones_like, np.full_like, np.empty_like}  # their values tell nothing


class Value:
    """The part of a tensor that records nothing.

    As with arrays, ``==`` and the other comparisons go by element and give an array of truth
    values; the truth of a tensor is that of its one element; ``in`` looks for an equal element. As
    with tensors of PyTorch, the hash is that of the object, so that tensors can be keys. There is
    no ``//``, ``%`` or ``round``, and ``x += y`` makes a new tensor, as ``x = x + y`` does.

    Copied or pickled, a leaf is a leaf with data and gradient of its own, and a result is a
    constant, since its history stays behind. Only ``copy.copy`` of a result goes on with the same
    history.

    Example:
        >>> from lecturelib.autodiff import Tensor
        >>> x = Tensor([1.0, 0.0])
        >>> x == 1.0
        array([ True, False])
        >>> bool(x[1]), 1.0 in x, [float(row) for row in x], f"{x[0]:.2f}"
        (False, True, [1.0, 0.0], '1.00')
    """

    __slots__ = ()
    __array_ufunc__ = None  # array + tensor is left to the tensor
    data: np.ndarray
    node: Any
    lock: Any
    grad: Any
    requires_grad: Any
    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    dtype = property(lambda self: self.data.dtype)
    is_leaf = property(lambda self: self.node is None or self.node.edges == ())

    def _comparison(compare: Callable) -> Any:  # type: ignore[misc]
        return lambda self, other: compare(self.data, _plain(other))

    __eq__, __ne__ = _comparison(operator.eq), _comparison(operator.ne)
    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __hash__ = object.__hash__  # which a class with == would lose

    def item(self) -> Any:
        """Return the only element as a number of Python."""
        if self.data.size != 1:
            raise ValueError(f"a single number is wanted, not a tensor of shape {self.data.shape}")
        return self.data.item()

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        return operator.index(self.data)  # for one whole number, else TypeError

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))  # type: ignore[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.data.flags.writeable:
            raise ValueError("x[...] = value: a graph needs the old value; assign to x.data")
        if _wants_gradient(value):
            raise TypeError("x[...] = value: the gradient of value would be lost; use value.data")
        self.data[index] = _plain(value)

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self == value))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.data, dtype) if copy else np.asarray(self.data, dtype)

    def __reduce__(self) -> Any:
        wants = self.is_leaf and self.requires_grad
        return _restore, (type(self), self.data, wants, self.grad if wants else None)

    def __copy__(self) -> Any:
        if self.is_leaf:
            return _restore(type(self), self.data, self.requires_grad, deepcopy(self.grad))
        other: Any = object.__new__(type(self))
        other.data, other.node, other.lock = self.data, self.node, None
        return other

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Call a function of NumPy on the values, unless that would lose a gradient.

        Where no tensor wants a gradient, or the result has none (a shape, indices, truth values),
        it is what NumPy gives. What NumPy calls a ufunc, such as np.exp, takes no tensor at all.

        Raises:
            TypeError: If the result depends on a tensor that requires a gradient.
        """
        result = function(*_plain(args), **_plain(kwargs))
        if function not in CONSTANTS and _has_floats(result) and _wants_gradient((args, kwargs)):
            raise TypeError(
                f"np.{function.__name__} would lose the gradient of a tensor: use the functions of "
                "lecturelib.autodiff, or tensor.data for the values alone"
            )
        return result


def values_of(data: Any) -> Any:
    """Return what a tensor is made of: the array of a tensor, and anything else as it is.

    Raises:
        TypeError: If it is a list of tensors that want gradients, which would be lost.
    """
    if isinstance(data, (list, tuple)) and _wants_gradient(data):
        raise TypeError(
            "Tensor: a list of tensors would lose their gradients; add them up, each in its place "
            "(see lecturelib.autodiff)"
        )
    return data.data if isinstance(data, Value) else data


def _restore(kind: Any, data: np.ndarray, requires_grad: bool, gradient: Any) -> Any:
    x = kind(data, requires_grad)  # which copies the data
    if requires_grad:
        x.grad = gradient
    return x


def _plain(value: Any) -> Any:
    """Return arrays in place of tensors, within tuples, lists and dicts too."""
    if isinstance(value, Value):
        return value.data
    if isinstance(value, (tuple, list)):
        return type(value)(map(_plain, value)) if type(value) in (tuple, list) else value
    return {k: _plain(v) for k, v in value.items()} if type(value) is dict else value


def _wants_gradient(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        return isinstance(value, Value) and bool(value.requires_grad)
    return any(map(_wants_gradient, value))


def _has_floats(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(_has_floats, value))
    return isinstance(value, (np.ndarray, np.inexact)) and value.dtype.kind in "fcO"
