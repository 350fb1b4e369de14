"""What the instruments share: a list of parameters as one vector, and what they ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from .._once import once
from .._precision import whole_number, widen
from .._scale import norm, unit

Loss = Callable[[], Tensor]


def check_parameters(call: str, parameters: Iterable[Tensor] | Tensor) -> list[Tensor]:
    """List the parameters; raise unless they are floating point, want gradients and lie together.

    Parameters that want no gradient are left out, as they are of an optimizer's step, and one that
    is named several times counts once.
    """
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    for p in given:
        if not isinstance(p, Tensor):
            raise TypeError(f"{call}: parameters must be tensors, got {type(p).__name__}")
    wanted = [p for p in once(given) if p.requires_grad]
    if not wanted:
        raise ValueError(f"{call}: none of the {len(given)} parameters wants a gradient")
    kinds = {(p.dtype, p.device) for p in wanted}
    if len(kinds) > 1:
        raise ValueError(
            f"{call}: parameters must share dtype and device, got {sorted(map(str, kinds))}"
        )
    return wanted


def check_gradients_allowed(call: str) -> None:
    """Raise in inference mode, which ``torch.enable_grad`` does not lift, unlike ``no_grad``."""
    if torch.is_inference_mode_enabled():
        raise RuntimeError(
            f"{call}: no gradient can be taken within torch.inference_mode; call it outside, or "
            "use torch.no_grad"
        )


def check_positive(call: str, **counts: int) -> None:
    """Raise unless each is a whole number of at least 1."""
    for name, count in counts.items():
        whole_number(call, name, count)


def evaluate(call: str, loss: Loss, *, finite: bool = True) -> Tensor:
    """Return the loss; raise unless it is a finite tensor of no dimension, or of one: networks."""
    value = loss()
    if not isinstance(value, Tensor):
        raise TypeError(f"{call}: loss() must return a tensor, got {type(value).__name__}")
    if value.ndim > 1:
        raise ValueError(
            f"{call}: loss() must be one number, or one a network, got shape {tuple(value.shape)}"
        )
    if finite and not value.isfinite().all():
        raise ValueError(f"{call}: the loss is {value.tolist()}; it must be finite")
    return value


def gradient(
    call: str, loss: Loss, parameters: Sequence[Tensor], *, finite: bool = True
) -> tuple[Tensor, Tensor]:
    """Return the loss and its gradient, as a vector (P,) or, for S networks, (S, P).

    For parameters in half precision it is float32, in which vectors are added up and compared.
    """
    value, (vector,) = gradients(call, loss, [parameters], finite=finite)
    return value, vector


def gradients(
    call: str, loss: Loss, layers: Sequence[Sequence[Tensor]], *, finite: bool = True
) -> tuple[Tensor, list[Tensor]]:
    """Return the loss and for each layer the gradient, as a vector (P,) or, for S networks, (S, P).

    With networks side by side the parameters begin with an axis of S; their losses are summed, so
    that no network sees another's gradient.
    """
    flat = [p for layer in layers for p in layer]
    check_gradients_allowed(call)
    with torch.enable_grad():
        value = evaluate(call, loss, finite=finite)
        if not value.requires_grad:
            raise ValueError(f"{call}: the loss does not depend on the parameters")
        parts = iter(torch.autograd.grad(value.sum(), flat, materialize_grads=True))
    joined = [widen(flatten([next(parts) for _ in layer], value.shape, call)) for layer in layers]
    return value.detach(), joined


def flatten(tensors: Iterable[Tensor], batch: Sequence[int] = (), call: str = "flatten") -> Tensor:
    """Join tensors into a vector, in the order of ``torch.nn.utils.parameters_to_vector``."""
    tensors = list(tensors)
    for t in tensors:
        if tuple(t.shape[: len(batch)]) != tuple(batch):
            raise ValueError(
                f"{call}: for {batch[0]} losses each parameter must begin with an axis of "
                f"{batch[0]} networks, got shape {tuple(t.shape)}"
            )
    return torch.cat([t.reshape(*batch, -1) for t in tensors], dim=-1)


def unflatten(vector: Tensor, parameters: Sequence[Tensor]) -> list[Tensor]:
    """Cut a vector (P,) or (S, P) into tensors with the shapes and dtypes of the parameters."""
    sizes = [p.numel() // (vector.numel() // vector.shape[-1]) for p in parameters]
    parts = vector.split(sizes, dim=-1)
    return [part.reshape(p.shape).to(p.dtype) for part, p in zip(parts, parameters, strict=True)]


def share_of(theta: Tensor, size: float, d: Tensor) -> Tensor:
    """Return d with a share of the length of theta; each is (P,), or (S, P) for S networks."""
    d = d / unit(d, -1)
    lengths = [norm(v, dim=-1, keepdim=True) for v in (theta, d)]
    return size * lengths[0] / lengths[1] * d


def draw_normal(count: int, like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw a standard normal vector; a seed means the same on each device, in each precision."""
    place = generator.device
    draws = torch.randn(count, generator=generator, dtype=torch.float64, device=place)
    return draws.to(like.dtype).to(like.device)


def draw_signs(count: int, like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw a vector of independent signs on the CPU."""
    signs = 2 * torch.randint(2, (count,), generator=generator, device=generator.device) - 1
    return signs.to(like.device, like.dtype)
