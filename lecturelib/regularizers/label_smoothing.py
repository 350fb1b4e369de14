"""Label smoothing: targets that leave every class a little probability."""

from __future__ import annotations

import torch
from torch import Tensor

from .._precision import whole_number, widen


def smooth_labels(
    target: Tensor,
    label_smoothing: float = 0.1,
    *,
    num_classes: int | None = None,
    dtype: torch.dtype | None = None,
) -> Tensor:
    r"""Mix targets with the uniform distribution over the classes.

    .. math::
        \tilde y_k = (1 - \epsilon) \, y_k + \frac{\epsilon}{K}

    The cross-entropy with these targets is that of ``cross_entropy(..., label_smoothing=ε)``.

    Args:
        target: Classes 0 to K − 1 as integers, shape (), (N,) or (N, d, ...); or probabilities,
            floating point, shape (K,), (N, K) or (N, K, d, ...).
        label_smoothing: :math:`\epsilon`, in [0, 1].
        num_classes: K, at least 1; needed for integers, and for probabilities their length.
        dtype: Floating point type of the result for integers; None for PyTorch's default.

    Returns:
        Probabilities of shape (K,), (N, K) or (N, K, d, ...); where probabilities were given, in
        their dtype.

    Raises:
        TypeError: If the target is neither integer nor floating point, or dtype not floating point.
        ValueError: If ε or a target is out of range, or the number of classes is missing or another
            than that of the probabilities.

    Example:
        >>> smooth_labels(torch.tensor([0, 2]), 0.3, num_classes=3)
        tensor([[0.8000, 0.1000, 0.1000],
                [0.1000, 0.1000, 0.8000]])

    Source:
        Szegedy, Vanhoucke, Ioffe, Shlens and Wojna (2016), Rethinking the Inception Architecture
        for Computer Vision, section 7.

    Chapter:
        noise_and_augmentation
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(
            f"smooth_labels: label_smoothing must lie in [0, 1], got {label_smoothing}"
        )
    if num_classes is not None:
        num_classes = whole_number("smooth_labels", "num_classes", num_classes)
    y = _probabilities(target, num_classes, dtype)
    k = y.shape[min(1, y.ndim - 1)]
    return ((1 - label_smoothing) * widen(y) + label_smoothing / max(k, 1)).to(y.dtype)


def _probabilities(target: Tensor, num_classes: int | None, dtype: torch.dtype | None) -> Tensor:
    """The targets as probabilities, classes as 0 and 1, after checking them."""
    if not isinstance(target, Tensor) or target.dtype == torch.bool or target.is_complex():
        kind = target.dtype if isinstance(target, Tensor) else type(target).__name__
        raise TypeError(
            f"smooth_labels: target must be a tensor of classes or probabilities, got {kind}"
        )
    if target.is_floating_point():
        k = target.shape[min(1, target.ndim - 1)] if target.ndim else None
        if k is None or num_classes not in (None, k):
            wanted = f" with {num_classes} classes" if num_classes else ""
            raise ValueError(
                f"smooth_labels: probabilities must have shape (K,) or (N, K, ...){wanted}, "
                f"got {tuple(target.shape)}"
            )
        _check_range(target, 1, "probabilities must lie in [0, 1]")
        return target
    if num_classes is None:
        raise ValueError("smooth_labels: classes as integers need num_classes")
    dtype = torch.get_default_dtype() if dtype is None else dtype
    if not dtype.is_floating_point:
        raise TypeError(f"smooth_labels: dtype must be floating point, got {dtype}")
    _check_range(target, num_classes - 1, f"classes must lie from 0 to {num_classes - 1}")
    classes = torch.arange(num_classes, device=target.device)
    y = (target.unsqueeze(-1) == classes).to(dtype)
    return y.movedim(-1, min(1, target.ndim))


def _check_range(target: Tensor, most: int, wanted: str) -> None:
    if target.is_meta or not target.numel():
        return
    low, high = torch.aminmax(target)
    if not (low >= 0 and high <= most):
        raise ValueError(f"smooth_labels: {wanted}, got {low.item()} to {high.item()}")
