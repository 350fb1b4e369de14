"""Batch norm followed by noise whose mean and scale change at each step."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .._precision import widen
from ._checks import check_input, view_channels
from .batch_norm_modules import BatchNorm


def shifting_noise(
    input: Tensor,
    *,
    n_mu: float = 0.5,
    n_sigma: float = 1.25,
    r_mu: float = 0.1,
    r_sigma: float = 0.1,
    generator: torch.Generator | None = None,
) -> Tensor:
    r"""Scale and shift each value at random, about a mean and scale drawn anew for each channel.

    .. math::
        \mu_j &\sim U(-n_\mu, n_\mu), \quad \sigma_j \sim U(1, n_\sigma), \\
        m_{ij} &\sim U(\mu_j - r_\mu, \mu_j + r_\mu), \quad
        s_{ij} \sim \mathcal{N}(\sigma_j, r_\sigma), \\
        a_{ij} &\leftarrow s_{ij} a_{ij} + m_{ij}

    Unit j's distribution moves as a whole from one call to the next, by :math:`\mu_j` and
    :math:`\sigma_j`: a covariate shift made on purpose. Within a call the values of a unit differ a
    little, by :math:`r_\mu` and the standard deviation :math:`r_\sigma`. On images the unit is the
    channel, and each place has its own draw. The noise carries no gradient.

    Args:
        input: Activations of shape (N, C) or (N, C, ...), floating point.
        n_mu: Largest size of a unit's mean.
        n_sigma: Largest scale of a unit, at least 1.
        r_mu: Half the range of the shifts of a unit.
        r_sigma: Standard deviation of the scales of a unit.
        generator: Source of randomness, on any device; None for the global one of the input's.

    Returns:
        The noisy activations, with the shape and the dtype of the input.

    Raises:
        TypeError: If the input is not floating point.
        ValueError: If a range is negative, n_sigma below 1, or the input has one dimension.

    Example:
        Without a spread within the unit, all its values move alike.

        >>> x = torch.zeros(3, 2)
        >>> y = shifting_noise(x, r_mu=0.0, r_sigma=0.0)
        >>> torch.equal(y, y[:1].expand(3, 2)), bool((y.abs() <= 0.5).all())
        (True, True)

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, algorithm 1 of the
        supplement.

    Chapter:
        normalization_family
    """
    check_input("shifting_noise", input, 0.0)
    if input.ndim < 2:
        raise ValueError(
            f"shifting_noise: input must have shape (N, C, ...), got {tuple(input.shape)}"
        )
    _check_noise("shifting_noise", n_mu, n_sigma, r_mu, r_sigma)
    device = input.device if generator is None else generator.device

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=device).to(x)

    x, channels = widen(input), input.shape[1]
    mu = view_channels(n_mu * (2 * uniform(channels) - 1), input)
    sigma = view_channels(1 + (n_sigma - 1) * uniform(channels), input)
    m = mu + r_mu * (2 * uniform(*input.shape) - 1)
    normal = torch.randn(input.shape, generator=generator, device=device).to(x)
    return ((sigma + r_sigma * normal) * x + m).to(input.dtype)


class NoisyBatchNorm(BatchNorm):
    r"""Batch norm, then noise that shifts each unit's distribution at every step of training.

    .. math::
        y = s \odot \Bigl( \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta \Bigr) + m

    with s and m of :func:`shifting_noise`. At inference it is batch norm, without noise. It takes
    inputs (N, C) and (N, C, ...); its state is that of batch norm. What
    ``torch.nn.SyncBatchNorm.convert_sync_batchnorm`` makes of it is batch norm without the noise.

    Args:
        num_features: Number of channels C.
        eps: Added to the variance, at least 0.
        momentum: Share of the new batch in the running statistics, in [0, 1]. None: the running
            statistics are the plain mean over all batches so far.
        affine: Whether to learn the scale and the shift.
        track_running_stats: Whether to keep running statistics.
        device: Where the parameters and buffers lie.
        dtype: Their floating point type.
        n_mu: Largest size of a unit's mean.
        n_sigma: Largest scale of a unit, at least 1.
        r_mu: Half the range of the shifts of a unit.
        r_sigma: Standard deviation of the scales of a unit.
        generator: Source of randomness, on any device; None for the global one of the input's.

    Raises:
        ValueError: If an option is out of range or, in the call, if the input has the wrong number
            of dimensions or channels, or in training a single value per channel.

    Example:
        >>> noisy = NoisyBatchNorm(1, n_mu=0.0, n_sigma=1.0, r_mu=0.0, r_sigma=0.0, affine=False)
        >>> noisy(torch.tensor([[1.0], [3.0]])).round(decimals=3).flatten()
        tensor([-1.,  1.])

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, algorithm 1 of the
        supplement.

    Chapter:
        normalization_family
    """

    _input_dims = (2, 3, 4, 5)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        n_mu: float = 0.5,
        n_sigma: float = 1.25,
        r_mu: float = 0.1,
        r_sigma: float = 0.1,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype)
        _check_noise("NoisyBatchNorm", n_mu, n_sigma, r_mu, r_sigma)
        self.n_mu = n_mu
        self.n_sigma = n_sigma
        self.r_mu = r_mu
        self.r_sigma = r_sigma
        self.generator = generator

    def forward(self, input: Tensor) -> Tensor:
        """Batch norm and, in training, noise."""
        output = super().forward(input)
        if not self.training:
            return output
        return shifting_noise(
            output,
            n_mu=self.n_mu,
            n_sigma=self.n_sigma,
            r_mu=self.r_mu,
            r_sigma=self.r_sigma,
            generator=self.generator,
        )

    def extra_repr(self) -> str:
        """Options, with those of the noise."""
        noise = f"n_mu={self.n_mu}, n_sigma={self.n_sigma}, r_mu={self.r_mu}"
        return f"{super().extra_repr()}, {noise}, r_sigma={self.r_sigma}"


def _check_noise(call: str, n_mu: float, n_sigma: float, r_mu: float, r_sigma: float) -> None:
    for name, value in (("n_mu", n_mu), ("r_mu", r_mu), ("r_sigma", r_sigma)):
        if not value >= 0:
            raise ValueError(f"{call}: {name} must be at least 0, got {value}")
    if not n_sigma >= 1:
        raise ValueError(f"{call}: n_sigma must be at least 1, got {n_sigma}")
