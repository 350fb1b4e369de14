"""Claims of the chapter ``cost_functions``: what a cost function makes a network learn.

The experiments are in :mod:`lecturelib.chapters.cost_functions.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from lecturelib.chapters.cost_functions.experiments import (
    class_probability,
    closed_form,
    heteroscedastic,
    mean_and_median,
    mean_property,
)
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]
FFN = Source(lecture="FFN")


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: value.tolist() for name, value in values.items()}


def statistics(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F1: distances of what was learnt to mean, median and probability."""
    skewed = mean_and_median(seeds, **settings, device=device)
    labels = class_probability(seeds, **settings, device=device)
    names = [f"{m} to {s}" for m in ("Gaussian", "Laplace") for s in ("mean", "median")]
    costs = [f"{c} to probability" for c in ("Bernoulli", "squared", "absolute")]
    return _lists({n: skewed[n] for n in names} | {n: labels[n] for n in costs})


def _distance(name: str, label: str, limit: float, reason: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="below",
        threshold=limit,
        reason=reason,
        tolerance=0.02,
        wins=1.0,
    )


def _far(name: str, label: str, limit: float, reason: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=limit,
        reference=0.0,
        reason=reason,
        tolerance=0.03,
        wins=1.0,
    )


STATISTICS = Claim(
    id="F1",
    slug="which-statistic-is-learnt",
    sentence="A network learns the conditional mean under a Gaussian model, the conditional median "
    "under a Laplace model, and the probability of a label under a Bernoulli model.",
    sources=(FFN,),
    protocol="Skewed targets, y = sin 3x + (1 + x/2)·Exp(1), where mean and median differ by 0.31; "
    "labels with P(y = 1 | x) = σ(2 sin 4x). One hidden layer of tanh units, Adam, the same data "
    "and the same start for each cost; root-mean-square distances over x in [−1, 1].",
    experiment=statistics,
    quick={"samples": 20_000, "width": 32, "steps": 1_000, "batch_size": 256},
    full={"samples": 500_000, "width": 64, "steps": 20_000, "batch_size": 2_048},
    measures=(
        _distance("Gaussian to mean", "Gaussian model to the mean", 0.12, "0.31 lies between them"),
        _distance(
            "Laplace to median", "Laplace model to the median", 0.12, "0.31 lies between them"
        ),
        _far("Gaussian to median", "Gaussian model to the median", 0.2, "about two thirds of 0.31"),
        _far("Laplace to mean", "Laplace model to the mean", 0.2, "about two thirds of 0.31"),
        _distance(
            "Bernoulli to probability",
            "Bernoulli model to P(y = 1 | x)",
            0.03,
            "sampling error of 20,000 labels is near 0.01",
        ),
        Measure(name="squared to probability", label="squared error on the labels to the same"),
        _far(
            "absolute to probability",
            "absolute error on the labels to the same",
            0.2,
            "it learns the median of the labels, 0 or 1: half of the 0.39 between them",
        ),
    ),
    verdict="holds",
)


