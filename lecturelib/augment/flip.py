"""Mirroring of images."""

from __future__ import annotations

import torch
from torch import Tensor

from ._checks import check_images, draw_uniform


def flip(images: Tensor, where: Tensor | None = None, *, dim: int = -1) -> Tensor:
    r"""Mirror images, all or some of them: left and right, or up and down.

    .. math:: y(r, c) = x(r, W - 1 - c)

    Args:
        images: Shape (N, C, H, W), of any dtype.
        where: A mask of shape (N,) of those to mirror; None for all.
        dim: −1 or 3 to exchange left and right, −2 or 2 to exchange up and down.

    Returns:
        A tensor like the images.

    Raises:
        TypeError: If images is no tensor, or the mask not Boolean.
        ValueError: If a shape does not fit, or the dimension is another.

    Example:
        >>> images = torch.tensor([[[[1.0, 2.0]]], [[[3.0, 4.0]]]])
        >>> flip(images, torch.tensor([True, False])).flatten(1)
        tensor([[2., 1.],
                [3., 4.]])

    Source:
        Krizhevsky, Sutskever and Hinton (2012), ImageNet Classification with Deep Convolutional
        Neural Networks, section 4.1.

    Chapter:
        noise_and_augmentation
    """
    _check("flip", images, dim)
    if where is None:
        return images.flip(dim)
    if not isinstance(where, Tensor) or where.dtype != torch.bool:
        kind = where.dtype if isinstance(where, Tensor) else type(where).__name__
        raise TypeError(f"flip: where must be a mask of torch.bool, got {kind}")
    if where.shape != images.shape[:1]:
        raise ValueError(
            f"flip: where must have shape ({len(images)},), one an image, got {tuple(where.shape)}"
        )
    if where.device != images.device:
        raise ValueError(f"flip: where must be on {images.device} like images, got {where.device}")
    return torch.where(where.view(-1, 1, 1, 1), images.flip(dim), images)


def random_flip(
    images: Tensor,
    p: float = 0.5,
    *,
    dim: int = -1,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Mirror each image with a probability.

    Args:
        images: Shape (N, C, H, W), of any dtype.
        p: The probability, in [0, 1].
        dim: −1 or 3 to exchange left and right, −2 or 2 to exchange up and down.
        generator: Source of randomness, on any device; None for the global one of the images'.

    Returns:
        A tensor like the images.

    Raises:
        TypeError: If images is no tensor.
        ValueError: If p is no probability, the shape does not fit, or the dimension is another.

    Example:
        >>> images = torch.tensor([[1.0, 2.0]]).expand(1000, 1, 1, 2)
        >>> mirrored = random_flip(images, generator=torch.Generator().manual_seed(0))
        >>> (mirrored[..., 0] == 2).float().mean().round(decimals=1)
        tensor(0.5000)

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1.

    Chapter:
        noise_and_augmentation
    """
    _check("random_flip", images, dim)
    if not 0 <= p <= 1:
        raise ValueError(f"random_flip: p must lie in [0, 1], got {p}")
    return flip(images, draw_uniform(0.0, 1.0, images, generator) < p, dim=dim)


def _check(call: str, images: Tensor, dim: int) -> None:
    check_images(call, images, floating=False)
    if dim not in (-2, -1, 2, 3):
        raise ValueError(f"{call}: dim must be -1 (left, right) or -2 (up, down), got {dim}")
