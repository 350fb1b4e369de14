"""Adadelta: steps in the units of the parameters, without a learning rate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from .base import OptimizerBase, Rule, gradient


def adadelta_update(
    theta: Tensor,
    g: Tensor,
    Eg2: Tensor,
    Edx2: Tensor,
    *,
    rho: float,
    epsilon: float,
    lr: float = 1.0,
) -> None:
    r"""Move the parameters one step of Adadelta, in place.

    .. math::
        E[g^2] &\leftarrow \rho E[g^2] + (1 - \rho) g^2 \\
        \Delta x &= \frac{\sqrt{E[\Delta x^2] + \epsilon}}{\sqrt{E[g^2] + \epsilon}}\, g \\
        E[\Delta x^2] &\leftarrow \rho E[\Delta x^2] + (1 - \rho) \Delta x^2 \\
        \theta &\leftarrow \theta - \gamma \Delta x

    The paper writes :math:`\Delta x` with a minus and has :math:`\gamma = 1`.

    Args:
        theta: Parameters, of any shape; changed in place.
        g: Gradient, of the same shape.
        Eg2: Running mean of the squared gradient, changed in place.
        Edx2: Running mean of the squared update, changed in place.
        rho: Decay :math:`\rho` of both means.
        epsilon: Starts the motion and keeps the quotient finite.
        lr: Factor :math:`\gamma` of the update.

    Example:
        The first step is limited by :math:`\sqrt\epsilon`, whatever the gradient:

        >>> import torch
        >>> theta, Eg2, Edx2 = torch.zeros(3)
        >>> adadelta_update(theta, torch.tensor(100.0), Eg2, Edx2, rho=0.9, epsilon=1e-6)
        >>> round(theta.item(), 6)  # −√(ε / (1 − ρ))
        -0.003162

    Source: Zeiler (2012), algorithm 1.
    """
    Eg2.mul_(rho).addcmul_(g, g, value=1 - rho)  # E[g²] ← ρ E[g²] + (1 − ρ) g²
    rms_g = Eg2.add(epsilon).sqrt_()  # RMS[g] = √(E[g²] + ε)
    rms_dx = Edx2.add(epsilon).sqrt_()  # RMS[Δx] = √(E[Δx²] + ε)
    dx = rms_dx.div_(rms_g).mul_(g)  # Δx = RMS[Δx] / RMS[g] · g
    Edx2.mul_(rho).addcmul_(dx, dx, value=1 - rho)  # E[Δx²] ← ρ E[Δx²] + (1 − ρ) Δx²
    theta.add_(dx, alpha=-lr)  # θ ← θ − γ Δx


class Adadelta(OptimizerBase):
    r"""Adadelta, as ``torch.optim.Adadelta``.

    .. math::
        g &\leftarrow \nabla_\theta f(\theta) + \lambda \theta \\
        E[g^2] &\leftarrow \rho E[g^2] + (1 - \rho) g^2 \\
        \Delta x &= \sqrt{E[\Delta x^2] + \epsilon} \big/ \sqrt{E[g^2] + \epsilon} \cdot g \\
        E[\Delta x^2] &\leftarrow \rho E[\Delta x^2] + (1 - \rho) \Delta x^2 \\
        \theta &\leftarrow \theta - \gamma \Delta x

    Args:
        params: Parameters, named parameters, or dicts of parameter groups.
        lr: Factor :math:`\gamma` of the update, at least 0; the paper has 1.
        rho: Decay :math:`\rho`, in [0, 1]; the paper's experiments use 0.95.
        eps: :math:`\epsilon`, at least 0, inside both roots.
        weight_decay: :math:`\lambda`, at least 0.
        foreach: Accepted as a choice among PyTorch's implementations; changes nothing here.
        capturable: Must be False.
        maximize: Go up instead of down.
        differentiable: Must be False.

    Raises:
        ValueError: If an option is out of range.
        TypeError: If a parameter is complex, sparse or not floating point; at a step, if a gradient
            is sparse.

    Example:
        >>> import torch
        >>> theta = torch.zeros(1, requires_grad=True)
        >>> optimizer = Adadelta([theta])
        >>> theta.grad = torch.tensor([100.0])
        >>> optimizer.step()
        >>> round(theta.item(), 6)
        -0.003162

    Source: Zeiler (2012), ADADELTA: an adaptive learning rate method, algorithm 1.
    Chapter: optimizers.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _check(self, options: dict[str, Any]) -> None:
        self._check_range("rho", options["rho"], upto=1)
        self._check_range("eps", options["eps"])

    def _rule(self, group: dict[str, Any]) -> Rule:
        lr, rho, epsilon = float(group["lr"]), group["rho"], group["eps"]
        maximize, weight_decay = group["maximize"], group["weight_decay"]

        def update(t: float, theta: Tensor, g: Tensor, Eg2: Tensor, Edx2: Tensor) -> None:
            g = gradient(theta, g, maximize, weight_decay)
            adadelta_update(theta, g, Eg2, Edx2, rho=rho, epsilon=epsilon, lr=lr)

        return Rule(["square_avg", "acc_delta"], update)
