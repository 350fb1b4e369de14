"""A made-up slice of a body in Hounsfield units, for the dynamic range of medical images."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Phantom(NamedTuple):
    """An image in Hounsfield units and where its low-contrast lesions are."""

    image: Tensor
    liver: Tensor
    lesions: Tensor


# Hounsfield units, centre (x, y), half axes, angle in degrees; later ones lie on earlier ones.
# The units are typical of the tissues: air −1000, fat −100, water 0, liver 60, bone from 300.
_FAT = (-100.0, (0.0, 0.0), (0.92, 0.70), 0.0)
_ORGANS = [
    (40.0, (0.0, 0.0), (0.84, 0.61), 0.0),  # muscle
    (0.0, (0.30, 0.28), (0.20, 0.14), 20.0),  # water in the stomach
    (-1000.0, (0.34, 0.36), (0.10, 0.04), 20.0),  # air above it
    (50.0, (0.52, -0.02), (0.16, 0.11), 70.0),  # spleen
    (150.0, (0.05, -0.10), (0.06, 0.06), 0.0),  # aorta with contrast medium
    (300.0, (0.0, -0.33), (0.15, 0.12), 0.0),  # vertebra
    (1200.0, (0.0, -0.33), (0.15, 0.12), 0.0),  # its cortex: a ring, cut below
    (10.0, (0.0, -0.47), (0.04, 0.04), 0.0),  # spinal canal
]
_LIVER = (60.0, (-0.38, 0.08), (0.36, 0.30), -15.0)


def ct_phantom(
    size: int = 256, *, noise: float = 3.0, lesions: int = 4, contrast: float = -12.0, seed: int = 0
) -> Phantom:
    r"""Draw a slice through a made-up abdomen, with lesions that hardly differ from the liver.

    The values are whole Hounsfield units from −1024 to 3071, 12 bits, as scanners store them:
    4,096 levels, of which the lesions need only :math:`|\text{contrast}|`. Eight bits over the same
    range have steps of 16 units.

    Args:
        size: Width and height in pixels, at least 16.
        noise: Standard deviation of the normal noise in Hounsfield units, at least 0.
        lesions: Number of lesions, at least 0.
        contrast: Lesion minus liver in Hounsfield units, finite.
        seed: Seed of the lesions' places and the noise.

    Returns:
        The image, float32, and the masks of the liver (without its lesions) and of the lesions, all
        of shape (size, size).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> image, liver, lesions = ct_phantom(64, noise=0.0)
        >>> image.min().item(), image.max().item()
        (-1000.0, 1200.0)
        >>> image[liver].mean().item(), image[lesions].mean().item()
        (60.0, 48.0)

    Chapter: preprocessing.
    """
    if size < 16 or lesions < 0:
        raise ValueError(
            f"ct_phantom: need size ≥ 16 and lesions ≥ 0, got size={size}, lesions={lesions}"
        )
    if not (0 <= noise < math.inf and math.isfinite(contrast)):
        raise ValueError(
            "ct_phantom: noise must be at least 0 and finite, contrast finite, "
            f"got noise={noise}, contrast={contrast}"
        )
    generator = torch.Generator().manual_seed(seed)
    image = torch.full((size, size), -1000.0, device="cpu")
    for value, centre, axes, angle in [_FAT, *_ORGANS]:
        inside = _radius(size, centre, axes, angle)
        image[(inside <= 1) & ((value != 1200) | (inside > 0.8))] = value
    value, centre, axes, angle = _LIVER
    liver = _radius(size, centre, axes, angle) <= 1
    image[liver] = value
    spots = torch.zeros_like(liver)
    for _ in range(lesions):
        turn, distance, radius = torch.rand(3, generator=generator, device="cpu").tolist()
        r, phi = 0.7 * math.sqrt(distance), 2 * math.pi * turn
        x, y = centre[0] + r * axes[0] * math.cos(phi), centre[1] + r * axes[1] * math.sin(phi)
        spots |= _radius(size, (x, y), (0.04 + 0.03 * radius,) * 2, 0.0) <= 1
    spots &= liver
    image[spots] += contrast
    image += noise * torch.randn(size, size, generator=generator, device="cpu")
    return Phantom(image.round().clamp(-1024, 3071), liver & ~spots, spots)


def _radius(
    size: int, centre: tuple[float, float], axes: tuple[float, float], angle: float
) -> Tensor:
    """Return for each pixel of [−1, 1]² its distance from the centre in units of the ellipse."""
    line = (torch.arange(size, device="cpu") + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(-line, line, indexing="ij")
    x, y = x - centre[0], y - centre[1]
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return torch.hypot((c * x + s * y) / axes[0], (c * y - s * x) / axes[1])
