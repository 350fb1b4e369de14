"""Claims of the chapter ``parameter_norms``: penalties, balls, early stopping, bias and variance.

The experiments are in :mod:`lecturelib.chapters.parameter_norms.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from lecturelib.chapters.parameter_norms import experiments
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = Mapping[str, Sequence[float]]

FFN = Source(lecture="FFN")
NETWORKS = {
    "flip": 0.4,
    "samples": 600,
    "held_out": 800,
    "width": 64,
    "epochs": 30,
    "batch_size": 60,
}
LARGE = {**NETWORKS, "width": 512, "epochs": 100}
RATES = (0.001, 0.003, 0.01, 0.03)
DATA = (
    "600 standardized digits, 40% of their labels replaced by another class; network 64-64-64-10 "
    "with ReLUs, SGD with momentum 0.9, batches of 60, 30 epochs; 800 further digits with as many "
    "wrong labels for validation, 360 with true ones for the test."
)


def _clean(settings: Settings) -> dict[str, Any]:
    return {**settings, "flip": 0.0}


# --- R1 ------------------------------------------------------------------------------------------


def penalty(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R1: what an L2 penalty adds to the test accuracy, both sides tuned."""
    found = experiments.l2_gain(seeds, **settings, device=device)
    clean = experiments.l2_gain(seeds, **_clean(settings), device=device)
    return {
        "gain": found["gain"].tolist(),
        "less": (clean["gain"] - found["gain"]).tolist(),
        "clean": clean["gain"].tolist(),
        "plain": found["plain"].tolist(),
        "penalized": found["penalized"].tolist(),
        "loss": found["loss"].tolist(),
        "largest": found["penalty"].tolist(),
    }


PENALTY = Claim(
    id="R1",
    slug="l2-penalty-generalizes",
    sentence="A penalty λ‖θ‖² on the parameters reduces over-fitting and improves generalization.",
    sources=(FFN,),
    protocol=f"{DATA} Without a penalty the learning rate is picked from 0.001, 0.003, 0.01 and "
    "0.03 by the accuracy on validation data at the end, for each seed; with one, rate and λ from "
    "0.003, 0.01, 0.03 and 0.1. Condition: the same with true labels.",
    experiment=penalty,
    quick={"lrs": RATES, "penalties": (0.003, 0.01, 0.03, 0.1), **NETWORKS},
    full={"lrs": RATES, "penalties": (0.001, 0.003, 0.01, 0.03, 0.1), **LARGE},
    measures=(
        Measure(
            name="gain",
            label="test accuracy with the penalty minus without, 40% wrong labels",
            expect="above",
            threshold=0.02,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.02,
            wins=0.8,
        ),
        Measure(
            name="less",
            label="the gain with true labels minus that with wrong ones",
            expect="below",
            threshold=-0.015,
            reference=0.0,
            reason="a third of the effect",
            tolerance=0.02,
            role="condition",
        ),
        Measure(name="clean", label="the gain with true labels"),
        Measure(name="plain", label="test accuracy without a penalty"),
        Measure(name="penalized", label="test accuracy with the penalty"),
        Measure(name="loss", label="test loss with the penalty over that without", digits=2),
        Measure(name="largest", label="the λ that was picked"),
    ),
    verdict="holds with a condition",
    conditions=(
        "Where there is something to over-fit: with true labels these networks gain less than a "
        "fifth as much.",
    ),
)


# --- R5 ------------------------------------------------------------------------------------------


