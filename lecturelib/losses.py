"""Losses as negative log-likelihoods: the network gives the parameters of a distribution.

Where they differ from PyTorch's: nothing is broadcast; scales are standard deviations; an axis of
no classes is an error, and so is the mean of no value at all (PyTorch: NaN), but for the mean of
``cross_entropy`` over no samples or ignored ones, which is NaN in both.

Within ``torch.autocast`` all of them are computed in float32 and give float32, as PyTorch's losses
do. (``torch.nn.functional.gaussian_nll_loss`` does so on GPUs alone.)
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib._autocast import follows_autocast
from lecturelib._columns import column_mean, least_std
from lecturelib._precision import check_floating, wide_dtype, widen
from lecturelib._scale import unit
from lecturelib.output_units import log_softmax, softplus


@follows_autocast("everywhere")
def gaussian_nll(
    mean: Tensor, target: Tensor, *, scale: float | Tensor = 1.0, reduction: str = "mean"
) -> Tensor:
    r"""Score a normal distribution. Its minimizer over functions of x is the mean of y given x.

    .. math::
        -\log \mathcal N(y; \mu, \sigma^2)
        = \frac{(y - \mu)^2}{2 \sigma^2} + \log \sigma + \tfrac12 \log 2\pi

    PyTorch's ``GaussianNLLLoss`` takes the variance instead, clips it, and drops the last term.

    Args:
        mean: :math:`\mu`, of any shape.
        target: :math:`y`, of the same shape.
        scale: The standard deviation :math:`\sigma`, positive: a number, or a tensor that
            broadcasts to the shape, as a network with a softplus output gives.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Returns:
        A scalar, or the loss of each value for ``"none"``.

    Raises:
        ValueError: If shapes differ, a scale is not positive, or there is no value to average.
        TypeError: If an argument is no floating-point tensor.

    Example:
        >>> gaussian_nll(torch.tensor([0.0]), torch.tensor([2.0]))
        tensor(2.9189)

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.1.1; the two-parameter
        form: Nix and Weigend (1994), Estimating the mean and variance of the target probability
        distribution.

    Chapter:
        cost_functions
    """
    mean, target, scale, dtype = _location_scale("gaussian_nll", mean, target, scale)
    z = (target - mean) / scale
    return _reduce(0.5 * z * z + torch.log(scale) + 0.5 * math.log(2 * math.pi), reduction, dtype)


@follows_autocast("everywhere")
def laplace_nll(
    loc: Tensor, target: Tensor, *, scale: float | Tensor = 1.0, reduction: str = "mean"
) -> Tensor:
    r"""Score a Laplace distribution. Its minimizer over functions of x is the median of y given x.

    .. math::
        -\log \mathrm{Laplace}(y; \mu, b) = \frac{|y - \mu|}{b} + \log 2b

    Args:
        loc: :math:`\mu`, of any shape.
        target: :math:`y`, of the same shape.
        scale: :math:`b`, positive: a number, or a tensor that broadcasts to the shape. The
            standard deviation is :math:`\sqrt 2\, b`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Returns:
        A scalar, or the loss of each value for ``"none"``.

    Raises:
        ValueError: If shapes differ, a scale is not positive, or there is no value to average.
        TypeError: If an argument is no floating-point tensor.

    Example:
        >>> laplace_nll(torch.tensor([0.0]), torch.tensor([2.0]))
        tensor(2.6931)

    Source:
        Bishop (2006), Pattern Recognition and Machine Learning, section 1.5.5, on the median.

    Chapter:
        cost_functions
    """
    loc, target, scale, dtype = _location_scale("laplace_nll", loc, target, scale)
    return _reduce((target - loc).abs() / scale + torch.log(2 * scale), reduction, dtype)


@follows_autocast("everywhere")
def bernoulli_nll(logits: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    r"""Score a Bernoulli distribution. Its minimizer gives the probability of y = 1, the mean of y.

    .. math::
        -\log \mathrm{Bernoulli}(y; \sigma(z))
        = y \, \zeta(-z) + (1 - y) \, \zeta(z), \qquad \zeta(z) = \log(1 + e^z)

    A term with factor 0 is 0 also where the softplus :math:`\zeta` is infinite: a certain and
    correct prediction, with z infinite, costs nothing, and a certain and wrong one infinitely much.

    Args:
        logits: :math:`z`, of any shape.
        target: :math:`y`, of the same shape: classes 0 and 1, or probabilities between them.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Returns:
        A scalar, or the loss of each value for ``"none"``.

    Raises:
        ValueError: If shapes differ, a target is outside [0, 1], or there is no value to average.
        TypeError: If an argument is no floating-point tensor.

    Example:
        >>> bernoulli_nll(torch.tensor([0.0, 1e4]), torch.tensor([1.0, 1.0]), reduction="none")
        tensor([0.6931, 0.0000])

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, equation 6.25.

    Chapter:
        cost_functions
    """
    z, y, dtype = _pair("bernoulli_nll", logits, target)
    _check_probabilities("bernoulli_nll", y)
    yes, no = softplus(-z).masked_fill(y == 0, 0), softplus(z).masked_fill(y == 1, 0)
    return _reduce(y * yes + (1 - y) * no, reduction, dtype)


@follows_autocast("everywhere")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Score a categorical distribution: the negative logarithm of the softmax at the true class.

    .. math::
        \ell = -\sum_{k=1}^K q_k \, w_k \log p_k, \qquad
        q_k = (1 - \epsilon) \, y_k + \frac{\epsilon}{K}, \qquad p = \mathrm{softmax}(z)

    with :math:`y` one-hot for a class. The mean over classes given by index is weighted: the sum
    is divided by that of :math:`w` at the true classes. For probabilities it is divided by their
    number. Same arguments and results as ``torch.nn.functional.cross_entropy``, where all targets
    ignored, or none in the batch, also gives NaN for the mean; the term of a class with
    :math:`q_k = 0` is 0 even where :math:`p_k` is 0. Classes may be of any integer type. No class
    at all (K = 0) is an error, where PyTorch gives 0 or NaN.

    Args:
        input: The logits :math:`z`, of shape (K,), (N, K) or (N, K, ...).
        target: Classes 0 to K - 1 as integers, of the shape of the input without K; or
            probabilities :math:`y` of the shape of the input.
        weight: :math:`w`, of shape (K,), or None for 1.
        ignore_index: The class that does not count. For classes only: with probabilities anything
            but a negative number is an error, as in PyTorch.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        label_smoothing: :math:`\epsilon`, in [0, 1].

    Returns:
        A scalar, or for ``"none"`` a tensor of the shape of the input without K.

    Raises:
        ValueError: If a shape, a class, a probability or the smoothing is out of range.
        TypeError: If an argument has an unfit dtype.

    Example:
        >>> z = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1e4]])
        >>> cross_entropy(z, torch.tensor([0, 2]), reduction="none")
        tensor([0.2395, 0.0000])

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.3; label smoothing:
        Szegedy et al. (2016), Rethinking the Inception Architecture for Computer Vision, section 7.

    Chapter:
        cost_functions
    """
    call = "cross_entropy"
    check_floating(call, input=input)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{call}: label_smoothing has to be in [0, 1], not {label_smoothing}")
    dim = 0 if input.ndim == 1 else 1
    if input.ndim == 0 or not input.shape[dim]:
        raise ValueError(f"{call}: input has to be (K,) or (N, K, ...), not {tuple(input.shape)}")
    k = input.shape[dim]
    fitting = (input.dtype, wide_dtype(input.dtype))
    if weight is not None and (weight.shape != (k,) or weight.dtype not in fitting):
        given = f"{tuple(weight.shape)} and {weight.dtype}"
        raise ValueError(f"{call}: weight has to be ({k},) and {input.dtype}, not {given}")
    log_p = log_softmax(widen(input), dim)
    w = torch.ones(k, device=input.device) if weight is None else weight
    w = w.to(log_p.dtype).reshape(-1, *[1] * (input.ndim - dim - 1))
    if target.is_floating_point():
        if ignore_index >= 0:
            raise ValueError(
                f"{call}: ignore_index={ignore_index} has no meaning for probabilities"
            )
        y = _pair(call, input, target)[1]
        _check_probabilities(call, y)
        q = (1 - label_smoothing) * y + label_smoothing / k
        count: float | Tensor = input.numel() / k
    else:
        y, kept = _one_hot(call, input, target, dim, ignore_index)
        q = ((1 - label_smoothing) * y + label_smoothing / k) * kept
        count = (w * y).sum()
    loss = (q * w * (0 - log_p).masked_fill(q * w == 0, 0)).sum(dim)
    if reduction != "mean":
        return _reduce(loss, reduction, input.dtype)
    return (loss.sum() / count).to(input.dtype)


