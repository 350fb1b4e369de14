"""Instruments: what the course measures on a network and its loss.

Each takes callables and parameters, works in float64 and float32 on any device, and leaves the
model as it was: parameters, gradients, buffers, modes and random state.
"""

from .filter_normalization import filter_normalize, random_directions
from .loss_plane import Plane, loss_line, loss_plane

__all__ = [
    "Plane",
    "filter_normalize",
    "loss_line",
    "loss_plane",
    "random_directions",
]
