"""Cutting a window out of images."""

from __future__ import annotations

import torch
from torch import Tensor

from .._precision import whole_number
from ._checks import check_images, draw_whole
from ._sampling import check_padding, window

Size = int | tuple[int, int]


def crop(images: Tensor, size: Size, top: int | Tensor = 0, left: int | Tensor = 0) -> Tensor:
    r"""Cut a window out of images, at one place or at one an image.

    .. math:: y(r, c) = x(t + r, l + c)

    Args:
        images: Shape (N, C, H, W), of any dtype.
        size: Height h and width w of the window, or one number for both; at most H and W.
        top: Its first row :math:`t`, from 0 to H − h: a number, or a tensor (N,) of integers.
        left: Its first column :math:`l`, from 0 to W − w, likewise.

    Returns:
        Images of shape (N, C, h, w).

    Raises:
        TypeError: If images is no tensor, or a tensor of places has no integers.
        ValueError: If a shape does not fit, a number is not whole, or the window leaves the images.

    Example:
        >>> image = torch.arange(12).view(1, 1, 3, 4)
        >>> crop(image, 2, top=1, left=2)
        tensor([[[[ 6,  7],
                  [10, 11]]]])

    Source:
        Krizhevsky, Sutskever and Hinton (2012), ImageNet Classification with Deep Convolutional
        Neural Networks, section 4.1.

    Chapter:
        noise_and_augmentation
    """
    check_images("crop", images, floating=False)
    height, width = _size("crop", size, images.shape[2], images.shape[3])
    t = _place("crop", "top", top, images, images.shape[2] - height)
    l = _place("crop", "left", left, images, images.shape[3] - width)
    return window(images, height, width, t, l, "replicate", 0.0)


def random_crop(
    images: Tensor,
    size: Size,
    *,
    padding: int = 0,
    padding_mode: str = "constant",
    value: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Cut a window out of each image, at a place of its own, all equally likely.

    Args:
        images: Shape (N, C, H, W), of any dtype.
        size: Height and width of the window, or one number for both.
        padding: How far the window may reach beyond each edge, in pixels, at least 0. With 4 and
            the size of the images this is the usual augmentation of CIFAR-10.
        padding_mode: What is there: "constant", "replicate", "reflect" or "circular", as in
            ``torch.nn.functional.pad``.
        value: What is there for "constant".
        generator: Source of randomness, on any device; None for the global one of the images'.

    Returns:
        Images of shape (N, C, h, w).

    Raises:
        TypeError: If images is no tensor.
        ValueError: If a shape does not fit, the window is larger than image and padding, or the
            mode is unknown.

    Example:
        >>> image = torch.arange(25.0).view(1, 1, 5, 5)
        >>> window = random_crop(image, 3)
        >>> (window - window[..., :1, :1]).flatten().tolist()
        [0.0, 1.0, 2.0, 5.0, 6.0, 7.0, 10.0, 11.0, 12.0]

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1; He, Zhang, Ren and Sun (2016), Deep
        Residual Learning for Image Recognition, section 4.2, with padding.

    Chapter:
        noise_and_augmentation
    """
    check_images("random_crop", images, floating=False)
    check_padding("random_crop", padding_mode)
    padding = whole_number("random_crop", "padding", padding, least=0)
    sides = [n + 2 * padding for n in images.shape[2:]]
    height, width = _size("random_crop", size, *sides)
    top, left = (
        draw_whole(-padding, side - part - padding, images, generator).view(-1, 1, 1)
        for side, part in zip(sides, (height, width), strict=True)
    )
    return window(images, height, width, top, left, padding_mode, value)


def _size(call: str, size: Size, most_height: int, most_width: int) -> tuple[int, int]:
    pair = size if isinstance(size, tuple | list) else (size, size)
    if len(pair) != 2:
        raise ValueError(f"{call}: size must be one number or (height, width), got {size}")
    return (
        whole_number(call, "height of the window", pair[0], upto=most_height),
        whole_number(call, "width of the window", pair[1], upto=most_width),
    )


def _place(call: str, name: str, place: int | Tensor, images: Tensor, most: int) -> Tensor:
    if not isinstance(place, Tensor) or place.ndim == 0:
        number = whole_number(call, name, place, least=0, upto=most)
        return torch.full((1, 1, 1), number, device=images.device)
    if place.is_floating_point() or place.dtype == torch.bool:
        raise TypeError(f"{call}: {name} must be integers, got {place.dtype}")
    if place.shape != images.shape[:1] or place.device != images.device:
        raise ValueError(
            f"{call}: {name} must have shape ({len(images)},), one an image, on {images.device}, "
            f"got {tuple(place.shape)} on {place.device}"
        )
    if not place.is_meta and bool(((place < 0) | (place > most)).any()):
        raise ValueError(f"{call}: {name} must lie from 0 to {most}, got {place.tolist()}")
    return place.long().view(-1, 1, 1)
