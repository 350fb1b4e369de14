r"""Preprocessing: centre, standardize, decorrelate, whiten; condition number; window and level.

The four transforms are fitted on the training data and applied to everything else:

>>> import torch
>>> from lecturelib.preprocessing import Standardize, condition_number
>>> x_train = torch.tensor([[1.0, 100.0], [3.0, 100.0]])
>>> scaler = Standardize().fit(x_train)
>>> scaler.transform(torch.tensor([[5.0, 101.0]]))  # the constant column is only centred
tensor([[3., 1.]])

Means and covariances divide by :math:`N`, as :math:`E[xx^\top]` over the data does, not by
:math:`N-1`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Self

import torch
from torch import Tensor

from lecturelib._columns import column_mean, column_std, least_std
from lecturelib._precision import whole_number, widen
from lecturelib._scale import unit


class Transform(ABC):
    """Fit on training data, transform any data, go back.

    Half precision is computed in float32, the type of what was learnt then; results have the dtype
    of the data. What is learnt is a constant: ``fit`` takes data that want a gradient and keeps no
    graph, while ``transform`` and ``inverse_transform`` pass gradients to the data that they get.
    """

    _shape: tuple[int, torch.dtype, torch.device] | None = None

    def fit(self, X: Tensor) -> Self:
        """Learn the transform from the training data.

        Args:
            X: Training data of shape (N, d), floating point, without NaN or infinity. If they want
                a gradient, none comes from here.

        Returns:
            The transform itself.

        Raises:
            ValueError: If X is not of two dimensions, is empty, or has NaN or infinity.
            TypeError: If X is not floating point.
        """
        self._check(X, "fit")
        if X.numel() == 0:
            raise ValueError(f"{type(self).__name__}.fit: no data, got shape {tuple(X.shape)}")
        with torch.no_grad():
            self._fit(widen(X.detach()))
        self._shape = X.shape[1], X.dtype, X.device
        return self

    def transform(self, X: Tensor) -> Tensor:
        """Apply what was learnt to data of shape (N, d).

        Raises:
            RuntimeError: If called before ``fit``.
            ValueError: If X has NaN, infinity, another device or another number of columns.
            TypeError: If X has another dtype.
        """
        self._check_fitted(X, "transform")
        return self._transform(widen(X)).to(X.dtype)

    def inverse_transform(self, Z: Tensor) -> Tensor:
        """Go back from transformed data of shape (N, d); raises what ``transform`` raises."""
        self._check_fitted(Z, "inverse_transform")
        return self._inverse_transform(widen(Z)).to(Z.dtype)

    def fit_transform(self, X: Tensor) -> Tensor:
        """Fit on the training data and transform them."""
        return self.fit(X).transform(X)

    @abstractmethod
    def _fit(self, X: Tensor) -> None:
        """Learn from checked data."""

    @abstractmethod
    def _transform(self, X: Tensor) -> Tensor:
        """Transform checked data."""

    @abstractmethod
    def _inverse_transform(self, Z: Tensor) -> Tensor:
        """Take checked data back."""

    def _check(self, X: Tensor, method: str) -> None:
        _check_data(f"{type(self).__name__}.{method}", X)

    def _check_fitted(self, X: Tensor, method: str) -> None:
        call = f"{type(self).__name__}.{method}"
        if self._shape is None:
            raise RuntimeError(f"{call}: call fit on the training data first")
        self._check(X, method)
        columns, dtype, device = self._shape
        if X.shape[1] != columns or X.device != device:
            raise ValueError(
                f"{call}: fitted on {columns} columns on {device}, "
                f"got shape {tuple(X.shape)} on {X.device}"
            )
        if X.dtype != dtype:
            raise TypeError(f"{call}: fitted on {dtype}, got {X.dtype}")


class Center(Transform):
    r"""Subtract the mean of the training data from each column.

    .. math:: z = x - \mu, \qquad \mu = \tfrac1N \sum_i x_i

    The mean of a constant column is its constant, without rounding.

    Attributes:
        mean: :math:`\mu`, of shape (d,), after ``fit``.

    Example:
        >>> Center().fit_transform(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
        tensor([[-1.,  0.],
                [ 1.,  0.]])

    Source: LeCun, Bottou, Orr and Müller (1998), Efficient backprop, section 4.3.
    Chapter: preprocessing.
    """

    mean: Tensor

    def _fit(self, X: Tensor) -> None:
        self.mean = column_mean(X)

    def _transform(self, X: Tensor) -> Tensor:
        return X - self.mean

    def _inverse_transform(self, Z: Tensor) -> Tensor:
        return Z + self.mean


class Standardize(Center):
    r"""Give each column mean 0 and standard deviation 1 on the training data.

    .. math::
        z = \frac{x - \mu}{\sigma}, \qquad
        \sigma^2 = \tfrac1N \sum_i (x_i - \mu)^2

    The rule for a constant column (all its values are equal, or their standard deviation is no
    larger than the machine epsilon times the largest of them, which is rounding): :math:`\sigma`
    counts as 1, so the column becomes 0 on the training data, but for that rounding, and keeps its
    units elsewhere.

    Attributes:
        mean: :math:`\mu`, of shape (d,), after ``fit``.
        std: :math:`\sigma`, of shape (d,), 1 for constant columns, after ``fit``.

    Example:
        >>> Standardize().fit_transform(torch.tensor([[1.0, 5.0], [5.0, 5.0]]))
        tensor([[-1.,  0.],
                [ 1.,  0.]])

    Source: LeCun, Bottou, Orr and Müller (1998), Efficient backprop, section 4.3.
    Chapter: preprocessing.
    """

    std: Tensor
    _unit: Tensor

    def _fit(self, X: Tensor) -> None:
        # In units of the column's size: squares and differences then stay within the format.
        u = self._unit = unit(X, 0)[0]
        X = X / u
        mean = column_mean(X)
        std = column_std(X, mean) * u
        self.mean, self.std = mean * u, torch.where(std == 0, 1, std)

    def _transform(self, X: Tensor) -> Tensor:
        u = self._unit
        return (X / u - self.mean / u) / (self.std / u)

    def _inverse_transform(self, Z: Tensor) -> Tensor:
        return Z * self.std + self.mean


class Decorrelate(Center):
    r"""Centre, then rotate onto the principal axes, so that the covariance becomes diagonal.

    .. math::
        z = U^\top (x - \mu), \qquad
        \tfrac1N \sum_i (x_i - \mu)(x_i - \mu)^\top = U \Lambda U^\top

    The axes are in the order of falling variance; each points so that its entry of largest size is
    positive. A rotation loses nothing: constant and collinear columns become axes of variance 0,
    and ``inverse_transform`` is exact for all data.

    Attributes:
        mean: :math:`\mu`, of shape (d,), after ``fit``.
        axes: :math:`U`, of shape (d, d), an axis in each column, after ``fit``.
        variances: :math:`\Lambda`, of shape (d,), falling, after ``fit``.

    Example:
        >>> decorrelate = Decorrelate()
        >>> Z = decorrelate.fit_transform(torch.tensor([[1.0, 1.0], [3.0, 3.0]]))
        >>> decorrelate.variances, Z.round(decimals=4).abs()
        (tensor([2., 0.]), tensor([[1.4142, 0.0000],
                [1.4142, 0.0000]]))

    Source: Pearson (1901); LeCun, Bottou, Orr and Müller (1998), Efficient backprop, section 4.3.
    Chapter: preprocessing.
    """

    axes: Tensor
    variances: Tensor
    _unit: Tensor

    def _fit(self, X: Tensor) -> None:
        # In units of the data's size: squares stay within the format.
        u = self._unit = unit(X)[0, 0]
        X = X / u
        mean = column_mean(X)
        # The singular values of the triangular factor are those of the data; forming the
        # covariance would lose half of the digits.
        R = torch.linalg.qr(X - mean, mode="r").R
        _, s, Ut = torch.linalg.svd(R, full_matrices=True)
        largest = Ut.abs().argmax(1, keepdim=True)
        self.axes = (Ut * Ut.gather(1, largest).sign()).T
        variances = s.new_zeros(X.shape[1])
        variances[: len(s)] = s.square() / len(X)
        self.mean, self.variances = mean * u, variances * u * u
        self._fit_axes(X, mean, variances)

    def _fit_axes(self, X: Tensor, mean: Tensor, variances: Tensor) -> None:
        """Learn more, from data, mean and variances in the unit."""

    def _transform(self, X: Tensor) -> Tensor:
        return self._rotate(X) * self._unit

    def _rotate(self, X: Tensor) -> Tensor:
        """Coordinates along the axes, in the unit."""
        return (X / self._unit - self.mean / self._unit) @ self.axes

    def _inverse_transform(self, Z: Tensor) -> Tensor:
        return Z @ self.axes.T + self.mean


class Whiten(Decorrelate):
    r"""Give the training data the identity as covariance.

    .. math::
        z_{\text{PCA}} = (\Lambda + \epsilon)^{-1/2} U^\top (x - \mu), \qquad
        z_{\text{ZCA}} = U (\Lambda + \epsilon)^{-1/2} U^\top (x - \mu)

    PCA whitening leaves the data in the coordinates of the principal axes; ZCA turns them back, and
    is the whitening that changes the data least.

    The rule for constant and collinear columns: an axis whose standard deviation is at most
    :math:`\max(N, d) \cdot \text{machine epsilon}` times the largest, or no more than the rounding
    of values and means far from 0, has no variance; it becomes 0 instead of being blown up. Z keeps
    its d columns, and the covariance has a 1 for each of the ``rank`` other axes.
    ``inverse_transform`` is exact for the training data; what other data have along an axis without
    variance is lost.

    Args:
        method: "pca" or "zca".
        eps: :math:`\epsilon`, finite and at least 0; damps the axes of small variance.

    Attributes:
        mean, axes, variances: As in :class:`Decorrelate`.
        scale: :math:`(\Lambda + \epsilon)^{1/2}`, of shape (d,), 0 for axes without variance.
        rank: Number of axes with variance.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> x = torch.tensor([[0.0, 0.0], [2.0, 18.0], [0.0, 18.0], [2.0, 0.0]])
        >>> z = Whiten("zca").fit_transform(x)
        >>> (z.T @ z / len(z)).round(decimals=4).abs()
        tensor([[1., 0.],
                [0., 1.]])

    Source: Bell and Sejnowski (1997), The "independent components" of natural scenes are edge
    filters (ZCA); Kessy, Lewin and Strimmer (2018), Optimal whitening and decorrelation.
    Chapter: preprocessing.
    """

    scale: Tensor
    rank: int

    def __init__(self, method: str = "pca", *, eps: float = 0.0) -> None:
        if method not in ("pca", "zca"):
            raise ValueError(f"Whiten: method must be 'pca' or 'zca', got {method!r}")
        if not 0 <= eps < math.inf:
            raise ValueError(f"Whiten: eps must be at least 0 and finite, got {eps}")
        self.method, self.eps = method, eps

    def _fit_axes(self, X: Tensor, mean: Tensor, variances: Tensor) -> None:
        std = variances.sqrt()
        alive = std > least_std(X, mean, std)
        self.rank = int(alive.sum())
        if self._unit == 1:
            scale = (variances + self.eps).sqrt()
        else:  # the same without squares
            scale = torch.hypot(std * self._unit, std.new_tensor(math.sqrt(self.eps)))
        self.scale = torch.where(alive, scale, 0)

    def _transform(self, X: Tensor) -> Tensor:
        z = self._rotate(X) * torch.where(self.scale > 0, self._unit / self.scale, 0)
        return z @ self.axes.T if self.method == "zca" else z

    def _inverse_transform(self, Z: Tensor) -> Tensor:
        z = Z @ self.axes if self.method == "zca" else Z
        return super()._inverse_transform(z * self.scale)


def condition_number(X: Tensor, *, nonzero: bool = False) -> float:
    r"""Return the condition number of the second moment :math:`E[xx^\top]` of the data.

    .. math::
        \kappa = \frac{\lambda_{\max}}{\lambda_{\min}}
        \quad\text{of}\quad \tfrac1N X^\top X

    It is the Hessian of least squares on these inputs, so it sets the speed of gradient descent.
    The data are taken as they are, not centred: the mean counts. For a layer with a bias append a
    column of ones.

    Args:
        X: Data of shape (N, d), floating point.
        nonzero: Take the smallest eigenvalue that is not 0: gradient descent does not move along
            the others, so they do not slow it. Otherwise the result is infinite if there are any.

    Returns:
        :math:`\kappa \ge 1`. A singular value of at most :math:`\max(N, d) \cdot
        \text{machine epsilon}` times the largest counts as 0.

    Raises:
        ValueError: If X is not of two dimensions, is empty, has NaN or infinity, or is all zero.
        TypeError: If X is not floating point.

    Example:
        >>> condition_number(torch.tensor([[1.0, 0.0], [0.0, 3.0]]))
        9.0
        >>> X = torch.tensor([[1.0, 1.0], [2.0, 2.0]])
        >>> condition_number(X), condition_number(X, nonzero=True)
        (inf, 1.0)

    Source: LeCun, Kanter and Solla (1991), Eigenvalues of covariance matrices.
    Chapter: preprocessing.
    """
    _check_data("condition_number", X)
    if X.numel() == 0 or not X.any():
        raise ValueError(f"condition_number: X is empty or zero, got shape {tuple(X.shape)}")
    X = widen(X.detach())
    s = torch.linalg.svdvals(X / unit(X))
    alive = s[s > max(X.shape) * torch.finfo(X.dtype).eps * s[0]]
    if len(alive) < X.shape[1] and not nonzero:
        return math.inf
    return (s[0] / alive[-1]).item() ** 2


def window_level(image: Tensor, *, level: float, width: float) -> Tensor:
    r"""Map the window of grey values round a level to [0, 1], and clip the rest.

    .. math::
        y = \operatorname{clip}\Bigl(\frac{x - \text{level}}{\text{width}} + \tfrac12,\ 0,\ 1\Bigr)

    This is DICOM's function LINEAR_EXACT; its older LINEAR has level − 0.5 and width − 1 instead.

    Args:
        image: Grey values of any shape, floating point; NaN stays NaN.
        level: Value in the middle of the window, finite.
        width: Width of the window, finite and greater than 0.

    Returns:
        A tensor like the image.

    Raises:
        ValueError: If level or width is out of range.
        TypeError: If the image is not floating point.

    Example:
        >>> window_level(torch.tensor([-1000.0, 0.0, 40.0, 80.0, 1000.0]), level=40, width=160)
        tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])

    Source: DICOM PS3.3, section C.11.2.1.3 (VOI LUT function).
    Chapter: preprocessing.
    """
    _check_floating("window_level", image)
    if not (math.isfinite(level) and 0 < width < math.inf):
        raise ValueError(
            "window_level: level must be finite and width greater than 0 and finite, "
            f"got level={level}, width={width}"
        )
    return ((widen(image) - level) / width + 0.5).clamp(0, 1).to(image.dtype)


def quantize(image: Tensor, *, bits: int, low: float, high: float) -> Tensor:
    r"""Round grey values to the nearest of :math:`2^\text{bits}` even steps from low to high.

    .. math::
        y = \text{low} + \Delta \operatorname{round}\Bigl(
        \frac{\operatorname{clip}(x, \text{low}, \text{high}) - \text{low}}{\Delta}\Bigr),
        \qquad \Delta = \frac{\text{high} - \text{low}}{2^\text{bits} - 1}

    Inside [low, high] the error is at most :math:`\Delta / 2` and the rounding of the dtype. No
    value is outside: an end that the dtype does not hold becomes the next number further in.

    Args:
        image: Grey values of any shape, floating point; NaN stays NaN.
        bits: Number of bits, from 1 to 16.
        low: Smallest value kept, finite also in the dtype of the image.
        high: Largest value kept, likewise, and greater than low.

    Returns:
        A tensor like the image, in the same units.

    Raises:
        ValueError: If an argument is out of range, or the image's type has no number in
            [low, high].
        TypeError: If the image is not floating point.

    Example:
        >>> quantize(torch.tensor([-5.0, 0.4, 1.6, 9.0]), bits=2, low=0.0, high=3.0)
        tensor([0., 0., 2., 3.])

    Chapter: preprocessing.
    """
    _check_floating("quantize", image)
    bits = whole_number("quantize", "bits", bits, upto=16)
    if not -math.inf < low < high < math.inf:
        raise ValueError(f"quantize: need low < high, both finite, got low={low}, high={high}")
    least, most = _inside("quantize", low, high, image.dtype)
    step = (high - low) / (2**bits - 1)
    x = widen(image)
    y = low + step * ((x.clamp(low, high) - low) / step).round()
    return y.to(image.dtype).clamp(least, most)


def _inside(call: str, low: float, high: float, dtype: torch.dtype) -> tuple[float, float]:
    """Return the first and the last number of a dtype in [low, high]."""
    ends = []
    for end, inward in ((low, 1), (high, -1)):
        rounded = torch.tensor(end, dtype=torch.float64).to(dtype).item()
        if math.isinf(rounded):
            raise ValueError(f"{call}: {end} is beyond {dtype}, the type of the image")
        if (end - rounded) * inward > 0:  # rounded outwards: half a step of rounding further in
            info = torch.finfo(dtype)
            nearer = end + inward * info.eps * max(abs(end) / 2, info.tiny * 0.75)
            rounded = torch.tensor(nearer, dtype=torch.float64).to(dtype).item()
        ends.append(rounded)
    if ends[0] > ends[1]:
        raise ValueError(f"{call}: {dtype} has no number from {low} to {high}")
    return ends[0], ends[1]


def _check_floating(call: str, X: Tensor) -> None:
    if not isinstance(X, Tensor) or not X.is_floating_point():
        got = X.dtype if isinstance(X, Tensor) else type(X).__name__
        raise TypeError(f"{call}: need a floating-point tensor, got {got}")


def _check_data(call: str, X: Tensor) -> None:
    _check_floating(call, X)
    if X.ndim != 2:
        raise ValueError(f"{call}: need data of shape (N, d), got shape {tuple(X.shape)}")
    if not X.isfinite().all():
        raise ValueError(f"{call}: the data have NaN or infinity")