def linear(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F2: parameters of a trained linear layer against the closed form."""
    found = closed_form(seeds, **settings, device=device)
    return _lists(
        {
            "distance": found["distance"][-1],
            "two starts": found["two starts"],
            "condition number": found["condition"],
        }
    )


CLOSED_FORM = Claim(
    id="F2",
    slug="linear-regression-closed-form",
    sentence="Linear regression under a Gaussian model has a closed-form solution, and training "
    "finds it.",
    sources=(FFN,),
    protocol="200 samples of 5 correlated features, float64. A linear layer trained by gradient "
    "descent on the Gaussian NLL, 1,000 steps of 1/λ, where λ is the largest eigenvalue of the "
    "Hessian; relative distance of weights and bias to least squares. Condition: 2 samples only, "
    "two starts.",
    experiment=linear,
    quick={"samples": 200, "features": 5, "correlation": 0.5, "steps": 1_000},
    full={"samples": 20_000, "features": 50, "correlation": 0.5, "steps": 20_000},
    measures=(
        Measure(
            name="distance",
            label="relative distance of the trained layer to the closed form",
            expect="below",
            threshold=1e-6,
            reason="far above rounding, far below any noise in the data",
            tolerance=1e-9,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="two starts",
            label="relative distance of two trained layers, fewer samples than parameters",
            expect="above",
            threshold=0.3,
            reference=1e-6,
            reason="the starts differ; nothing in the data brings them together",
            tolerance=1e-6,
            role="condition",
            wins=1.0,
            digits=2,
        ),
        Measure(name="condition number", label="condition number of the Hessian", digits=1),
    ),
    verdict="holds with a condition",
    conditions=(
        "The solution is unique only if the features (and the constant) are linearly independent "
        "on the training set. With fewer samples than parameters the end depends on the start.",
    ),
)


def scale(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F4: learnt against true standard deviation; with few samples it does harm."""
    few = settings["few"]
    rest = {name: value for name, value in settings.items() if name != "few"}
    normal = heteroscedastic(seeds, **rest, device=device)
    skewed = heteroscedastic(seeds, **rest, noise="exponential", device=device)
    small = heteroscedastic(seeds, **{**rest, "samples": few}, device=device)
    return _lists(
        {
            "error": normal["error"],
            "gain": normal["gain"],
            "exponential": skewed["error"],
            "few ratio": small["ratio"],
            "few gain": small["gain"],
        }
    )


HETEROSCEDASTIC = Claim(
    id="F4",
    slug="learnt-noise-scale",
    sentence="A network with a second output, made positive by a softplus, learns how large the "
    "noise is at each input.",
    sources=(Source(keys=("nix1994",)),),
    protocol="y = sin 3x + s(x)·e with s(x) = 0.3 + 0.2 sin 4x known and e of variance 1; 20,000 "
    "samples, one hidden layer of 32 tanh units, Adam, 1,500 steps on the Gaussian NLL. Condition: "
    "30 samples.",
    experiment=scale,
    quick={"samples": 20_000, "width": 32, "steps": 1_500, "batch_size": 512, "few": 30},
    full={"samples": 500_000, "width": 64, "steps": 20_000, "batch_size": 2_048, "few": 30},
    measures=(
        Measure(
            name="error",
            label="mean relative error of the learnt standard deviation",
            expect="below",
            threshold=0.08,
            reason="twice what was seen; the best constant scale errs by 0.6",
            tolerance=0.02,
            wins=1.0,
        ),
        Measure(
            name="gain",
            label="NLL under the best constant scale minus NLL under the learnt one, new data",
            unit="nats",
            expect="above",
            threshold=0.1,
            reference=0.0,
            reason="half the effect",
            tolerance=0.03,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="exponential",
            label="mean relative error when the noise is exponential, not normal",
            digits=3,
        ),
        Measure(
            name="few ratio",
            label="median of learnt over true standard deviation with 30 samples",
            expect="below",
            threshold=0.85,
            reference=1.0,
            reason="half the effect",
            tolerance=0.1,
            role="condition",
            digits=2,
            wins=0.8,
        ),
        Measure(name="few gain", label="the gain with 30 samples", unit="nats", digits=0),
    ),
    verdict="holds with a condition",
    runs=3,
    conditions=(
        "It takes data. With 30 samples the mean follows the noise, the scale shrinks with the "
        "residuals, and new data are predicted worse than with one constant scale.",
    ),
)


def mean_of_predictions(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """CF1: mean prediction against mean label."""
    return _lists(mean_property(seeds, **settings, device=device))


MEAN_PROPERTY = Claim(
    id="CF1",
    slug="bernoulli-mean-property",
    sentence="The mean prediction of a Bernoulli model equals the mean label: E[f̂(x)] = P(y = 1).",
    sources=(FFN,),
    protocol="500 samples of 4 features; labels follow products of features, which a linear model "
    "cannot represent. Logistic regression by Newton's method in float64, with a bias and without; "
    "|mean prediction − mean label| on the training set.",
    experiment=mean_of_predictions,
    quick={"samples": 500, "features": 4},
    full={"samples": 50_000, "features": 20},
    measures=(
        Measure(
            name="with bias",
            label="gap of the means, with a bias",
            expect="below",
            threshold=1e-12,
            reason="float64 arithmetic; the statement is exact",
            tolerance=1e-12,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="least squares",
            label="the same for least squares on the labels, with a bias",
            expect="below",
            threshold=1e-12,
            reason="float64 arithmetic; the statement is exact",
            tolerance=1e-12,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="without bias",
            label="gap of the means, without a bias",
            expect="above",
            threshold=0.05,
            reference=1e-12,
            reason="a third of the effect",
            tolerance=1e-6,
            role="condition",
            wins=1.0,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "The lecture proves it for the best of all functions. A model that is not that good has "
        "the property on its training set if its last layer has a bias, and not without one.",
    ),
)

CLAIMS: tuple[Claim, ...] = (STATISTICS, CLOSED_FORM, HETEROSCEDASTIC, MEAN_PROPERTY)
