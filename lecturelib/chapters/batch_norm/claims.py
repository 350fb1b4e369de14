"""Claims of the chapter ``batch_norm``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lecturelib.chapters.batch_norm.exact import (
    bias_gradient,
    convolution,
    folding,
    identity,
    population_variance,
    three_backward_passes,
)
from lecturelib.chapters.batch_norm.experiments import moments_around_relu
from lecturelib.claims.exact import exact_claim, rounding
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

NT = Source(lecture="NT", keys=("ioffe2015",))
LBN = Source(lecture="LBN", keys=("ioffe2015",))
JHU = Source(lecture="JHU", keys=("ioffe2015",))
BLOG = Source(lecture="BLOG", keys=("ioffe2015",))

EXACT = (
    exact_claim(
        "batch_norm",
        "BN4",
        "redundant-bias",
        "A bias before batch norm does nothing: the mean removes it, and its gradient is zero.",
        (LBN, NT),
        "A random bias before the norm: change of the output, and gradient over the sum of "
        "|cotangents|. Beside it the gradient of the shift β after the norm.",
        bias_gradient,
        (
            rounding("gradient", "gradient of the bias before the norm"),
            rounding("output", "change of the output"),
            Measure(name="shift", label="gradient of the shift β after the norm", digits=2),
        ),
    ),
    exact_claim(
        "batch_norm",
        "BN5",
        "identity",
        "Batch norm can learn the identity: γ = √(Var + ε) and β = E give the input back.",
        (JHU,),
        "Output against input with these γ and β; beside it the γ = Var of the slide, "
        "for units of standard deviation about 7.",
        identity,
        (
            rounding("error", "relative error with γ = √(Var + ε)"),
            Measure(name="slide", label="relative error with γ = Var, as on the slide", digits=1),
        ),
    ),
    exact_claim(
        "batch_norm",
        "BN6",
        "folding",
        "At inference batch norm can be folded into the weights of the layer before it.",
        (LBN,),
        "Linear layer and batch norm with random γ, β and running statistics against one folded "
        "layer.",
        folding,
        (rounding("error", "largest relative difference"),),
    ),
    exact_claim(
        "batch_norm",
        "BN7",
        "convolution-samples",
        "In a convolution every position is a sample: a channel's statistics use N·H·W values.",
        (LBN, NT),
        "BatchNorm2d on (N, C, 5, 4) against BatchNorm1d on its N·H·W rows.",
        convolution,
        (rounding("error", "largest relative difference"),),
    ),
    exact_claim(
        "batch_norm",
        "BN8",
        "population-variance",
        "For inference the unbiased variance is kept, m/(m−1) times the one that normalizes the "
        "batch.",
        (JHU,),
        "Running variance after one batch with momentum 1, and mean square of the output.",
        population_variance,
        (
            rounding("running", "running variance against Σ(x−μ)²/(m−1)"),
            rounding("output", "mean square of the output against 1"),
            Measure(name="biased", label="running variance against Σ(x−μ)²/m", digits=3),
        ),
    ),
    exact_claim(
        "batch_norm",
        "BN9",
        "backward-passes",
        "The chain of partial derivatives of Ioffe and Szegedy, its compact form and automatic "
        "differentiation give the same gradients.",
        (LBN, BLOG),
        "Gradients of x, γ and β under random cotangents, ε = 1e-5, against autograd through the "
        "definition.",
        three_backward_passes,
        (
            rounding("chain", "chain of partial derivatives against autograd"),
            rounding("compact", "compact formula against autograd"),
        ),
    ),
)  # fmt: skip

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def normality(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N1: shape of what batch norm sees in front of the ReLU and behind it."""
    found = moments_around_relu(seeds, **settings, device=device)
    values = {
        "skewness gap": found["skewness after"].abs() - found["skewness before"].abs(),
        "zeros": found["zeros before"],
        "skewness before": found["skewness before"],
        "skewness after": found["skewness after"],
        "kurtosis before": found["excess kurtosis before"],
    }
    return {name: tensor.tolist() for name, tensor in values.items()}


NORMALITY = Claim(
    id="N1",
    slug="gaussian-before-relu",
    sentence="Units are closer to Gaussian before the ReLU than after it, where a point mass sits "
    "at 0: a reason to normalize before the activation.",
    sources=(NT, LBN),
    protocol="Networks 64-128-128-128-10 on standardized digits, SGD 0.1, 10 epochs of batches of "
    "128, with batch norm before or after the ReLU. Moments of what enters the last norm over the "
    "training set, median over units; share of exact zeros that leave the last ReLU.",
    experiment=normality,
    quick={"width": 128, "depth": 3, "lr": 0.1, "epochs": 10, "batch_size": 128},
    full={"width": 1024, "depth": 6, "lr": 0.1, "epochs": 100, "batch_size": 128},
    measures=(
        Measure(
            name="skewness gap",
            label="|skewness| after the ReLU minus before it",
            expect="above",
            threshold=0.8,
            reference=0.0,
            reason="half the effect",
            tolerance=0.2,
            digits=2,
        ),
        Measure(
            name="zeros",
            label="share of exact zeros after norm and ReLU",
            expect="above",
            threshold=0.25,
            reference=0.0,
            reason="half the effect",
            tolerance=0.03,
            digits=2,
        ),
        Measure(name="skewness before", label="skewness before the ReLU", digits=2),
        Measure(name="skewness after", label="skewness after the ReLU", digits=2),
        Measure(name="kurtosis before", label="excess kurtosis before the ReLU", digits=1),
    ),
    verdict="holds",
)

CLAIMS: tuple[Claim, ...] = (*EXACT, NORMALITY)
