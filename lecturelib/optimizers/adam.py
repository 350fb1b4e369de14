"""Adam: running means of the gradient and of its square, corrected for their start at zero."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from .base import OptimizerBase, Rule, gradient


def adam_update(
    theta: Tensor,
    g: Tensor,
    m: Tensor,
    v: Tensor,
    v_max: Tensor | None = None,
    *,
    t: float,
    alpha: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    decay: float = 0.0,
) -> None:
    r"""Move the parameters one step of Adam or AdamW, in place.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \hat m &= m / (1 - \beta_1^t), \qquad \hat v = v / (1 - \beta_2^t) \\
        \theta &\leftarrow \theta - \alpha\, \hat m / (\sqrt{\hat v} + \epsilon)

    The last two lines are computed in the more efficient order of the paper's section 2, which
    takes the corrections out of the tensors: with :math:`c_i = 1 - \beta_i^t`,
    :math:`\theta \leftarrow \theta - \alpha \frac{\sqrt{c_2}}{c_1} \cdot m / (\sqrt v +
    \epsilon \sqrt{c_2})`.

    Args:
        theta: Parameters, of any shape; changed in place.
        g: Gradient, of the same shape.
        m: Running mean of the gradient, changed in place.
        v: Running mean of the squared gradient, changed in place.
        v_max: For AMSGrad the largest :math:`v` so far, changed in place and used instead of
            :math:`v`; otherwise None.
        t: Number of this step, from 1.
        alpha: Step size :math:`\alpha`.
        beta1: Decay :math:`\beta_1` of m.
        beta2: Decay :math:`\beta_2` of v.
        epsilon: Keeps the quotient finite.
        decay: For AdamW the decoupled weight decay :math:`\lambda`, which first shrinks the
            parameters by :math:`\theta \leftarrow \theta - \alpha\lambda\theta`.

    Example:
        >>> theta, m, v = torch.zeros(3)
        >>> options = dict(alpha=0.1, beta1=0.9, beta2=0.999, epsilon=0.0)
        >>> adam_update(theta, torch.tensor(-3.0), m, v, t=1, **options)
        >>> theta, m
        (tensor(0.1000), tensor(-0.3000))

    Source: Kingma and Ba (2015), algorithm 1; Reddi, Kale and Kumar (2018), algorithm 2 (AMSGrad);
    Loshchilov and Hutter (2019), algorithm 2 (AdamW).
    """
    if decay:
        theta.mul_(1 - alpha * decay)  # θ ← θ − α λ θ
    m.lerp_(g, 1 - beta1)  # m ← β₁ m + (1 − β₁) g
    v.mul_(beta2).addcmul_(g, g, value=1 - beta2)  # v ← β₂ v + (1 − β₂) g²
    if v_max is not None:
        v = torch.maximum(v_max, v, out=v_max)  # v ← max(v_max, v)
    c1, c2 = 1 - beta1**t, 1 - beta2**t
    root = v.sqrt().add_(epsilon * c2**0.5)  # √c₂ (√v̂ + ε)
    alpha_t = alpha * c2**0.5 / c1
    if torch.compiler.is_compiling():
        # PyTorch 2.13 compiles a number that changes with t wrongly where it is a "value".
        theta.sub_(m / root * alpha_t)
    else:
        theta.addcdiv_(m, root, value=-alpha_t)  # θ ← θ − α m̂ / (√v̂ + ε)


class Adam(OptimizerBase):
    r"""Adam, as ``torch.optim.Adam``.

    .. math::
        g &\leftarrow \nabla_\theta f(\theta) + \lambda \theta \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \hat m &= m / (1 - \beta_1^t), \qquad \hat v = v / (1 - \beta_2^t) \\
        \theta &\leftarrow \theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)

    Conventions. :math:`\epsilon` is outside the root and after the correction, as in algorithm 1 of
    the paper. AMSGrad takes the maximum of the uncorrected :math:`v` and corrects it after, as
    PyTorch does; its paper has no correction. Weight decay is an L2 penalty here, whose gradient
    is rescaled with the rest: see :class:`AdamW`.

    Args:
        params: Parameters, named parameters, or dicts of parameter groups.
        lr: Step size :math:`\gamma` (:math:`\alpha` in the paper), at least 0.
        betas: :math:`(\beta_1, \beta_2)`, each in [0, 1).
        eps: :math:`\epsilon`, at least 0.
        weight_decay: :math:`\lambda`, at least 0.
        amsgrad: Divide by the root of the largest :math:`v` so far.
        foreach: Accepted as a choice among PyTorch's implementations; changes nothing here.
        maximize: Go up instead of down.
        capturable: Must be False.
        differentiable: Must be False.
        fused: As foreach.
        decoupled_weight_decay: Shrink the parameters instead of penalizing them, which is AdamW.

    Raises:
        ValueError: If an option is out of range.
        TypeError: If a parameter is complex, sparse or not floating point; at a step, if a gradient
            is sparse.

    Example:
        The first step is the learning rate, whatever the size of the gradient:

        >>> theta = torch.zeros(3, requires_grad=True)
        >>> optimizer = Adam([theta], lr=0.01)
        >>> theta.grad = torch.tensor([1e-3, -1.0, 1e3])
        >>> optimizer.step()
        >>> theta
        tensor([-0.0100,  0.0100, -0.0100], requires_grad=True)

    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1; Reddi,
    Kale and Kumar (2018), On the convergence of Adam and beyond, algorithm 2.
    Chapter: optimizers.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _check(self, options: dict[str, Any]) -> None:
        betas = options["betas"]
        if len(betas) != 2:
            raise ValueError(f"{self._name}: betas must be two numbers, got {betas}")
        self._check_range("betas[0]", betas[0], below=1)
        self._check_range("betas[1]", betas[1], below=1)
        self._check_range("eps", options["eps"])

    def _rule(self, group: dict[str, Any]) -> Rule:
        alpha, epsilon = float(group["lr"]), group["eps"]
        beta1, beta2 = map(float, group["betas"])
        maximize, penalty, decay = group["maximize"], group["weight_decay"], 0.0
        if group["decoupled_weight_decay"]:
            penalty, decay = decay, penalty

        def update(t: float, theta: Tensor, g: Tensor, *moments: Tensor) -> None:
            g = gradient(theta, g, maximize, penalty)
            adam_update(
                theta,
                g,
                *moments,
                t=t,
                alpha=alpha,
                beta1=beta1,
                beta2=beta2,
                epsilon=epsilon,
                decay=decay,
            )

        largest = ["max_exp_avg_sq"] * group["amsgrad"]
        return Rule(["exp_avg", "exp_avg_sq", *largest], update)
