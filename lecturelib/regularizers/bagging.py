"""Bagging: the mean of predictors that were fitted to resamples of the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .._precision import whole_number
from ._checks import as_tensors, predict

Predictor = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Bag:
    """Predictors that were fitted to bootstrap samples; called, they give the mean prediction.

    Attributes:
        members: The k predictors.
        indices: Which samples each saw, with repetitions: shape (k, n), on the data's device.

    Example:
        >>> ensemble = Bag([lambda x: x, lambda x: 3 * x], torch.tensor([[0, 0], [1, 0]]))
        >>> ensemble(torch.tensor([1.0, 2.0]))
        tensor([2., 4.])
    """

    members: Sequence[Predictor]
    indices: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Return the mean of the members' predictions, shape (n, ...)."""
        return self.predictions(x).mean(0)

    def predictions(self, x: Tensor) -> Tensor:
        """Return the prediction of each member, shape (k, n, ...), without a graph."""
        return torch.stack([predict("Bag", member, x) for member in self.members])

    def left_out(self) -> Tensor:
        """Return which samples each member has not seen, a mask of shape (k, n).

        About :math:`1/e` of them; what the members predict for those tests the bag without other
        data ("out of bag").
        """
        k, n = self.indices.shape
        seen = torch.zeros(k, n, dtype=torch.bool, device=self.indices.device)
        return ~seen.scatter_(1, self.indices, True)


def bag(
    fit: Callable[..., Predictor],
    data: Tensor | Sequence[Tensor],
    k: int,
    *,
    generator: torch.Generator | None = None,
) -> Bag:
    r"""Fit k predictors, each to as many samples as there are, drawn with replacement.

    .. math::
        \hat y(x) = \frac1k \sum_{i=1}^k \hat y_i(x), \qquad
        E\Bigl[\Bigl(\frac1k \sum_i \epsilon_i\Bigr)^2\Bigr] = \frac{v}{k} + \frac{k - 1}{k} c

    with the errors :math:`\epsilon_i` of the members, their mean square :math:`v` and mean product
    :math:`c`. Only errors that do not correlate, :math:`c = 0`, average out as :math:`1/k`.

    Args:
        fit: From the data, one tensor an argument, to a function from inputs to predictions.
        data: A tensor or several, usually inputs (n, ...) and targets (n, ...), at least one
            sample.
        k: Number of predictors, at least 1.
        generator: Draws the samples, on any device; None for the CPU's global one.

    Returns:
        The predictors; called with inputs it gives the mean of their predictions.

    Raises:
        TypeError: If the data are not tensors or, when called, a predictor is no function or its
            predictions are no tensor.
        ValueError: If k is less than 1, there are no data, or their tensors differ in length.

    Example:
        The mean of a bag of means is near the mean of all.

        >>> y = torch.arange(100.0)
        >>> fit = lambda y: lambda x: y.mean().expand(len(x))
        >>> ensemble = bag(fit, y, 50, generator=torch.Generator().manual_seed(0))
        >>> (ensemble(torch.zeros(1)) - y.mean()).abs() < 2
        tensor([True])

    Source:
        Breiman (1996), Bagging Predictors; Goodfellow, Bengio and Courville (2016), Deep Learning,
        section 7.11.

    Chapter:
        dropout
    """
    k = whole_number("bag", "k", k)
    tensors = as_tensors("bag", data)
    n = len(tensors[0])
    place: Any = "cpu" if generator is None else generator.device
    indices = torch.randint(n, (k, n), generator=generator, device=place)
    members = [fit(*(t[rows.to(t.device)] for t in tensors)) for rows in indices]
    return Bag(members, indices.to(tensors[0].device))
