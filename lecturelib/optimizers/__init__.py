r"""Optimizers: SGD, Adagrad, Adadelta, RMSprop, Adam and AdamW, each the algorithm of its paper.

A file holds one algorithm twice: the update rule as a function of tensors, line by line in the
paper's letters, and a class round it that stands in for the one of ``torch.optim``: same arguments,
order and defaults, same parameter groups and ``state_dict``, so that a run can be continued with
either, and PyTorch's learning-rate schedulers work on it.

>>> import torch
>>> from lecturelib.optimizers import Adam
>>> theta = torch.tensor([1.0, -2.0], requires_grad=True)
>>> optimizer = Adam([theta], lr=0.1)
>>> (theta**2).sum().backward()
>>> optimizer.step()  # Adam's first step is lr · sign(g)
>>> theta
tensor([ 0.9000, -1.9000], requires_grad=True)
"""

from .adadelta import Adadelta, adadelta_update
from .adagrad import Adagrad, adagrad_update
from .adam import Adam, adam_update
from .adamw import AdamW
from .clipping import clip_grad_norm_, clip_grad_value_
from .rmsprop import RMSprop, rmsprop_update
from .sgd import SGD, sgd_update

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "RMSprop",
    "adadelta_update",
    "adagrad_update",
    "adam_update",
    "clip_grad_norm_",
    "clip_grad_value_",
    "rmsprop_update",
    "sgd_update",
]
