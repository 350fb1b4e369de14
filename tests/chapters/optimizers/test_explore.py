"""The movable figures of ``optimizers``: the curves are what runs of the library do."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.optimizers import explore as figures
from lecturelib.chapters.optimizers.experiments import first_steps
from lecturelib.optimizers import SGD


@pytest.mark.parametrize("method", ["heavy ball", "Nesterov"])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("curvature", [0.01, 0.3, 1.0])
def test_steps_a_digit_are_those_of_a_run(method, alpha, curvature):
    """The size of (θ, previous θ) over 600 steps, against the larger root of the recursion."""
    theta = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = SGD([theta], 0.8, momentum=alpha, nesterov=method == "Nesterov" and alpha > 0)
    sizes, before = [], 1.0
    for _ in range(600):
        theta.grad = curvature * theta.detach()
        optimizer.step()
        sizes.append(math.hypot(theta.item(), before))
        before = theta.item()
        if sizes[-1] < 1e-250:
            break
    half = len(sizes) // 2
    digits = math.log10(sizes[half] / sizes[-1])
    wanted = figures.steps_a_digit(torch.tensor([curvature]).double(), 0.8, alpha, method).item()
    assert (len(sizes) - 1 - half) / digits == pytest.approx(wanted, rel=0.06)


@pytest.mark.parametrize(("step", "alpha", "method"), [
    (2.0, 0.0, "heavy ball"), (3.8, 0.9, "heavy ball"), (3.8 / 2.8, 0.9, "Nesterov"),
])  # fmt: skip
def test_the_border_of_convergence_is_the_known_one(step, alpha, method):
    """Heavy ball: ηλ < 2(1 + α). Nesterov: ηλ < 2(1 + α) / (1 + 2α)."""
    one = torch.ones(1, dtype=torch.float64)
    assert figures.steps_a_digit(one, 0.999 * step, alpha, method).isfinite()
    assert not figures.steps_a_digit(one, 1.001 * step, alpha, method).isfinite()


@pytest.mark.parametrize("beta1", [0.0, 0.9])
@pytest.mark.parametrize("beta2", [0.9, 0.999])
def test_the_formula_is_what_uncorrected_adam_does(beta1, beta2):
    run = first_steps("uncorrected Adam", steps=100, betas=(beta1, beta2)).numpy()
    formula = figures.uncorrected_factor(np.arange(1, 101), beta1, beta2)
    assert run == pytest.approx(formula, rel=1e-5)
    assert first_steps("Adam", steps=100, betas=(beta1, beta2)).numpy() == pytest.approx(1.0)


def test_figures_and_sentences():
    assert isinstance(figures.contraction(), Figure)
    calm = figures.contraction(0.9, 1.0, "heavy ball").axes[0]
    wild = figures.contraction(0.9, 3.5, "Nesterov").axes[0]
    assert len(wild.patches) == len(calm.patches) + 1
    assert "diverges" in figures.describe_contraction(0.9, 3.5, "Nesterov")
    # √α = 0.9487 in the steepest direction: 2.3026 / 0.0527
    assert "43.7 in the steepest" in figures.describe_contraction(0.9, 1.0, "heavy ball")
    assert isinstance(figures.bias_correction(), Figure)
    sentence = figures.describe_bias_correction(0.9, 0.999)
    assert "first step is 3.16 and the largest one 6.57 times" in sentence
    assert "1.00 times" in figures.describe_bias_correction(0.9, 0.9) or "at step" in sentence
