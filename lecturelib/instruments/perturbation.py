"""Small steps of the parameters that aim at an output, and random ones of equal length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from .._precision import widen
from .._scale import norm
from ._parameters import (
    Loss,
    check_parameters,
    draw_normal,
    flatten,
    gradient,
    share_of,
    unflatten,
)
from ._untouched import restored, untouched


def targeted_perturbation(
    output: Loss, parameters: Iterable[Tensor], *, size: float = 0.01
) -> list[Tensor]:
    r"""Return the step of a given relative length that raises an output most, to first order.

    .. math::
        \delta = \text{size} \cdot \lVert \theta \rVert\,
            \frac{\nabla_\theta f(\theta)}{\lVert \nabla_\theta f(\theta) \rVert}

    With f the mean over the batch of one class's logit and a size of 0.01, a network without
    normalization predicts that class for nearly every sample afterwards: the mean of an output is
    far more sensitive than its differences between samples. Compare with
    ``random_perturbation``.

    Args:
        output: f, a function of nothing that returns one number, as
            ``lambda: model(x)[:, 3].mean()``; or S numbers of networks side by side, if all
            parameters begin with an axis of S.
        parameters: :math:`\theta`; those that want no gradient are left out. Norms are over all of
            them together.
        size: Length of the step over the length of the parameters, above 0.

    Returns:
        The step, a list of tensors like the parameters (those that want a gradient); ``displaced``
        takes it. It is exact up to rounding; to first order f grows by
        :math:`\lVert \delta \rVert \lVert \nabla f \rVert`, with an error of second order.

    Raises:
        ValueError: If size is out of range, or the gradient is 0.

    Example:
        >>> w = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> targeted_perturbation(lambda: w[1] ** 2, [w], size=0.1)
        [tensor([0.0000, 0.5000])]

    Source:
        Page (2019), How to Train Your ResNet 7: Batch Norm.

    Chapter:
        signal_propagation
    """
    call = "targeted_perturbation"
    thetas = check_parameters(call, parameters)
    _check_size(call, size)
    with untouched(thetas):
        value, g = gradient(call, output, thetas)
    if not norm(g, dim=-1).all():
        raise ValueError(f"{call}: the gradient of the output is 0")
    return _scaled(g, thetas, size, value.shape)


def random_perturbation(
    parameters: Iterable[Tensor],
    *,
    size: float = 0.01,
    networks: int | None = None,
    generator: torch.Generator | None = None,
) -> list[Tensor]:
    r"""Return a step of a given relative length in a random direction.

    .. math::
        \delta = \text{size} \cdot \lVert \theta \rVert\, \frac{\xi}{\lVert \xi \rVert}, \qquad
        \xi \sim \mathcal N(0, I)

    Args:
        parameters: :math:`\theta`; those that want no gradient are left out.
        size: Length of the step over the length of the parameters, above 0.
        networks: How many networks lie side by side, along the first axis of all parameters; each
            gets a step of its own. None: there is one, and no such axis.
        generator: A CPU generator that draws; None takes one with seed 0.

    Returns:
        The step, a list of tensors like the parameters (those that want a gradient).

    Raises:
        ValueError: If size is out of range, or the parameters have no axis of networks.

    Example:
        >>> w = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> (step,) = random_perturbation([w], size=0.1)
        >>> step.norm()
        tensor(0.5000)

    Source:
        Page (2019), How to Train Your ResNet 7: Batch Norm.

    Chapter:
        signal_propagation
    """
    call = "random_perturbation"
    thetas = check_parameters(call, parameters)
    _check_size(call, size)
    batch = torch.Size([] if networks is None else [networks])
    like = widen(flatten([p.detach() for p in thetas], batch, call))
    draws = generator or torch.Generator().manual_seed(0)
    return _scaled(draw_normal(like.numel(), like, draws).view(like.shape), thetas, size, batch)


@contextmanager
def displaced(parameters: Iterable[Tensor], step: Sequence[Tensor]) -> Iterator[None]:
    """Within the block the parameters are moved by a step; after it they are as before.

    Args:
        parameters: The tensors that move; those that want no gradient are left out.
        step: Tensors like these.

    Returns:
        A context manager.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> w = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> with displaced([w], [torch.ones(2)]):
        ...     print(w.tolist())
        [4.0, 5.0]
        >>> w.tolist()
        [3.0, 4.0]

    Chapter:
        signal_propagation
    """
    thetas = check_parameters("displaced", parameters)
    got, wanted = ([tuple(t.shape) for t in tensors] for tensors in (step, thetas))
    if got != wanted:
        raise ValueError(f"displaced: step must have the shapes {wanted}, got {got}")
    with restored(thetas):
        for p, d in zip(thetas, step, strict=True):
            p.data.add_(d)
        yield


def _scaled(d: Tensor, thetas: Sequence[Tensor], size: float, batch: torch.Size) -> list[Tensor]:
    """The direction with that share of the parameters' length, cut to their shapes."""
    theta = flatten([p.detach() for p in thetas], batch)
    return unflatten(share_of(theta, size, d), thetas)


def _check_size(call: str, size: float) -> None:
    if not 0 < size < float("inf"):
        raise ValueError(f"{call}: size must be finite and greater than 0, got {size}")
