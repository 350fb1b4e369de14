"""Numerical gradients, to check those of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lecturelib.autodiff.engine import Tensor, grad


def check_gradients(
    f: Callable[..., Tensor], *arrays: Any, order: int = 1, tolerance: float = 1e-6, seed: int = 0
) -> float:
    r"""Compare the gradients of f with central differences, in float64.

    .. math::
        \frac{\partial}{\partial x_i} \sum_j w_j f_j(x)
        \approx \sum_j w_j \frac{f_j(x + h e_i) - f_j(x - h e_i)}{2h}

    The weights :math:`w` are random, so that no two errors cancel. For ``order=2`` the function
    is replaced by a random directional derivative of itself, and so on.

    Args:
        f: A function of tensors that returns a tensor, smooth at the point.
        arrays: The point: an array for each argument of f.
        order: The highest order of derivatives to check.
        tolerance: The largest error allowed, relative to derivatives larger than 1.
        seed: Of the weights and directions.

    Returns:
        The largest error found.

    Raises:
        AssertionError: Naming the argument, the index and both numbers, where they differ.

    Example:
        >>> check_gradients(lambda x, y: x.tanh() * y, [0.5, -1.0], [2.0, 3.0], order=2) < 1e-8
        True

    Chapter: backprop.
    """
    random, h = np.random.default_rng(seed), 1e-5
    x = [Tensor(np.array(a, float), requires_grad=True) for a in arrays]
    w = random.normal(size=f(*x).shape)

    def slope(*x: Tensor) -> list[Tensor]:
        return list(grad((f(*x) * w).sum(), x, create_graph=order > 1))

    worst = 0.0
    for k, exact in enumerate(slope(*x)):
        for i in np.ndindex(exact.shape):
            values = []
            for sign in (1, -1):
                moved = [a.data.copy() for a in x]
                moved[k][i] += sign * h
                values.append(f(*(Tensor(a, requires_grad=True) for a in moved)).data)
            numeric = np.sum(w * (values[0] - values[1])) / (2 * h)
            error = float(abs(exact.data[i] - numeric) / max(1.0, abs(numeric)))
            if not error <= tolerance:
                at = f"argument {k}, index {tuple(map(int, i))}"
                raise AssertionError(f"gradient at {at}: {exact.data[i]} is not {numeric}")
            worst = max(worst, error)
    if order > 1:
        directions = [random.normal(size=a.shape) for a in x]

        def directional(*x: Tensor) -> Tensor:
            # x itself joins in, so that there is something to differentiate if f is linear
            parts = [((g + a) * d).sum() for g, a, d in zip(slope(*x), x, directions, strict=True)]
            return sum(parts[1:], start=parts[0])

        higher = check_gradients(
            directional, *arrays, order=order - 1, tolerance=tolerance, seed=seed + 1
        )
        worst = max(worst, higher)
    return worst
