"""Dropout of single values and of whole channels, as functions and modules."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .._device import fill
from .._precision import check_floating


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: torch.Generator | None = None,
) -> Tensor:
    r"""Set each value to 0 with probability p and enlarge the others, in training.

    .. math::
        y = \frac{d}{1 - p} \odot x, \qquad d_i \sim \mathrm{Bernoulli}(1 - p), \qquad
        \frac{\partial L}{\partial x} = \frac{d}{1 - p} \odot \frac{\partial L}{\partial y}

    The factor makes :math:`E[y] = x` ("inverted dropout"), so that at inference there is nothing to
    do: the output is the input. Here p is the probability to *drop*; some texts, Srivastava et al.
    among them, write p for the probability to keep.

    Args:
        input: :math:`x`, floating point, of any shape.
        p: Probability with which a value is dropped, in [0, 1].
        training: Whether to drop; if not, the input is returned.
        inplace: Write the result to the input.
        generator: Source of randomness, on any device; None for the global one of the input's.
            With one and the same seed the values dropped on the CPU are those that PyTorch's
            function drops. (On a GPU, PyTorch's fused kernel takes its numbers in another order.)

    Returns:
        A tensor like the input; the input itself at inference, in place, and if p is 0.

    Raises:
        TypeError: If the input is no floating-point tensor.
        ValueError: If p is not in [0, 1].

    Example:
        >>> y = dropout(torch.ones(1000), 0.2, generator=torch.Generator().manual_seed(0))
        >>> y.unique(), 0.9 < y.mean() < 1.1
        (tensor([0.0000, 1.2500]), tensor(True))
        >>> dropout(torch.ones(4), 0.2, training=False)
        tensor([1., 1., 1., 1.])

    Source:
        Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), Dropout: A Simple Way to
        Prevent Neural Networks from Overfitting, sections 4 and 10. PyTorch:
        ``torch.nn.functional.dropout``.

    Chapter:
        dropout
    """
    check_floating("dropout", input=input)
    _check_probability("dropout", p)
    if not training:
        return input
    return _drop(input, torch.empty_like(input), p, inplace, generator)


def dropout2d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: torch.Generator | None = None,
) -> Tensor:
    r"""Set whole channels to 0 with probability p and enlarge the others, in training.

    .. math::
        y_{ncij} = \frac{d_{nc}}{1 - p} \, x_{ncij}, \qquad d_{nc} \sim \mathrm{Bernoulli}(1 - p)

    Neighbouring pixels of a channel resemble each other, so that dropping pixels one by one removes
    little information.

    Args:
        input: :math:`x`, floating point, of shape (N, C, H, W) or (N, C, L). Three dimensions have
            a batch, as in PyTorch until it changes what it warns of.
        p: Probability with which a channel of a sample is dropped, in [0, 1].
        training: Whether to drop; if not, the input is returned.
        inplace: Write the result to the input.
        generator: Source of randomness, on any device; None for the global one of the input's.
            With one and the same seed the channels dropped are those that PyTorch's function drops.

    Returns:
        A tensor like the input; the input itself at inference, in place, and if p is 0.

    Raises:
        TypeError: If the input is no floating-point tensor.
        ValueError: If p is not in [0, 1] or the input has another number of dimensions.

    Example:
        >>> y = dropout2d(torch.ones(50, 4, 3, 3), generator=torch.Generator().manual_seed(0))
        >>> y.sum((2, 3)).unique()  # of 9 pixels all are kept or none
        tensor([ 0., 18.])

    Source:
        Tompson, Goroshin, Jain, LeCun and Bregler (2015), Efficient Object Localization Using
        Convolutional Networks, section 3.2. PyTorch: ``torch.nn.functional.dropout2d``.

    Chapter:
        dropout
    """
    check_floating("dropout2d", input=input)
    _check_probability("dropout2d", p)
    if input.ndim not in (3, 4):
        raise ValueError(
            f"dropout2d: input must have shape (N, C, H, W) or (N, C, L), got {tuple(input.shape)}"
        )
    if not training:
        return input
    channels = input.new_empty(*input.shape[:2], *[1] * (input.ndim - 2))
    return _drop(input, channels, p, inplace, generator)


class Dropout(nn.Dropout):
    r"""Dropout as a module: in training :func:`dropout`, at inference the identity.

    .. math:: y = \frac{d}{1 - p} \odot x, \qquad d_i \sim \mathrm{Bernoulli}(1 - p)

    It has no parameters and no state. By the class PyTorch's tools know a dropout layer; what it
    does is written anew here.

    Args:
        p: Probability with which a value is dropped, in [0, 1].
        inplace: Write the result to the input.
        generator: Source of randomness, on any device; None for the global one of the input's.

    Raises:
        ValueError: If p is not in [0, 1].
        TypeError: In the call, if the input is no floating-point tensor.

    Example:
        >>> layer = Dropout(0.5, generator=torch.Generator().manual_seed(0))
        >>> layer(torch.ones(100)).unique(), layer.eval()(torch.ones(100)).unique()
        (tensor([0., 2.]), tensor([1.]))

    Source:
        Srivastava et al. (2014), Dropout. PyTorch: ``torch.nn.Dropout``.

    Chapter:
        dropout
    """

    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, generator: torch.Generator | None = None
    ) -> None:
        _check_probability("Dropout", p)
        super().__init__(p, inplace)
        self.generator = generator

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training."""
        return dropout(input, self.p, self.training, self.inplace, generator=self.generator)


class Dropout2d(nn.Dropout2d):
    r"""Dropout of channels as a module: in training :func:`dropout2d`, at inference the identity.

    .. math::
        y_{ncij} = \frac{d_{nc}}{1 - p} \, x_{ncij}, \qquad d_{nc} \sim \mathrm{Bernoulli}(1 - p)

    Args:
        p: Probability with which a channel of a sample is dropped, in [0, 1].
        inplace: Write the result to the input.
        generator: Source of randomness, on any device; None for the global one of the input's.

    Raises:
        ValueError: If p is not in [0, 1] or, in the call, if the input has not the shape
            (N, C, H, W) or (N, C, L).
        TypeError: In the call, if the input is no floating-point tensor.

    Example:
        >>> layer = Dropout2d(0.5, generator=torch.Generator().manual_seed(0))
        >>> layer(torch.ones(50, 4, 2, 2)).sum((2, 3)).unique()
        tensor([0., 8.])

    Source:
        Tompson et al. (2015), section 3.2. PyTorch: ``torch.nn.Dropout2d``.

    Chapter:
        dropout
    """

    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, generator: torch.Generator | None = None
    ) -> None:
        _check_probability("Dropout2d", p)
        super().__init__(p, inplace)
        self.generator = generator

    def forward(self, input: Tensor) -> Tensor:
        """Drop channels in training."""
        return dropout2d(input, self.p, self.training, self.inplace, generator=self.generator)


def _drop(
    input: Tensor, noise: Tensor, p: float, inplace: bool, generator: torch.Generator | None
) -> Tensor:
    """Multiply by d / (1 - p), drawn into a tensor whose shape says what drops together."""
    if p == 0 or not input.numel():
        return input
    if p == 1:
        noise.zero_()
    else:
        keep = 1 - p
        fill(noise, lambda d: d.bernoulli_(keep, generator=generator), generator).div_(keep)
    return input.mul_(noise) if inplace else input * noise


def _check_probability(call: str, p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"{call}: p must lie in [0, 1], got {p}")
