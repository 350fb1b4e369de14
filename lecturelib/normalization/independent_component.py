"""The independent-component layer: batch norm, then dropout, before a weight layer."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from .batch_norm_modules import BatchNorm1d


class IndependentComponent(nn.Module):
    r"""Batch norm, then dropout, on what goes into a weight layer.

    .. math::
        y = \frac{d}{1 - p} \odot \mathrm{BN}(x), \qquad d_i \sim \mathrm{Bernoulli}(1 - p)

    With keep probability :math:`1 - p`, dropout of centred values multiplies every correlation
    between two units by :math:`1 - p`: it makes them less dependent. The order is activation, this
    layer, weights. Dropout after batch norm causes no variance shift in *this* batch norm.

    Args:
        num_features: Number of channels C.
        p: Probability with which a value is dropped, in [0, 1].
        norm: What makes the batch norm from ``num_features``; BatchNorm2d for images.

    Raises:
        ValueError: If p is not a probability.

    Example:
        >>> import torch
        >>> layer = IndependentComponent(2, p=0.0)
        >>> layer(torch.tensor([[0.0, 9.0], [2.0, 11.0]])).round(decimals=2).tolist()
        [[-1.0, -1.0], [1.0, 1.0]]

    Source:
        Chen et al. (2019), Rethinking the Usage of Batch Normalization and Dropout in the Training
        of Deep Neural Networks.

    Chapter:
        batch_norm_in_networks
    """

    def __init__(
        self,
        num_features: int,
        p: float = 0.05,
        *,
        norm: Callable[[int], nn.Module] = BatchNorm1d,
    ) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"IndependentComponent: p must lie in [0, 1], got {p}")
        self.norm = norm(num_features)
        self.dropout = nn.Dropout(p)

    def forward(self, input: Tensor) -> Tensor:
        """Normalize, then drop."""
        return self.dropout(self.norm(input))
