"""Figures of the chapter ``optimizers`` that a reader can move, for ``lecturelib.explore``.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.optimizers.experiments import first_steps, root_modulus
from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, styled

KAPPA = 1000.0
STEPS = 300

# --- what momentum does to each curvature --------------------------------------------------------


def steps_a_digit(curvature: torch.Tensor, step: float, alpha: float, method: str) -> torch.Tensor:
    r"""Steps that make the error ten times smaller along a curvature, :math:`-\ln 10/\ln\rho`.

    Args:
        curvature: :math:`\lambda / K`, of any shape.
        step: learning rate times :math:`K`.
        alpha: momentum.
        method: ``"heavy ball"`` or ``"Nesterov"``.

    Returns:
        The steps; infinite where the method diverges.

    >>> steps_a_digit(torch.tensor([0.5]), 1.0, 0.0, "heavy ball").round(decimals=2)
    tensor([3.3200])
    """
    rho = root_modulus(step * curvature, alpha, nesterov=method == "Nesterov")
    steps = -math.log(10) / rho.clamp(min=1e-3).log()
    return torch.where(rho < 1, steps, torch.inf)


@styled
def contraction(momentum: float = 0.9, step: float = 1.0, method: str = "heavy ball") -> Figure:
    """Steps to gain one decimal digit along each direction, by its curvature.

    Args:
        momentum: in [0, 1).
        step: learning rate times the largest curvature.
        method: ``"heavy ball"`` or ``"Nesterov"``.
    """
    fig, ax = canvas(width=5.2, height=3.6)
    curvature = torch.logspace(-math.log10(KAPPA), 0, 181, dtype=torch.float64)
    look = METHODS["momentum" if method == "heavy ball" else "Nesterov"]
    plain = steps_a_digit(curvature, 1.0, 0.0, "heavy ball")
    ax.plot(curvature, plain, color=PALETTE["grey"], lw=1.2, label="gradient descent, step 1/K")
    steps = steps_a_digit(curvature, step, momentum, method)
    good = steps.isfinite()
    ax.plot(curvature[good], steps[good], color=look.color, ls=look.linestyle, label=method)
    if not good.all():
        ax.axvspan(curvature[~good].min().item(), 1.3, color=PALETTE["vermillion"], alpha=0.25)
        ax.text(0.03, 0.06, "shaded: diverges", transform=ax.transAxes, color=TEXT)
    ax.set(xscale="log", yscale="log", xlim=(1 / KAPPA, 1.3), ylim=(0.3, 5000))
    ax.set(xlabel="curvature λ / K", ylabel="steps a decimal digit")
    ax.legend(loc="upper right", fontsize=10)
    return fig


def describe_contraction(momentum: float, step: float, method: str) -> str:
    """The sentence under :func:`contraction`."""
    slow, fast = steps_a_digit(torch.tensor([1 / KAPPA, 1.0]).double(), step, momentum, method)
    if not fast.isfinite():
        return f"At momentum {momentum:g} the steepest direction diverges."
    return (
        f"A decimal digit takes {slow:,.0f} steps in the flattest direction and {fast:.1f} in the "
        "steepest."
    )


# --- bias correction -----------------------------------------------------------------------------


def uncorrected_factor(t: np.ndarray, beta1: float, beta2: float) -> np.ndarray:
    r"""Step over learning rate without correction: :math:`(1-\beta_1^t)/\sqrt{1-\beta_2^t}`.

    >>> uncorrected_factor(np.array([1.0]), 0.9, 0.999).round(2)
    array([3.16])
    """
    return (1 - beta1**t) / np.sqrt(1 - beta2**t)


@styled
def bias_correction(beta1: float = 0.9, beta2: float = 0.999) -> Figure:
    """Adam's steps under a constant gradient with and without correction: runs and formula.

    Args:
        beta1: decay of the mean of the gradient.
        beta2: decay of the mean of its square.
    """
    fig, ax = canvas(width=5.2, height=3.5)
    t = np.arange(1, STEPS + 1)
    shown = np.unique(np.geomspace(1, STEPS, 30).round().astype(int))
    for name, color in (("Adam", METHODS["Adam"].color), ("uncorrected Adam", PALETTE["grey"])):
        sizes = first_steps(name, steps=STEPS, betas=(beta1, beta2)).numpy()
        ax.plot(shown, sizes[shown - 1], "o", color=color, ms=4.5, label=f"{name}, run")
    ax.plot(t, uncorrected_factor(t, beta1, beta2), color=PALETTE["grey"], lw=1.2, label="formula")
    ax.set(xscale="log", yscale="log", ylim=(0.02, 40), xlim=(0.9, STEPS * 1.1))
    ax.set(xlabel="step", ylabel="step size / learning rate")
    ax.legend(loc="upper right", fontsize=10)
    return fig


def describe_bias_correction(beta1: float, beta2: float) -> str:
    """The sentence under :func:`bias_correction`."""
    factor = uncorrected_factor(np.arange(1, 20_001), beta1, beta2)
    peak = int(factor.argmax())
    off = np.abs(factor - 1) > 0.1
    last = int(np.flatnonzero(off).max()) + 1 if off.any() else 0
    late = f"; it is more than a tenth off until step {last:,}" if last else ""
    return (
        f"Without correction the first step is {factor[0]:.2f} and the largest one "
        f"{factor[peak]:.2f} times the learning rate, at step {peak + 1:,}{late}."
    )
