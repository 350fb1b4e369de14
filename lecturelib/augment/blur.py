"""Blur of images by a Gaussian kernel."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .._autocast import autocast_off
from .._precision import widen
from ._checks import check_images, check_range, draw_uniform, per_image
from ._sampling import check_padding, wrap


@autocast_off
def blur(
    images: Tensor,
    std: float | Tensor,
    *,
    truncate: float = 4.0,
    padding_mode: str = "reflect",
    value: float = 0.0,
) -> Tensor:
    r"""Blur images by a Gaussian kernel, first along the columns, then along the rows.

    .. math::
        y_i = \sum_{|k| \le R} w_k \, x_{i+k}, \qquad
        w_k = \frac{e^{-k^2 / 2\sigma^2}}{\sum_{|l| \le R} e^{-l^2 / 2\sigma^2}}, \qquad
        R = \lfloor \text{truncate} \cdot \sigma + \tfrac12 \rfloor

    Args:
        images: Shape (N, C, H, W), floating point.
        std: :math:`\sigma` in pixels, at least 0: a number, or a tensor (N,) with one an image.
        truncate: Where the kernel ends, in standard deviations, above 0.
        padding_mode: How a line goes on beyond the edge: "constant", "replicate", "reflect" or
            "circular", as in ``torch.nn.functional.pad``.
        value: What is there for "constant".

    Returns:
        A tensor like the images. Gradients reach images and standard deviations.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit, a number is out of range, or the mode is unknown.

    Example:
        >>> image = torch.zeros(1, 1, 1, 7)
        >>> image[..., 3] = 1
        >>> blur(image, 0.5)[0, 0].round(decimals=3)
        tensor([[0.0000, 0.0000, 0.1060, 0.7870, 0.1060, 0.0000, 0.0000]])

    Source:
        The kernel and its end are those of ``scipy.ndimage.gaussian_filter``.

    Chapter:
        noise_and_augmentation
    """
    check_images("blur", images)
    check_padding("blur", padding_mode)
    if not 0 < truncate < math.inf:
        raise ValueError(f"blur: truncate must be above 0 and finite, got {truncate}")
    sigma = per_image("blur", "std", std, images, least=0.0).flatten()
    w = _kernel(sigma, truncate)
    y = _along(widen(images), w, padding_mode, value)
    return _along(y.mT, w, padding_mode, value).mT.to(images.dtype)


def random_blur(
    images: Tensor,
    std: tuple[float, float],
    *,
    truncate: float = 4.0,
    padding_mode: str = "reflect",
    value: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Blur each image with a standard deviation that is drawn uniformly from a range.

    Args:
        images: Shape (N, C, H, W), floating point.
        std: The range (low, high) in pixels, at least 0.
        truncate: Where the kernel ends, in standard deviations, above 0.
        padding_mode: How a line goes on beyond the edge, see :func:`blur`.
        value: What is there for "constant".
        generator: Source of randomness, on any device; None for the global one of the images'.

    Returns:
        A tensor like the images.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit, the range is none, or the mode is unknown.

    Example:
        >>> image = torch.rand(3, 1, 8, 8)
        >>> blurred = random_blur(image, (0.5, 1.0))
        >>> (blurred.std((1, 2, 3)) < image.std((1, 2, 3))).all()
        tensor(True)

    Source:
        Chen, Kornblith, Norouzi and Hinton (2020), A Simple Framework for Contrastive Learning of
        Visual Representations, appendix A.

    Chapter:
        noise_and_augmentation
    """
    check_images("random_blur", images)
    low, high = check_range("random_blur", "std", std, least=0.0)
    sigma = draw_uniform(low, high, images, generator)
    return blur(images, sigma, truncate=truncate, padding_mode=padding_mode, value=value)


def _kernel(sigma: Tensor, truncate: float) -> Tensor:
    """Weights (1 or N, 2R + 1), with zeros beyond each image's own end."""
    ends = (truncate * sigma.detach() + 0.5).floor()
    R = int(ends.max()) if sigma.numel() and not sigma.is_meta else 0  # meta: the shape will do
    k = torch.arange(-R, R + 1, dtype=sigma.dtype, device=sigma.device)
    spread = torch.where(ends > 0, sigma, 1.0)[:, None]  # with R = 0 it does not matter
    w = torch.where(k.abs() <= ends[:, None], torch.exp(-0.5 * (k / spread) ** 2), 0.0)
    return w / w.sum(1, keepdim=True)


def _along(x: Tensor, w: Tensor, padding_mode: str, value: float) -> Tensor:
    """Sum the kernel times the pixels of each row."""
    R, width = w.shape[1] // 2, x.shape[3]
    index, inside = wrap(torch.arange(-R, width + R, device=x.device), width, padding_mode)
    padded = x[..., index] if width else x.new_zeros(*x.shape[:3], 2 * R)
    if padding_mode == "constant":
        padded = torch.where(inside, padded, value)
    y = torch.zeros_like(x)
    for k in range(2 * R + 1):
        y = y + w[:, k].view(-1, 1, 1, 1) * padded[..., k : k + width]
    return y
