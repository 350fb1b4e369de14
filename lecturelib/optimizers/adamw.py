"""AdamW: Adam with weight decay that is not part of the gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from .adam import Adam


class AdamW(Adam):
    r"""Adam with decoupled weight decay, as ``torch.optim.AdamW``.

    .. math::
        \theta &\leftarrow \theta - \gamma\lambda\theta \\
        g &= \nabla_\theta f(\theta) \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \hat m &= m / (1 - \beta_1^t), \qquad \hat v = v / (1 - \beta_2^t) \\
        \theta &\leftarrow \theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)

    The gradient is taken before the parameters shrink. Conventions: as in PyTorch the decay is
    multiplied by the learning rate; in the paper the two are independent, and a schedule multiplies
    both.

    Args:
        params: Parameters, named parameters, or dicts of parameter groups.
        lr: Step size :math:`\gamma` (:math:`\alpha` in the paper), at least 0.
        betas: :math:`(\beta_1, \beta_2)`, each in [0, 1).
        eps: :math:`\epsilon`, at least 0.
        weight_decay: :math:`\lambda`, at least 0.
        amsgrad: Divide by the root of the largest :math:`v` so far.
        maximize: Go up instead of down.
        foreach: Accepted as a choice among PyTorch's implementations; changes nothing here.
        capturable: Must be False.
        differentiable: Must be False.
        fused: As foreach.

    Raises:
        ValueError: If an option is out of range.
        TypeError: If a parameter is complex, sparse or not floating point; at a step, if a gradient
            is sparse.

    Example:
        Without a gradient the parameters shrink by :math:`1 - \gamma\lambda`:

        >>> import torch
        >>> theta = torch.ones(1, requires_grad=True)
        >>> optimizer = AdamW([theta], lr=0.1, weight_decay=0.5)
        >>> theta.grad = torch.zeros(1)
        >>> optimizer.step()
        >>> theta
        tensor([0.9500], requires_grad=True)

    Source: Loshchilov and Hutter (2019), Decoupled weight decay regularization, algorithm 2.
    Chapter: optimizers.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over a state; its decay is decoupled whatever optimizer saved it."""
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
