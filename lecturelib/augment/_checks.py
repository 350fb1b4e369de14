"""What the augmentations ask of their arguments, and how they draw."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from .._precision import check_floating, wide_dtype

Range = tuple[float, float]


def check_images(call: str, images: Any, *, floating: bool = True) -> None:
    """Raise unless these are images (N, C, H, W), floating point where they are interpolated."""
    if floating or not isinstance(images, Tensor):
        check_floating(call, images=images)
    if images.ndim != 4:
        raise ValueError(f"{call}: images must have shape (N, C, H, W), got {tuple(images.shape)}")


def per_image(
    call: str,
    name: str,
    value: float | Tensor,
    images: Tensor,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
) -> Tensor:
    """Return a parameter that is one number or one an image as a tensor (1, 1, 1) or (N, 1, 1)."""
    if isinstance(value, Tensor):
        if value.shape not in ((), (len(images),)):
            raise ValueError(
                f"{call}: {name} must be a number or have shape ({len(images)},), one an image, "
                f"got {tuple(value.shape)}"
            )
        if value.device != images.device:
            raise ValueError(
                f"{call}: {name} must be on {images.device} like images, got {value.device}"
            )
    parameter = torch.as_tensor(value, dtype=wide_dtype(images.dtype), device=images.device)
    good = parameter.isfinite() & (parameter >= least) & (parameter > above)
    if not parameter.is_meta and not bool(good.all()):
        wanted = f", at least {least:g}" if least > -math.inf else ""
        wanted += f", above {above:g}" if above > -math.inf else ""
        raise ValueError(f"{call}: {name} must be finite{wanted}, got {value}")
    return parameter.reshape(-1, 1, 1)


def check_range(call: str, name: str, value: Any, *, least: float) -> Range:
    """Return a pair (low, high) as two numbers."""
    pair = value if isinstance(value, tuple | list) and len(value) == 2 else (math.nan, math.nan)
    low, high = float(pair[0]), float(pair[1])
    if not least <= low <= high < math.inf:
        raise ValueError(
            f"{call}: {name} must be a pair (low, high) with {least:g} ≤ low ≤ high, got {value}"
        )
    return low, high


def draw_uniform(
    low: float, high: float, images: Tensor, generator: torch.Generator | None
) -> Tensor:
    """Draw a number for each image; a seed means the same in each precision, on each device."""
    place = images.device if generator is None else generator.device
    draws = torch.rand(len(images), generator=generator, device=place, dtype=torch.float32)
    return (low + (high - low) * draws).to(images.device, wide_dtype(images.dtype))


def draw_whole(low: int, high: int, images: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draw a whole number from low to high, both included, for each image."""
    place = images.device if generator is None else generator.device
    draws = torch.randint(low, high + 1, (len(images),), generator=generator, device=place)
    return draws.to(images.device)