def _one_hot(
    call: str, input: Tensor, target: Tensor, dim: int, ignore_index: int
) -> tuple[Tensor, Tensor]:
    """Return classes as 0 and 1 in the shape of the input, all 0 where ignored, and what counts."""
    k, shape = input.shape[dim], input.shape[:dim] + input.shape[dim + 1 :]
    if target.is_complex() or target.dtype == torch.bool:
        raise TypeError(f"{call}: target has to hold classes or probabilities, not {target.dtype}")
    if target.shape != shape:
        given = f"{tuple(target.shape)} for input {tuple(input.shape)}"
        raise ValueError(f"{call}: classes have to be of shape {tuple(shape)}, not {given}")
    # Widened first: as a byte -100 is 156, and as int64 the largest uint64 is -1.
    index = target.long().unsqueeze(dim)
    kept = index != ignore_index
    if not target.dtype.is_signed:
        kept = kept | (index < 0)
    if ((index < 0) | (index >= k)).logical_and(kept).any():
        raise ValueError(f"{call}: a class is not in 0..{k - 1} and not ignore_index")
    y = torch.zeros(input.shape, dtype=wide_dtype(input.dtype), device=input.device)
    return y.scatter(dim, index.masked_fill(~kept, 0), kept.to(y.dtype)), kept


