"""Digits with wrong labels, on which networks over-fit, and the choice of the best of some runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

__all__ = ["best", "flip_labels"]


def flip_labels(y: Tensor, share: float, generators: Sequence[torch.Generator]) -> Tensor:
    """Labels ``[S, N]`` of ten classes, of which about a share is replaced by another class."""
    count = y.shape[1]
    changed = torch.stack([torch.rand(count, generator=g) < share for g in generators])
    away = torch.stack([torch.randint(1, 10, (count,), generator=g) for g in generators])
    return torch.where(changed.to(y.device), (y + away.to(y.device)) % 10, y)


def best(runs: Sequence[Mapping[str, Tensor]], by: str, *, smallest: bool) -> dict[str, Tensor]:
    """For each seed the run that a quantity prefers: values ``[S]``, and its number as ``"run"``.

    A run holds values ``[S]`` by name. A run whose quantity is no number is never preferred.

    >>> runs = [{"loss": torch.tensor([3.0, 1.0])}, {"loss": torch.tensor([2.0, math.nan])}]
    >>> best(runs, "loss", smallest=True)
    {'loss': tensor([2., 1.]), 'run': tensor([1, 0])}
    """
    score = torch.stack([run[by] for run in runs])
    number = (-score if smallest else score).nan_to_num(-math.inf).argmax(0)
    picked = {
        name: torch.stack([run[name] for run in runs]).gather(0, number[None])[0]
        for name in runs[0]
    }
    return {**picked, "run": number}
