"""Augmentation of image batches: shift, crop, flip, rotate, scale, blur and noise.

Each transformation comes twice: with its parameters given, one for the batch or one an image, and
at random (``random_…``), where every image has its own draw. Images have the shape (N, C, H, W);
they stay on their device and in their dtype, and gradients reach the images and the parameters.

>>> import torch
>>> from lecturelib import augment
>>> image = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
>>> augment.shift(image, right=1)
tensor([[[[0., 1.],
          [0., 3.]]]])
"""

from .blur import blur, random_blur
from .crop import crop, random_crop
from .flip import flip, random_flip
from .noise import random_noise
from .rotate import random_rotate, rotate
from .scale import random_scale, scale
from .shift import random_shift, shift

__all__ = [
    "blur",
    "crop",
    "flip",
    "random_blur",
    "random_crop",
    "random_flip",
    "random_noise",
    "random_rotate",
    "random_scale",
    "random_shift",
    "rotate",
    "scale",
    "shift",
]
