"""Gradient descent and Adam for the tensors of `lecturelib.autodiff`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from lecturelib.autodiff import Tensor


class SGD:
    r"""Gradient descent with momentum, for tensors.

    .. math:: v \leftarrow \mu v + g, \qquad x \leftarrow x - \eta v

    Args:
        parameters: Leaves that require a gradient.
        lr: The learning rate :math:`\eta`.
        momentum: The factor :math:`\mu`.

    Raises:
        ValueError: If a parameter is no leaf that requires a gradient, or there is none.

    Example:
        >>> from lecturelib.autodiff import Tensor
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> SGD([x], lr=0.25).step()
        >>> x
        Tensor([0.5, 1. ], requires_grad=True)

    Chapter: backprop.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.0) -> None:
        self.parameters, self.lr, self.momentum = list(parameters), lr, momentum
        if not self.parameters or any(x.node is None or x.node.edges for x in self.parameters):
            raise ValueError(f"{type(self).__name__}: wants leaves that require a gradient")
        self.state: dict[int, Any] = {}

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for x in self.parameters:
            x.grad = None

    def step(self) -> None:
        """Move each parameter that has a gradient."""
        for i, x in enumerate(self.parameters):
            if (g := x.grad) is not None:
                change = self.lr * self.direction(i, g)
                if x.data.flags.writeable:
                    x.data -= change
                else:  # a live graph needs the old value
                    x.data = x.data - change

    def direction(self, i: int, g: np.ndarray) -> np.ndarray:
        """Return the direction for parameter number i with gradient g."""
        if self.momentum:
            g = self.state[i] = self.momentum * self.state[i] + g if i in self.state else g
        return g


class Adam(SGD):
    r"""Adam: means of the gradient and of its square, corrected for their start at 0.

    .. math::
        m_t = \beta_1 m_{t-1} + (1-\beta_1) g, \quad v_t = \beta_2 v_{t-1} + (1-\beta_2) g^2, \quad
        x \leftarrow x - \eta \, \frac{m_t / (1-\beta_1^t)}{\sqrt{v_t / (1-\beta_2^t)} + \epsilon}

    Source: Kingma and Ba (2015), Adam, algorithm 1. Chapter: backprop.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(parameters, lr)
        self.betas, self.eps = betas, eps

    def direction(self, i: int, g: np.ndarray) -> np.ndarray:
        """Return the direction for parameter number i with gradient g."""
        (a, b), (t, m, v) = self.betas, self.state.get(i, (0, 0, 0))
        t, m, v = self.state[i] = t + 1, a * m + (1 - a) * g, b * v + (1 - b) * g * g
        return m / (1 - a**t) / (np.sqrt(v / (1 - b**t)) + self.eps)
