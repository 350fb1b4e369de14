"""Output units: from the numbers of the last layer to the parameters of a distribution."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib._autocast import follows_autocast
from lecturelib._columns import column_std
from lecturelib._precision import check_floating, in_float32, whole_numbers


@in_float32
def sigmoid(z: Tensor) -> Tensor:
    r"""Turn a number into a probability: the output unit of the Bernoulli distribution.

    .. math::
        \sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}}

    The first form serves where z is at least 0, the second elsewhere: the exponential never
    exceeds 1. All derivatives are right, at 0 and far from it.

    Args:
        z: Logits of any shape.

    Returns:
        A tensor like z, with values from 0 to 1.

    Raises:
        TypeError: If z is no floating-point tensor.

    Example:
        >>> sigmoid(torch.tensor([-1e4, 0.0, 1e4]))
        tensor([0.0000, 0.5000, 1.0000])

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.2.

    Chapter:
        output_units
    """
    e = _decay(z)
    return torch.where(z < 0, e, 1) / (1 + e)


@follows_autocast("on GPUs")
@in_float32
def softplus(z: Tensor, beta: float = 1.0) -> Tensor:
    r"""Turn a number into a positive one, as for a scale: a smooth version of max(z, 0).

    .. math::
        \zeta(z) = \frac{1}{\beta} \log(1 + e^{\beta z})
        = \max(z, 0) + \frac{1}{\beta} \log\bigl(1 + e^{-\beta |z|}\bigr)

    Its derivative is the sigmoid of beta z.

    Args:
        z: Values of any shape.
        beta: Sharpness of the bend, positive.

    Returns:
        A tensor like z, with values of at least 0.

    Raises:
        ValueError: If beta is not positive.
        TypeError: If z is no floating-point tensor.

    Example:
        >>> softplus(torch.tensor([-1e4, 0.0, 1e4]))
        tensor([0.0000e+00, 6.9315e-01, 1.0000e+04])

    Source:
        Dugas et al. (2001), Incorporating Second-Order Functional Knowledge for Better Option
        Pricing, equation 3.

    Chapter:
        output_units
    """
    if not beta > 0:
        raise ValueError(f"softplus: beta has to be positive, not {beta}")
    return z.masked_fill(z < 0, 0) + torch.log1p(_decay(beta * z)) / beta


def _decay(z: Tensor) -> Tensor:
    """Return exp(-|z|). At 0 it takes the derivatives of exp(-z), where |z| would give none."""
    return torch.exp(torch.where(z < 0, z, -z))


@follows_autocast("on GPUs")
@in_float32
def logsumexp(z: Tensor, dim: int | tuple[int, ...] = -1, keepdim: bool = False) -> Tensor:
    r"""Sum numbers that are given by their logarithms: a smooth version of the maximum.

    .. math::
        \log \sum_k e^{z_k} = m + \log \sum_k e^{z_k - m}, \qquad m = \max_k z_k

    Args:
        z: Logarithms, of any shape.
        dim: The dimension or dimensions to sum over, of at least one value.
        keepdim: Keep them with size 1.

    Returns:
        A tensor of the shape of z without dim. It is minus infinity where all z are, with
        gradient 0.

    Raises:
        ValueError: If there is nothing to sum.
        TypeError: If z is no floating-point tensor.

    Example:
        >>> logsumexp(torch.tensor([1e4, 1e4]))
        tensor(10000.6934)

    Source:
        Blanchard, Higham and Higham (2021), Accurately computing the log-sum-exp and softmax
        functions, equation 1.3.

    Chapter:
        output_units
    """
    m = _largest("logsumexp", z, dim)
    m = torch.where(m.isinf(), 0, m)
    total = torch.exp(z - m).sum(dim, keepdim=True)
    none = total == 0
    result = torch.log(total.masked_fill(none, 1)).masked_fill(none, -math.inf) + m
    return result if keepdim else result.sum(dim)


@follows_autocast("on GPUs")
@in_float32
def softmax(z: Tensor, dim: int = -1, *, temperature: float = 1.0) -> Tensor:
    r"""Turn numbers into probabilities: the output unit of the categorical distribution.

    .. math::
        p_k = \frac{e^{z_k / T}}{\sum_j e^{z_j / T}}

    The largest number is subtracted first, which changes nothing but the size of the exponentials.
    A high temperature gives the uniform distribution; temperature 0 is the limit, all probability
    on the largest number, in equal parts where several are largest.

    Args:
        z: Logits of any shape.
        dim: The dimension of the classes, with at least one of them.
        temperature: :math:`T`, at least 0; it may be infinite.

    Returns:
        A tensor like z whose values sum to 1 along dim.

    Raises:
        ValueError: If the temperature is negative or NaN, or there is no class.
        TypeError: If z is no floating-point tensor.

    Example:
        >>> z = torch.tensor([1.0, 2.0, 4.0])
        >>> softmax(z)
        tensor([0.0420, 0.1142, 0.8438])
        >>> softmax(z, temperature=0.0)
        tensor([0., 0., 1.])

    Source:
        Bridle (1990), Probabilistic Interpretation of Feedforward Classification Network Outputs;
        Hinton, Vinyals and Dean (2015), Distilling the Knowledge in a Neural Network, equation 1.

    Chapter:
        output_units
    """
    e = torch.exp(_cooled("softmax", z, dim, temperature))
    return e / e.sum(dim, keepdim=True)


@follows_autocast("on GPUs")
@in_float32
def log_softmax(z: Tensor, dim: int = -1, *, temperature: float = 1.0) -> Tensor:
    r"""Return the logarithm of the softmax, exact also where the softmax rounds to 0.

    .. math::
        \log p_k = \frac{z_k}{T} - \log \sum_j e^{z_j / T}

    Args:
        z: Logits of any shape.
        dim: The dimension of the classes, with at least one of them.
        temperature: :math:`T`, at least 0; it may be infinite.

    Returns:
        A tensor like z with values of at most 0.

    Raises:
        ValueError: If the temperature is negative or NaN, or there is no class.
        TypeError: If z is no floating-point tensor.

    Example:
        >>> log_softmax(torch.tensor([0.0, 1e4]))
        tensor([-10000.,      0.])

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, equation 6.30.

    Chapter:
        output_units
    """
    z = _cooled("log_softmax", z, dim, temperature)
    return z - torch.log(torch.exp(z).sum(dim, keepdim=True))


def _cooled(call: str, z: Tensor, dim: int, temperature: float) -> Tensor:
    """Return (z - max z) / T, at temperature 0 its limit: 0 for the largest, else -infinity."""
    if not temperature >= 0:
        raise ValueError(f"{call}: the temperature has to be at least 0, not {temperature}")
    z = z - _largest(call, z, dim)
    if temperature >= torch.finfo(z.dtype).tiny:
        return z / temperature
    return z.masked_fill(z < 0, -math.inf)


def _largest(call: str, z: Tensor, dim: int | tuple[int, ...]) -> Tensor:
    """Return the largest value along dim, as a constant: it cancels in every derivative."""
    if z.ndim and not all(z.shape[d] for d in whole_numbers(dim)):
        raise ValueError(f"{call}: no values along dimension {dim} of shape {tuple(z.shape)}")
    return z.detach().amax(dim, keepdim=True)


def max_entropy_probabilities(scores: Tensor, means: Tensor | float) -> tuple[Tensor, Tensor]:
    r"""Find the distribution of largest entropy that has given means.

    Among all :math:`p` with :math:`\sum_k p_k = 1` and :math:`\sum_k s_{jk} p_k = m_j` it is

    .. math::
        p_k \propto e^{\sum_j \lambda_j s_{jk}},

    a softmax. The multipliers :math:`\lambda` minimize the convex function
    :math:`\log \sum_k e^{\sum_j \lambda_j s_{jk}} - \sum_j \lambda_j m_j`, whose gradient is the
    error of the means and whose Hessian is the covariance of the scores. Newton's method, with
    steps halved until the error falls, finds them in float64.

    Args:
        scores: :math:`s`, of shape (J, K): J numbers for each of K outcomes; or (K,) for J = 1.
        means: :math:`m`, of shape (J,), or a number for J = 1. Strictly between what the
            outcomes allow: on the border the multipliers would be infinite.

    Returns:
        The probabilities, of shape (K,), and the multipliers, of shape (J,), or () for scores (K,).
        Of several solutions, which redundant rows bring, the multipliers of smallest norm.

    Raises:
        ValueError: If a shape does not fit, a value is not finite, or no distribution that gives
            every outcome a positive probability has these means.
        TypeError: If the scores are no floating-point tensor.

    Example:
        A die that shows 4.5 on average instead of 3.5:

        >>> faces = torch.arange(1.0, 7.0)
        >>> p, multiplier = max_entropy_probabilities(faces, 4.5)
        >>> p
        tensor([0.0544, 0.0788, 0.1142, 0.1654, 0.2398, 0.3475])
        >>> torch.allclose(p, softmax(multiplier * faces))
        True

    Source:
        Jaynes (1957), Information Theory and Statistical Mechanics, equations 2-6 to 2-8.

    Chapter:
        output_units
    """
    call = "max_entropy_probabilities"
    check_floating(call, scores=scores)
    s = scores.detach().double()
    m = torch.as_tensor(means, dtype=torch.float64, device=s.device).detach()
    if s.ndim not in (1, 2) or not s.numel() or m.shape != s.shape[:-1]:
        shapes = f"{tuple(scores.shape)} and {tuple(m.shape)}"
        raise ValueError(
            f"{call}: wants scores (J, K) and means (J,), or (K,) and (), got {shapes}"
        )
    s, m = s.reshape(-1, s.shape[-1]), m.reshape(-1)
    if not (s.isfinite().all() and m.isfinite().all()):
        raise ValueError(f"{call}: scores and means have to be finite")
    mean = s.mean(1, keepdim=True)
    # A row of equal scores, but for rounding, asks for nothing if its mean is that number.
    equal = (column_std(s, mean[:, 0], 1) == 0)[:, None]
    near = (m[:, None] - mean).abs() <= 2 * torch.finfo(s.dtype).eps * s.abs().amax(1, keepdim=True)
    unit = s.std(1, unbiased=False).clamp_min(1e-300)[:, None]
    centred = ((s - mean) / unit).masked_fill(equal, 0)
    goal = ((m[:, None] - mean) / unit).masked_fill(equal & near, 0)
    multipliers = _newton(centred, goal[:, 0])
    if multipliers is None:
        raise ValueError(
            f"{call}: no distribution with all probabilities positive has means {means}"
        )
    p = softmax(multipliers @ centred)
    result = (multipliers / unit[:, 0]).reshape(scores.shape[:-1])
    return p.to(scores.dtype), result.to(scores.dtype)


def _newton(s: Tensor, m: Tensor) -> Tensor | None:
    """Find l with mean m of s under softmax(l s), or None; a step must make the error smaller."""
    if ((s.amin(1) >= m) | (s.amax(1) <= m)).logical_and(s.amax(1) > s.amin(1)).any():
        return None
    l = torch.zeros_like(m)
    p = softmax(l @ s)
    for _ in range(200):
        error = s @ p - m
        if error.abs().max() <= 1e-12:
            return l
        spread = s - (s @ p)[:, None]
        step, size = torch.linalg.pinv((spread * p) @ spread.T, hermitian=True) @ error, 1.0
        while True:
            p = softmax((l - size * step) @ s)
            if (s @ p - m).norm() <= (1 - 1e-4 * size) * error.norm():
                break
            size /= 2
            if size < 1e-10:
                return None
        l = l - size * step
    return None
