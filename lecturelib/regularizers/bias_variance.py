"""Bias and variance of a way to fit, measured by fitting again and again to fresh data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .._precision import check_floating, whole_number
from ._checks import as_tensors, predict

Data = Sequence[Tensor]


@dataclass(frozen=True)
class BiasVariance:
    """The risk of a way to fit, in three parts; all are means over the test inputs.

    Attributes:
        bias_squared: Distance of the mean prediction from the truth, squared.
        variance: Spread of the predictions from one training set to the next.
        noise: Spread of the targets about the truth, which no prediction avoids.
        risk: Squared error on the targets, measured apart from the other three.
        gap: Risk minus the sum of the three; 0 but for chance.
        gap_error: Standard error of the gap, from the test samples.
        x: Test inputs, shape (m, ...).
        predictions: Of each fit at each test input, shape (repeats, m, ...).
    """

    bias_squared: float
    variance: float
    noise: float
    risk: float
    gap: float
    gap_error: float
    x: Tensor
    predictions: Tensor


def bias_variance(
    fit: Callable[[Tensor, Tensor], Callable[[Tensor], Tensor]],
    sample: Callable[[torch.Generator], Data],
    truth: Callable[[Tensor], Tensor],
    *,
    repeats: int = 100,
    test: Data | None = None,
    generator: torch.Generator | None = None,
) -> BiasVariance:
    r"""Decompose the squared error of a way to fit into bias, variance and noise.

    .. math::
        E\bigl[(\hat y(x) - y)^2\bigr] = \underbrace{(E[\hat y(x)] - f(x))^2}_{\text{bias}^2}
        + \underbrace{E\bigl[(\hat y(x) - E[\hat y(x)])^2\bigr]}_{\text{variance}}
        + \underbrace{E\bigl[(y - f(x))^2\bigr]}_{\text{noise}}

    with :math:`f(x) = E[y | x]`. With :math:`\bar y` and :math:`s^2` the mean and the variance
    (divided by R − 1) of R fits, the estimates are :math:`s^2` and
    :math:`(\bar y - f)^2 - s^2 / R`; neither is biased, so that the second may come out below 0.
    Vectors count by their squared length.

    Args:
        fit: From inputs and targets to a function from inputs to predictions.
        sample: From a generator to a fresh training set: inputs (n, ...) and targets (n, ...).
        truth: From inputs to the expected target, :math:`f`.
        repeats: Number R of fits, at least 2.
        test: Inputs (m, ...) and targets (m, ...) to test on, independent of the training sets;
            None to draw as many training sets more.
        generator: Given to ``sample``; None for one of the CPU that PyTorch's global one seeds.

    Returns:
        The three parts and the measured risk.

    Raises:
        TypeError: If ``sample`` or ``test`` gives other than tensors, ``fit`` no function, or a
            function no tensor.
        ValueError: If ``repeats`` is less than 2, or shapes do not fit.

    Example:
        The mean of 10 targets as prediction: no bias, and a variance of 1/10 of the noise.

        >>> fit = lambda x, y: lambda x: y.mean().expand(len(x))
        >>> sample = lambda g: (torch.zeros(10), torch.randn(10, generator=g))
        >>> result = bias_variance(
        ...     fit, sample, torch.zeros_like, repeats=500,
        ...     generator=torch.Generator().manual_seed(0),
        ... )
        >>> abs(result.bias_squared) < 0.01, round(result.variance, 1), round(result.noise, 1)
        (True, 0.1, 1.0)
        >>> abs(result.gap) < 3 * result.gap_error
        True

    Source:
        Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, equation 7.9.

    Chapter:
        parameter_norms
    """
    repeats = whole_number("bias_variance", "repeats", repeats, least=2)
    if generator is None:
        generator = torch.Generator().manual_seed(int(torch.randint(2**62, (), device="cpu")))
    predictors = [fit(*_pair("sample", sample(generator))) for _ in range(repeats)]
    if test is None:
        sets = [_pair("sample", sample(generator)) for _ in range(repeats)]
        x, y = (torch.cat(parts) for parts in zip(*sets, strict=True))
    else:
        x, y = _pair("test", test)
    predictions = torch.stack(
        [_like_targets("fit", predict("bias_variance", g, x), y) for g in predictors]
    )
    f = _like_targets("truth", predict("bias_variance", truth, x), y)
    f, y = (t.reshape(len(x), -1).double() for t in (f, y))
    y_hat = predictions.reshape(repeats, len(x), -1).double()
    y_bar = y_hat.mean(0)
    variance = (y_hat - y_bar).square().sum((0, -1)) / (repeats - 1)
    bias_squared = (y_bar - f).square().sum(-1) - variance / repeats
    noise = (y - f).square().sum(-1)
    risk = (y_hat - y).square().sum(-1).mean(0)
    gap = risk - (bias_squared + variance + noise)
    error = gap.std(correction=0) / math.sqrt(len(gap))
    return BiasVariance(
        bias_squared=bias_squared.mean().item(),
        variance=variance.mean().item(),
        noise=noise.mean().item(),
        risk=risk.mean().item(),
        gap=gap.mean().item(),
        gap_error=error.item(),
        x=x,
        predictions=predictions,
    )


def _pair(name: str, data: Data) -> tuple[Tensor, Tensor]:
    """Inputs and targets."""
    tensors = as_tensors(f"bias_variance: {name}", data)
    if len(tensors) != 2:
        raise ValueError(
            f"bias_variance: {name} must give inputs and targets, got {len(tensors)} tensors"
        )
    x, y = tensors
    check_floating(f"bias_variance: {name}", targets=y)
    return x, y


def _like_targets(name: str, prediction: Tensor, y: Tensor) -> Tensor:
    """A prediction, checked: (m,) and (m, 1) would broadcast to (m, m)."""
    if prediction.shape != y.shape:
        raise ValueError(
            f"bias_variance: {name} must give predictions of the targets' shape {tuple(y.shape)}, "
            f"got {tuple(prediction.shape)}"
        )
    return prediction
