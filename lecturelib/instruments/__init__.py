"""Instruments: what the course measures on a network and its loss.

Each takes callables and parameters, works on any device in float64, float32 and, adding up and
comparing in float32, in half precision, and leaves the model as it was: parameters, gradients,
buffers, modes and random state. A parameter that is named several times, as a tied weight may be,
counts once. Under ``torch.no_grad`` all of them work; under ``torch.inference_mode``, where PyTorch
can take no gradient, those that need one raise a RuntimeError.

>>> import torch
>>> from lecturelib.instruments import top_eigenvalues
>>> w = torch.zeros(2, requires_grad=True)
>>> top_eigenvalues(lambda: 2 * w[0] ** 2 + w[1] ** 2, [w]).values.round(decimals=3)
tensor([4.])
"""

from .activation_moments import Moments, activation_moments, moments
from .effective_smoothness import effective_smoothness
from .filter_normalization import filter_normalize, random_directions
from .gradient_norms import gradient_norms
from .gradient_predictiveness import gradient_predictiveness
from .gradient_walk import GradientWalk, gradient_walk
from .hessian_product import hessian_product
from .internal_covariate_shift import CovariateShift, internal_covariate_shift, snapshot
from .layer_dependence import (
    GradientDependence,
    LayerDependence,
    gradient_dependence,
    layer_dependence,
)
from .loss_plane import Plane, loss_line, loss_plane
from .loss_variation import loss_variation
from .perturbation import displaced, random_perturbation, targeted_perturbation
from .spectral_density import SpectralDensity, spectral_density
from .subspace_overlap import subspace_overlap
from .top_eigenvalues import Eigenpairs, top_eigenvalues
from .trace import Estimate, trace

__all__ = [
    "CovariateShift",
    "Eigenpairs",
    "Estimate",
    "GradientDependence",
    "GradientWalk",
    "LayerDependence",
    "Moments",
    "Plane",
    "SpectralDensity",
    "activation_moments",
    "displaced",
    "effective_smoothness",
    "filter_normalize",
    "gradient_dependence",
    "gradient_norms",
    "gradient_predictiveness",
    "gradient_walk",
    "hessian_product",
    "internal_covariate_shift",
    "layer_dependence",
    "loss_line",
    "loss_plane",
    "loss_variation",
    "moments",
    "random_directions",
    "random_perturbation",
    "snapshot",
    "spectral_density",
    "subspace_overlap",
    "targeted_perturbation",
    "top_eigenvalues",
    "trace",
]
