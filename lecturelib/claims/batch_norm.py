"""Claims and errata of the chapter ``batch_norm``."""

from __future__ import annotations

from lecturelib.claims.experiments.batch_norm_exact import (
    bias_gradient,
    convolution,
    folding,
    gradient_of_scale,
    identity,
    orthogonal_gradient,
    population_variance,
    scale_invariance,
    three_backward_passes,
    two_batches,
)
from lecturelib.claims.record import Claim, Erratum, Experiment, Measure, Source, Verdict

__all__ = ["CLAIMS", "ERRATA"]

NT = Source(lecture="NT", keys=("ioffe2015",))
LBN = Source(lecture="LBN", keys=("ioffe2015",))
JHU = Source(lecture="JHU", keys=("ioffe2015",))
BLOG = Source(lecture="BLOG", keys=("ioffe2015",))

QUICK = {"samples": 16, "inputs": 6, "units": 5}
FULL = {"samples": 1024, "inputs": 128, "units": 64}
SCALES = {"scales": [0.01, 0.5, 3.0, 1000.0]}


def _exact(name: str, label: str) -> Measure:
    """An error that must be rounding alone, on every seed."""
    return Measure(
        name=name,
        label=label,
        expect="below",
        threshold=1e-13,
        reason="rounding in float64, with room for larger cases",
        tolerance=1e-13,
        wins=1.0,
        digits=-1,
    )


def _exact_claim(
    id: str,
    slug: str,
    sentence: str,
    sources: tuple[Source, ...],
    protocol: str,
    experiment: Experiment,
    measures: tuple[Measure, ...],
    *,
    verdict: Verdict = "holds",
    conditions: tuple[str, ...] = (),
    more: dict[str, list[float]] | None = None,
) -> Claim:
    return Claim(
        id=id,
        slug=slug,
        sentence=sentence,
        sources=sources,
        chapter="batch_norm",
        protocol=f"Random layers in float64, one a seed, ε = 0 unless said. {protocol}",
        experiment=experiment,
        quick={**QUICK, **(more or {})},
        full={**FULL, **(more or {})},
        measures=measures,
        verdict=verdict,
        conditions=conditions,
        vectorized=False,
    )


def _sign_condition(label: str) -> Measure:
    return Measure(
        name="negative",
        label=label,
        expect="above",
        threshold=1.0,
        reference=0.0,
        reason="the sign turns, so the relative error is 2",
        tolerance=1e-9,
        role="condition",
        wins=1.0,
        digits=2,
    )


def _eps_condition(label: str) -> Measure:
    return Measure(
        name="with eps",
        label=label,
        expect="above",
        threshold=9e-5,
        reference=1e-13,
        reason="about half the effect; far above rounding",
        tolerance=1e-9,
        role="condition",
        wins=1.0,
        digits=5,
    )


