"""Noise on the weights of a model, for the time of a forward and a backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn

from .._once import once
from ._checks import check_at_least_zero
from .noise import add_noise

Model = TypeVar("Model", bound=nn.Module)


@contextmanager
def noisy_weights(
    model: Model, std: float, *, generator: torch.Generator | None = None
) -> Iterator[Model]:
    r"""Within the block each parameter has normal noise on it; after it all are as they were.

    .. math::
        \tilde\theta = \theta + n, \qquad n \sim \mathcal{N}(0, \sigma^2 I)

    The gradient that a backward pass within the block leaves in ``grad`` is the one at
    :math:`\tilde\theta`; the optimizer's step, after the block, moves :math:`\theta`. That is
    stochastic gradient descent on :math:`E_n\, J(\theta + n)`.

    Both passes belong into the block. A backward pass after it is an error of PyTorch's wherever it
    needs the weights, as they have changed by then.

    Args:
        model: Any module. Parameters of all kinds get noise, frozen ones too; buffers get none, and
            a parameter in two places gets it once.
        std: :math:`\sigma`, at least 0 and finite.
        generator: Source of randomness, on any device; None for the global one.

    Returns:
        A context manager that gives the model.

    Raises:
        TypeError: If the model is no module.
        ValueError: If std is out of range.
        RuntimeError: At the end of the block, if something within has changed the weights, as an
            optimizer's step would: that change is undone.

    Example:
        >>> model = nn.Linear(2, 1, bias=False)
        >>> _ = model.weight.data.fill_(1.0)
        >>> with noisy_weights(model, 0.1, generator=torch.Generator().manual_seed(0)):
        ...     model.weight.data
        tensor([[1.1541, 0.9707]])
        >>> model.weight.data
        tensor([[1., 1.]])

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, section 7.5; Graves (2011),
        Practical Variational Inference for Neural Networks.

    Chapter:
        noise_and_augmentation
    """
    if not isinstance(model, nn.Module):
        raise TypeError(
            f"noisy_weights: model must be a torch.nn.Module, got {type(model).__name__}"
        )
    check_at_least_zero("noisy_weights", "std", std)
    weights = [p for p in once(model.parameters()) if p.is_floating_point()]
    clean = [p.detach().clone() for p in weights]
    _write(weights, [add_noise(p, std, generator=generator) for p in clean])
    versions = [_version(p) for p in weights]
    try:
        yield model
        changed = [_version(p) for p in weights] != versions
    finally:
        _write(weights, clean)
    if changed:
        raise RuntimeError(
            "noisy_weights: the weights were changed within the block, which is undone at its end; "
            "step the optimizer after the block"
        )


@torch.no_grad()
def _write(weights: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    # In place, so that autograd notices a backward pass that would mix noisy and clean weights.
    for p, value in zip(weights, values, strict=True):
        p.copy_(value)


def _version(p: Tensor) -> int:
    """How often a tensor has been written to; inference tensors do not count."""
    return 0 if p.is_inference() else p._version
