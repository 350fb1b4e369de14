"""Activation functions with PyTorch's names and arguments, and a table of them by name.

The formulas are written out, in a form that neither overflows nor makes a NaN of a gradient. At a
kink the gradient is the one that PyTorch takes. Half precision is computed in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lecturelib import output_units
from lecturelib._autocast import lowered
from lecturelib._precision import HALF, check_floating

Activation = Callable[[Tensor], Tensor]
SATURATED = 1e3
"""Beyond this size a sigmoid or tanh is 0 or 1 in every format, and its derivative 0."""


def identity(input: Tensor) -> Tensor:
    """Return the input: the activation of a linear network.

    Args:
        input: Values of any shape.

    Returns:
        The same tensor.

    Example:
        >>> identity(torch.tensor([-1.0, 2.0]))
        tensor([-1.,  2.])
    """
    return input


def sigmoid(input: Tensor) -> Tensor:
    r"""Squash to (0, 1). It saturates on both sides, and its values are not centred.

    .. math::
        \sigma(x) = \frac{1}{1 + e^{-x}}, \qquad \sigma' = \sigma (1 - \sigma) \le \tfrac14

    Args:
        input: Values of any shape, floating point.

    Returns:
        A tensor like the input.

    Example:
        >>> sigmoid(torch.tensor([-10.0, 0.0, 10.0]))
        tensor([4.5398e-05, 5.0000e-01, 9.9995e-01])

    Chapter:
        hidden_units
    """
    return output_units.sigmoid(input)


def tanh(input: Tensor) -> Tensor:
    r"""Squash to (-1, 1): a sigmoid that is centred.

    .. math::
        \tanh x = \frac{1 - e^{-2x}}{1 + e^{-2x}} = 2 \sigma(2x) - 1

    Args:
        input: Values of any shape, floating point.

    Returns:
        A tensor like the input.

    Example:
        >>> tanh(torch.tensor([-10.0, 0.0, 0.5]))
        tensor([-1.0000,  0.0000,  0.4621])

    Chapter:
        hidden_units
    """
    return _elementwise("tanh", _tanh, input)


def lecun_tanh(input: Tensor) -> Tensor:
    r"""Squash to (-1.7159, 1.7159) such that 1 stays nearly 1.

    .. math::
        f(x) = 1.7159 \tanh \tfrac{2}{3} x

    Args:
        input: Values of any shape, floating point.

    Returns:
        A tensor like the input.

    Example:
        >>> lecun_tanh(torch.tensor([-1.0, 0.0, 1.0]))
        tensor([-1.0000,  0.0000,  1.0000])

    Source:
        LeCun, Bottou, Orr and Müller (1998), Efficient BackProp, section 4.4.

    Chapter:
        hidden_units
    """
    return _elementwise("lecun_tanh", lambda x: 1.7159 * _tanh(x * 2 / 3), input)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Set negative values to zero.

    .. math::
        \mathrm{relu}(x) = \max(x, 0)

    At 0, where it has no derivative, the gradient is 0, as in PyTorch. NaN propagates.

    Args:
        input: Values of any shape.
        inplace: Overwrite the input rather than make a new tensor.

    Returns:
        A tensor like the input.

    Example:
        >>> relu(torch.tensor([-1.0, 0.0, 2.0]))
        tensor([0., 0., 2.])

    Source:
        Nair and Hinton (2010), Rectified Linear Units Improve Restricted Boltzmann Machines.

    Chapter:
        hidden_units, and batch_norm (before or after the normalization)
    """
    # Puts 0 where x ≤ 0, in one pass; a mask and a filling take several.
    return torch.threshold_(input, 0, 0) if inplace else torch.threshold(input, 0, 0)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    r"""Scale negative values down, so that some gradient is left.

    .. math::
        f(x) = \begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases}

    Args:
        input: Values of any shape, floating point.
        negative_slope: :math:`a`, also the gradient at 0.
        inplace: Overwrite the input.

    Returns:
        A tensor like the input.

    Example:
        >>> leaky_relu(torch.tensor([-2.0, 3.0]), 0.1)
        tensor([-0.2000,  3.0000])

    Source:
        Maas, Hannun and Ng (2013), Rectifier Nonlinearities Improve Neural Network Acoustic Models.

    Chapter:
        hidden_units
    """

    def f(x: Tensor) -> Tensor:
        return torch.where(x > 0, x, negative_slope * x)

    return _elementwise("leaky_relu", f, input, inplace)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    r"""Scale negative values by a learned slope, one for all or one a channel.

    .. math::
        f(x) = \max(x, 0) + a \min(x, 0)

    Args:
        input: Values of shape (N, C, ...), or of any shape for a single slope.
        weight: The slope :math:`a`, of shape (1,) or () or, one a channel, (C,).

    Returns:
        A tensor like the input.

    Raises:
        ValueError: If the weight does not fit the channels.
        TypeError: If an argument is no floating-point tensor, or the two differ in dtype.

    Example:
        >>> prelu(torch.tensor([[-2.0, -2.0]]), torch.tensor([0.5, 0.1]))
        tensor([[-1.0000, -0.2000]])

    Source:
        He, Zhang, Ren and Sun (2015), Delving Deep into Rectifiers, equation 1.

    Chapter:
        hidden_units
    """
    check_floating("prelu", input=input, weight=weight)
    input, weight = lowered(input, weight)
    if weight.dtype != input.dtype:
        raise TypeError(f"prelu: weight has to be {input.dtype}, not {weight.dtype}")
    if weight.ndim > 1 or (weight.numel() != 1 and input.shape[1:2] != weight.shape):
        shapes = f"{tuple(weight.shape)} for input {tuple(input.shape)}"
        raise ValueError(f"prelu: weight has to be of shape (1,) or (channels,), not {shapes}")
    a = weight.reshape(-1, *[1] * (input.ndim - 2)) if weight.numel() > 1 else weight.reshape(())
    positive = input > 0
    return torch.where(positive, input, a * input.masked_fill(positive, 0))


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    r"""Let negative values approach a floor smoothly, which moves the mean toward 0.

    .. math::
        f(x) = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}

    Args:
        input: Values of any shape, floating point.
        alpha: The floor is at :math:`-\alpha`, which is also the gradient at 0 from the left.
        inplace: Overwrite the input.

    Returns:
        A tensor like the input.

    Example:
        >>> elu(torch.tensor([-500.0, 0.0, 500.0]))
        tensor([ -1.,   0., 500.])

    Source:
        Clevert, Unterthiner and Hochreiter (2016), Fast and Accurate Deep Network Learning by
        Exponential Linear Units, equation 15.

    Chapter:
        hidden_units
    """
    return _elementwise("elu", lambda x: _elu(x, alpha), input, inplace)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""An ELU whose two constants keep mean 0 and variance 1 from layer to layer.

    .. math::
        f(x) = \lambda \, \mathrm{elu}(x; \alpha), \qquad
        \lambda = 1.0507\ldots, \quad \alpha = 1.6733\ldots

    Args:
        input: Values of any shape, floating point.
        inplace: Overwrite the input.

    Returns:
        A tensor like the input.

    Example:
        >>> selu(torch.tensor([-500.0, 0.0, 1.0]))
        tensor([-1.7581,  0.0000,  1.0507])

    Source:
        Klambauer, Unterthiner, Mayr and Hochreiter (2017), Self-Normalizing Neural Networks,
        equation 2.

    Chapter:
        hidden_units
    """
    return _elementwise("selu", lambda x: SELU_SCALE * _elu(x, SELU_ALPHA), input, inplace)


SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    r"""Weight each value with the probability that a standard normal variable is below it.

    .. math::
        f(x) = x \, \Phi(x) \approx \tfrac12 x \Bigl(1 + \tanh\bigl[\sqrt{2/\pi}\,
        (x + 0.044715 x^3)\bigr]\Bigr)

    Args:
        input: Values of any shape, floating point.
        approximate: ``"none"``, or ``"tanh"`` for the second form.

    Returns:
        A tensor like the input.

    Raises:
        ValueError: If ``approximate`` is neither.

    Example:
        >>> gelu(torch.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.1587,  0.0000,  0.8413])

    Source:
        Hendrycks and Gimpel (2016), Gaussian Error Linear Units, section 2.

    Chapter:
        hidden_units
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate has to be 'none' or 'tanh', not {approximate!r}")
    if approximate == "none":
        return _elementwise("gelu", lambda x: 0.5 * x * torch.erfc(-x / math.sqrt(2)), input)
    c = math.sqrt(2 / math.pi)

    def f(x: Tensor) -> Tensor:
        # 0.5 (1 + tanh u) is sigmoid(2u), which stays exact where tanh u is nearly -1. It is 0 or 1
        # long before the cube of x leaves the format.
        b = x.clamp(-SATURATED, SATURATED)
        return x * output_units.sigmoid(2 * c * (b + 0.044715 * b**3))

    return _elementwise("gelu", f, input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Weight each value with its sigmoid; also called Swish.

    .. math::
        f(x) = x \, \sigma(x)

    Args:
        input: Values of any shape, floating point.
        inplace: Overwrite the input.

    Returns:
        A tensor like the input.

    Example:
        >>> silu(torch.tensor([-500.0, 0.0, 1.0]))
        tensor([-0.0000, 0.0000, 0.7311])

    Source:
        Elfwing, Uchibe and Doya (2018), Sigmoid-Weighted Linear Units; Ramachandran, Zoph and Le
        (2017), Searching for Activation Functions.

    Chapter:
        hidden_units
    """
    return _elementwise("silu", lambda x: x * output_units.sigmoid(x), input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Weight each value with the tanh of its softplus.

    .. math::
        f(x) = x \tanh \log(1 + e^x)

    Args:
        input: Values of any shape, floating point.
        inplace: Overwrite the input.

    Returns:
        A tensor like the input.

    Example:
        >>> mish(torch.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.3034,  0.0000,  0.8651])

    Source:
        Misra (2020), Mish: A Self Regularized Non-Monotonic Activation Function, equation 1.

    Chapter:
        hidden_units
    """

    def f(x: Tensor) -> Tensor:
        return x * _tanh(output_units.softplus(x).clamp(max=SATURATED))

    return _elementwise("mish", f, input, inplace)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    r"""Bend smoothly from 0 to x.

    .. math::
        f(x) = \frac{1}{\beta} \log(1 + e^{\beta x})

    Args:
        input: Values of any shape, floating point.
        beta: Sharpness of the bend, positive.
        threshold: Above this value of :math:`\beta x` the result is x, as in PyTorch. The formula
            here does not need it.

    Returns:
        A tensor like the input.

    Raises:
        ValueError: If beta is not positive.

    Example:
        >>> softplus(torch.tensor([-1.0, 0.0, 1.0]))
        tensor([0.3133, 0.6931, 1.3133])

    Source:
        Dugas et al. (2001), Incorporating Second-Order Functional Knowledge for Better Option
        Pricing, equation 3.

    Chapter:
        hidden_units
    """
    return torch.where(input * beta > threshold, input, output_units.softplus(input, beta))


def maxout(input: Tensor, pieces: int = 2, dim: int = -1) -> Tensor:
    r"""Take the largest of each group of values: a convex function whose shape is learned.

    .. math::
        f_i(x) = \max_{j=1..k} x_{(i-1)k + j}

    The layer before it has k times the outputs, and so k times the parameters.

    Args:
        input: Values whose size along dim is a multiple of pieces; groups are consecutive.
        pieces: :math:`k`, at least 1.
        dim: The dimension of the features.

    Returns:
        A tensor like the input, with size divided by pieces along dim. Of equal values, the first
        of the group gets the gradient.

    Raises:
        ValueError: If the size is not a multiple of pieces.

    Example:
        >>> maxout(torch.tensor([1.0, 3.0, 2.0, -5.0]))
        tensor([3., 2.])

    Source:
        Goodfellow, Warde-Farley, Mirza, Courville and Bengio (2013), Maxout Networks, section 3.

    Chapter:
        hidden_units
    """
    if pieces < 1 or input.shape[dim] % pieces:
        size = input.shape[dim]
        raise ValueError(f"maxout: {size} values along dim {dim} do not form groups of {pieces}")
    groups = input.unflatten(dim, (input.shape[dim] // pieces, pieces))
    return groups.max(dim if dim < 0 else dim + 1).values


def _elementwise(call: str, f: Activation, input: Tensor, inplace: bool = False) -> Tensor:
    """Apply f, in float32 for half precision; in place on request, with the history intact."""
    check_floating(call, input=input)
    x = input.clone() if inplace else input
    y = f(x.float()).to(x.dtype) if x.dtype in HALF else f(x)
    return input.copy_(y) if inplace else y


def _tanh(x: Tensor) -> Tensor:
    """Return tanh x from exp(-2|x|) - 1, which neither overflows nor cancels near 0."""
    negative = x < 0
    t = torch.expm1(torch.where(negative, 2 * x, -2 * x))
    return torch.where(negative, t, -t) / (2 + t)


def _elu(x: Tensor, alpha: float) -> Tensor:
    # Where x is positive the exponential is taken of 0: infinity times 0 would be a NaN gradient.
    positive = x > 0
    return torch.where(positive, x, alpha * torch.expm1(x.masked_fill(positive, 0)))


ACTIVATIONS: dict[str, Activation] = {
    "identity": identity,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "lecun_tanh": lecun_tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "silu": silu,
    "mish": mish,
    "softplus": softplus,
}
"""Activations by name, for the ``activation`` argument of the models. Add your own entries.

`prelu` needs a weight and `maxout` changes the number of features; they are not in the table."""
