"""Products of the Hessian of a loss with vectors, without the Hessian."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from .._precision import widen
from ._parameters import (
    Loss,
    check_gradients_allowed,
    check_parameters,
    evaluate,
    flatten,
    unflatten,
)
from ._untouched import untouched

Product = Callable[[Tensor], Tensor]


def hessian_product(loss: Loss, parameters: Iterable[Tensor]) -> Product:
    r"""Return the function :math:`v \mapsto Hv`, where :math:`H = \nabla^2 L(\theta)`.

    .. math::
        Hv = \nabla_\theta \bigl( \nabla_\theta L(\theta)^\top v \bigr)

    The loss and its gradient are computed once, and their graph is kept as long as the function
    lives: a product then costs one more backward pass through both, some 1.5 gradients, and all
    products see the same batch and the same dropout. Memory is that of the graph, about three times
    that of a gradient.

    Args:
        loss: A function of nothing that returns the loss, one number; twice differentiable.
        parameters: :math:`\theta`; those that want no gradient are left out.

    Returns:
        A function from a vector (P,) to a vector (P,), in the order of
        ``torch.nn.utils.parameters_to_vector``, each parameter once; float32 for half precision. It
        is exact up to rounding; where the loss has kinks, as with ReLU, it is the Hessian of the
        smooth piece. The parameters must not change between the products.

    Raises:
        ValueError: If the loss is not one finite number that depends on the parameters.

    Example:
        >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> product = hessian_product(lambda: w[0] ** 3 + w[0] * w[1], [w])
        >>> product(torch.tensor([1.0, 0.0]))
        tensor([6., 1.])

    Source:
        Pearlmutter (1994), Fast Exact Multiplication by the Hessian.

    Chapter:
        loss_smoothness
    """
    return make_product("hessian_product", loss, check_parameters("hessian_product", parameters))


def make_product(call: str, loss: Loss, thetas: list[Tensor]) -> Product:
    """Do what ``hessian_product`` does, for parameters that were checked."""
    check_gradients_allowed(call)
    with torch.enable_grad(), untouched(thetas):
        value = evaluate(call, loss)
        if value.ndim:
            raise ValueError(f"{call}: loss() must be one number, got shape {tuple(value.shape)}")
        if not value.requires_grad:
            raise ValueError(f"{call}: the loss does not depend on the parameters")
        grads = torch.autograd.grad(value, thetas, create_graph=True, materialize_grads=True)
    bent = [i for i, g in enumerate(grads) if g.requires_grad]  # not those of a linear loss
    gs = [grads[i] for i in bent]

    def product(v: Tensor) -> Tensor:
        if not gs:
            return torch.zeros_like(v)
        vs = unflatten(v, thetas)
        parts = torch.autograd.grad(
            gs, thetas, [vs[i] for i in bent], retain_graph=True, materialize_grads=True
        )
        return widen(flatten(parts))

    return product
