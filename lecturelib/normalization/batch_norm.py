"""Batch normalization as a function: the formula, and its backward pass in compact form."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    r"""Standardize each channel over the batch, then scale and shift it.

    .. math::
        \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y = \gamma \hat x + \beta

    In training, :math:`\mu` and :math:`\sigma^2` are the mean and the *biased* variance (divided by
    :math:`m`) of the batch; the running statistics are updated in place by
    ``running = (1 - momentum) * running + momentum * batch``, the variance with the *unbiased*
    estimate (divided by :math:`m - 1`), as PyTorch does. Otherwise the running statistics are used.

    Same arguments, order and results as ``torch.nn.functional.batch_norm``. NaN and infinity in the
    input propagate to every value of their channel. ``eps=0`` is allowed: the exact identities of
    the chapter need it.

    Args:
        input: Values of shape (N, C) or (N, C, ...), floating point.
        running_mean: Mean for inference, of shape (C,), or None.
        running_var: Variance for inference, of shape (C,), or None.
        weight: Scale :math:`\gamma` of shape (C,), or None for one.
        bias: Shift :math:`\beta` of shape (C,), or None for zero.
        training: Use the statistics of the batch, and update the running ones if given.
        momentum: Weight of the new batch in the running statistics, in [0, 1].
        eps: Added to the variance, at least 0.

    Returns:
        A tensor like the input.

    Raises:
        ValueError: If there are no values or, in training, one value per channel; if a shape does
            not fit; if momentum or eps is out of range; if statistics are missing at inference.
        TypeError: If the input is not floating point or a parameter has an unfit dtype.

    Example:
        >>> x = torch.tensor([[0.0], [1.0], [2.0]])
        >>> batch_norm(x, None, None, training=True, eps=0.0).T
        tensor([[-1.2247,  0.0000,  1.2247]])

    Source: Ioffe and Szegedy (2015), Batch Normalization, algorithms 1 and 2.
    Chapter: batch_norm.
    """
    _check_arguments(input, running_mean, running_var, weight, bias, training, momentum, eps)
    if training:
        output, _, mean, var = BatchNormFunction.apply(input, weight, bias, eps)
        _update_running_statistics(running_mean, running_var, mean, var, momentum, input)
        return output
    assert running_mean is not None
    assert running_var is not None
    rstd = torch.rsqrt(running_var + eps)
    scale = rstd if weight is None else weight * rstd
    shift = -running_mean * scale if bias is None else bias - running_mean * scale
    return torch.addcmul(_per_channel(shift, input), input, _per_channel(scale, input)).to(
        input.dtype
    )


class BatchNormFunction(torch.autograd.Function):
    r"""Training-mode batch norm with the compact analytic backward pass.

    With :math:`c = x - \mu`, :math:`r = 1/\sqrt{\sigma^2+\epsilon}`, the gradient :math:`g` of the
    output and means over the :math:`m` values of a channel written as :math:`\langle\cdot\rangle`,

    .. math::
        \frac{\partial L}{\partial x}
        = \gamma r \bigl(g - \langle g \rangle - c\, r^2 \langle g\, c \rangle\bigr),
        \qquad
        \frac{\partial L}{\partial \gamma} = \sum g\, c\, r,
        \qquad
        \frac{\partial L}{\partial \beta} = \sum g .

    ``apply(input, weight, bias, eps)`` returns ``(output, centred, mean, var)``; ``mean`` and
    ``var`` (biased) are not differentiable. Differentiating twice works.

    Source: Ioffe and Szegedy (2015), section 3, with the chain of partial derivatives summed up.
    Chapter: batch_norm.
    """

    @staticmethod
    def forward(
        input: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the output, the centred input, and mean and biased variance per channel."""
        x = input.to(_accumulation_dtype(input))
        m = _values_per_channel(x)
        mean = _channel_sum(x) / m
        centred = x - _per_channel(mean, x)
        # Not torch.var_mean, which is slow on (N, C, H, W).
        var = _channel_sum(centred * centred) / m
        rstd = torch.rsqrt(var + eps)
        scale = _per_channel(rstd if weight is None else weight * rstd, x)
        output = centred * scale if bias is None else (
            torch.addcmul(_per_channel(bias.to(x.dtype), x), centred, scale)
        )
        return output.to(input.dtype), centred, mean, var

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Keep the centred input and the variance: all that the backward pass needs."""
        _, weight, bias, eps = inputs
        _, centred, mean, var = output
        ctx.mark_non_differentiable(mean, var)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(centred, var, weight)
        ctx.eps, ctx.has_bias, ctx.dtypes = eps, bias is not None, [
            None if t is None else t.dtype for t in inputs[:3]
        ]

    @staticmethod
    def backward(
        ctx: Any, grad: Tensor | None, grad_centred: Tensor | None, *_: Any
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        """Return the gradients for input, weight and bias."""
        centred, var, weight = ctx.saved_tensors
        m = _values_per_channel(centred)
        grad_input = grad_weight = grad_bias = None
        if grad is not None:
            grad = grad.to(centred.dtype)
            if torch.is_grad_enabled():
                # Differentiating twice: the variance must be a function of the input again.
                var = _channel_sum(centred * centred) / m
            rstd = torch.rsqrt(var + ctx.eps)
            grad_bias = _channel_sum(grad)
            grad_weight = _channel_sum(grad * centred) * rstd
            scale = rstd if weight is None else weight * rstd
            grad_input = torch.addcmul(
                _per_channel(-scale * grad_bias / m, centred),
                centred,
                _per_channel(-scale * rstd * grad_weight / m, centred),
            ).addcmul_(grad, _per_channel(scale, centred))
        if grad_centred is not None:  # only when differentiating twice
            through_mean = grad_centred - _per_channel(_channel_sum(grad_centred) / m, centred)
            grad_input = through_mean if grad_input is None else grad_input + through_mean
        input_dtype, weight_dtype, bias_dtype = ctx.dtypes
        return (
            None if grad_input is None else grad_input.to(input_dtype),
            None if weight is None or grad_weight is None else grad_weight.to(weight_dtype),
            None if not ctx.has_bias or grad_bias is None else grad_bias.to(bias_dtype),
            None,
        )


def _values_per_channel(x: Tensor) -> int:
    return x.numel() // x.shape[1]


def _per_channel(v: Tensor, x: Tensor) -> Tensor:
    """View a vector of shape (C,) so that it broadcasts over x of shape (N, C, ...)."""
    return v.view(1, -1, *[1] * (x.ndim - 2))


def _channel_sum(x: Tensor) -> Tensor:
    """Sum (N, C, ...) to (C,): first the inner, contiguous dimensions, which is faster."""
    return x.flatten(2).sum(2).sum(0) if x.ndim > 2 else x.sum(0)


def _accumulation_dtype(x: Tensor) -> torch.dtype:
    """Half precision is summed in float32, as PyTorch does."""
    return torch.float32 if x.dtype in (torch.float16, torch.bfloat16) else x.dtype


def _update_running_statistics(
    running_mean: Tensor | None,
    running_var: Tensor | None,
    mean: Tensor,
    var: Tensor,
    momentum: float,
    input: Tensor,
) -> None:
    m = _values_per_channel(input)
    with torch.no_grad():
        if running_mean is not None:
            running_mean.mul_(1 - momentum).add_(mean.to(running_mean.dtype), alpha=momentum)
        if running_var is not None:
            unbiased = var * (m / (m - 1))
            running_var.mul_(1 - momentum).add_(unbiased.to(running_var.dtype), alpha=momentum)


def _check_arguments(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> None:
    shape = tuple(input.shape)
    if not input.is_floating_point():
        raise TypeError(f"batch_norm: input must be floating point, got {input.dtype}")
    if input.ndim < 2:
        raise ValueError(f"batch_norm: input must have shape (N, C, ...), got {shape}")
    if input.numel() == 0:
        raise ValueError(f"batch_norm: input has no values, got shape {shape}")
    if training and _values_per_channel(input) == 1:
        raise ValueError(
            "batch_norm: training needs more than 1 value per channel, as one value has variance "
            f"0, got shape {shape}; use a larger batch or eval mode"
        )
    if not training and (running_mean is None or running_var is None):
        raise ValueError("batch_norm: training=False needs running_mean and running_var, got None")
    if not 0 <= momentum <= 1:
        raise ValueError(f"batch_norm: momentum must be in [0, 1], got {momentum}")
    if not eps >= 0:
        raise ValueError(f"batch_norm: eps must be at least 0, got {eps}")
    allowed = {input.dtype, _accumulation_dtype(input)}
    named = {
        "running_mean": running_mean,
        "running_var": running_var,
        "weight": weight,
        "bias": bias,
    }
    for name, tensor in named.items():
        if tensor is None:
            continue
        if tuple(tensor.shape) != shape[1:2]:
            raise ValueError(
                f"batch_norm: {name} must have shape ({shape[1]},) for input {shape}, "
                f"got {tuple(tensor.shape)}"
            )
        if tensor.dtype not in allowed:
            raise TypeError(
                f"batch_norm: {name} must have dtype {input.dtype} like the input, "
                f"got {tensor.dtype}"
            )
