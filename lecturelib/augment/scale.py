"""Enlarging and shrinking of images about their centre."""

from __future__ import annotations

import torch
from torch import Tensor

from .._autocast import autocast_off
from ._checks import check_images, check_range, draw_uniform, per_image
from ._sampling import bilinear, centre, check_padding, grid


@autocast_off
def scale(
    images: Tensor,
    factor: float | Tensor,
    *,
    padding_mode: str = "constant",
    value: float = 0.0,
) -> Tensor:
    r"""Enlarge or shrink what images show, about their centre; their size stays.

    With u and v the column and the row from the centre,

    .. math:: y(u, v) = x(u / s, v / s)

    with x interpolated between pixels, bilinearly. Shrinking far below one half passes over pixels:
    blur first.

    Args:
        images: Shape (N, C, H, W), floating point.
        factor: :math:`s`, above 0; above 1 it enlarges: a number, or a tensor (N,) with one an
            image.
        padding_mode: How a line goes on beyond the edge: "constant", "replicate", "reflect" or
            "circular", as in ``torch.nn.functional.pad``.
        value: What is there for "constant".

    Returns:
        A tensor like the images. Gradients reach images and factors.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit, a factor is out of range, or the mode is unknown.

    Example:
        >>> image = torch.tensor([[[[0.0, 2.0, 4.0]]]])
        >>> scale(image, 2.0), scale(image, 0.5)
        (tensor([[[[1., 2., 3.]]]]), tensor([[[[0., 2., 0.]]]]))

    Source:
        Simard, Steinkraus and Platt (2003), Best Practices for Convolutional Neural Networks
        Applied to Visual Document Analysis, section 2.

    Chapter:
        noise_and_augmentation
    """
    check_images("scale", images)
    check_padding("scale", padding_mode)
    s = per_image("scale", "factor", factor, images, above=0.0)
    rows, columns = grid(images)
    r0, c0 = centre(images)
    return bilinear(images, r0 + (rows - r0) / s, c0 + (columns - c0) / s, padding_mode, value)


def random_scale(
    images: Tensor,
    factor: tuple[float, float],
    *,
    padding_mode: str = "constant",
    value: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Enlarge or shrink each image by a factor that is drawn uniformly from a range.

    Args:
        images: Shape (N, C, H, W), floating point.
        factor: The range (low, high), such as (0.9, 1.1), above 0.
        padding_mode: How a line goes on beyond the edge, see :func:`scale`.
        value: What is there for "constant".
        generator: Source of randomness, on any device; None for the global one of the images'.

    Returns:
        A tensor like the images.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit, the range is none, or the mode is unknown.

    Example:
        >>> image = torch.rand(2, 1, 5, 5)
        >>> torch.allclose(random_scale(image, (1.0, 1.0)), image)
        True

    Source:
        Simard, Steinkraus and Platt (2003), section 2.

    Chapter:
        noise_and_augmentation
    """
    check_images("random_scale", images)
    low, high = check_range("random_scale", "factor", factor, least=1e-6)
    s = draw_uniform(low, high, images, generator)
    return scale(images, s, padding_mode=padding_mode, value=value)
