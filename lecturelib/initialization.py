r"""Initialization: the usual fillings of a weight tensor, and one that looks at the data.

The functions named as in ``torch.nn.init`` have its arguments, defaults and, from the same
generator, its numbers:

>>> import torch
>>> from lecturelib.initialization import kaiming_normal_
>>> w = kaiming_normal_(torch.empty(400, 300), generator=torch.Generator().manual_seed(0))
>>> round(w.std().item() / (2 / 300) ** 0.5, 2)
1.0

Filling a weight that a layer computes at each call, by weight norm, spectral norm or pruning, would
be lost without a trace. It is a ValueError here where the tensor tells, that is where it wants a
gradient; PyTorch's functions fill the passing result.
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from lecturelib import _scale
from lecturelib._computed import check_own, check_writable
from lecturelib._device import fill
from lecturelib._once import once
from lecturelib._precision import whole_number, wide_dtype, widen

Model = TypeVar("Model", bound=nn.Module)

# Gains that PyTorch has; those of tanh (5/3) and selu (3/4) are empirical.
_GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
_GAINS |= {f"conv{transpose}{d}d": 1.0 for transpose in ("", "_transpose") for d in (1, 2, 3)}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    r"""Return the factor of the standard deviation that makes up for a non-linearity.

    For ReLU :math:`\sqrt2`, because it lets half of the second moment through; for leaky ReLU of
    slope :math:`a` on the left :math:`\sqrt{2 / (1 + a^2)}`.

    Args:
        nonlinearity: "linear", "conv1d" and the like, "sigmoid", "tanh", "relu", "leaky_relu" or
            "selu".
        param: The slope :math:`a` of "leaky_relu"; None for 0.01. Not used by the others.

    Raises:
        ValueError: If the name is unknown or the slope not finite.

    Example:
        >>> calculate_gain("leaky_relu", 1.0)
        1.0

    Source: He, Zhang, Ren and Sun (2015), equations 10 and 15; PyTorch's table for tanh and selu.
    Chapter: initialization.
    """
    if nonlinearity == "leaky_relu":
        a = 0.01 if param is None else param
        if not math.isfinite(a):
            raise ValueError(f"calculate_gain: the slope must be finite, got {a}")
        return math.sqrt(2 / (1 + a**2))
    if nonlinearity not in _GAINS:
        known = sorted([*_GAINS, "leaky_relu"])
        raise ValueError(
            f"calculate_gain: nonlinearity must be one of {known}, got {nonlinearity!r}"
        )
    return _GAINS[nonlinearity]


def calculate_fans(tensor: Tensor) -> tuple[int, int]:
    r"""Return fan-in and fan-out of a weight: how many inputs an output has, and the reverse.

    Args:
        tensor: Weight of shape (out, in, ...), as ``nn.Linear`` and ``nn.Conv2d`` keep it; the
            dimensions after the second are the receptive field and count in both.

    Raises:
        ValueError: If the weight has fewer than two dimensions.

    Example:
        >>> calculate_fans(torch.empty(20, 10, 3, 3))
        (90, 180)

    Chapter: initialization.
    """
    if tensor.ndim < 2:
        raise ValueError(
            "calculate_fans: need a weight of at least two dimensions, (out, in, ...), "
            f"got shape {tuple(tensor.shape)}"
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros, in place; every unit of a layer then stays like every other.

    Example:
        >>> zeros_(torch.empty(2))
        tensor([0., 0.])

    Chapter: initialization.
    """
    return constant_(tensor, 0.0)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with a constant, in place; every unit of a layer then stays like every other.

    Example:
        >>> constant_(torch.empty(2), 0.5)
        tensor([0.5000, 0.5000])

    Chapter: initialization.
    """
    check_writable("constant_", tensor)
    with torch.no_grad():
        return tensor.fill_(val)


def normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    r"""Fill with draws from :math:`N(\text{mean}, \text{std}^2)`, in place.

    Args:
        tensor: Any floating-point tensor.
        mean: Mean.
        std: Standard deviation, finite and at least 0.
        generator: Source of randomness; None for PyTorch's global one.

    Returns:
        The tensor.

    Raises:
        ValueError: If std is out of range.
        TypeError: If the tensor is not floating point.

    Example:
        >>> normal_(torch.empty(2), mean=3.0, std=0.0)
        tensor([3., 3.])

    Chapter: initialization.
    """
    _check("normal_", tensor, std=std)
    with torch.no_grad():
        return fill(tensor, lambda t: t.normal_(mean, std, generator=generator), generator)


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: torch.Generator | None = None
) -> Tensor:
    r"""Fill with draws from the uniform distribution of Xavier's variance, in place.

    .. math::
        w \sim U(-a, a), \qquad
        a = \text{gain} \sqrt{\frac{6}{\text{fan\_in} + \text{fan\_out}}}

    Args:
        tensor: Weight of shape (out, in, ...).
        gain: Factor for the non-linearity, see :func:`calculate_gain`, finite and at least 0.
        generator: Source of randomness; None for PyTorch's global one.

    Returns:
        The tensor.

    Raises:
        ValueError: If the weight has fewer than two dimensions or gain is out of range.
        TypeError: If the tensor is not floating point.

    Example:
        >>> xavier_uniform_(torch.empty(30, 30)).abs().max() <= (6 / 60) ** 0.5
        tensor(True)

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward
    neural networks, equation 16.
    Chapter: initialization.
    """
    bound = math.sqrt(3.0) * _xavier_std("xavier_uniform_", tensor, gain)
    with torch.no_grad():
        return fill(tensor, lambda t: t.uniform_(-bound, bound, generator=generator), generator)


def xavier_normal_(
    tensor: Tensor, gain: float = 1.0, generator: torch.Generator | None = None
) -> Tensor:
    r"""Fill with draws from the normal distribution of Xavier's variance, in place.

    .. math::
        w \sim N(0, \sigma^2), \qquad
        \sigma = \text{gain} \sqrt{\frac{2}{\text{fan\_in} + \text{fan\_out}}}

    The mean of the two variances that keep the signal's size forward, 1/fan_in, and the gradient's
    backward, 1/fan_out, is harmonic: :math:`2 / (\text{fan\_in} + \text{fan\_out})`.

    Args, returns, raises: as :func:`xavier_uniform_`.

    Example:
        >>> w = xavier_normal_(torch.empty(300, 100), generator=torch.Generator().manual_seed(0))
        >>> round(w.std().item() / (2 / 400) ** 0.5, 1)
        1.0

    Source: Glorot and Bengio (2010), equation 12.
    Chapter: initialization.
    """
    std = _xavier_std("xavier_normal_", tensor, gain)
    with torch.no_grad():
        return fill(tensor, lambda t: t.normal_(0.0, std, generator=generator), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: torch.Generator | None = None,
) -> Tensor:
    r"""Fill with draws from the uniform distribution of He's variance, in place.

    .. math::
        w \sim U(-b, b), \qquad b = \text{gain} \sqrt{\frac{3}{\text{fan}}}

    Args:
        tensor: Weight of shape (out, in, ...).
        a: Slope of the leaky ReLU on the left; 0 for ReLU.
        mode: "fan_in" keeps the size of the signal, "fan_out" that of the gradient.
        nonlinearity: See :func:`calculate_gain`.
        generator: Source of randomness; None for PyTorch's global one.

    Returns:
        The tensor.

    Raises:
        ValueError: If the weight has fewer than two dimensions or an argument is out of range.
        TypeError: If the tensor is not floating point.

    Example:
        >>> kaiming_uniform_(torch.empty(30, 24)).abs().max() <= (6 / 24) ** 0.5
        tensor(True)

    Source: He, Zhang, Ren and Sun (2015), Delving deep into rectifiers, equations 10 and 15.
    Chapter: initialization.
    """
    bound = math.sqrt(3.0) * _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return fill(tensor, lambda t: t.uniform_(-bound, bound, generator=generator), generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: torch.Generator | None = None,
) -> Tensor:
    r"""Fill with draws from the normal distribution of He's variance, in place.

    .. math::
        w \sim N(0, \sigma^2), \qquad \sigma = \frac{\text{gain}}{\sqrt{\text{fan}}}

    With the gain :math:`\sqrt2` of ReLU and fan-in, :math:`\sigma = \sqrt{2 / \text{fan\_in}}`.

    Args, returns, raises: as :func:`kaiming_uniform_`.

    Example:
        >>> w = kaiming_normal_(torch.empty(300, 200), generator=torch.Generator().manual_seed(0))
        >>> round(w.std().item() / (2 / 200) ** 0.5, 1)
        1.0

    Source: He, Zhang, Ren and Sun (2015), Delving deep into rectifiers, equations 10 and 15.
    Chapter: initialization.
    """
    std = _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity)
    with torch.no_grad():
        return fill(tensor, lambda t: t.normal_(0.0, std, generator=generator), generator)


def orthogonal_(
    tensor: Tensor, gain: float = 1, generator: torch.Generator | None = None
) -> Tensor:
    r"""Fill with a random matrix of orthonormal rows or columns, in place.

    The weight is seen as a matrix of shape (out, everything else). Its shorter side is orthonormal:
    :math:`W W^\top = \text{gain}^2 I` or :math:`W^\top W = \text{gain}^2 I`; square ones are
    uniformly distributed over the orthogonal group.

    Args:
        tensor: Weight of shape (out, in, ...).
        gain: Factor, finite and at least 0.
        generator: Source of randomness; None for PyTorch's global one.

    Returns:
        The tensor.

    Raises:
        ValueError: If the weight has fewer than two dimensions or gain is out of range.
        TypeError: If the tensor is not floating point.

    Example:
        >>> w = orthogonal_(torch.empty(2, 5))
        >>> (w @ w.T).round(decimals=4).abs()
        tensor([[1., 0.],
                [0., 1.]])

    Source: Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks; Mezzadri (2007), How to generate random matrices from
    the classical compact groups (the signs).
    Chapter: initialization.
    """
    _check("orthogonal_", tensor, gain=gain)
    calculate_fans(tensor)
    if tensor.numel() == 0:
        return tensor
    rows, columns = tensor.shape[0], tensor[0].numel()
    with torch.no_grad():
        draws = torch.empty(rows, columns, dtype=wide_dtype(tensor.dtype), device=tensor.device)
        fill(draws, lambda t: t.normal_(generator=generator), generator)
        q, r = torch.linalg.qr(draws.T if rows < columns else draws)
        q = q * r.diagonal().sign()  # without it, q would depend on the convention of the QR
        return tensor.copy_(gain * (q.T if rows < columns else q).reshape(tensor.shape))


def data_dependent_(
    model: Model,
    x: Tensor,
    *,
    tol: float = 0.1,
    max_iter: int = 10,
    generator: torch.Generator | None = None,
) -> Model:
    r"""Give every layer's output unit variance on a batch of data, layer after layer, in place.

    Layer-sequential unit-variance initialization (LSUV): weights of linear and convolutional layers
    become orthonormal and biases 0; then, in the order in which the layers run,

    .. math:: W \leftarrow W / \sqrt{\operatorname{Var}[z]} \quad\text{until}\quad
        |\operatorname{Var}[z] - 1| < \text{tol},

    with :math:`z` the layer's output before its non-linearity, and the (biased) variance taken over
    all its values. A layer is linear, so one round is enough but for rounding, and one forward pass
    does all layers. Layers that share a weight share its scale, that of the first of them to run.
    The model runs in eval mode meanwhile: dropout is off, and batch norm uses its
    running statistics and leaves them alone.

    Args:
        model: Any module with ``nn.Linear`` or ``nn.Conv*d`` in it; changed in place.
        x: A batch of inputs of the model.
        tol: Tolerance of the variance, in (0, 1).
        max_iter: Most rescalings of one layer, at least 1.
        generator: Source of randomness of the orthonormal weights; None for the global one.

    Returns:
        The model.

    Raises:
        ValueError: If an argument is out of range, there is no such layer, a layer does not run, or
            its output has no variance or is not finite; or, before anything has changed, if a
            layer's weight or bias is computed at each call, by weight norm, spectral norm, pruning
            or another parametrization. The layer is named.

    Example:
        >>> model = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 4))
        >>> x = 5 + torch.randn(100, 8)
        >>> z = data_dependent_(model, x)(x)
        >>> abs(z.var(correction=0).item() - 1) < 0.1
        True

    Source: Mishkin and Matas (2016), All you need is a good init, algorithm 1.
    Chapter: initialization.
    """
    max_iter = whole_number("data_dependent_", "max_iter", max_iter)
    if not 0 < tol < 1:
        raise ValueError(f"data_dependent_: tol must be in (0, 1), got {tol}")
    names = {module: name for name, module in model.named_modules() if isinstance(module, _LAYERS)}
    if not names:
        raise ValueError("data_dependent_: the model has no linear or convolutional layer")
    for layer, name in names.items():
        call = f"data_dependent_: layer {name!r}"
        check_own(call, layer, "weight", "bias", remedy=_FIRST)
    waiting = dict(names)
    done: set[int] = set()  # weights that were rescaled; layers may share one

    def rescale(layer: Any, inputs: tuple[Any, ...], z: Tensor) -> Tensor:
        if waiting.pop(layer, None) is None or id(layer.weight) in done:
            return z  # a layer, or a weight, that is used again
        done.add(id(layer.weight))
        for _ in range(max_iter):
            var = _variance(z)
            if abs(var - 1) < tol:
                break
            if not 0 < var < math.inf:
                raise ValueError(
                    f"data_dependent_: the output of layer {names[layer]!r} has variance {var}"
                )
            layer.weight /= math.sqrt(var)
            z = layer.forward(*inputs)
        return z

    for weight in once(layer.weight for layer in names):
        orthogonal_(weight, generator=generator)
    for layer in names:
        if layer.bias is not None:
            zeros_(layer.bias)
    modes = [(module, module.training) for module in model.modules()]
    hooks = [layer.register_forward_hook(rescale) for layer in names]
    try:
        with torch.no_grad():
            model.eval()(x)
    finally:
        for hook in hooks:
            hook.remove()
        for module, training in modes:
            module.training = training
    if waiting:
        raise ValueError(f"data_dependent_: these layers did not run: {list(waiting.values())}")
    return model


_LAYERS = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)


_FIRST = "initialize the layer first, and prune or parametrize it then"


def _variance(z: Tensor) -> float:
    """Variance of all values, also where it leaves their format."""
    z = widen(z)
    var = z.var(correction=0)
    if _scale.ordinary(var):
        return var.item()
    return _scale.standard_deviation(z.double()).item() ** 2


def _xavier_std(call: str, tensor: Tensor, gain: float) -> float:
    _check(call, tensor, gain=gain)
    return gain * math.sqrt(2.0 / max(1, sum(calculate_fans(tensor))))


def _kaiming_std(call: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    _check(call, tensor)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{call}: mode must be 'fan_in' or 'fan_out', got {mode!r}")
    fan = calculate_fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(max(1, fan))


def _check(call: str, tensor: Tensor, **factors: float) -> None:
    if not tensor.is_floating_point():
        raise TypeError(f"{call}: need a floating-point tensor, got {tensor.dtype}")
    check_writable(call, tensor)
    for name, value in factors.items():
        if not 0 <= value < math.inf:
            raise ValueError(f"{call}: {name} must be at least 0 and finite, got {value}")
