"""preprocessing-window."""

import numpy as np
import torch

from lecturelib.preprocessing import window_level
from tests.exercises.styles import as_object, in_float32

SLUG = "preprocessing-window"


def to_bytes(image, level, width):
    return ((image - level) / width + 0.5).clamp(0, 1).mul(255).round()


def with_numpy(image, level, width):
    low, high = level - width / 2, level + width / 2
    return np.round(np.interp(image, [low, high], [0, 255])).astype(np.uint8)


def _raw(image, level, width):
    return 255 * ((image - level) / width + 0.5)


RIGHT = [to_bytes, with_numpy, in_float32(to_bytes), as_object(to_bytes)]

WRONG = {
    "not-clipped": lambda image, level, width: _raw(image, level, width).round(),
    "wraps": lambda image, level, width: _raw(image, level, width).round() % 256,
    "level-at-the-edge": lambda image, level, width: to_bytes(image, level + width / 2, width),
    "width-each-side": lambda image, level, width: to_bytes(image, level, 2 * width),
    "256": lambda image, level, width: (
        window_level(image, level=level, width=width).mul(256).round()
    ),
    "rounded-down": lambda image, level, width: _raw(image, level, width).clamp(0, 255).floor(),
    "not-rounded": lambda image, level, width: _raw(image, level, width).clamp(0, 255),
    "not-scaled": lambda image, level, width: (
        _raw(image, level, width).div(255).clamp(0, 1).round()
    ),
    "not-clipped+rounded-down": lambda image, level, width: _raw(image, level, width).floor(),
    "scanner-standard": lambda image, level, width: (
        ((image - (level - 0.5)) / (width - 1) + 0.5).clamp(0, 1).mul(255).round()
    ),
    "own-range": lambda image, level, width: (
        ((image - image.min()) / (image.max() - image.min()).clamp(min=1e-9)).mul(255).round()
    ),
    "outside-dark": lambda image, level, width: torch.where(
        image > level + width / 2, 0.0, to_bytes(image, level, width)
    ),
    "254": lambda image, level, width: (
        _raw(image, level, width).clamp(0, 255).mul(254 / 255).round()
    ),
    "rounded-up": lambda image, level, width: _raw(image, level, width).clamp(0, 255).ceil(),
    "equal-bins": lambda image, level, width: (
        (_raw(image, level, width) * 256 / 255).floor().clamp(0, 255)
    ),
}

UNLISTED = [
    (lambda image, level, width: 255 - to_bytes(image, level, width), "different", "differs"),
    (lambda image, level, width: to_bytes(image, level, width).flatten(), "wrong-shape", "shape"),
    (
        lambda image, level, width: to_bytes(image, level - 20, width),
        "different",
        "the window reaches from",
    ),
]
