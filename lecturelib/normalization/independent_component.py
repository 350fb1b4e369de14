"""The independent-component layer: batch norm, then dropout."""

from __future__ import annotations

from torch import Tensor, nn

from .batch_norm_modules import BatchNorm1d


class IndependentComponent(nn.Module):
    """Batch norm followed by dropout, placed before a weight layer (Chen et al. 2019)."""

    def __init__(self, num_features: int, p: float = 0.05) -> None:
        super().__init__()
        self.norm = BatchNorm1d(num_features)
        self.dropout = nn.Dropout(p)

    def forward(self, input: Tensor) -> Tensor:
        """Normalize, then drop."""
        return self.dropout(self.norm(input))
