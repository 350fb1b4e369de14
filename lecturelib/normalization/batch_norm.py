"""Batch normalization as a function: the formula, and its backward pass in compact form."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.overrides import handle_torch_function, has_torch_function_variadic

from .._autocast import autocast_off
from .._scale import ordinary, unit
from ._checks import REMEDY, channel_dims, check_input, check_parameters, statistics_dtype
from ._standardize import eps_in


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
    *,
    unbiased_running_var: bool = True,
) -> Tensor:
    r"""Standardize each channel over the batch, then scale and shift it.

    .. math::
        \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y = \gamma \hat x + \beta

    In training, :math:`\mu` and :math:`\sigma^2` are the mean and the biased variance (divided by
    :math:`m`) of the :math:`m` values of the channel in this batch, and the running statistics,
    where given, move towards them in place:
    ``running = (1 - momentum) * running + momentum * batch``. The running variance takes the
    unbiased estimate (divided by :math:`m - 1`), in PyTorch as in the paper, so the two modes
    differ by a factor :math:`m / (m - 1)` even if all batches are alike. At inference the running
    statistics take the place of :math:`\mu` and :math:`\sigma^2`, and each value is normalized
    independently of the others.

    The arguments, their order and the results are those of ``torch.nn.functional.batch_norm``,
    with five differences: ``eps=0`` is allowed in training, as the exact identities need it;
    ``unbiased_running_var`` is new; a momentum outside [0, 1] is an error; and so is an empty batch
    in training, which PyTorch lets pass; and values whose squares leave float32, beyond 1e19 and,
    with a small eps, below 1e-19, are normalized too, where PyTorch's become 0. (Compiled code
    leaves that out; a running variance that float32 can't hold is infinite or 0.) NaN and infinity
    propagate: in training to their channel, at inference to their own place alone.

    Args:
        input: Floating point values of shape (N, C) or (N, C, ...).
        running_mean: Running mean, shape (C,). May be None in training.
        running_var: Running variance, shape (C,). May be None in training.
        weight: Scale :math:`\gamma`, shape (C,). None means 1.
        bias: Shift :math:`\beta`, shape (C,). None means 0.
        training: Normalize by the statistics of the batch rather than the running ones.
        momentum: Share of the new batch in the running statistics, in [0, 1]; 1 keeps only the
            new batch. The paper's and TensorFlow's convention is 1 minus this.
        eps: Added to the variance, at least 0.
        unbiased_running_var: Whether the running variance divides by m - 1 (PyTorch) or by m.

    Returns:
        The normalized values, with the shape and the dtype of the input.

    Raises:
        ValueError: If a shape or device does not fit; if momentum or eps is out of range; in
            training if a channel has fewer than 2 values; at inference if a statistic is missing.
        TypeError: If the input is not floating point, or the dtype of another tensor is neither
            that of the input nor float32 beside a half-precision input.

    Example:
        The mean of a batch maps to the shift, wherever the batch lies.

        >>> x = torch.tensor([[0.0, 9.0], [1.0, 10.0], [2.0, 11.0]])
        >>> batch_norm(x, None, None, training=True, eps=0.0)
        tensor([[-1.2247, -1.2247],
                [ 0.0000,  0.0000],
                [ 1.2247,  1.2247]])

    Source:
        Ioffe and Szegedy (2015), Batch Normalization, algorithms 1 (training) and 2 (inference).

    Chapter:
        batch_norm
    """
    if has_torch_function_variadic(input, weight, bias):  # as PyTorch's functions do
        arguments = (input, running_mean, running_var, weight, bias, training, momentum, eps)
        return handle_torch_function(
            batch_norm, arguments[:5], *arguments, unbiased_running_var=unbiased_running_var
        )
    _check(input, running_mean, running_var, weight, bias, training, momentum, eps)
    if not training:
        return _normalize_by(running_mean, running_var, input, weight, bias, eps)
    output, mean, var = _by_batch(input, weight, bias, eps)
    if not ordinary(var, plus=eps):
        output, mean, var = _in_units(input, weight, bias, eps)
    if running_mean is not None:
        running_mean.lerp_(mean.to(running_mean.dtype), momentum)
    if running_var is not None:
        m = input.numel() // input.shape[1]
        estimate = var * (m / (m - 1)) if unbiased_running_var else var
        running_var.lerp_(estimate.to(running_var.dtype), momentum)
    return output


class BatchNormFunction(torch.autograd.Function):
    r"""Batch norm in training, with the analytic backward pass in its compact form.

    ``BatchNormFunction.apply(input, weight, bias, eps)`` returns ``(output, mean, var)``; the mean
    and the biased variance, of shape (C,), carry no gradient. With :math:`g` the gradient of the
    output, :math:`r = 1 / \sqrt{\sigma^2 + \epsilon}` and sums over the :math:`m` values of a
    channel,

    .. math::
        \frac{\partial L}{\partial \beta} = \sum g, \qquad
        \frac{\partial L}{\partial \gamma} = \sum g \hat x, \qquad
        \frac{\partial L}{\partial x} = \gamma r \left( g
            - \frac{1}{m} \frac{\partial L}{\partial \beta}
            - \frac{\hat x}{m} \frac{\partial L}{\partial \gamma} \right) .

    The backward pass may be differentiated again, to any order. (``torch.func`` cannot transform
    it; there :func:`batch_norm` is made of single operations.) Between the passes the input is kept
    and nothing else of its size, as in PyTorch.

    Example:
        >>> x = torch.tensor([[0.0], [1.0], [5.0]], requires_grad=True)
        >>> output, mean, var = BatchNormFunction.apply(x, None, None, 0.0)
        >>> output.square().sum().backward()  # always 3, so that its gradient vanishes
        >>> bool(x.grad.abs().max() < 1e-6)
        True

    Source:
        Ioffe and Szegedy (2015), Batch Normalization, section 3, the chain of partial derivatives
        summed up.

    Chapter:
        batch_norm
    """

    @staticmethod
    @autocast_off
    def forward(
        ctx: Any, input: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float | Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the output, and mean and biased variance of each channel."""
        x = input.to(statistics_dtype(input))
        m = x.numel() // x.shape[1]
        mean = _sum(x) / m
        centred = x - _view(mean, x)
        var = _sum_of_products_and_restore(centred, centred, x, mean) / m
        rstd = torch.rsqrt(var + eps)
        # centred is a temporary: it becomes the output
        output = centred.mul_(_view(rstd if weight is None else rstd * weight, x))
        if bias is not None:
            output.add_(_view(bias, x))
        ctx.save_for_backward(input, mean, rstd, weight)
        ctx.eps = eps
        ctx.bias_dtype = None if bias is None else bias.dtype
        ctx.mark_non_differentiable(mean, var)
        ctx.set_materialize_grads(False)
        return output.to(input.dtype), mean, var

    @staticmethod
    @autocast_off
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return the gradients for input, weight and bias."""
        grad = grads[0]
        if grad is None:
            return None, None, None, None
        input, mean, rstd, weight = ctx.saved_tensors
        x, g = input.to(mean.dtype), grad.to(mean.dtype)
        m = x.numel() // x.shape[1]
        if torch.is_grad_enabled():
            # For a second derivative the statistics must again be functions of the input.
            centred = x - _view(_sum(x) / m, x)
            rstd = torch.rsqrt(_sum_of_products(centred, centred) / m + ctx.eps)
            grad_weight = _sum_of_products(centred, g) * rstd
            grad_input = centred.clone()
        else:
            grad_input = x - _view(mean, x)
            grad_weight = _sum_of_products_and_restore(grad_input, g, x, mean) * rstd
        grad_bias = _sum(g)
        scale = rstd if weight is None else rstd * weight
        # grad_input holds the centred input. In place from the right, it becomes
        # scale * (g - grad_bias / m - centred * rstd * grad_weight / m)
        grad_input.mul_(_view(rstd * grad_weight * scale / -m, x))
        grad_input.sub_(_view(grad_bias * scale / m, x)).addcmul_(g, _view(scale, x))
        return (
            grad_input.to(input.dtype),
            None if weight is None else grad_weight.to(weight.dtype),
            None if ctx.bias_dtype is None else grad_bias.to(ctx.bias_dtype),
            None,
        )


def _by_batch(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float | Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    if not torch._C._are_functorch_transforms_active():
        return BatchNormFunction.apply(input, weight, bias, eps)
    x = input.to(statistics_dtype(input))
    m = x.numel() // x.shape[1]
    mean = _sum(x) / m
    centred = x - _view(mean, x)
    var = _sum(centred.square()) / m
    rstd = torch.rsqrt(var + eps)
    output = centred * _view(rstd if weight is None else rstd * weight, x)
    if bias is not None:
        output = output + _view(bias, x)
    return output.to(input.dtype), mean.detach(), var.detach()


def _in_units(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Do what the function does, where squares leave the format: in powers of two that stay."""
    x = input.to(statistics_dtype(input))
    u = unit(x, channel_dims(x), at_least=math.sqrt(eps))
    row = u.flatten()
    output, mean, var = _by_batch(x / u, weight, bias, eps_in(row, eps))
    return output.to(input.dtype), mean * row, var * row * row


