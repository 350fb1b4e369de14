r"""Gradient descent as an algorithm, Lipschitz constants, and the descent lemma.

>>> import torch
>>> from lecturelib.gradient_descent import lipschitz_constants
>>> K = lipschitz_constants(lambda x: torch.sin(x) * torch.cos(4 * x), -torch.pi, torch.pi)
>>> round(K.function, 4), round(K.gradient, 4)
(3.7611, 17.0)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from lecturelib._scale import norm, ordinary


def gradient_descent(
    gradient: Callable[[Tensor, int], Tensor],
    theta: Tensor,
    *,
    lr: float | Callable[[int], float],
    steps: int,
) -> Tensor:
    r"""Run gradient descent, and return the whole path.

    .. math:: \theta^{(t+1)} = \theta^{(t)} - \eta_t\, g(\theta^{(t)}, t)

    The gradient may be exact or stochastic: it is given the number of the step, so that it can pick
    a minibatch or a noise by it. Many runs go at once along leading dimensions.

    Args:
        gradient: Function (theta, t) -> g of theta's shape.
        theta: Start, of any shape.
        lr: Learning rate :math:`\eta`, or a function of the step :math:`t = 0, 1, \dots`.
        steps: Number of steps, at least 0.

    Returns:
        The path from the start on, of theta's shape after a leading dimension of steps + 1.

    Raises:
        ValueError: If steps is negative or the gradient's shape is not theta's.

    Example:
        On :math:`\tfrac12 \lambda \theta^2` each step multiplies by :math:`1 - \eta\lambda`:

        >>> gradient_descent(lambda theta, t: 2 * theta, torch.tensor(1.0), lr=0.25, steps=3)
        tensor([1.0000, 0.5000, 0.2500, 0.1250])

    Source: Robbins and Monro (1951), A stochastic approximation method.
    Chapter: gradient_descent.
    """
    if steps < 0:
        raise ValueError(f"gradient_descent: steps must be at least 0, got {steps}")
    path = theta.new_empty((steps + 1, *theta.shape)).detach()
    path[0] = theta.detach()
    for t in range(steps):
        g = gradient(path[t], t)
        if g.shape != theta.shape:
            raise ValueError(
                f"gradient_descent: the gradient at step {t} has shape {tuple(g.shape)}, "
                f"theta has {tuple(theta.shape)}"
            )
        path[t + 1] = path[t] - (lr(t) if callable(lr) else lr) * g.detach()
    return path


class LipschitzConstants(NamedTuple):
    """Lipschitz constants of a function and of its gradient, and where the slopes are attained."""

    function: float
    gradient: float
    at: tuple[float, float]

    @property
    def largest_lr(self) -> float:
        """The bound 2/K of the learning rate, with K the constant of the gradient."""
        return math.inf if self.gradient == 0 else 2 / self.gradient


def lipschitz_constants(
    f: Callable[[Tensor], Tensor], low: float, high: float, *, points: int = 10_001
) -> LipschitzConstants:
    r"""Return the Lipschitz constants of a function and of its derivative on an interval.

    .. math::
        K_f = \sup_{[a, b]} |f'|, \qquad K_{f'} = \sup_{[a, b]} |f''|

    Gradient descent with :math:`0 < \eta < 2 / K_{f'}` goes downhill at every step; the
    constant of :math:`f` itself says nothing about it.

    The derivatives are exact (automatic), in float64; the maximum is searched on an even grid and
    then, round the best point, on finer and finer ones. A peak narrower than the grid can be
    missed, and so are kinks: where :math:`f'` jumps, automatic second derivatives do not see it.

    Args:
        f: Elementwise function, twice differentiable by PyTorch.
        low: Left end :math:`a`, finite.
        high: Right end :math:`b`, finite and greater than a.
        points: Points of the first grid, at least 3.

    Returns:
        :math:`K_f`, :math:`K_{f'}` and the points at which they are attained.

    Raises:
        ValueError: If the interval or the number of points is unfit, or a derivative is not finite.

    Example:
        >>> lipschitz_constants(lambda x: x**2, -1.0, 2.0)
        LipschitzConstants(function=4.0, gradient=2.0, at=(2.0, -1.0))

    Source: Nesterov (2018), Lectures on convex optimization, section 1.2.
    Chapter: gradient_descent.
    """
    if not -math.inf < low < high < math.inf or points < 3:
        raise ValueError(
            "lipschitz_constants: need low < high, both finite, and at least 3 points, "
            f"got low={low}, high={high}, points={points}"
        )
    suprema = []
    for order in (1, 2):
        a, b, best, where = low, high, -1.0, low
        for _ in range(6):
            x = torch.linspace(a, b, points, dtype=torch.float64, device="cpu")
            slope = _derivative(f, x, order).abs()
            if not slope.isfinite().all():
                raise ValueError(
                    f"lipschitz_constants: derivative {order} is not finite on [{low}, {high}]"
                )
            i = int(slope.argmax())
            if slope[i].item() > best:
                best, where = slope[i].item(), x[i].item()
            spacing = (b - a) / (points - 1)
            a, b = max(low, where - spacing), min(high, where + spacing)
        suprema.append((best, where))
    (k_f, at_f), (k_g, at_g) = suprema
    return LipschitzConstants(k_f, k_g, (at_f, at_g))


class Descent(NamedTuple):
    """What a step of gradient descent did, and what the descent lemma promised."""

    before: float
    after: float
    bound: float


def descent_lemma(f: Callable[[Tensor], Tensor], theta: Tensor, *, lr: float, K: float) -> Descent:
    r"""Take one step of gradient descent, and compare it with the descent lemma's bound.

    If :math:`\nabla f` is Lipschitz with constant :math:`K`,

    .. math::
        f(\theta - \eta \nabla f)
        \le f(\theta) - \eta \Bigl(1 - \frac{K \eta}{2}\Bigr) \|\nabla f\|^2,

    so the step goes down for :math:`0 < \eta < 2/K`.

    Args:
        f: Function theta -> one number.
        theta: Point, of any shape.
        lr: Learning rate :math:`\eta`, greater than 0 and finite.
        K: Lipschitz constant of the gradient, at least 0 and finite.

    Returns:
        :math:`f` before and after the step, and the bound on the latter.

    Raises:
        ValueError: If an argument is out of range or f gives more than one number.

    Example:
        For :math:`\tfrac K2 \theta^2` the bound is attained:

        >>> descent_lemma(lambda t: 2 * t**2, torch.tensor(1.0), lr=0.25, K=4.0)
        Descent(before=2.0, after=0.0, bound=0.0)

    Source: Nesterov (2018), Lectures on convex optimization, lemma 1.2.3 and section 1.2.3.
    Chapter: gradient_descent.
    """
    if not 0 < lr < math.inf or not 0 <= K < math.inf:
        raise ValueError(f"descent_lemma: need lr > 0 and K ≥ 0, both finite, got lr={lr}, K={K}")
    theta = theta.detach().requires_grad_()
    with torch.enable_grad():
        value = f(theta)
        if value.numel() != 1:
            raise ValueError(
                f"descent_lemma: f must give one number, got shape {tuple(value.shape)}"
            )
        (g,) = torch.autograd.grad(value.sum(), theta)
    with torch.no_grad():
        after = f(theta - lr * g).item()
    square = g.square().sum()
    length2 = square.item() if ordinary(square) else norm(g).item() ** 2
    bound = value.item() - lr * (1 - K * lr / 2) * length2
    return Descent(value.item(), after, bound)


def _derivative(f: Callable[[Tensor], Tensor], x: Tensor, order: int) -> Tensor:
    """Return the derivative of an elementwise function at each point."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        y = f(x)
        for _ in range(order):
            if not y.requires_grad:
                return torch.zeros_like(x)  # constant: no longer a function of x
            (y,) = torch.autograd.grad(
                y.sum(), x, create_graph=True, allow_unused=True, materialize_grads=True
            )
    return y.detach()
