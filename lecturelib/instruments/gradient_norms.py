"""The size of the gradient at each depth: does it vanish, or explode?"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .._scale import norm
from ._layer_outputs import run_with_outputs
from ._parameters import Loss, check_gradients_allowed, evaluate, flatten
from ._untouched import untouched_modules


def gradient_norms(loss: Loss, layers: Sequence[nn.Module]) -> Tensor:
    r"""Return the norm of the gradient with respect to the pre-activations of each layer.

    .. math::
        \left\lVert \frac{\partial L}{\partial z_l} \right\rVert_F, \qquad
        z_l = W_l h_{l-1} + b_l

    Not with respect to the **weights**: :math:`\partial L / \partial W_l = (\partial L / \partial
    z_l)\, h_{l-1}^\top` holds two factors, and under many initializations one grows by as much as
    the other shrinks. In a deep ReLU network with weights too small by a factor, activations shrink
    by that factor a layer on the way up and gradients on the way down, so the norms of the weights'
    gradients are alike in all layers, while the signal is lost. The ratio over depth of this
    function shows it.

    Args:
        loss: A function of nothing that runs the layers and returns the loss, one number, or S
            losses of networks side by side, if all pre-activations begin with an axis of S.
        layers: Modules whose outputs are the pre-activations, from the input up, as the linear
            layers of a network; the last output counts if one runs several times. What runs next
            must not overwrite it in place.

    Returns:
        Norms over batch and units, shape (L,) or (L, S). They are exact for this batch up to
        rounding; their spread over batches is the error. With a loss that is a mean over N samples
        they fall as :math:`1 / \sqrt N`; ratios between layers do not depend on N.

    Raises:
        ValueError: If a layer did not run, or the loss is not finite or does not depend on one.

    Example:
        >>> model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
        >>> for layer in model:
        ...     _ = nn.init.constant_(layer.weight, 0.5)
        >>> gradient_norms(lambda: model(torch.ones(1, 1)).sum(), list(model))
        tensor([0.5000, 1.0000])

    Source:
        Glorot and Bengio (2010), Understanding the Difficulty of Training Deep Feedforward Neural
        Networks, section 4.2, for the gradients at pre-activations.

    Chapter:
        signal_propagation
    """
    call = "gradient_norms"
    check_gradients_allowed(call)
    with torch.enable_grad(), untouched_modules(layers):
        value, zs = run_with_outputs(call, lambda: evaluate(call, loss), layers)
        depends = [i for i, z in enumerate(zs) if not z.requires_grad]
        if depends or not value.requires_grad:
            raise ValueError(f"{call}: no gradient reaches the layers {depends}")
        gs = torch.autograd.grad(value.sum(), zs, materialize_grads=True)
    joined = (flatten([g], value.shape, call) for g in gs)
    return torch.stack([norm(g, dim=-1) for g in joined])