def stopping(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R5: the epoch of the lowest validation loss against the last one."""
    found = experiments.early_stopping(seeds, **settings, device=device)
    clean = experiments.early_stopping(seeds, **_clean(settings), device=device)
    return {
        "gain": found["gain"].tolist(),
        "tuned": found["tuned gain"].tolist(),
        "fitted": found["fitted"].tolist(),
        "clean": clean["gain"].tolist(),
        "epoch": found["epoch"].tolist(),
    }


STOPPING = Claim(
    id="R5",
    slug="early-stopping-generalizes",
    sentence="Early stopping reduces over-fitting and improves generalization.",
    sources=(FFN,),
    protocol=f"{DATA} Test accuracy after the epoch with the lowest validation loss minus that "
    "after the last epoch, at the learning rate 0.03, at which the training labels are fitted. "
    "Condition: both sides pick their rate from 0.001, 0.003, 0.01 and 0.03 by the accuracy on "
    "validation data. Reported besides: the gain with true labels.",
    experiment=stopping,
    quick={"lrs": RATES, **NETWORKS},
    full={"lrs": RATES, **LARGE},
    measures=(
        Measure(
            name="gain",
            label="test accuracy, stopped minus not, rate 0.03",
            expect="above",
            threshold=0.09,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.04,
        ),
        Measure(
            name="tuned",
            label="the same, each with its own best rate",
            expect="below",
            threshold=0.02,
            reference=0.09,
            reason="a ninth of the effect at one rate",
            tolerance=0.02,
            role="condition",
        ),
        Measure(name="fitted", label="accuracy on the training labels at the end, rate 0.03"),
        Measure(name="clean", label="the gain at rate 0.03 with true labels"),
        Measure(name="epoch", label="the epoch that was picked, at the best rate", digits=0),
    ),
    verdict="holds with a condition",
    conditions=(
        "Against a training that goes on too long. A training of the same length with a learning "
        "rate that was tuned on the same validation data does as well: a small rate stops early, "
        "too.",
    ),
)


# --- R7 ------------------------------------------------------------------------------------------


def balls(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R7: zeros of both penalties, and penalties against balls."""
    found = experiments.norm_balls(seeds, **settings, device=device)
    names = {
        "zeros": "zeros L1",
        "ridge": "zeros L2",
        "ball L1": "ball L1",
        "ball L2": "ball L2",
        "kept": "kept",
        "false": "false",
        "error": "error L1",
        "error ridge": "error L2",
        "edge L1": "edge L1",
        "edge L2": "edge L2",
    }
    return {name: found[key].tolist() for name, key in names.items()}


def _distance(name: str, label: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="below",
        threshold=1e-6,
        reference=1e-2,
        reason="iterations end there; the same minimum has distance 0",
        tolerance=1e-6,
        wins=1.0,
        digits=-1,
    )


BALLS = Claim(
    id="R7",
    slug="norm-penalties-and-balls",
    sentence="An L1 penalty gives sparse solutions, an L2 penalty does not; either is the same as "
    "an explicit constraint to a ball of its norm, and λ sets the radius.",
    sources=(FFN,),
    protocol="Least squares with 50 standard normal inputs of which 5 count (weights ±1), noise "
    "0.5, 80 samples, float64. λ is picked from 31 values, 0.001 to 1, by the error on 80 further "
    "samples, for each penalty and each seed. Weights that are exactly 0; relative distance of the "
    "penalized solution to the one in the ball of its norm. Error on 1,000 further samples.",
    experiment=balls,
    quick={
        "samples": 80,
        "features": 50,
        "relevant": 5,
        "noise": 0.5,
        "strengths": tuple(round(10 ** (-3 + 0.1 * i), 6) for i in range(31)),
        "steps": 2000,
    },
    full={
        "samples": 800,
        "features": 500,
        "relevant": 50,
        "noise": 0.5,
        "strengths": tuple(round(10 ** (-3 + 0.1 * i), 6) for i in range(31)),
        "steps": 5000,
    },
    measures=(
        Measure(
            name="zeros",
            label="share of weights that are exactly 0, L1",
            expect="above",
            threshold=0.4,
            reference=0.0,
            reason="more than half of the effect; 0.9 have no influence",
            tolerance=0.05,
            digits=2,
        ),
        Measure(
            name="ridge",
            label="the same, L2",
            expect="below",
            threshold=0.01,
            reference=0.02,
            reason="less than one weight of 50",
            tolerance=0.01,
            wins=1.0,
            digits=2,
            bound=0.0,
        ),
        _distance("ball L1", "distance of the L1 penalty and the L1 ball"),
        _distance("ball L2", "distance of the L2 penalty and the L2 ball"),
        Measure(name="kept", label="share of the inputs that count with a weight other than 0"),
        Measure(name="false", label="weights other than 0 of inputs that do not count", digits=0),
        Measure(name="error", label="test error, L1"),
        Measure(name="error ridge", label="test error, L2"),
        Measure(name="edge L1", label="whether the λ is the smallest or largest, L1", digits=0),
        Measure(name="edge L2", label="whether the λ is the smallest or largest, L2", digits=0),
    ),
    verdict="holds",
)


# --- R9 ------------------------------------------------------------------------------------------


def stopped_ridge(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R9: early stopping against an L2 penalty, on least squares."""
    found = experiments.stopping_against_ridge(seeds, **settings, device=device)
    return {name: found[name].tolist() for name in ("share", "difference", "ratio", "saved")}


STOPPED_RIDGE = Claim(
    id="R9",
    slug="early-stopping-as-l2-penalty",
    sentence="On a quadratic, gradient descent that stops after t steps is an L2 penalty with "
    "λ = 1/(2ηt).",
    sources=(Source(keys=("goodfellow2016",)),),
    protocol="Least squares with 40 standard normal inputs, 45 samples, noise 2, weights ±1, "
    "float64. Gradient descent from 0 with η = 0.1/λmax. In each direction: share of the minimum's "
    "component that t steps reach, and that λ‖w‖² leaves. Squared error of the weights: how much "
    "of what the best λ of 80 saves the best t saves.",
    experiment=stopped_ridge,
    quick={
        "samples": 45,
        "features": 40,
        "noise": 2.0,
        "share": 0.1,
        "counts": tuple(int(10 * 1.15**i) for i in range(80)),
    },
    full={
        "samples": 1100,
        "features": 1000,
        "noise": 2.0,
        "share": 0.1,
        "counts": tuple(int(10 * 1.15**i) for i in range(80)),
    },
    measures=(
        Measure(
            name="share",
            label="what the best t saves, over what the best λ saves",
            expect="above",
            threshold=0.9,
            reference=0.5,
            reason="all but a tenth",
            tolerance=0.02,
            digits=3,
        ),
        Measure(
            name="difference",
            label="largest difference of the two shares",
            expect="above",
            threshold=0.1,
            reference=0.0,
            reason="half of the effect, 0.204 for small rates",
            tolerance=0.005,
            role="condition",
            wins=1.0,
        ),
        Measure(name="ratio", label="largest ratio of the two shares"),
        Measure(name="saved", label="share of the squared error that the best λ saves", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "As a rule of thumb. The two shrink each direction by other functions, 1 − (1 − ηh)ᵗ and "
        "h/(h + 2λ), which differ by 0.20 and by a factor of 1.30 at worst, for small rates.",
    ),
)


# --- R15 -----------------------------------------------------------------------------------------


def parts(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R15: the sum of bias², variance and noise against the risk, and where each goes."""
    found = experiments.decomposition(seeds, **settings)
    risk, bias, variance = found["risk"], found["bias"], found["variance"]
    first, last = 0, len(settings["degrees"]) - 1
    total = bias + variance + found["noise"]
    return {
        "gap": ((total - risk).abs() / risk).amax(1).tolist(),
        "bias": (bias[:, first] - bias[:, last]).tolist(),
        "variance": (variance[:, last] / variance[:, first]).tolist(),
        "penalty variance": (variance[:, -1] / variance[:, last]).tolist(),
        "penalty bias": (bias[:, -1] - bias[:, last]).tolist(),
        "best": torch.argmin(risk, 1).double().tolist(),
    }


PARTS = Claim(
    id="R15",
    slug="bias-variance-decomposition",
    sentence="The expected squared error is the sum of squared bias, variance and noise; a larger "
    "model has less bias and more variance, and a penalty trades variance for bias.",
    sources=(Source(lecture="JHU"),),
    protocol="Polynomials of degree 1, 3 and 9 in Chebyshev's basis by least squares, degree 9 "
    "also with λ‖w‖² for λ = 0.001, 0.01 and 0.1; 60 samples of sin(πx) with x uniform in [−1, 1] "
    "and noise 0.3; 200 fits. Risk on fresh samples, measured apart from the three parts.",
    experiment=parts,
    quick={
        "degrees": (1, 3, 9),
        "strengths": (0.001, 0.01, 0.1),
        "samples": 60,
        "noise": 0.3,
        "repeats": 200,
    },
    full={
        "degrees": (1, 3, 9),
        "strengths": (0.001, 0.01, 0.1),
        "samples": 60,
        "noise": 0.3,
        "repeats": 10_000,
    },
    measures=(
        Measure(
            name="gap",
            label="|sum of the parts − risk| over the risk, largest of six fits",
            expect="below",
            threshold=0.05,
            reference=0.2,
            reason="chance is about 1%; without the noise it would be more than 30%",
            tolerance=0.02,
            wins=1.0,
        ),
        Measure(
            name="bias",
            label="bias², degree 1 minus degree 9",
            expect="above",
            threshold=0.1,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.02,
            wins=1.0,
        ),
        Measure(
            name="variance",
            label="variance, degree 9 over degree 1",
            expect="above",
            threshold=2.0,
            reference=1.0,
            reason="half of the effect",
            tolerance=2.0,
            wins=1.0,
            digits=1,
        ),
        Measure(
            name="penalty variance",
            label="variance of degree 9, λ = 0.1 over no penalty",
            expect="below",
            threshold=0.5,
            reference=1.0,
            reason="half of the effect",
            tolerance=0.1,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="penalty bias",
            label="bias² of degree 9, λ = 0.1 minus no penalty",
            expect="above",
            threshold=0.015,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.005,
            wins=1.0,
        ),
        Measure(
            name="best",
            label="the best of degree 1, 3, 9 and the three penalties, counted from 0",
            digits=0,
        ),
    ),
    verdict="holds",
    vectorized=False,
)


CLAIMS = (PENALTY, STOPPING, BALLS, STOPPED_RIDGE, PARTS)
