"""Regularizers: what keeps a network from fitting the noise of its training data.

Penalties and norm balls on the weights, dropout, noise on inputs, labels and weights, early
stopping, bagging, and the decomposition of the risk that says what each of them may change.

>>> import torch
>>> from lecturelib.regularizers import l2_penalty, project_to_ball, soft_threshold
>>> w = torch.tensor([3.0, -4.0])
>>> l2_penalty(w), soft_threshold(w, 3.5), project_to_ball(w, 1.0)
(tensor(25.), tensor([ 0.0000, -0.5000]), tensor([ 0.6000, -0.8000]))
"""

from .bagging import Bag, bag
from .bias_variance import BiasVariance, bias_variance
from .dropout import Dropout, Dropout2d, dropout, dropout2d
from .early_stopping import EarlyStopping
from .label_smoothing import smooth_labels
from .noise import add_noise
from .noisy_weights import noisy_weights
from .penalties import l1_penalty, l2_penalty
from .projection import project_to_ball
from .proximal import prox_l1, prox_l2, proximal_step_, soft_threshold

__all__ = [
    "Bag",
    "BiasVariance",
    "Dropout",
    "Dropout2d",
    "EarlyStopping",
    "add_noise",
    "bag",
    "bias_variance",
    "dropout",
    "dropout2d",
    "l1_penalty",
    "l2_penalty",
    "noisy_weights",
    "project_to_ball",
    "prox_l1",
    "prox_l2",
    "proximal_step_",
    "smooth_labels",
    "soft_threshold",
]
