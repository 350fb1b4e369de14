"""Directions in parameter space whose size is fair to each filter, for pictures of the loss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from .._once import once
from .._precision import widen
from .._scale import norm, unit
from ._parameters import check_positive

Direction = Sequence[Tensor]


def random_directions(
    parameters: Iterable[Tensor], count: int = 2, *, generator: torch.Generator | None = None
) -> list[list[Tensor]]:
    r"""Draw directions with independent entries from :math:`\mathcal N(0, 1)`.

    In high dimension two of them are nearly at a right angle: their cosine has standard deviation
    :math:`1 / \sqrt P`. Draws are made in float64 on the CPU, so that a seed means the same on each
    device and in each precision.

    Args:
        parameters: The tensors whose shapes, dtype and device the directions take; one that is
            named several times counts once.
        count: How many directions, at least 1.
        generator: A CPU generator; None takes PyTorch's global one.

    Returns:
        A list of directions, each a list of tensors like the parameters.

    Raises:
        ValueError: If count is less than 1.

    Example:
        >>> first, second = random_directions([torch.zeros(2, 3), torch.zeros(2)])
        >>> [tuple(d.shape) for d in first]
        [(2, 3), (2,)]

    Source:
        Li et al. (2018), Visualizing the Loss Landscape of Neural Nets, section 4.

    Chapter:
        loss_smoothness
    """
    check_positive("random_directions", count=count)
    like = once(parameters)
    place = "cpu" if generator is None else generator.device

    def draw(p: Tensor) -> Tensor:
        draws = torch.randn(p.shape, generator=generator, dtype=torch.float64, device=place)
        return draws.to(p.dtype).to(p.device)

    return [[draw(p) for p in like] for _ in range(count)]


def filter_normalize(direction: Direction, parameters: Iterable[Tensor]) -> list[Tensor]:
    r"""Give each filter of a direction the norm of the filter of the weights.

    .. math::
        d_{ij} \leftarrow \frac{d_{ij}}{\lVert d_{ij} \rVert} \lVert \theta_{ij} \rVert

    Here :math:`ij` is filter j of layer i: what leads to one output, the j-th entry along the first
    axis of the weight of a linear or convolutional layer. Networks with batch norm or ReLUs compute
    the same when a filter is rescaled, so that a step of length 1 is long for small weights and
    short for large ones; after filter normalization it is one filter's length in each case.

    Tensors with fewer than two axes, biases and the scales and shifts of batch norm, do not move
    (zeros), as the authors' program has it with its option ``biasbn``. A filter of zeros stays.

    Args:
        direction: Tensors like the parameters.
        parameters: The weights :math:`\theta`, each once.

    Returns:
        A new direction.

    Raises:
        ValueError: If shapes, dtypes or devices differ.

    Example:
        >>> weight = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
        >>> filter_normalize([torch.ones(2, 2)], [weight])[0].round(decimals=4)
        tensor([[3.5355, 3.5355],
                [0.7071, 0.7071]])

    Source:
        Li et al. (2018), Visualizing the Loss Landscape of Neural Nets, section 4.

    Chapter:
        loss_smoothness
    """
    thetas = [p.detach() for p in once(parameters)]
    check_direction("filter_normalize", direction, thetas)
    return [_normalize(d, theta) for d, theta in zip(direction, thetas, strict=True)]


def _normalize(d: Tensor, theta: Tensor) -> Tensor:
    if theta.ndim < 2:
        return torch.zeros_like(theta)
    axes = tuple(range(1, theta.ndim))
    x = widen(d)
    x = x / unit(x, axes)
    length, wanted = (norm(t, dim=axes, keepdim=True) for t in (x, theta))
    return (x * torch.where(length > 0, wanted / length, 0)).to(d.dtype)


def check_direction(call: str, direction: Direction, parameters: Sequence[Tensor]) -> None:
    """Raise unless the direction has one tensor for each parameter, alike in all respects."""
    given, wanted = ([_kind(t) for t in tensors] for tensors in (direction, parameters))
    if given != wanted:
        raise ValueError(
            f"{call}: a direction must have the shapes, dtypes and devices of the parameters, "
            f"{wanted}, got {given}"
        )


def _kind(tensor: Tensor) -> tuple[tuple[int, ...], str, str]:
    return tuple(tensor.shape), str(tensor.dtype), str(tensor.device)
