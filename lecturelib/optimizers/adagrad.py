"""Adagrad: a learning rate per coordinate, falling with the gradients seen so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from .._precision import wide_dtype
from .base import OptimizerBase, Rule, gradient


def adagrad_update(theta: Tensor, g: Tensor, G: Tensor, *, eta: float, epsilon: float) -> None:
    r"""Move the parameters one step of Adagrad, in place.

    .. math::
        G \leftarrow G + g^2, \qquad
        \theta \leftarrow \theta - \eta \frac{g}{\sqrt{G} + \epsilon}

    Args:
        theta: Parameters, of any shape; changed in place.
        g: Gradient, of the same shape.
        G: Sum of the squared gradients, the diagonal of the paper's matrix; changed in place.
        eta: Learning rate :math:`\eta`.
        epsilon: Keeps the quotient finite (:math:`\delta` in the paper).

    Example:
        A constant gradient gives steps :math:`\eta / \sqrt{t}`:

        >>> theta, G = torch.zeros(1), torch.zeros(1)
        >>> for _ in range(2):
        ...     adagrad_update(theta, torch.tensor([7.0]), G, eta=1.0, epsilon=0.0)
        >>> theta  # −1 − 1/√2
        tensor([-1.7071])

    Source: Duchi, Hazan and Singer (2011), figure 1, diagonal case, without projection.
    """
    G.addcmul_(g, g)  # G ← G + g²
    theta.addcdiv_(g, G.sqrt().add_(epsilon), value=-eta)  # θ ← θ − η g / (√G + ε)


class Adagrad(OptimizerBase):
    r"""Adagrad, as ``torch.optim.Adagrad``.

    .. math::
        g &\leftarrow \nabla_\theta f(\theta) + \lambda \theta \\
        \eta_t &= \gamma / (1 + (t - 1)\,\kappa) \\
        G &\leftarrow G + g^2 \\
        \theta &\leftarrow \theta - \eta_t\, g / (\sqrt{G} + \epsilon)

    The decay :math:`\kappa` is not in the paper; 0 gives the paper's rule. As in PyTorch, the
    accumulator starts at the constructor's ``initial_accumulator_value`` in every group.

    Args:
        params: Parameters, named parameters, or dicts of parameter groups.
        lr: Learning rate :math:`\gamma`, at least 0.
        lr_decay: :math:`\kappa`, at least 0.
        weight_decay: :math:`\lambda`, at least 0.
        initial_accumulator_value: Start of :math:`G`, at least 0.
        eps: :math:`\epsilon`, at least 0.
        foreach: Accepted as a choice among PyTorch's implementations; changes nothing here.
        maximize: Go up instead of down.
        differentiable: Must be False.
        fused: As foreach.

    Raises:
        ValueError: If an option is out of range.
        TypeError: If a parameter is complex, sparse or not floating point; at a step, if a gradient
            is sparse.

    Example:
        >>> theta = torch.ones(1, requires_grad=True)
        >>> optimizer = Adagrad([theta], lr=0.5)
        >>> theta.grad = torch.tensor([30.0])
        >>> optimizer.step()
        >>> theta
        tensor([0.5000], requires_grad=True)

    Source: Duchi, Hazan and Singer (2011), Adaptive subgradient methods for online learning and
    stochastic optimization, figure 1.
    Chapter: optimizers.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                # PyTorch has Adagrad's state from the start, the others' from the first step.
                self.state[p] = {
                    "step": torch.tensor(0.0, device="cpu"),
                    "sum": self._new_buffer(p),
                }

    def share_memory(self) -> None:
        """Put the sums into shared memory, for training by several processes at once."""
        for state in self.state.values():
            state["sum"].share_memory_()

    def _check(self, options: dict[str, Any]) -> None:
        for name in ("lr_decay", "initial_accumulator_value", "eps"):
            self._check_range(name, options[name])

    def _new_buffer(self, p: Tensor) -> Tensor:
        start = self.defaults["initial_accumulator_value"]
        return torch.full_like(p, start, dtype=wide_dtype(p.dtype))

    def _rule(self, group: dict[str, Any]) -> Rule:
        gamma, kappa, epsilon = float(group["lr"]), group["lr_decay"], group["eps"]
        maximize, weight_decay = group["maximize"], group["weight_decay"]

        def update(t: float, theta: Tensor, g: Tensor, G: Tensor) -> None:
            eta = gamma / (1 + (t - 1) * kappa)
            g = gradient(theta, g, maximize, weight_decay)
            adagrad_update(theta, g, G, eta=eta, epsilon=epsilon)

        return Rule(["sum"], update)