EXACT = (
    _exact_claim(
        "BN1",
        "scale-invariance",
        "The scale of the weights before batch norm does not matter: BN(cWx) = BN(Wx).",
        (NT,),
        "Outputs at cW against outputs at W for c = 0.01, 0.5, 3 and 1000.",
        scale_invariance,
        (
            _exact("error", "largest relative difference, c > 0, ε = 0"),
            _sign_condition("the same for c = −2"),
            _eps_condition("the same for c = 0.1 and ε = 1e-5"),
        ),
        verdict="holds with a condition",
        conditions=("Only for c > 0: a negative c turns the sign of every output.",
                    "Only without ε, which small weights feel most."),
        more=SCALES,
    ),
    _exact_claim(
        "BN2",
        "gradient-inverse-to-scale",
        "Gradients are inversely proportional to the scale of the weights: "
        "∂BN(cWx)/∂(cW) = (1/c)·∂BN(Wx)/∂W.",
        (NT,),
        "Gradients of Σ r·BN at cW, times c, against those at W for c = 0.01, 0.5, 3 and 1000; "
        "r is random.",
        gradient_of_scale,
        (
            _exact("error", "largest relative difference, c > 0, ε = 0"),
            _sign_condition("the same for c = −2"),
            _eps_condition("the same for c = 0.1 and ε = 1e-5"),
        ),
        verdict="holds with a condition",
        conditions=("Only for c > 0: at −W the gradient equals that at W, so the factor is 1/|c|.",
                    "Only without ε."),
        more=SCALES,
    ),
    _exact_claim(
        "BN3",
        "gradient-orthogonal-to-weights",
        "The gradient of the weights before batch norm is orthogonal to them, wᵀ∇w = 0, so plain "
        "gradient steps only lengthen them.",
        (Source(lecture="NT", keys=("salimans2016", "vanlaarhoven2017")),),
        "Cosine between each row of W and its gradient; length after a step of 1 over the length "
        "before it.",
        orthogonal_gradient,
        (
            _exact("cosine", "largest |cosine| of weights and gradient over units"),
            Measure(
                name="growth",
                label="smallest growth of a row's length in one step",
                expect="above",
                threshold=1.0,
                reason="a step at a right angle can't shorten",
                tolerance=1e-9,
                wins=1.0,
                digits=2,
            ),
        ),
    ),
    _exact_claim(
        "BN4",
        "redundant-bias",
        "A bias before batch norm does nothing: the mean removes it, and its gradient is zero.",
        (LBN, NT),
        "A random bias before the norm: change of the output, and gradient over the sum of "
        "|cotangents|. Beside it the gradient of the shift β after the norm.",
        bias_gradient,
        (
            _exact("gradient", "gradient of the bias before the norm"),
            _exact("output", "change of the output"),
            Measure(name="shift", label="gradient of the shift β after the norm", digits=2),
        ),
    ),
    _exact_claim(
        "BN5",
        "identity",
        "Batch norm can learn the identity: γ = √(Var + ε) and β = E give the input back.",
        (JHU,),
        "Output against input with these γ and β; beside it the γ = Var of the slide, "
        "for units of standard deviation about 7.",
        identity,
        (
            _exact("error", "relative error with γ = √(Var + ε)"),
            Measure(name="slide", label="relative error with γ = Var, as on the slide", digits=1),
        ),
    ),
    _exact_claim(
        "BN6",
        "folding",
        "At inference batch norm can be folded into the weights of the layer before it.",
        (LBN,),
        "Linear layer and batch norm with random γ, β and running statistics against one folded "
        "layer.",
        folding,
        (_exact("error", "largest relative difference"),),
    ),
    _exact_claim(
        "BN7",
        "convolution-samples",
        "In a convolution every position is a sample: a channel's statistics use N·H·W values.",
        (LBN, NT),
        "BatchNorm2d on (N, C, 5, 4) against BatchNorm1d on its N·H·W rows.",
        convolution,
        (_exact("error", "largest relative difference"),),
    ),
    _exact_claim(
        "BN8",
        "population-variance",
        "For inference the unbiased variance is kept, m/(m−1) times the one that normalizes the "
        "batch.",
        (JHU,),
        "Running variance after one batch with momentum 1, and mean square of the output.",
        population_variance,
        (
            _exact("running", "running variance against Σ(x−μ)²/(m−1)"),
            _exact("output", "mean square of the output against 1"),
            Measure(name="biased", label="running variance against Σ(x−μ)²/m", digits=3),
        ),
    ),
    _exact_claim(
        "BN9",
        "backward-passes",
        "The chain of partial derivatives of Ioffe and Szegedy, its compact form and automatic "
        "differentiation give the same gradients.",
        (LBN, BLOG),
        "Gradients of x, γ and β under random cotangents, ε = 1e-5, against autograd through the "
        "definition.",
        three_backward_passes,
        (
            _exact("chain", "chain of partial derivatives against autograd"),
            _exact("compact", "compact formula against autograd"),
        ),
    ),
    _exact_claim(
        "BN10",
        "two-batches-one-output",
        "Two different samples in two different batches can get the same representation.",
        (NT,),
        "A batch against its copy, each unit stretched by a positive factor and shifted by 9 or "
        "more; and the middle samples of [0, 1, 2] and [9, 10, 11].",
        two_batches,
        (
            _exact("error", "largest relative difference after batch norm"),
            _exact("puzzle", "output of the middle samples of [0, 1, 2] and [9, 10, 11]"),
            Measure(name="apart", label="mean difference before batch norm", digits=1),
        ),
    ),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (*EXACT,)

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="jhu-identity",
        chapter="batch_norm",
        lecture="JHU",
        where="Batch Normalization, “Network can learn identity!”",
        says="γ = Var[x], β = E[x]",
        right="γ = √(Var[x] + ε), β = E[x]",
        why="Batch norm divides by the standard deviation, not by the variance, and adds ε under "
        "the root.",
        test="tests/claims/test_errata.py::test_identity_needs_the_root",
    ),
    Erratum(
        id="jhu-unit-gaussian",
        chapter="batch_norm",
        lecture="JHU",
        where="Batch Normalization, step 2",
        says="Normalize to unit Gaussian",
        right="Normalize to mean 0 and variance 1",
        why="A shift and a stretch change no shape: skewness and kurtosis stay what they were, and "
        "units after a ReLU are far from Gaussian.",
        test="tests/claims/test_errata.py::test_normalizing_keeps_the_shape",
    ),
    Erratum(
        id="jhu-average-std",
        chapter="batch_norm",
        lecture="JHU",
        where="Batch Normalization During Testing, last line",
        says="Compute average mean and standard deviation across multiple batches",
        right="Average the means and the variances, these with the factor m/(m−1), and take the "
        "root at the end",
        why="The slide's own algorithm averages variances. An average of standard deviations of "
        "small batches is too small: at m = 2 it is 0.56 σ for a Gaussian.",
        test="tests/claims/test_errata.py::test_average_of_standard_deviations_is_too_small",
    ),
    Erratum(
        id="nt-any-scale",
        chapter="batch_norm",
        lecture="NT",
        where="Effects of batch normalization, parameter scaling",
        says="BN(cWx) = BN(Wx), ∂BN(cWx)/∂(cW) = (1/c)·∂BN(Wx)/∂W, without a condition on c or ε",
        right="Both for c > 0 and ε = 0. For c < 0 the output turns its sign, and the factor is "
        "1/|c|",
        why="The standard deviation is even in c. With ε = 1e-5 and c = 0.1 outputs move in the "
        "fourth digit.",
        test="tests/claims/test_errata.py::test_scale_invariance_needs_positive_scale_and_no_eps",
    ),
    Erratum(
        id="lbn-variance-of-variance",
        chapter="batch_norm",
        lecture="LBN",
        where="How much Noise does BN cause?",
        says="The variance of the estimator σ' is Var(S²) = μ₄/n − σ⁴(n−3)/(n(n−1))",
        right="That is the unbiased S². Batch norm divides by the biased variance, whose own "
        "variance is ((n−1)/n)² times as large",
        why="The biased variance is S²·(n−1)/n. At n = 2 the slide's formula is four times too "
        "large.",
        test="tests/claims/test_errata.py::test_biased_variance_is_less_noisy",
    ),
    Erratum(
        id="blog-six-variables",
        chapter="batch_norm",
        lecture="BLOG",
        where="What is Batch Normalization?",
        says="the gradients with respect to our six new variables are continuous and "
        "differentiable, thus allowing γ and β to be learned",
        right="Two parameters are new, γ and β. The chain has six gradients, those of x̂, σ², μ, x, "
        "γ and β",
        why="x̂, σ², μ and x are values of the forward pass; only γ and β are trained.",
        test="tests/claims/test_errata.py::test_two_parameters_and_six_gradients",
    ),
)