@follows_autocast("everywhere")
def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    r"""Square the error: the Gaussian likelihood with fixed scale, up to factor and constant.

    .. math::
        \ell = (x - y)^2

    Args:
        input: :math:`x`, of any shape.
        target: :math:`y`, of the same shape: nothing is broadcast.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Returns:
        A scalar, or the loss of each value for ``"none"``.

    Raises:
        ValueError: If shapes differ or there is no value to average.
        TypeError: If an argument is no floating-point tensor.

    Example:
        >>> mse_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 5.0]))
        tensor(4.5000)

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, section 5.5.1.

    Chapter:
        cost_functions
    """
    x, y, dtype = _pair("mse_loss", input, target)
    return _reduce((x - y) * (x - y), reduction, dtype)


@follows_autocast("everywhere")
def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    r"""Take the absolute error: the Laplace likelihood with fixed scale, up to a constant.

    .. math::
        \ell = |x - y|

    Args:
        input: :math:`x`, of any shape.
        target: :math:`y`, of the same shape: nothing is broadcast.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Returns:
        A scalar, or the loss of each value for ``"none"``. The gradient of an error of 0 is 0.

    Raises:
        ValueError: If shapes differ or there is no value to average.
        TypeError: If an argument is no floating-point tensor.

    Example:
        >>> l1_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 5.0]))
        tensor(1.5000)

    Source:
        Bishop (2006), Pattern Recognition and Machine Learning, section 1.5.5.

    Chapter:
        cost_functions
    """
    x, y, dtype = _pair("l1_loss", input, target)
    return _reduce((x - y).abs(), reduction, dtype)