def _normalize_by(
    mean: Any, var: Any, input: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
) -> Tensor:
    dtype = statistics_dtype(input)
    scale = torch.rsqrt(var.to(dtype) + eps)
    if weight is not None:
        scale = scale * weight
    # Centre first: scale * x - scale * mean would lose the digits of a far mean.
    output = (input.to(dtype) - _view(mean, input)) * _view(scale, input)
    if bias is not None:
        output = output + _view(bias, input)
    return output.to(input.dtype)


# Sums over all but dimension 1. On (N, C, H, W) a sum over the contiguous inner dimensions first,
# then over N, is several times faster than one over (0, 2, 3) or than torch.var_mean. The variance
# is the mean of the squares after centring, so that a far mean costs no digits.


def _sum(x: Tensor) -> Tensor:
    return x.sum(0) if x.ndim == 2 else x.flatten(2).sum(2).sum(0)


def _sum_of_products(x: Tensor, y: Tensor) -> Tensor:
    if x.ndim == 2:
        return (x * y).sum(0)
    if x is y:
        return torch.linalg.vector_norm(x.flatten(2), dim=2).square().sum(0)
    return torch.linalg.vecdot(x.flatten(2), y.flatten(2)).sum(0)


def _sum_of_products_and_restore(centred: Tensor, y: Tensor, x: Tensor, mean: Tensor) -> Tensor:
    """Sum centred * y without a temporary of its size, which takes longer than centring again."""
    if x.ndim > 2:
        return _sum_of_products(centred, y)
    total = centred.mul_(y).sum(0)
    torch.sub(x, mean, out=centred)
    return total


def _view(v: Tensor, x: Tensor) -> Tensor:
    """Let v of shape (C,) broadcast over x of shape (N, C, ...)."""
    return v if x.ndim == 2 else v.view(-1, *[1] * (x.ndim - 2))


def _check(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> None:
    check_input("batch_norm", input, eps)
    shape = tuple(input.shape)
    if len(shape) < 2:
        raise ValueError(f"batch_norm: input must have shape (N, C, ...), got {shape}")
    if training and input.numel() <= shape[1]:
        raise ValueError(
            "batch_norm: training needs more than 1 value per channel to estimate a variance, "
            f"got shape {shape}; {REMEDY}"
        )
    if not training and (running_mean is None or running_var is None):
        raise ValueError(
            "batch_norm: with training=False it needs running_mean and running_var, got None"
        )
    if not 0 <= momentum <= 1:
        raise ValueError(f"batch_norm: momentum must lie in [0, 1], got {momentum}")
    check_parameters(
        "batch_norm",
        input,
        shape[1:2],
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
    )
