"""Noise on images, of a size that differs from one to the next."""

from __future__ import annotations

import torch
from torch import Tensor

from ..regularizers import add_noise
from ._checks import check_images, check_range, draw_uniform


def random_noise(
    images: Tensor, std: tuple[float, float], *, generator: torch.Generator | None = None
) -> Tensor:
    r"""Add normal noise to each pixel, with a standard deviation drawn anew for each image.

    .. math::
        y_n = x_n + \sigma_n \epsilon_n, \qquad \sigma_n \sim U(\text{low}, \text{high}), \quad
        \epsilon_n \sim \mathcal{N}(0, I)

    With one and the same standard deviation for all it is
    :func:`lecturelib.regularizers.add_noise`.

    Args:
        images: Shape (N, C, H, W), floating point.
        std: The range (low, high) of the standard deviations, at least 0.
        generator: Source of randomness, on any device; None for the global one of the images'.

    Returns:
        A tensor like the images.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit or the range is none.

    Example:
        >>> images = torch.zeros(2, 3, 50, 50)
        >>> noisy = random_noise(images, (0.2, 0.2), generator=torch.Generator().manual_seed(0))
        >>> noisy.std().round(decimals=2)
        tensor(0.2000)

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, section 7.4.

    Chapter:
        noise_and_augmentation
    """
    check_images("random_noise", images)
    low, high = check_range("random_noise", "std", std, least=0.0)
    sigma = draw_uniform(low, high, images, generator).view(-1, 1, 1, 1)
    return add_noise(images, sigma, generator=generator)
