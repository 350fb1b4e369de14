"""RMSprop: the gradient divided by the root of its running mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from .base import OptimizerBase, Rule, gradient


def rmsprop_update(
    theta: Tensor,
    g: Tensor,
    n: Tensor,
    gbar: Tensor | None = None,
    delta: Tensor | None = None,
    *,
    lr: float,
    alpha: float,
    epsilon: float,
    mu: float = 0.0,
) -> None:
    r"""Move the parameters one step of RMSprop, in place.

    .. math::
        n &\leftarrow \alpha n + (1 - \alpha) g^2 \\
        \bar g &\leftarrow \alpha \bar g + (1 - \alpha) g \\
        \Delta &\leftarrow \mu \Delta + \frac{g}{\sqrt{n - \bar g^2} + \epsilon} \\
        \theta &\leftarrow \theta - \gamma \Delta

    Without centring :math:`\bar g = 0`; without momentum :math:`\mu = 0`. The estimate of the
    variance :math:`n - \bar g^2` cannot be negative; where rounding makes it so, it counts as 0.

    Args:
        theta: Parameters, of any shape; changed in place.
        g: Gradient, of the same shape.
        n: Running mean of the squared gradient, changed in place.
        gbar: Running mean of the gradient, changed in place; None for no centring.
        delta: Momentum buffer, changed in place; None for no momentum.
        lr: Learning rate :math:`\gamma`.
        alpha: Decay of the means.
        epsilon: Keeps the quotient finite; outside the root, where Graves has it inside.
        mu: Momentum :math:`\mu`.

    Example:
        The first step is :math:`\gamma / \sqrt{1 - \alpha}`, ten times the learning rate here:

        >>> import torch
        >>> theta, n = torch.zeros(2)
        >>> rmsprop_update(theta, torch.tensor(5.0), n, lr=0.01, alpha=0.99, epsilon=0.0)
        >>> round(theta.item(), 4)
        -0.1

    Source: Tieleman and Hinton (2012), lecture 6e; Graves (2013), equations 38–41, centred.
    """
    n.mul_(alpha).addcmul_(g, g, value=1 - alpha)  # n ← α n + (1 − α) g²
    if gbar is None:
        rms = n.sqrt()
    else:
        gbar.lerp_(g, 1 - alpha)  # ḡ ← α ḡ + (1 − α) g
        rms = n.addcmul(gbar, gbar, value=-1).clamp_(min=0).sqrt_()  # √(n − ḡ²)
    rms.add_(epsilon)
    if delta is None:
        theta.addcdiv_(g, rms, value=-lr)  # θ ← θ − γ g / (√(n − ḡ²) + ε)
    else:
        delta.mul_(mu).addcdiv_(g, rms)  # Δ ← μ Δ + g / (√(n − ḡ²) + ε)
        theta.add_(delta, alpha=-lr)  # θ ← θ − γ Δ


class RMSprop(OptimizerBase):
    r"""RMSprop, centred or not, as ``torch.optim.RMSprop``.

    .. math::
        g &\leftarrow \nabla_\theta f(\theta) + \lambda \theta \\
        n &\leftarrow \alpha n + (1 - \alpha) g^2 \\
        \bar g &\leftarrow \alpha \bar g + (1 - \alpha) g
            \qquad (\bar g = 0 \text{ if not centred}) \\
        \Delta &\leftarrow \mu \Delta + g \big/ \bigl(\sqrt{n - \bar g^2} + \epsilon\bigr) \\
        \theta &\leftarrow \theta - \gamma \Delta

    There is no correction of the means' start at zero, unlike in Adam, so the first steps are
    :math:`1/\sqrt{1-\alpha}` times larger than the learning rate. Where rounding makes
    :math:`n - \bar g^2` negative it counts as 0; PyTorch's result is NaN there.

    Args:
        params: Parameters, named parameters, or dicts of parameter groups.
        lr: Learning rate :math:`\gamma`, at least 0.
        alpha: Decay :math:`\alpha` of the means, in [0, 1].
        eps: :math:`\epsilon`, at least 0, added to the root.
        weight_decay: :math:`\lambda`, at least 0.
        momentum: :math:`\mu`, at least 0.
        centered: Divide by the standard deviation instead of the root mean square.
        capturable: Must be False.
        foreach: Accepted as a choice among PyTorch's implementations; changes nothing here.
        maximize: Go up instead of down.
        differentiable: Must be False.

    Raises:
        ValueError: If an option is out of range.
        TypeError: If a parameter is complex, sparse or not floating point; at a step, if a gradient
            is sparse.

    Example:
        >>> import torch
        >>> theta = torch.zeros(1, requires_grad=True)
        >>> optimizer = RMSprop([theta], lr=0.01)
        >>> theta.grad = torch.tensor([5.0])
        >>> optimizer.step()
        >>> round(theta.item(), 4)
        -0.1

    Source: Tieleman and Hinton (2012), Neural networks for machine learning, lecture 6e; Graves
    (2013), Generating sequences with recurrent neural networks, equations 38–41.
    Chapter: optimizers.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _check(self, options: dict[str, Any]) -> None:
        self._check_range("alpha", options["alpha"], upto=1)
        self._check_range("eps", options["eps"])
        self._check_range("momentum", options["momentum"])

    def _rule(self, group: dict[str, Any]) -> Rule:
        lr, alpha, epsilon = float(group["lr"]), group["alpha"], group["eps"]
        mu, centered = group["momentum"], group["centered"]
        maximize, weight_decay = group["maximize"], group["weight_decay"]

        def update(t: float, theta: Tensor, g: Tensor, n: Tensor, *buffers: Tensor) -> None:
            delta = buffers[0] if mu else None
            gbar = buffers[-1] if centered else None
            g = gradient(theta, g, maximize, weight_decay)
            rmsprop_update(theta, g, n, gbar, delta, lr=lr, alpha=alpha, epsilon=epsilon, mu=mu)

        optional = ["momentum_buffer"] * bool(mu) + ["grad_avg"] * centered
        return Rule(["square_avg", *optional], update)
