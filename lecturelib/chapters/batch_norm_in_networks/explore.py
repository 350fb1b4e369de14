"""Figures of ``batch_norm_in_networks`` that a reader can move, for ``lecturelib.explore``.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure

from lecturelib.activations import relu
from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, styled
from lecturelib.normalization import batch_norm

BATCHES = 4000
F64: dict[str, Any] = {"dtype": torch.float64, "device": "cpu"}
# Mean and variance of max(z, 0) for a standard normal z.
RELU_MEAN = 1 / math.sqrt(2 * math.pi)
RELU_VAR = 0.5 - 1 / (2 * math.pi)


def _phi(z: Any) -> Any:
    return np.exp(-(np.asarray(z) ** 2) / 2) / math.sqrt(2 * math.pi)


def _below(z: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


# --- batch size against the noise of one normalized value ----------------------------------------


def normalized_samples(batch_size: int, value: float, *, seed: int = 0) -> np.ndarray:
    """What batch norm makes of ``value`` in 4000 batches whose other members are standard normal.

    Returns:
        The normalized values, shape ``(4000,)``.

    >>> normalized_samples(8, 0.5).shape
    (4000,)
    """
    generator = torch.Generator().manual_seed(seed)
    # One channel a batch: a single call normalizes all of them.
    x = torch.randn(batch_size, BATCHES, generator=generator, **F64)
    x[0] = value
    return batch_norm(x, None, None, training=True, eps=0.0)[0].numpy()


def normalized_density(y: Any, batch_size: int, value: float) -> np.ndarray:
    r"""Exact density of the normalized ``value`` among ``batch_size - 1`` standard normal numbers.

    With the mean :math:`M` and the sum of squares :math:`Q` of the other :math:`m-1` values,

    .. math::
        T = \sqrt{m-1}\,(x - M) \big/ \sqrt{Q / (m-2)}

    has the non-central t distribution with :math:`\nu = m-2` degrees of freedom and non-centrality
    :math:`\delta = x\sqrt{m-1}`; and :math:`\hat x = T \sqrt{m-1} / \sqrt{m\nu + T^2}`, so that
    :math:`|\hat x| < \sqrt{m-1}` always.

    Args:
        y: where to evaluate.
        batch_size: :math:`m`, at least 3.
        value: :math:`x`, in standard deviations of the population.
    """
    m, nu, y = batch_size, batch_size - 2, np.asarray(y, dtype=float)
    inside = np.abs(y) < math.sqrt(m - 1)
    rest = np.where(inside, m - 1 - y**2, 1.0)
    t = y * np.sqrt(m * nu / rest)
    slope = math.sqrt(m * nu) * (m - 1) / rest**1.5  # dt / dy
    return np.where(inside, _noncentral_t(t, nu, value * math.sqrt(m - 1)) * slope, 0.0)


def _noncentral_t(t: np.ndarray, nu: int, delta: float, *, points: int = 600) -> np.ndarray:
    """Density of (Z + δ) / S: over the values s of S = √(χ²/ν), Z + δ = t s is normal."""
    width = 8 / math.sqrt(2 * nu)
    low, high = max(0.0, 1 - width), 1 + width
    s = low + (high - low) * (np.arange(points) + 0.5) / points
    log_density = math.log(2) + nu / 2 * math.log(nu / 2) - math.lgamma(nu / 2)
    weight = np.exp(log_density + (nu - 1) * np.log(s) - nu * s**2 / 2) * (high - low) / points
    return (_phi(np.multiply.outer(t, s) - delta) * s) @ weight


def rule_of_thumb(batch_size: int, value: float) -> float:
    r"""Standard deviation of the normalized value for large batches: :math:`\sqrt{(1+x^2/2)/m}`.

    >>> round(rule_of_thumb(32, 0.0), 3)
    0.177
    """
    return math.sqrt((1 + value**2 / 2) / batch_size)


@styled
def noise_of_normalized_value(batch_size: int = 8, value: float = 1.0) -> Figure:
    """How far the company in the batch moves one normalized value: simulation and exact density.

    Args:
        batch_size: values in the batch, at least 3.
        value: the value that is followed, in standard deviations from the population's mean.
    """
    fig, ax = canvas(width=5.0, height=3.4)
    color = METHODS["batch norm"].color
    samples = normalized_samples(batch_size, value)
    edges = np.linspace(-4, 4.5, 171)
    bars = {"histtype": "stepfilled", "alpha": 0.35, "label": "4000 batches"}
    ax.hist(samples, edges, density=True, color=color, **bars)
    y = np.linspace(-4, 4.5, 256)
    ax.plot(y, normalized_density(y, batch_size, value), color=color, label="exact density")
    ax.axvline(value, color=PALETTE["vermillion"], ls="--", lw=1.5, label="in the population")
    bound = math.sqrt(batch_size - 1)
    if bound < 4.5:
        ax.axvline(bound, color=TEXT, ls=":", lw=1.5, label="largest possible value")
    ax.set(xlim=(-4, 4.5), ylim=(0, 3.5), xlabel="normalized value", ylabel="density")
    ax.legend(loc="upper left", fontsize=9)
    return fig


def describe_noise(batch_size: int, value: float) -> str:
    """The sentence under :func:`noise_of_normalized_value`."""
    samples = normalized_samples(batch_size, value)
    deviations = "standard deviation" if value == 1 else "standard deviations"
    return (
        f"With {batch_size} values in a batch, one that lies {value:g} {deviations} above "
        f"the mean becomes {samples.mean():z.2f} ± {samples.std():.2f}; the rule √((1 + x²/2)/m) "
        f"says ± {rule_of_thumb(batch_size, value):z.2f}."
    )


# --- before or after the ReLU --------------------------------------------------------------------


def placed_outputs(placement: str, gamma: float, beta: float, *, points: int = 20_001) -> Any:
    """Outputs of a unit with standard normal input, batch norm before or after its ReLU.

    Args:
        placement: ``"before"`` or ``"after"``.
        gamma: scale.
        beta: shift.
        points: how many equally likely inputs stand for the normal distribution.

    >>> placed_outputs("before", 1.0, -9.0).max()
    np.float64(0.0)
    """
    levels = (torch.arange(points, **F64) + 0.5) / points
    z = torch.special.ndtri(levels)[:, None]
    weight, bias = (torch.tensor([v], **F64) for v in (gamma, beta))

    def norm(x: torch.Tensor) -> torch.Tensor:
        return batch_norm(x, None, None, weight, bias, training=True, eps=0.0)

    out = relu(norm(z)) if placement == "before" else norm(relu(z))
    return out[:, 0].numpy()


def placed_density(y: Any, placement: str, gamma: float, beta: float) -> tuple[Any, float, float]:
    """Exact distribution of :func:`placed_outputs`: a density, and one value with a share.

    Returns:
        The density at ``y``, the value that many inputs share, and their share.

    >>> placed_density(1.0, "before", 1.0, 0.0)[1:]
    (0.0, 0.5)
    """
    y = np.asarray(y, dtype=float)
    if placement == "before":  # max(γz + β, 0)
        density = np.where(y > 0, _phi((y - beta) / gamma) / gamma, 0.0)
        return density, 0.0, _below(-beta / gamma)
    sd = math.sqrt(RELU_VAR)  # γ (max(z, 0) - mean) / sd + β
    z = (y - beta) * sd / gamma + RELU_MEAN
    return np.where(z > 0, _phi(z) * sd / gamma, 0.0), beta - gamma * RELU_MEAN / sd, 0.5


@styled
def placement_of_batch_norm(gamma: float = 1.0, beta: float = 0.0) -> Figure:
    """The distribution that the next layer gets: batch norm before, or after, the ReLU.

    Args:
        gamma: scale, positive.
        beta: shift.
    """
    fig, ax = canvas(width=5.0, height=3.4)
    edges = np.linspace(-4, 6, 101)
    y = np.linspace(-4, 6, 801)
    for placement, method in (("before", "batch norm"), ("after", "batch norm after")):
        look = METHODS[method]
        out = placed_outputs(placement, gamma, beta)
        density, atom, share = placed_density(y, placement, gamma, beta)
        loose = out[out > out.min() + 1e-9]  # the smallest value is the one that many share
        weights = np.full(loose.shape, 1 / (len(out) * (edges[1] - edges[0])))
        ax.hist(loose, edges, weights=weights, histtype="stepfilled", color=look.color, alpha=0.3)
        ax.plot(y, np.where(density > 0, density, np.nan), color=look.color, ls=look.linestyle)
        ax.vlines(atom, 0, share, color=look.color, linestyles=look.linestyle, lw=2.5)
        label = f"{placement} the ReLU"
        ax.plot(atom, share, look.marker, color=look.color, ms=8, label=label)
    ax.set(xlim=(-4, 6), ylim=(0, 1.05), xlabel="output of the unit")
    ax.set_ylabel("density; marker: share of one value")
    ax.legend(loc="upper right")
    return fig


def describe_placement(gamma: float, beta: float) -> str:
    """The sentence under :func:`placement_of_batch_norm`."""
    before, after = (placed_outputs(p, gamma, beta) for p in ("before", "after"))
    return (
        f"Before: {(before == 0).mean():.0%} of the outputs are 0, mean {before.mean():z.2f}, "
        f"standard deviation {before.std():z.2f}. "
        f"After: mean {after.mean():z.2f}, standard deviation {after.std():z.2f}, "
        f"and {(after < 0).mean():.0%} of the outputs are negative."
    )
