"""Rotation of images about their centre."""

from __future__ import annotations

import torch
from torch import Tensor

from .._autocast import autocast_off
from ._checks import check_images, check_range, draw_uniform, per_image
from ._sampling import bilinear, centre, check_padding, grid


@autocast_off
def rotate(
    images: Tensor,
    degrees: float | Tensor,
    *,
    padding_mode: str = "constant",
    value: float = 0.0,
) -> Tensor:
    r"""Rotate images about their centre, counterclockwise as they are shown.

    With u and v the column and the row from the centre, the rows going down,

    .. math::
        y(u, v) = x(u \cos\alpha - v \sin\alpha, \; u \sin\alpha + v \cos\alpha)

    with x interpolated between pixels, bilinearly. The size stays; corners are lost.

    Args:
        images: Shape (N, C, H, W), floating point.
        degrees: :math:`\alpha` in degrees: a number, or a tensor (N,) with one an image.
        padding_mode: How a line goes on beyond the edge: "constant", "replicate", "reflect" or
            "circular", as in ``torch.nn.functional.pad``.
        value: What is there for "constant".

    Returns:
        A tensor like the images. Gradients reach images and angles.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit, an angle is not finite, or the mode is unknown.

    Example:
        >>> image = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        >>> rotate(image, 90.0).round(decimals=3)
        tensor([[[[2., 4.],
                  [1., 3.]]]])

    Source:
        Simard, Steinkraus and Platt (2003), Best Practices for Convolutional Neural Networks
        Applied to Visual Document Analysis, section 2.

    Chapter:
        noise_and_augmentation
    """
    check_images("rotate", images)
    check_padding("rotate", padding_mode)
    alpha = torch.deg2rad(per_image("rotate", "degrees", degrees, images))
    rows, columns = grid(images)
    r0, c0 = centre(images)
    v, u = rows - r0, columns - c0
    cos, sin = torch.cos(alpha), torch.sin(alpha)
    return bilinear(images, r0 + u * sin + v * cos, c0 + u * cos - v * sin, padding_mode, value)


def random_rotate(
    images: Tensor,
    degrees: tuple[float, float],
    *,
    padding_mode: str = "constant",
    value: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Rotate each image by an angle that is drawn uniformly from a range.

    Args:
        images: Shape (N, C, H, W), floating point.
        degrees: The range (low, high), such as (-15, 15), counterclockwise.
        padding_mode: How a line goes on beyond the edge, see :func:`rotate`.
        value: What is there for "constant".
        generator: Source of randomness, on any device; None for the global one of the images'.

    Returns:
        A tensor like the images.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit, the range is none, or the mode is unknown.

    Example:
        >>> image = torch.rand(2, 1, 5, 5)
        >>> turned = random_rotate(image, (-180, 180))
        >>> torch.allclose(turned[:, :, 2, 2], image[:, :, 2, 2])  # the centre stays
        True

    Source:
        Simard, Steinkraus and Platt (2003), section 2.

    Chapter:
        noise_and_augmentation
    """
    check_images("random_rotate", images)
    low, high = check_range("random_rotate", "degrees", degrees, least=-1e6)
    alpha = draw_uniform(low, high, images, generator)
    return rotate(images, alpha, padding_mode=padding_mode, value=value)
