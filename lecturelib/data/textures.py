"""Ten kinds of texture drawn by formulas: an image set at CIFAR's shape that needs no download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from lecturelib.data._split import Part, Split, check_options, make_split

Array = np.ndarray

CHUNK = 1_000
"""Images drawn from one generator, so that a small set is the beginning of a large one."""
PERIODS = (4.0, 12.0)
"""Shortest and longest period of a texture, in pixels."""
DISTRACTION = 0.2
"""Largest share of a second texture, of another class, that lies under an image."""
CONTRASTS = (0.15, 0.3)
"""Weakest and strongest contrast between the two colours of a texture."""
COLOUR_SPREAD, COLOUR_BIAS = 0.12, 0.1
"""Standard deviation of the mean colour, and how far it leans to the colour of the class."""
NOISE = 0.04
"""Standard deviation of the noise of a pixel."""
ARMS = np.array([-3, -2, -1, 1, 2, 3], np.float32)
"""Arms of a spiral; the sign says which way it winds."""
TURN = np.float32(2 * np.pi)
ROOT2, ROOT3, ROOT5 = (np.float32(n**0.5) for n in (2, 3, 5))


class Plane(NamedTuple):
    """Where the pixels of n images lie in the plane of their texture, turned and scaled.

    Lengths are such that one period of the texture is 2π.
    """

    u: Array
    """First coordinate, (n, pixels)."""
    v: Array
    """Second coordinate, (n, pixels)."""
    rng: np.random.Generator
    """Draws what a texture still needs."""

    def angle(self) -> Array:
        """A uniform angle for each image, (n, 1)."""
        return self.rng.random((len(self.u), 1), dtype=np.float32) * TURN

    def polar(self) -> tuple[Array, Array]:
        """Distance and angle of the pixels from one of them, drawn for each image."""
        centre = self.rng.integers(self.u.shape[1], size=(len(self.u), 1))
        x = self.u - np.take_along_axis(self.u, centre, 1)
        y = self.v - np.take_along_axis(self.v, centre, 1)
        return np.sqrt(x * x + y * y), np.arctan2(y, x)


def _stripes(plane: Plane) -> Array:
    return np.cos(plane.u + plane.angle())


def _waves(plane: Plane) -> Array:
    bend = 2 * np.sin(np.float32(0.6) * plane.v + plane.angle())
    return np.cos(plane.u + bend + plane.angle())


def _grid(plane: Plane) -> Array:
    return (np.cos(plane.u + plane.angle()) + np.cos(plane.v + plane.angle())) / ROOT2


def _honeycomb(plane: Plane) -> Array:
    """Three waves whose directions are 60 degrees apart."""
    across = ROOT3 / 2 * plane.v
    waves = (plane.u, across - plane.u / 2, across + plane.u / 2)
    return sum(np.cos(wave + plane.angle()) for wave in waves) / ROOT3


def _dots(plane: Plane) -> Array:
    bumps = np.cos(plane.u + plane.angle()) + np.cos(plane.v + plane.angle())
    return np.float32(3.3) * np.exp(np.float32(1.2) * (bumps - 2)) - np.float32(0.6)


def _bricks(plane: Plane) -> Array:
    """Joints between the rows, and joints in each row that are half a brick further on."""
    v = plane.v + plane.angle()
    shifted = plane.u + np.float32(np.pi) * np.floor(v / TURN)
    joints = np.maximum(np.cos(v), np.cos(shifted + plane.angle()))
    return np.float32(1.2) * joints - np.float32(0.5)


def _rings(plane: Plane) -> Array:
    distance, _ = plane.polar()
    return np.cos(distance + plane.angle())


def _spirals(plane: Plane) -> Array:
    distance, angle = plane.polar()
    arms = plane.rng.choice(ARMS, (len(distance), 1))
    return np.cos(distance + arms * angle + plane.angle())


def _rays(plane: Plane) -> Array:
    _, angle = plane.polar()
    count = plane.rng.integers(5, 12, (len(angle), 1)).astype(np.float32)
    return np.cos(count * angle + plane.angle())


def _clouds(plane: Plane) -> Array:
    """Five waves in random directions."""
    total = np.zeros_like(plane.u)
    for _ in range(5):
        direction = plane.angle()
        along = np.cos(direction) * plane.u + np.sin(direction) * plane.v
        total += np.cos(along + plane.angle())
    return total / ROOT5


KINDS: dict[str, Callable[[Plane], Array]] = {
    "stripes": _stripes,
    "waves": _waves,
    "grid": _grid,
    "honeycomb": _honeycomb,
    "dots": _dots,
    "bricks": _bricks,
    "rings": _rings,
    "spirals": _spirals,
    "rays": _rays,
    "clouds": _clouds,
}
"""The classes, in order, with the formula that draws each."""


def textures(
    size: int = 32,
    classes: int = 10,
    *,
    train_size: int = 50_000,
    test_size: int = 10_000,
    standardize: bool = False,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    device: Any = None,
) -> Split:
    r"""Draw colour images of ten kinds of texture: the shape and size of CIFAR-10, in seconds.

    The classes are stripes, waves, grid, honeycomb, dots, bricks, rings, spirals, rays and clouds.
    An image is

    .. math:: x_c = b_c + a_c \, (t + \rho \, t') + 0.04 \, n

    clipped to [0, 1] and rounded to bytes: :math:`t` is the texture of its class, in random
    direction, phase and period (4 to 12 pixels), :math:`t'` a texture of another class at a random
    share ρ of up to 0.2, :math:`n` normal noise for each pixel and channel. The colours
    :math:`a` and :math:`b` are random; :math:`b` leans a little to a colour of the class, so that
    the mean colour says something about the class, though not much.

    As phases and directions are random, pixels are nearly uncorrelated with the class. On 2,000
    test images a linear model reached 24%, and ``convnet(3, [32, 64, 128, 128], 10, norm="batch")``
    96%, both trained on 20,000 images (Adam, 4 and 8 epochs).

    Args:
        size: Height and width in pixels, at least 8.
        classes: Number of classes, from 2 to 10: the first ones of the list.
        train_size: Number of training images, at least 1. Fewer images are the first of more.
        test_size: Number of test images, at least 1.
        standardize: Give each channel mean 0 and variance 1, by the moments of the training data.
        seed: Decides every image, at least 0.
        dtype: Floating point for pixels in [0, 1], or torch.uint8 for the bytes.
        device: Where the tensors lie; None for PyTorch's default device. The draws are made on the
            CPU.

    Returns:
        Images (n, 3, size, size) and classes for training and test, equally many of each class
        within each thousand images.

    Raises:
        ValueError: If a number is out of range.
        TypeError: If dtype is another.

    Example:
        >>> data = textures(train_size=1000, test_size=100)
        >>> data.x_train.shape, data.y_train.bincount().tolist()
        (torch.Size([1000, 3, 32, 32]), [100, 100, 100, 100, 100, 100, 100, 100, 100, 100])

    Source:
        Made for this course.

    Chapter:
        loss_smoothness
    """
    check_options("textures", dtype, standardize)
    if size < 8:
        raise ValueError(f"textures: size must be at least 8, got {size}")
    if not 2 <= classes <= len(KINDS):
        raise ValueError(f"textures: classes must lie in [2, {len(KINDS)}], got {classes}")
    if min(train_size, test_size) < 1 or seed < 0:
        raise ValueError(
            "textures: train_size and test_size must be at least 1 and seed at least 0, "
            f"got {train_size}, {test_size} and {seed}"
        )
    train, test = (
        _draw(count, size, classes, (seed, part))
        for part, count in enumerate((train_size, test_size))
    )
    return make_split(train, test, standardize=standardize, dtype=dtype, device=device)


def _draw(count: int, size: int, classes: int, seed: tuple[int, int]) -> Part:
    """``count`` images as bytes, and their classes."""
    images = np.empty((count, 3, size, size), np.uint8)
    labels = np.empty(count, np.int64)
    for chunk, first in enumerate(range(0, count, CHUNK)):
        part = slice(first, min(first + CHUNK, count))
        rng = np.random.default_rng((*seed, chunk))
        drawn, kinds = _draw_chunk(size, classes, rng)
        images[part], labels[part] = drawn[: part.stop - first], kinds[: part.stop - first]
    return images, labels


def _draw_chunk(size: int, classes: int, rng: np.random.Generator) -> Part:
    labels = rng.permutation(np.arange(CHUNK) % classes)
    others = (labels + rng.integers(1, classes, CHUNK)) % classes
    share = rng.uniform(0, DISTRACTION, (CHUNK, 1)).astype(np.float32)
    pattern = _patterns(labels, size, rng) + share * _patterns(others, size, rng)  # t + ρ t'
    a, b = _colours(labels, classes, rng)
    x = b + a * pattern[:, None]
    x += np.float32(NOISE) * rng.standard_normal(x.shape, dtype=np.float32)
    pixels = (x.clip(0, 1) * 255 + np.float32(0.5)).astype(np.uint8)
    return pixels.reshape(CHUNK, 3, size, size), labels


def _patterns(labels: Array, size: int, rng: np.random.Generator) -> Array:
    """Each image's texture, with mean 0 and standard deviation of a cosine, 1/√2; (n, pixels)."""
    patterns = np.empty((len(labels), size * size), np.float32)
    for k, draw in enumerate(KINDS.values()):
        chosen = np.flatnonzero(labels == k)
        if len(chosen):
            patterns[chosen] = draw(_plane(len(chosen), size, rng))
    return patterns


def _plane(count: int, size: int, rng: np.random.Generator) -> Plane:
    y, x = np.mgrid[:size, :size].astype(np.float32).reshape(2, -1)
    direction = rng.random((count, 1), dtype=np.float32) * TURN
    scale = TURN / rng.uniform(*PERIODS, (count, 1)).astype(np.float32)
    c, s = scale * np.cos(direction), scale * np.sin(direction)
    return Plane(c * x + s * y, c * y - s * x, rng)


def _colours(labels: Array, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Contrast and mean of each channel, (n, 3, 1)."""
    n = len(labels)
    contrast = rng.standard_normal((n, 3, 1), dtype=np.float32)
    contrast /= np.sqrt(np.square(contrast).mean(1, keepdims=True))
    contrast *= rng.uniform(*CONTRASTS, (n, 1, 1)).astype(np.float32)
    hue = TURN * (labels[:, None] / np.float32(classes) + np.arange(3, dtype=np.float32) / 3)
    spread = np.float32(COLOUR_SPREAD) * rng.standard_normal((n, 3, 1), dtype=np.float32)
    mean = np.float32(0.5) + spread + np.float32(COLOUR_BIAS) * np.cos(hue)[:, :, None]
    return contrast, mean.astype(np.float32)
