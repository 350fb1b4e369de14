r"""What wide layers do to the correlation of two inputs: one map a layer.

Of two inputs the values of a unit are two numbers, jointly Gaussian over the draw of the weights if
the layer is wide. He's weights keep their mean square; what changes from layer to layer is their
correlation. "Correlation" means the cosine here, with no mean removed.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

__all__ = ["BLOCKS", "MAPS", "asymptote", "iterate", "relu_correlation"]

BLOCKS = 50
"""Number of blocks M for which a scaled skip connection multiplies its branch by 1/√M."""


def relu_correlation(rho: float) -> float:
    r"""The correlation behind a wide ReLU layer with He's weights, from that before it.

    .. math::
        c(\rho) = \frac{1}{\pi} \Bigl( \sqrt{1-\rho^2} + \rho\,(\pi - \arccos\rho) \Bigr)

    Args:
        rho: correlation of two inputs, in [-1, 1].

    >>> round(relu_correlation(0.0), 4), relu_correlation(1.0)
    (0.3183, 1.0)

    Source:
        Cho and Saul (2009), Kernel Methods for Deep Learning.
    """
    rho = min(max(rho, -1.0), 1.0)
    return (math.sqrt(1 - rho**2) + rho * (math.pi - math.acos(rho))) / math.pi


MAPS: dict[str, Callable[[float], float]] = {
    "ReLU": relu_correlation,
    "linear": lambda rho: rho,
    "batch norm": lambda rho: (relu_correlation(rho) - 1 / math.pi) / (1 - 1 / math.pi),
    "skip": lambda rho: (rho + relu_correlation(rho)) / 2,
    "scaled skip": lambda rho: (rho + relu_correlation(rho) / BLOCKS) / (1 + 1 / BLOCKS),
}
"""The map of each kind of layer. A branch beside a skip connection has the mean square of the
stream, times 1/M if it is scaled; batch norm removes the part that all inputs share."""


def iterate(kind: str, depth: int, *, start: float = 0.0) -> np.ndarray:
    """Correlations before the first of ``depth`` layers and after each, ``[depth + 1]``.

    Args:
        kind: name in ``MAPS``.
        depth: number of layers.
        start: correlation of the inputs.

    >>> iterate("linear", 2, start=0.5)
    array([0.5, 0.5, 0.5])
    """
    found = [start]
    for _ in range(depth):
        found.append(MAPS[kind](found[-1]))
    return np.array(found)


def asymptote(depth: int) -> float:
    r"""What :math:`1-\rho` comes to behind many ReLU layers: :math:`9\pi^2 / 2 l^2`.

    >>> round(asymptote(50), 4)
    0.0178
    """
    return 9 * math.pi**2 / (2 * depth**2)
