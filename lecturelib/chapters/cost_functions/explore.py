"""Figures of the chapter ``cost_functions`` that a reader can move, for ``lecturelib.explore``.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from lecturelib.chapters.cost_functions.figures import DATA, MODELS, gaussian, laplace
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled

# Nine targets at one x, skewed to the right: their mean is 2, their median 1.5.
TARGETS = np.array([0.4, 0.8, 1.0, 1.2, 1.5, 1.9, 2.4, 3.3, 5.5])


def density(model: str, y: np.ndarray | float, location: float, scale: float) -> np.ndarray:
    """Density of the model.

    >>> float(density("Laplace", 0.0, 0.0, 0.5))
    1.0
    """
    return {"Gaussian": gaussian, "Laplace": laplace}[model](y, location, scale)


def mean_nll(model: str, location: float, scale: float) -> float:
    """Mean negative log-likelihood of the nine targets, in nats."""
    return float(-np.log(density(model, TARGETS, location, scale)).mean())


def best(model: str) -> tuple[float, float, float]:
    """Location and scale of maximum likelihood, and the mean NLL there.

    >>> [round(value, 2) for value in best("Laplace")]
    [1.5, 1.08, 1.77]
    """
    if model == "Gaussian":
        location = float(TARGETS.mean())
        scale = float(np.sqrt(((TARGETS - location) ** 2).mean()))
    else:
        location = float(np.median(TARGETS))
        scale = float(np.abs(TARGETS - location).mean())
    return location, scale, mean_nll(model, location, scale)


@styled
def _densities(model: str, location: float, scale: float) -> Figure:
    fig, ax = canvas(width=5.2, height=3.4)
    y = np.linspace(-1, 7, 201)
    ax.fill_between(y, density(model, y, location, scale), color=MODELS[model], alpha=0.25, lw=0)
    ax.plot(y, density(model, y, location, scale), color=MODELS[model])
    ax.vlines(TARGETS, 0, density(model, TARGETS, location, scale), color=DATA, lw=2)
    ax.plot(TARGETS, np.zeros_like(TARGETS), "o", color=DATA, ms=6, clip_on=False)
    ax.set(xlim=(-1, 7), ylim=(0, 1.05), xlabel="target y", ylabel="density q(y)")
    return fig


@styled
def _costs(model: str, location: float, scale: float) -> Figure:
    fig, ax = canvas(width=5.2, height=3.4)
    places = np.linspace(0, 4, 161)
    ax.plot(places, [mean_nll(model, p, scale) for p in places], color=MODELS[model])
    ax.axhline(best(model)[2], color=TEXT, ls=":", lw=1.2)
    ax.axvline(best(model)[0], color=TEXT, ls=":", lw=1.2)
    ax.plot(location, mean_nll(model, location, scale), "o", color=PALETTE["orange"], ms=10)
    ax.set(xlim=(0, 4), ylim=(1.6, 4.2), xlabel="location of the model", ylabel="mean NLL (nats)")
    return fig


def likelihood(model: str = "Gaussian", location: float = 3.0, scale: float = 1.0) -> list[Figure]:
    """Nine targets under a model, and the mean NLL against its location.

    Args:
        model: ``"Gaussian"`` or ``"Laplace"``.
        location: centre of the model.
        scale: standard deviation of the Gaussian, mean absolute deviation of the Laplace.
    """
    return [_densities(model, location, scale), _costs(model, location, scale)]


def describe_likelihood(model: str, location: float, scale: float) -> str:
    """The sentence under :func:`likelihood`."""
    place, width, low = best(model)
    return (
        f"{model} at {location:g} with scale {scale:g}: mean NLL "
        f"{mean_nll(model, location, scale):.2f} nats. The lowest that this model reaches is "
        f"{low:.2f}, at {place:.2f} with scale {width:.2f}."
    )


def statistics(last: float) -> dict[str, float]:
    """Best location of the nine targets under three costs, when the last of them is moved.

    >>> statistics(5.5)["Laplace"]
    1.5
    """
    y = np.append(TARGETS[:-1], last)
    huber = float(np.median(y))
    for _ in range(200):  # fixed point: residuals beyond 1 are cut off
        huber += float(np.clip(y - huber, -1, 1).mean())
    return {"Gaussian": float(y.mean()), "Laplace": float(np.median(y)), "Huber": huber}


@styled
def one_outlier(last: float = 5.5) -> Figure:
    """Where three costs put their prediction when one target of nine moves away.

    Args:
        last: the ninth target.
    """
    fig, ax = canvas(height=3.0)
    ax.plot(TARGETS[:-1], np.zeros(8), "o", color=DATA, ms=7)
    ax.plot(last, 0, "o", color=PALETTE["orange"], ms=10)
    for height, (name, place) in enumerate(statistics(last).items(), start=1):
        ax.plot([place] * 2, [0, height], color=MODELS[name], lw=1.5)
        ax.plot(place, height, "D", color=MODELS[name], ms=8, label=name)
    names = {"Gaussian": "mean", "Laplace": "median", "Huber": "Huber, δ = 1"}
    ax.set_yticks(range(4), ["targets", *(names[name] for name in statistics(last))])
    ax.set(xlim=(-0.5, 20.5), ylim=(-0.4, 3.5), xlabel="target y")
    return fig


def describe_outlier(last: float) -> str:
    """The sentence under :func:`one_outlier`."""
    place = statistics(last)
    return (
        f"With the last target at {last:g} the mean is {place['Gaussian']:.2f}, the median "
        f"{place['Laplace']:.2f}, and Huber's cost has its minimum at {place['Huber']:.2f}."
    )


def bernoulli_nll(probability: float, share: float) -> float:
    """Expected Bernoulli NLL of the prediction ``probability`` when a share of labels is 1.

    >>> round(bernoulli_nll(0.5, 0.9), 4) == round(math.log(2), 4)
    True
    """
    return -share * math.log(probability) - (1 - share) * math.log1p(-probability)


@styled
def bernoulli_cost(probability: float = 0.5, share: float = 0.7) -> Figure:
    """Expected Bernoulli NLL against the prediction: entropy, and the divergence above it.

    Args:
        probability: the prediction.
        share: share of labels that are 1.
    """
    fig, ax = canvas(height=3.4)
    p = np.linspace(0.005, 0.995, 199)
    ax.plot(p, [bernoulli_nll(v, share) for v in p], color=MODELS["Bernoulli"])
    entropy, cost = bernoulli_nll(share, share), bernoulli_nll(probability, share)
    ax.vlines(probability, 0, entropy, color=DATA, lw=5, alpha=0.6)
    ax.vlines(probability, entropy, cost, color=PALETTE["orange"], lw=5)
    ax.axhline(entropy, color=TEXT, ls=":", lw=1.2)
    ax.plot(probability, cost, "o", color=PALETTE["orange"], ms=9)
    ax.set(xlim=(0, 1), ylim=(0, 4), xlabel="predicted probability", ylabel="expected NLL (nats)")
    return fig


def describe_bernoulli(probability: float, share: float) -> str:
    """The sentence under :func:`bernoulli_cost`."""
    entropy, cost = bernoulli_nll(share, share), bernoulli_nll(probability, share)
    return (
        f"{share:.0%} of the labels are 1, predicted is {probability:.0%}: expected NLL "
        f"{cost:.3f} nats = entropy {entropy:.3f} (grey) + divergence "
        f"{abs(cost - entropy):.3f} (orange)."
    )
