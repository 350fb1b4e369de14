"""Shift of images, by whole pixels or parts of them."""

from __future__ import annotations

import torch
from torch import Tensor

from .._autocast import autocast_off
from .._precision import whole_number
from ._checks import check_images, draw_uniform, draw_whole, per_image
from ._sampling import bilinear, check_padding, grid, window


@autocast_off
def shift(
    images: Tensor,
    down: float | Tensor = 0.0,
    right: float | Tensor = 0.0,
    *,
    padding_mode: str = "constant",
    value: float = 0.0,
) -> Tensor:
    r"""Shift images by any number of pixels; what comes in at the edge follows a rule.

    .. math:: y(r, c) = x(r - d, c - e)

    with x interpolated between pixels, bilinearly. Whole pixels are moved as they are, if all
    pixels are finite.

    Args:
        images: Shape (N, C, H, W), floating point.
        down: :math:`d`, in pixels: a number, or a tensor (N,) with one an image.
        right: :math:`e`, likewise.
        padding_mode: How a line goes on beyond the edge: "constant", "replicate", "reflect" or
            "circular", as in ``torch.nn.functional.pad``.
        value: What is there for "constant".

    Returns:
        A tensor like the images. Gradients reach images and parameters.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit, a parameter is not finite, or the mode is unknown.

    Example:
        >>> image = torch.tensor([[[[1.0, 2.0, 4.0]]]])
        >>> shift(image, right=1), shift(image, right=-0.5, padding_mode="replicate")
        (tensor([[[[0., 1., 2.]]]]), tensor([[[[1.5000, 3.0000, 4.0000]]]]))

    Source:
        Simard, Steinkraus and Platt (2003), Best Practices for Convolutional Neural Networks
        Applied to Visual Document Analysis, section 2.

    Chapter:
        noise_and_augmentation
    """
    check_images("shift", images)
    check_padding("shift", padding_mode)
    d, e = per_image("shift", "down", down, images), per_image("shift", "right", right, images)
    rows, columns = grid(images)
    return bilinear(images, rows - d, columns - e, padding_mode, value)


def random_shift(
    images: Tensor,
    most: int,
    *,
    subpixel: bool = False,
    padding_mode: str = "constant",
    value: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Shift each image by up to so many pixels in both directions, at random.

    Args:
        images: Shape (N, C, H, W), floating point.
        most: Largest shift up, down, left and right, in pixels, at least 0.
        subpixel: Draw from all numbers, uniformly; else from the whole ones, all equally likely.
        padding_mode: How a line goes on beyond the edge, see :func:`shift`.
        value: What is there for "constant".
        generator: Source of randomness, on any device; None for the global one of the images'.

    Returns:
        A tensor like the images.

    Raises:
        TypeError: If the images are not floating point.
        ValueError: If a shape does not fit, most is no whole number, or the mode is unknown.

    Example:
        >>> image = torch.zeros(100, 1, 3, 3)
        >>> image[:, :, 1, 1] = 1
        >>> moved = random_shift(image, 1, generator=torch.Generator().manual_seed(0))
        >>> moved.sum((1, 2, 3)).unique(), (moved.sum(0) > 0).all()
        (tensor([1.]), tensor(True))

    Source:
        Simard, Steinkraus and Platt (2003), section 2.

    Chapter:
        noise_and_augmentation
    """
    check_images("random_shift", images)
    most = whole_number("random_shift", "most", most, least=0)
    check_padding("random_shift", padding_mode)
    if subpixel:
        down, right = (draw_uniform(-most, most, images, generator) for _ in range(2))
        return shift(images, down, right, padding_mode=padding_mode, value=value)
    down, right = (draw_whole(-most, most, images, generator).view(-1, 1, 1) for _ in range(2))
    height, width = images.shape[2:]
    return window(images, height, width, -down, -right, padding_mode, value)
