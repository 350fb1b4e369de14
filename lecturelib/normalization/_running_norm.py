"""State that norms with running statistics keep between batches."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class RunningNorm(nn.Module):
    """Parameters, running statistics and checks of batch norm and instance norm.

    A subclass says how many dimensions its inputs may have, and what to do with them. It may have a
    base class of PyTorch's beside this one, by which PyTorch's tools know it.
    """

    _version = 2  # of the state_dict, as in torch: since version 2 it holds num_batches_tracked
    _input_dims: tuple[int, ...] = ()
    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        nn.Module.__init__(self)  # not that of another base class
        name = type(self).__name__
        if num_features < 1:
            raise ValueError(f"{name}: num_features must be at least 1, got {num_features}")
        if momentum is not None and not 0 <= momentum <= 1:
            raise ValueError(f"{name}: momentum must be None or lie in [0, 1], got {momentum}")
        if not eps >= 0:
            raise ValueError(f"{name}: eps must be at least 0, got {eps}")
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats

        def vector() -> Tensor:
            return torch.empty(num_features, device=device, dtype=dtype)

        self.register_parameter("weight", nn.Parameter(vector()) if affine else None)
        self.register_parameter("bias", nn.Parameter(vector()) if affine and bias else None)
        track = track_running_stats
        count = torch.tensor(0, dtype=torch.long, device=device)
        self.register_buffer("running_mean", vector() if track else None)
        self.register_buffer("running_var", vector() if track else None)
        self.register_buffer("num_batches_tracked", count if track else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Set the running mean to 0, the running variance to 1 and the count of batches to 0."""
        if self.running_mean is not None:
            self.running_mean.zero_()
        if self.running_var is not None:
            self.running_var.fill_(1)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0, and reset the running statistics."""
        self.reset_running_stats()
        if self.weight is not None:
            nn.init.ones_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: Any, *rest: Any
    ) -> None:
        """Load a state; before version 2 it had no count of batches, which then stays as it is."""
        count = self.num_batches_tracked
        if count is not None and (local_metadata.get("version") or 1) < 2:
            kept = torch.tensor(0) if count.is_meta else count
            state_dict.setdefault(f"{prefix}num_batches_tracked", kept)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    def _check_input(self, input: Tensor) -> None:
        name, shape = type(self).__name__, tuple(input.shape)
        if input.ndim not in self._input_dims:
            wanted = " or ".join(f"{dims}D" for dims in self._input_dims)
            raise ValueError(f"{name}: expected {wanted} input, got shape {shape}")
        if shape[1] != self.num_features:
            raise ValueError(
                f"{name}: expected {self.num_features} channels in dimension 1, got shape {shape}"
            )

    def extra_repr(self) -> str:
        """Options, as PyTorch prints them."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, track_running_stats={self.track_running_stats}"
        )
