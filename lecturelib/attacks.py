"""Adversarial examples: inputs that a small, chosen change leads a network astray on.

>>> import torch
>>> from lecturelib.attacks import fgsm
>>> model = torch.nn.Linear(2, 2, bias=False)
>>> _ = model.weight.data.copy_(torch.tensor([[1.0, -1.0], [0.0, 0.0]]))
>>> fgsm(model, torch.zeros(1, 2), torch.tensor([0]), epsilon=0.1)
tensor([[-0.1000,  0.1000]])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Model = Callable[[Tensor], Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]
Range = tuple[float, float] | None

__all__ = ["fgsm", "pgd"]


def fgsm(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    eot: int = 1,
    clamp: Range = None,
    loss: Loss = F.cross_entropy,
) -> Tensor:
    r"""Move each input by ε along the sign of the loss's gradient, once.

    .. math:: x' = x + \epsilon \, \mathrm{sign}\bigl(\nabla_x L(f(x), y)\bigr)

    Of all changes by at most ε a pixel this one raises the linearized loss most; for a linear
    network with two classes it raises the loss itself most.

    The network is used in the mode in which it is: call ``model.eval()`` first to attack what will
    be deployed. Mode, buffers (such as the running statistics of batch norm) and gradients of its
    parameters are afterwards as they were.

    Args:
        model: From inputs to outputs; a module, or any function.
        x: Inputs, shape (n, ...).
        y: Targets, as the loss takes them: classes (n,) by default.
        epsilon: Largest change of a pixel, at least 0.
        eot: Number of forward passes over which the gradient is averaged, at least 1. More than
            one is for networks whose output is random; see :func:`pgd`.
        clamp: Lowest and highest value of a pixel, such as (0.0, 1.0); the result stays within.
            None sets no limit.
        loss: From outputs and targets to the scalar that the attack raises.

    Returns:
        The changed inputs, shape of ``x``, without a graph.

    Raises:
        ValueError: If a number is out of range, ``x`` leaves the range of ``clamp``, or the
            gradient is not finite.
        TypeError: If ``x`` is not floating point.

    Example:
        >>> model = nn.Linear(2, 2, bias=False)
        >>> _ = model.weight.data.copy_(torch.tensor([[1.0, -1.0], [0.0, 0.0]]))
        >>> x = torch.tensor([[0.5, 0.95]])
        >>> fgsm(model, x, torch.tensor([0]), epsilon=0.1, clamp=(0.0, 1.0))
        tensor([[0.4000, 1.0000]])

    Source:
        Goodfellow, Shlens and Szegedy (2015), Explaining and Harnessing Adversarial Examples,
        section 4.

    Chapter:
        noise_and_generalization
    """
    _check("fgsm", x, epsilon, eot, clamp)
    with _as_found(model):
        step = epsilon * _gradient("fgsm", model, x, y, loss, eot).sign()
    return _project(x.detach() + step, x.detach(), epsilon, clamp)


def pgd(
    model: Model,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    step_size: float,
    steps: int,
    eot: int = 1,
    random_start: bool = False,
    generator: torch.Generator | None = None,
    clamp: Range = None,
    loss: Loss = F.cross_entropy,
) -> Tensor:
    r"""Raise the loss by several signed gradient steps, each projected back to within ε.

    .. math::

        x_{t+1} = \Pi_{\|x' - x\|_\infty \le \epsilon}
            \bigl(x_t + \alpha \, \mathrm{sign}\,\nabla_x L(f(x_t), y)\bigr)

    A network whose output is random has another gradient at each call. What an attacker wants to
    raise is the expected loss, and its gradient is the expectation of the gradients (EOT), here the
    mean over ``eot`` forward passes:

    .. math:: \nabla_x \, \mathbb E_\omega L(f_\omega(x), y)
        \approx \frac1k \sum_{i=1}^{k} \nabla_x L(f_{\omega_i}(x), y)

    With one pass a noisy network looks more robust than it is, since the attack follows the noise.

    Mode, buffers and gradients of the network are left as in :func:`fgsm`. It works within
    ``torch.no_grad`` and ``torch.inference_mode``, too. In half precision nothing is widened: x ± ε
    is rounded, so that a change may exceed ε by half a spacing of x; a step smaller than that is
    lost; and in float16 small gradients become 0. Attack a float32 copy of the network then.

    Args:
        model: From inputs to outputs; a module, or any function.
        x: Inputs, shape (n, ...).
        y: Targets, as the loss takes them: classes (n,) by default.
        epsilon: Largest change of a pixel, at least 0.
        step_size: α, more than 0. ``steps`` times it should exceed ``epsilon``, and twice that with
            a random start, or the attack can't reach every corner.
        steps: Number of steps, at least 0.
        eot: Number of forward passes over which each gradient is averaged, at least 1.
        random_start: Start from a uniformly random point within ε instead of ``x``.
        generator: Draws the start, on its own device; None takes PyTorch's global one.
        clamp: Lowest and highest value of a pixel, such as (0.0, 1.0); the result stays within.
            None sets no limit.
        loss: From outputs and targets to the scalar that the attack raises.

    Returns:
        The changed inputs, shape of ``x``, without a graph: the last iterate.

    Raises:
        ValueError: If a number is out of range, ``x`` leaves the range of ``clamp``, or a gradient
            is not finite.
        TypeError: If ``x`` is not floating point.

    Example:
        >>> model = nn.Linear(2, 2, bias=False)
        >>> _ = model.weight.data.copy_(torch.tensor([[1.0, -1.0], [0.0, 0.0]]))
        >>> pgd(model, torch.zeros(1, 2), torch.tensor([0]), epsilon=0.1, step_size=0.03, steps=2)
        tensor([[-0.0600,  0.0600]])

    Source:
        Madry et al. (2018), Towards Deep Learning Models Resistant to Adversarial Attacks, section
        2.1; Athalye, Carlini and Wagner (2018), Obfuscated Gradients Give a False Sense of
        Security, section 4.2, for the expectation.

    Chapter:
        noise_and_generalization
    """
    _check("pgd", x, epsilon, eot, clamp)
    if not step_size > 0:
        raise ValueError(f"pgd: step_size must be more than 0, got {step_size}")
    if steps < 0:
        raise ValueError(f"pgd: steps must be at least 0, got {steps}")
    x = x.detach()
    current = (
        _project(x + _uniform(x, epsilon, generator), x, epsilon, clamp) if random_start else x
    )
    with _as_found(model):
        for _ in range(steps):
            ascent = step_size * _gradient("pgd", model, current, y, loss, eot).sign()
            current = _project(current + ascent, x, epsilon, clamp)
    return current


def _gradient(call: str, model: Model, x: Tensor, y: Tensor, loss: Loss, eot: int) -> Tensor:
    """Mean over ``eot`` forward passes of the loss's gradient with respect to the inputs."""
    total = torch.zeros_like(x)
    for _ in range(eot):
        with torch.inference_mode(False), torch.enable_grad():
            leaf, target = x.detach().clone().requires_grad_(), y.clone()  # not inference tensors
            value = loss(model(leaf), target)
        if value.numel() != 1:
            raise ValueError(f"{call}: the loss must be a scalar, got shape {tuple(value.shape)}")
        total += torch.autograd.grad(value, leaf)[0]
    if not total.isfinite().all():
        raise ValueError(f"{call}: the gradient of the loss is not finite")
    return total / eot


def _uniform(x: Tensor, epsilon: float, generator: torch.Generator | None) -> Tensor:
    """Uniform noise in [-ε, ε], drawn where the generator lives."""
    place = x.device if generator is None else generator.device
    noise = torch.rand(x.shape, generator=generator, dtype=x.dtype, device=place)
    return epsilon * (2 * noise - 1).to(x.device)


def _project(x_new: Tensor, x: Tensor, epsilon: float, clamp: Range) -> Tensor:
    """The nearest point within ε of ``x`` and within the range of a pixel."""
    near = torch.minimum(torch.maximum(x_new, x - epsilon), x + epsilon)
    return near if clamp is None else near.clamp(*clamp)


@contextmanager
def _as_found(model: Model) -> Iterator[None]:
    """Give every buffer of a module back its tensor and its value at the end of the block."""
    owners = model.modules() if isinstance(model, nn.Module) else ()
    kept = [
        (owner, name, buffer, buffer.clone())
        for owner in owners
        for name, buffer in owner._buffers.items()
        if buffer is not None
    ]
    try:
        yield
    finally:
        with torch.no_grad():
            for owner, name, buffer, value in kept:
                owner._buffers[name] = buffer
                buffer.copy_(value)


def _check(call: str, x: Tensor, epsilon: float, eot: int, clamp: Range) -> None:
    if not x.is_floating_point():
        raise TypeError(f"{call}: x must be floating point, got {x.dtype}")
    if not 0 <= epsilon < float("inf"):
        raise ValueError(f"{call}: epsilon must be at least 0 and finite, got {epsilon}")
    if eot < 1:
        raise ValueError(f"{call}: eot must be at least 1, got {eot}")
    if clamp is not None and x.numel() and not (clamp[0] <= x.min() and x.max() <= clamp[1]):
        raise ValueError(
            f"{call}: x must lie within clamp={clamp}, got values from {x.min():g} to {x.max():g}"
        )
