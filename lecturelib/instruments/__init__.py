"""Instruments: what the course measures on a network and its loss.

Each takes callables and parameters, works in float64 and float32 on any device, and leaves the
model as it was: parameters, gradients, buffers, modes and random state.
"""

from .effective_smoothness import effective_smoothness
from .filter_normalization import filter_normalize, random_directions
from .gradient_predictiveness import gradient_predictiveness
from .gradient_walk import GradientWalk, gradient_walk
from .internal_covariate_shift import CovariateShift, internal_covariate_shift, snapshot
from .loss_plane import Plane, loss_line, loss_plane
from .loss_variation import loss_variation

__all__ = [
    "CovariateShift",
    "GradientWalk",
    "Plane",
    "effective_smoothness",
    "filter_normalize",
    "gradient_predictiveness",
    "gradient_walk",
    "internal_covariate_shift",
    "loss_line",
    "loss_plane",
    "loss_variation",
    "random_directions",
    "snapshot",
]
