"""Stochastic gradient descent with momentum, Nesterov momentum, dampening and weight decay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from .._precision import wide_dtype, widen
from .base import OptimizerBase, Rule, gradient


def sgd_update(
    theta: Tensor,
    g: Tensor,
    b: Tensor | None = None,
    *,
    lr: float,
    mu: float = 0.0,
    tau: float = 0.0,
    nesterov: bool = False,
    t: float = 2,
) -> None:
    r"""Move the parameters one step of SGD, in place.

    .. math::
        b \leftarrow \mu b + (1 - \tau) g, \qquad
        \theta \leftarrow \theta - \gamma b
        \quad\text{(Nesterov: } \theta \leftarrow \theta - \gamma (g + \mu b) \text{)}

    Args:
        theta: Parameters, of any shape; changed in place.
        g: Gradient, of the same shape.
        b: Momentum buffer, changed in place; None for plain gradient descent.
        lr: Learning rate :math:`\gamma`.
        mu: Momentum :math:`\mu`.
        tau: Dampening :math:`\tau`.
        nesterov: Look ahead: add the momentum that the next step will have.
        t: Number of the step. At the first one the buffer becomes the gradient itself, undamped.

    Example:
        >>> theta, b = torch.tensor([1.0]), torch.zeros(1)
        >>> sgd_update(theta, torch.tensor([1.0]), b, lr=0.1, mu=0.9, t=1)
        >>> sgd_update(theta, torch.tensor([1.0]), b, lr=0.1, mu=0.9, t=2)
        >>> theta, b
        (tensor([0.7100]), tensor([1.9000]))

    Source: Sutskever, Martens, Dahl and Hinton (2013), equations 1–4.
    """
    if b is None:
        theta.add_(g, alpha=-lr)  # θ ← θ − γ g
        return
    if t == 1:
        b.copy_(g)  # b ← g
    elif tau == 0:
        torch.add(g, b, alpha=mu, out=b)  # b ← μ b + g
    else:
        b.mul_(mu).add_(g, alpha=1 - tau)  # b ← μ b + (1 − τ) g
    if nesterov:
        theta.add_(g, alpha=-lr).add_(b, alpha=-lr * mu)  # θ ← θ − γ (g + μ b)
    else:
        theta.add_(b, alpha=-lr)  # θ ← θ − γ b


class SGD(OptimizerBase):
    r"""Stochastic gradient descent, as ``torch.optim.SGD``.

    .. math::
        g &\leftarrow \nabla_\theta f(\theta) + \lambda \theta \\
        b &\leftarrow \mu b + (1 - \tau) g \qquad (b \leftarrow g \text{ at the first step}) \\
        \theta &\leftarrow \theta - \gamma b \qquad (\text{Nesterov: } \theta - \gamma (g + \mu b))

    Conventions. The learning rate multiplies the whole buffer, as in PyTorch and in the lecture;
    Sutskever et al. put it into the buffer, :math:`v \leftarrow \mu v - \gamma g`,
    which is the same as long as :math:`\gamma` is constant. Their Nesterov takes the gradient at
    :math:`\theta + \mu v`; this one rewrites it in the variable :math:`\theta + \mu v`, so
    that the gradient is taken where the parameters are. Weight decay is the gradient of the penalty
    :math:`\tfrac{\lambda}{2}\|\theta\|^2`.

    Args:
        params: Parameters, named parameters, or dicts of parameter groups.
        lr: Learning rate :math:`\gamma`, at least 0.
        momentum: :math:`\mu`, at least 0.
        dampening: :math:`\tau`, any finite number.
        weight_decay: :math:`\lambda`, at least 0.
        nesterov: Use Nesterov's momentum; needs momentum and no dampening.
        maximize: Go up instead of down.
        foreach: Accepted as a choice among PyTorch's implementations; changes nothing here.
        differentiable: Must be False.
        fused: As foreach.

    Raises:
        ValueError: If an option is out of range.
        TypeError: If a parameter is complex, sparse or not floating point; at a step, if a gradient
            is sparse.

    Example:
        With a constant gradient the step grows to :math:`\gamma g / (1 - \mu)`:

        >>> theta = torch.zeros(1, requires_grad=True)
        >>> optimizer = SGD([theta], lr=0.1, momentum=0.9)
        >>> for _ in range(200):
        ...     theta.grad = torch.ones(1)
        ...     before = theta.item()
        ...     optimizer.step()
        >>> round(before - theta.item(), 4)
        1.0

    Source: Robbins and Monro (1951); Polyak (1964); Sutskever, Martens, Dahl and Hinton (2013), On
    the importance of initialization and momentum in deep learning, equations 1–4.
    Chapter: optimizers.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _check(self, options: dict[str, Any]) -> None:
        self._check_range("momentum", options["momentum"])
        self._check_range("the size of dampening", abs(options["dampening"]))
        if options["nesterov"] and (options["momentum"] <= 0 or options["dampening"] != 0):
            raise ValueError(
                "SGD: Nesterov momentum needs momentum > 0 and dampening = 0, got "
                f"momentum={options['momentum']}, dampening={options['dampening']}"
            )

    def _rule(self, group: dict[str, Any]) -> Rule:
        lr, mu, tau = float(group["lr"]), group["momentum"], group["dampening"]
        maximize, weight_decay = group["maximize"], float(group["weight_decay"])
        nesterov = group["nesterov"]
        if not (mu or weight_decay):
            rate = -lr if maximize else lr  # uphill is downhill with the other sign
            return Rule([], lambda t, theta, g: sgd_update(theta, g, lr=rate), blockwise=False)

        def update(t: float, theta: Tensor, g: Tensor, b: Tensor | None = None) -> None:
            g = gradient(theta, g, maximize, weight_decay)
            sgd_update(theta, g, b, t=t, lr=lr, mu=mu, tau=tau, nesterov=nesterov)

        return Rule(["momentum_buffer"] if mu else [], update)

    def _advance(self, p: Tensor, names: Sequence[str]) -> tuple[float, list[Tensor]]:
        """Return 1 at a parameter's first step with momentum, otherwise 2, and the buffer.

        PyTorch counts no steps of SGD: the first one is told by the missing buffer.
        """
        if not names:
            return 2, []
        state = self.state[p]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = torch.empty_like(p, dtype=wide_dtype(p.dtype))
            return 1, [state["momentum_buffer"]]
        state["momentum_buffer"] = widen(state["momentum_buffer"])
        return 2, [state["momentum_buffer"]]
