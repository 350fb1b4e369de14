"""What layers, losses and sums over everything do at several points: rules for ``points``.

A rule does what the function of its name does, with the same arguments, on all C points at once:
parameters are (C, ...), activations x are (C, D, N), and a rule writes its calls on the tape.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .not_covered import NotCovered
from .points import Affine, Points, along_units
from .tape import Tape

ALIGNED = 64  # bytes


def linear(tape: Tape, input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Points:
    """W x + b, one batched product; if x is the same at all points, linear in the coordinates."""
    if not isinstance(weight, Points) or not (bias is None or isinstance(bias, Points)):
        raise NotCovered("linear with constant weights")
    if input.ndim != 2 or (isinstance(input, Points) and not input.transposed):
        raise NotCovered("linear of other shapes")
    W = weight.stack  # (C, out, in)
    if isinstance(input, Points):
        x, affine = input.stack, None
    else:
        x, affine = input.T.expand(len(W), -1, -1), _affine(input, weight, bias)

    def write(out: Tensor) -> None:
        if affine is not None:
            affine.write(tape, out)
        elif bias is None:
            tape.write(torch.bmm, W, x, out=out)
        else:
            tape.write(torch.baddbmm, along_units(bias), W, x, out=out)

    n = x.shape[2]
    width = ALIGNED // x.element_size()  # products are faster if each row begins a cache line
    spare = x.new_empty(len(W), W.shape[1], math.ceil(n / width) * width)[:, :, :n]
    return Points(tape, tape.now(spare, write), spare, transposed=True)


def _affine(input: Tensor, weight: Points, bias: Points | None) -> Affine | None:
    """x Wᵀ + b at the origin and along both directions; None if W or b is no parameter."""
    if weight.affine is None or (bias is not None and bias.affine is None):
        return None
    x, y, *weights = weight.affine
    shifts = [None] * 3 if bias is None or bias.affine is None else bias.affine[2:]
    layers = (F.linear(input, W, b) for W, b in zip(weights, shifts, strict=True))
    return Affine(x, y, *(layer.T.contiguous() for layer in layers))


def batch_norm(
    tape: Tape,
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
    **options: Any,
) -> Points:
    """γ (x - μ) / √(σ² + ε) + β; the running statistics stay as they are."""
    if not isinstance(input, Points) or not input.transposed:
        raise NotCovered("batch_norm of other shapes")
    x, n = input.stack, input.shape_at_a_point[0]

    # y may be where x was: each line reads x only until y is first written.
    def write(y: Tensor) -> None:
        if training:
            total = tape.new(torch.sum, x, -1, keepdim=True)
            tape.write(torch.sub, x, total, alpha=1 / n, out=y)  # x - μ
            norm = tape.new(torch.linalg.vector_norm, y, dim=-1, keepdim=True)
            scale = tape.new(torch.addcmul, x.new_tensor(eps), norm, norm, value=1 / n)  # σ² + ε
            tape.call(Tensor.rsqrt_, scale)
        elif running_mean is None or running_var is None:
            raise NotCovered("batch_norm without statistics")
        else:
            tape.write(torch.sub, x, running_mean[:, None], out=y)
            scale = torch.rsqrt(running_var[:, None] + eps)
        if weight is not None:  # γ first, as there are fewer scales than values
            scale = tape.new(torch.mul, scale, along_units(weight))
        tape.call(Tensor.mul_, y, scale)
        if bias is not None:
            tape.call(Tensor.add_, y, along_units(bias))

    return Points(tape, tape.later(torch.empty_like(x), write), x, transposed=True)


def cross_entropy(
    tape: Tape,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Points:
    """-(1/N) Σₙ log softmax(xₙ)[yₙ], in the plain case."""
    if weight is not None or size_average is not None or reduce is not None or label_smoothing:
        raise NotCovered("cross_entropy with options")
    if not isinstance(input, Points) or not input.transposed or isinstance(target, Points):
        raise NotCovered("cross_entropy of other shapes")
    if reduction != "mean" or target.ndim != 1 or bool((target == ignore_index).any()):
        raise NotCovered("cross_entropy with options")
    logits = input.stack  # (C, K, N)
    logp = tape.new(torch.log_softmax, logits, 1)
    picked = tape.new(torch.gather, logp, 1, target.long().expand(len(logits), 1, -1))
    loss = tape.new(torch.sum, picked, (1, 2))
    tape.call(Tensor.mul_, loss, -1 / logits.shape[2])
    return Points(tape, loss, loss)


def sum(tape: Tape, input: Tensor) -> Points:
    """Σ x, over everything."""
    return _over_everything(tape, torch.sum, input)


def mean(tape: Tape, input: Tensor) -> Points:
    """Σ x / (N D), over everything."""
    return _over_everything(tape, torch.mean, input)


def _over_everything(tape: Tape, func: Any, input: Tensor) -> Points:
    """One number at each point."""
    if not isinstance(input, Points):
        raise NotCovered("a constant that is summed")
    values = input.stack[..., None]  # an axis to sum over, should each point have a number only
    result = tape.new(func, values, dim=tuple(range(1, values.ndim)))
    return Points(tape, result, result)


def shape(tape: Tape, input: Points) -> torch.Size:
    """The shape at one point."""
    return input.shape_at_a_point


def ndim(tape: Tape, input: Points) -> int:
    """The number of axes at one point."""
    return len(input.shape_at_a_point)