@follows_autocast("everywhere")
def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    r"""Square small errors, and let large ones count linearly.

    .. math::
        \ell = \begin{cases} \frac12 r^2 & |r| \le \delta \\
        \delta\,(|r| - \frac12 \delta) & |r| > \delta \end{cases}
        \qquad r = x - y

    With :math:`c`, the error clipped to :math:`\pm\delta`, both cases are :math:`c\,(r - c/2)`.

    Args:
        input: :math:`x`, of any shape.
        target: :math:`y`, of the same shape: nothing is broadcast.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        delta: Where the line begins, positive.

    Returns:
        A scalar, or the loss of each value for ``"none"``.

    Raises:
        ValueError: If shapes differ, delta is not positive, or there is no value to average.
        TypeError: If an argument is no floating-point tensor.

    Example:
        >>> huber_loss(torch.tensor([0.5, 3.0]), torch.zeros(2), reduction="none")
        tensor([0.1250, 2.5000])

    Source:
        Huber (1964), Robust Estimation of a Location Parameter.

    Chapter:
        cost_functions
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta has to be positive, not {delta}")
    x, y, dtype = _pair("huber_loss", input, target)
    r = x - y
    c = r.clamp(-delta, delta)
    return _reduce(c * (r - 0.5 * c), reduction, dtype)


@follows_autocast("nowhere")
def least_squares(
    X: Tensor, y: Tensor, *, ridge: float = 0.0, fit_intercept: bool = True
) -> tuple[Tensor, Tensor]:
    r"""Solve linear regression in closed form.

    .. math::
        \min_{w, b} \; \|X w + b - y\|^2 + \lambda \|w\|^2, \qquad
        w = V \,\mathrm{diag}\Bigl(\frac{s}{s^2 + \lambda}\Bigr)\, U^\top (y - \bar y), \quad
        b = \bar y - \bar x^\top w

    with the singular values of the centred :math:`X - \bar x = U \,\mathrm{diag}(s)\, V^\top`. The
    intercept bears no penalty. Without a penalty and with more weights than data can tell apart,
    this is the solution of smallest norm. A direction in which the inputs vary by no more than
    rounding has weight 0.

    Args:
        X: Inputs of shape (N, D), at least one.
        y: Targets of shape (N,) or, for several regressions at once, (N, O).
        ridge: :math:`\lambda`, at least 0. It goes with the *sum* of squares.
        fit_intercept: Whether there is a b; if not it is 0.

    Returns:
        The weight, of shape (D,) or (O, D) as in ``torch.nn.Linear``, and the bias, of shape () or
        (O,).

    Raises:
        ValueError: If a shape does not fit, there are no data, or ridge is negative.
        TypeError: If an argument is no floating-point tensor, or the dtypes differ.

    Example:
        >>> X = torch.tensor([[0.0], [1.0], [2.0]])
        >>> least_squares(X, torch.tensor([1.0, 3.0, 5.0]))
        (tensor([2.0000]), tensor(1.0000))

    Source:
        Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, equations
        3.44 and 3.47.

    Chapter:
        cost_functions
    """
    check_floating("least_squares", X=X, y=y)
    if X.dtype != y.dtype:
        raise TypeError(
            f"least_squares: X and y have to share a dtype, not {X.dtype} and {y.dtype}"
        )
    if X.ndim != 2 or y.ndim not in (1, 2) or X.shape[0] != y.shape[0] or not X.numel():
        shapes = f"{tuple(X.shape)} and {tuple(y.shape)}"
        raise ValueError(f"least_squares: wants X (N, D) and y (N,) or (N, O), got {shapes}")
    if not ridge >= 0:
        raise ValueError(f"least_squares: ridge has to be at least 0, not {ridge}")
    # In units of the inputs' size, or of the penalty's root if that is larger.
    A, b = widen(X), widen(y.reshape(len(y), -1))
    u = unit(A, at_least=math.sqrt(ridge))[0, 0]
    A = A / u
    x_mean, y_mean = column_mean(A), column_mean(b)
    if not fit_intercept:
        x_mean, y_mean = torch.zeros_like(x_mean), torch.zeros_like(y_mean)
    U, s, Vh = torch.linalg.svd(A - x_mean, full_matrices=False)
    present = s > math.sqrt(len(A)) * least_std(A, x_mean, s / math.sqrt(len(A)))
    penalty = ridge / u.item() / u.item()
    filtered = torch.where(present, s, 0) / torch.where(present, s * s + penalty, 1)
    weight = (Vh.T @ (filtered[:, None] * (U.T @ (b - y_mean)))).T
    bias = y_mean - weight @ x_mean
    weight = weight / u
    if y.ndim == 1:
        weight, bias = weight[0], bias[0]
    return weight.to(X.dtype), bias.to(X.dtype)


def _pair(call: str, input: Tensor, target: Tensor) -> tuple[Tensor, Tensor, torch.dtype]:
    """Check two tensors of one shape; half precision is computed in float32, as PyTorch does."""
    check_floating(call, input=input, target=target)
    if input.shape != target.shape:
        shapes = f"{tuple(input.shape)} and {tuple(target.shape)}"
        raise ValueError(f"{call}: input and target have to be of one shape, not {shapes}")
    dtype = torch.promote_types(input.dtype, target.dtype)
    wide = wide_dtype(dtype)
    return input.to(wide), target.to(wide), dtype


def _location_scale(
    call: str, location: Tensor, target: Tensor, scale: float | Tensor
) -> tuple[Tensor, Tensor, Tensor, torch.dtype]:
    """Check the arguments of a distribution with a location and a scale."""
    location, target, dtype = _pair(call, location, target)
    scale = torch.as_tensor(scale, dtype=location.dtype, device=location.device)
    if scale.ndim > location.ndim or any(
        s not in (1, n) for s, n in zip(scale.shape[::-1], location.shape[::-1], strict=False)
    ):
        shapes = f"{tuple(scale.shape)} to {tuple(location.shape)}"
        raise ValueError(f"{call}: scale does not broadcast from {shapes}")
    if not (scale > 0).all():
        raise ValueError(f"{call}: scale has to be positive everywhere")
    return location, target, scale, dtype


def _check_probabilities(call: str, y: Tensor) -> None:
    if ((y < 0) | (y > 1)).any():
        raise ValueError(f"{call}: targets have to be probabilities, in [0, 1]")


def _reduce(loss: Tensor, reduction: str, dtype: torch.dtype) -> Tensor:
    """Average, add up or keep the losses of the single values."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction has to be 'mean', 'sum' or 'none', not {reduction!r}")
    if reduction == "mean" and not loss.numel():
        raise ValueError("there is no value to average: the input is empty")
    if reduction == "none":
        return loss.to(dtype)
    return (loss.mean() if reduction == "mean" else loss.sum()).to(dtype)
