"""Claims of the chapter ``batch_norm_in_networks``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.chapters.batch_norm_in_networks.exact import (
    gradient_of_scale,
    orthogonal_gradient,
    scale_invariance,
    two_batches,
)
from lecturelib.chapters.batch_norm_in_networks.experiments import (
    DISTRIBUTIONS,
    dropout_placement,
    lp_normalization,
    placement_accuracy,
    residual_correlation,
    running_average_variance,
    small_batches,
    standardized_sample_variance,
    statistics_noise,
    variance_ratio,
)
from lecturelib.claims.exact import exact_claim, rounding
from lecturelib.claims.published import (
    DROPOUT_DENSENET,
    PLACEMENT_CAFFENET,
    PLACEMENT_GOOGLENET,
    PublishedTable,
)
from lecturelib.claims.record import Claim, Measure, PublishedFigure, Source
from lecturelib.normalization import batch_norm

__all__ = ["CLAIMS"]

NT = Source(lecture="NT", keys=("ioffe2015",))
LBN = Source(lecture="LBN", keys=("ioffe2015",))
SCALES = {"scales": [0.01, 0.5, 3.0, 1000.0]}


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
        tolerance=1e-8,
        role="condition",
        wins=1.0,
        digits=5,
        bound=0.0,
    )


EXACT = (
    exact_claim(
        "batch_norm_in_networks",
        "BN1",
        "scale-invariance",
        "The scale of the weights before batch norm does not matter: BN(cWx) = BN(Wx).",
        (NT,),
        "Outputs at cW against outputs at W for c = 0.01, 0.5, 3 and 1000.",
        scale_invariance,
        (
            rounding("error", "largest relative difference, c > 0, ε = 0"),
            _sign_condition("the same for c = −2"),
            _eps_condition("the same for c = 0.1 and ε = 1e-5"),
        ),
        verdict="holds with a condition",
        conditions=("Only for c > 0: a negative c turns the sign of every output.",
                    "Only without ε, which small weights feel most."),
        more=SCALES,
    ),
    exact_claim(
        "batch_norm_in_networks",
        "BN2",
        "gradient-inverse-to-scale",
        "Gradients are inversely proportional to the scale of the weights: "
        "∂BN(cWx)/∂(cW) = (1/c)·∂BN(Wx)/∂W.",
        (NT,),
        "Gradients of Σ r·BN at cW, times c, against those at W for c = 0.01, 0.5, 3 and 1000; "
        "r is random.",
        gradient_of_scale,
        (
            rounding("error", "largest relative difference, c > 0, ε = 0"),
            _sign_condition("the same for c = −2"),
            _eps_condition("the same for c = 0.1 and ε = 1e-5"),
        ),
        verdict="holds with a condition",
        conditions=("Only for c > 0: at −W the gradient equals that at W, so the factor is 1/|c|.",
                    "Only without ε."),
        more=SCALES,
    ),
    exact_claim(
        "batch_norm_in_networks",
        "BN3",
        "gradient-orthogonal-to-weights",
        "The gradient of the weights before batch norm is orthogonal to them, wᵀ∇w = 0, so plain "
        "gradient steps only lengthen them.",
        (Source(lecture="NT", keys=("salimans2016", "vanlaarhoven2017")),),
        "Cosine between each row of W and its gradient; length after a step of 1 over the length "
        "before it.",
        orthogonal_gradient,
        (
            rounding("cosine", "largest |cosine| of weights and gradient over units"),
            Measure(
                name="growth",
                label="smallest growth of a row's length in one step",
                expect="above",
                threshold=1.0,
                reason="a step at a right angle can't shorten",
                tolerance=1e-4,
                wins=1.0,
                digits=2,
                bound=1.0,
            ),
        ),
    ),
    exact_claim(
        "batch_norm_in_networks",
        "BN10",
        "two-batches-one-output",
        "Two different samples in two different batches can get the same representation.",
        (NT,),
        "A batch against its copy, each unit stretched by a positive factor and shifted by 9 or "
        "more; and the middle samples of [0, 1, 2] and [9, 10, 11].",
        two_batches,
        (
            rounding("error", "largest relative difference after batch norm"),
            rounding("puzzle", "output of the middle samples of [0, 1, 2] and [9, 10, 11]"),
            Measure(name="apart", label="mean difference before batch norm", digits=1),
        ),
    ),
)  # fmt: skip

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: tensor.tolist() for name, tensor in values.items()}


def _published(table: PublishedTable, text: str) -> PublishedFigure:
    """A figure of a table; the table's source names the authors, then the place."""
    place = table.source.partition(")")[2].strip(",; ")
    return PublishedFigure(text=text, key=table.citation, where=place)


def dropout_shift(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N2: variance shift and its price at two rates of dropout."""
    rest = {name: value for name, value in settings.items() if name not in ("strong", "mild")}
    strong = dropout_placement(seeds, dropout=settings["strong"], **rest, device=device)
    mild = dropout_placement(seeds, dropout=settings["mild"], **rest, device=device)
    one_layer = variance_ratio(seeds, keep=0.5, device=device)["ratio"]
    return _lists(
        {
            "gain": strong["recalibrated"] - strong["stale"],
            "ratio": strong["ratio"][-1],
            "one layer": (one_layer / 0.5 - 1).abs(),
            "mild gain": mild["recalibrated"] - mild["stale"],
            "mild ratio": mild["ratio"][-1],
        }
    )


def _densenet(dropout: str) -> Any:
    return DROPOUT_DENSENET.column("test accuracy (%)")[dropout]


DROPOUT = Claim(
    id="N2",
    slug="dropout-before-batch-norm",
    sentence="Dropout before batch norm shifts the variance between training and test.",
    sources=(Source(lecture="LBN", keys=("li2019",)),),
    protocol="Networks of 6 × 128 units in blocks linear, norm, ReLU, dropout on standardized "
    "digits, SGD 0.1, 15 epochs of batches of 64. Variance of the test set at the last norm over "
    "its running variance; test accuracy before and after the running statistics are estimated "
    "again without dropout. Dropout 0.5, and 0.3 for the condition.",
    experiment=dropout_shift,
    quick={
        "strong": 0.5,
        "mild": 0.3,
        "width": 128,
        "depth": 6,
        "lr": 0.1,
        "epochs": 15,
        "batch_size": 64,
    },
    full={
        "strong": 0.5,
        "mild": 0.3,
        "width": 512,
        "depth": 12,
        "lr": 0.1,
        "epochs": 100,
        "batch_size": 64,
    },
    short={"epochs": 15},
    measures=(
        Measure(
            name="ratio",
            label="test variance over running variance, last norm",
            expect="below",
            threshold=0.5,
            reference=1.0,
            reason="half of the way from 1 to 0",
            tolerance=0.05,
            digits=2,
        ),
        Measure(
            name="gain",
            label="test accuracy gained by estimating the statistics again",
            expect="above",
            threshold=0.15,
            reference=0.0,
            reason="half the effect",
            tolerance=0.06,
            digits=2,
        ),
        Measure(
            name="one layer",
            label="variance ratio of N(0, 1) inputs: distance from theory (the share kept)",
            expect="below",
            threshold=0.02,
            reference=0.03,
            reason="sampling error of 100,000 values is 0.5%",
            tolerance=1e-6,
            digits=3,
        ),
        Measure(
            name="mild gain",
            label="the same gain at dropout 0.3",
            expect="below",
            threshold=0.03,
            reference=0.06,
            reason="a tenth of the effect at 0.5",
            tolerance=0.02,
            role="condition",
            digits=3,
        ),
        Measure(name="mild ratio", label="variance ratio at dropout 0.3", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "The variance shifts at any rate, but at dropout 0.3 the accuracy of this network "
        "does not suffer.",
    ),
    published=(
        _published(
            DROPOUT_DENSENET,
            f"DenseNet on CIFAR-100: {_densenet('none')}% without dropout, "
            f"{_densenet('0.5')}% with dropout 0.5",
        ),
    ),
)


def whitening(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N10: correlation that is left between two standardized units, by angle of their axes."""
    left = residual_correlation(
        [0.0, 15.0, 30.0, 45.0],
        seeds,
        variances=tuple(settings["variances"]),
        samples=settings["samples"],
        device=device,
    ).abs()
    first, second = settings["variances"]
    theory = abs(first - second) / (first + second)
    return _lists(
        {
            "diagonal": left[3] - left[:3].max(0).values,
            "aligned": left[0],
            "theory": (left[3] - theory).abs(),
            "at 45": left[3],
        }
    )


WHITENING = Claim(
    id="N10",
    slug="approximate-whitening",
    sentence="Batch norm approximates whitening; the approximation is worst when the principal "
    "axes lie farthest from the coordinate axes.",
    sources=(NT,),
    protocol="Two Gaussian units with variances 9 and 1 along principal axes turned by 0, 15, 30 "
    "and 45 degrees; correlation that is left after batch norm. Theory at 45 degrees: "
    "(9 − 1)/(9 + 1).",
    experiment=whitening,
    quick={"variances": [9.0, 1.0], "samples": 20_000},
    full={"variances": [9.0, 1.0], "samples": 2_000_000},
    measures=(
        Measure(
            name="diagonal",
            label="|correlation| left at 45° minus the largest at 0°, 15° and 30°",
            expect="above",
            threshold=0.02,
            reference=0.0,
            reason="half the effect",
            tolerance=1e-3,
            wins=1.0,
        ),
        Measure(
            name="aligned",
            label="|correlation| left at 0°",
            expect="below",
            threshold=0.02,
            reference=0.05,
            reason="sampling error is 0.007",
            tolerance=1e-3,
        ),
        Measure(
            name="theory",
            label="distance from theory at 45°",
            expect="below",
            threshold=0.01,
            reference=0.02,
            reason="sampling error is 0.003",
            tolerance=1e-3,
        ),
        Measure(name="at 45", label="|correlation| left at 45°", digits=2),
    ),
    verdict="holds",
    vectorized=False,
)


def placement(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N12: accuracy with batch norm after the ReLU against before it."""
    found = placement_accuracy(seeds, **settings, device=device)
    before, after = found["accuracy before"], found["accuracy after"]
    return _lists(
        {
            "best": after.max(0).values - before.max(0).values,
            "lowest rate": after[0] - before[0],
            "highest rate": after[-1] - before[-1],
            "over none": before.max(0).values - found["accuracy none"].max(0).values,
        }
    )


def _caffenet(placement: str, affine: str | None) -> float:
    """Published accuracy of a row."""
    rows = {row[:2]: row[2] for row in PLACEMENT_CAFFENET.rows}
    return float(rows[placement, affine])  # type: ignore[arg-type]


PLACEMENT = Claim(
    id="N12",
    slug="batch-norm-after-relu",
    sentence="Batch norm after the ReLU is empirically better than before it.",
    sources=(Source(lecture="LBN", keys=("mishkin2017",)),),
    protocol="Networks of 8 × 64 units on standardized digits, 10 epochs of batches of 128, SGD at "
    "0.03, 0.3 and 1. Test accuracy with batch norm after the ReLU minus before it: each at its "
    "best rate, and at the lowest and the highest.",
    experiment=placement,
    quick={"rates": [0.03, 0.3, 1.0], "width": 64, "depth": 8, "epochs": 10, "batch_size": 128},
    full={"rates": [0.03, 0.3, 1.0], "width": 512, "depth": 8, "epochs": 100, "batch_size": 128},
    short={"epochs": 20},
    measures=(
        Measure(
            name="best",
            label="accuracy after minus before, each at its best rate",
            expect="above",
            threshold=0.01,
            reference=0.0,
            reason="half of the published difference",
            tolerance=0.02,
        ),
        Measure(name="lowest rate", label="the same at the lowest rate, 0.03"),
        Measure(name="highest rate", label="the same at the highest rate, 1"),
        Measure(name="over none", label="batch norm before the ReLU minus none, best rates"),
    ),
    verdict="not reproduced",
    seeds=20,
    conditions=(
        "At this scale a difference shows only where the rate is too low for either.",
        "Published differences come from one run a row.",
    ),
    published=(
        _published(
            PLACEMENT_CAFFENET,
            f"CaffeNet on ImageNet at 128 pixels: none {_caffenet('none', None)}, before "
            f"{_caffenet('before', 'no')} ({_caffenet('before', 'yes')} with γ and β), after "
            f"{_caffenet('after', 'no')} ({_caffenet('after', 'yes')})",
        ),
        _published(
            PLACEMENT_GOOGLENET,
            "GoogLeNet: " + ", ".join(f"{row[0]} {row[2]}" for row in PLACEMENT_GOOGLENET.rows),
        ),
    ),
)


def noise(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """W10: noise of the batch statistics against theory, over batch sizes and distributions."""
    runs = [
        statistics_noise(
            settings["sizes"], seeds, distribution=name, batches=settings["batches"], device=device
        )
        for name in DISTRIBUTIONS
    ]

    def off(name: str) -> Tensor:
        return (torch.stack([run[name] for run in runs]).mean((0, 1)) - 1).abs()

    running = running_average_variance(seeds=seeds, chains=settings["chains"], device=device)
    sizes = torch.tensor(settings["sizes"][2:], dtype=torch.float64).log()
    spread = standardized_sample_variance(
        settings["sizes"][2:], seeds, batches=settings["batches"], device=device
    ).log()
    centred = (sizes - sizes.mean())[:, None].to(spread.device)
    return _lists(
        {
            "mean": off("mean"),
            "unbiased": off("unbiased"),
            "biased": off("biased"),
            "running": (running.mean(0) - 1).abs(),
            "exponent": (centred * spread).sum(0) / centred.square().sum(),
            "slide": torch.stack([run["slide"][0] for run in runs]).mean(0),
        }
    )


def _near_theory(name: str, label: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="below",
        threshold=0.03,
        reference=0.06,
        reason="sampling error",
        tolerance=1e-3,
    )


NOISE = Claim(
    id="W10",
    slug="batch-norm-is-noise",
    sentence="Batch statistics are noisy estimates: Var(μ') = σ²/n and "
    "Var(S²) = μ₄/n − σ⁴(n−3)/(n(n−1)); larger batches and running averages reduce the noise.",
    sources=(LBN,),
    protocol="20,000 batches of 2 to 64 values from a normal, uniform, exponential and rectified "
    "normal distribution; measured variance of the statistics over theory, averaged over sizes and "
    "distributions. Exponential running averages against a/(2 − a), a the momentum. Variance of "
    "the standardized value of one fixed sample in batches of 8 to 64, as a power of n.",
    experiment=noise,
    quick={"sizes": [2, 4, 8, 16, 32, 64], "batches": 20_000, "chains": 5_000},
    full={"sizes": [2, 4, 8, 16, 32, 64], "batches": 1_000_000, "chains": 200_000},
    measures=(
        Measure(
            name="exponent",
            label="power of n in the variance of a standardized sample",
            expect="below",
            threshold=-0.8,
            reference=-0.5,
            reason="theory is about −1",
            tolerance=0.02,
            digits=2,
        ),
        _near_theory("mean", "variance of the mean against σ²/n, relative error"),
        _near_theory("unbiased", "variance of the unbiased S² against the formula"),
        _near_theory("biased", "variance of the biased variance against ((n−1)/n)² times it"),
        _near_theory("running", "variance of running averages against a/(2 − a), a the momentum"),
        Measure(
            name="slide",
            label="variance of batch norm's variance over the slide's formula at n = 2",
            expect="below",
            threshold=0.6,
            reference=1.0,
            reason="half of the way to ((n−1)/n)² = 0.25",
            tolerance=0.02,
            role="condition",
            digits=2,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "The formula is that of the unbiased S². Batch norm divides by the biased variance, "
        "whose noise is ((n−1)/n)² as large: a quarter at n = 2.",
    ),
    vectorized=False,
)


def tiny_batches(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """W11: test accuracy that small batches cost, with batch norm and with layer norm."""
    found = small_batches(settings["sizes"], seeds, device=device, **_network(settings))
    layer = small_batches([2], seeds, norm="layer", device=device, **_network(settings))
    pairs = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(2, 64, generator=generator, dtype=torch.float64).to(device)
        pairs.append((batch_norm(x, None, None, training=True, eps=0.0).abs() - 1).abs().max())
    large = found[max(settings["sizes"])]
    return _lists(
        {
            "drop": large - found[2],
            "layer norm": layer[2] - found[2],
            "signs": torch.stack(pairs),
            "drop at 8": large - found[8],
            "drop at 4": large - found[4],
            "accuracy": large,
        }
    )


def _network(settings: Settings) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != "sizes"}


SMALL_BATCHES = Claim(
    id="W11",
    slug="small-batches",
    sentence="Small batches break batch norm: avoid it where batches are small.",
    sources=(Source(lecture="FFN", keys=("ioffe2015",)), LBN),
    protocol="Networks 64-64-64-10 on standardized digits, 4 epochs of SGD with rate 0.1·B/32, in "
    "batches of B = 2, 4, 8 and 32; layer norm at B = 2 beside it. At B = 2 and ε = 0 also the "
    "values themselves.",
    experiment=tiny_batches,
    quick={"sizes": [2, 4, 8, 32], "width": 64, "depth": 2, "epochs": 4, "lr_at_32": 0.1},
    full={"sizes": [2, 4, 8, 32], "width": 512, "depth": 4, "epochs": 20, "lr_at_32": 0.1},
    short={"epochs": 4},
    measures=(
        Measure(
            name="drop",
            label="test accuracy lost from B = 32 to B = 2",
            expect="above",
            threshold=0.13,
            reference=0.0,
            reason="half the effect",
            tolerance=0.06,
            digits=2,
        ),
        Measure(
            name="layer norm",
            label="layer norm minus batch norm at B = 2",
            expect="above",
            threshold=0.13,
            reference=0.0,
            reason="half the effect",
            tolerance=0.06,
            digits=2,
        ),
        Measure(
            name="signs",
            label="distance of the standardized values from ±1 at B = 2",
            expect="below",
            threshold=1e-9,
            reason="rounding in float64, worst where the two values are close",
            tolerance=1e-9,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="drop at 8",
            label="test accuracy lost from B = 32 to B = 8",
            expect="below",
            threshold=0.03,
            reference=0.06,
            reason="a tenth of the loss at B = 2",
            tolerance=0.015,
            role="condition",
        ),
        Measure(name="drop at 4", label="test accuracy lost from B = 32 to B = 4"),
        Measure(name="accuracy", label="test accuracy at B = 32", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "Small means 2, to a lesser degree 4: at B = 8 hardly anything is lost.",
        "The learning rate must grow with B, as here; and these layers are fully connected: "
        "a convolution has N·H·W samples.",
    ),
)


def norms_alike(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A10: final training loss under L1, L2 and L∞ norms, batch norm, centring and nothing."""
    chance = math.log(10)  # the loss of ten equal probabilities stands for a run that diverged
    losses = lp_normalization(seeds, **settings, device=device)
    found = {name: loss.nan_to_num(nan=chance, posinf=chance) for name, loss in losses.items()}
    worst = torch.stack([found[name] for name in ("l1", "l2", "linf")]).amax(0)
    return _lists(
        {
            "gain": found["none"] - worst,
            "behind": worst - found["batch"],
            "centring": found["none"] - found["center"],
            "none": found["none"],
            "batch": found["batch"],
        }
    )


NORMS = Claim(
    id="A10",
    slug="lp-norms",
    sentence="Dividing by other norms than the standard deviation works as well as batch norm.",
    sources=(Source(lecture="LBN", keys=("santurkar2018",)),),
    protocol="Networks of 16 × 64 units on digits, SGD 0.2, 200 steps on batches of 128. Training "
    "loss, mean of the last 20 steps: L1, L2 and L∞ norms with the mean removed afterwards, batch "
    "norm, removal of the mean alone, and no normalization. A run that diverges counts as chance, "
    "ln 10.",
    experiment=norms_alike,
    quick={"width": 64, "depth": 16, "lr": 0.2, "steps": 200, "batch_size": 128},
    full={"width": 512, "depth": 24, "lr": 0.2, "steps": 2_000, "batch_size": 128},
    short={"steps": 300},
    measures=(
        Measure(
            name="gain",
            label="loss without normalization minus the worst of L1, L2 and L∞",
            expect="above",
            threshold=0.8,
            reference=0.0,
            reason="half the effect",
            tolerance=0.4,
            digits=2,
        ),
        Measure(
            name="behind",
            label="the worst of L1, L2 and L∞ minus batch norm",
            expect="below",
            threshold=0.2,
            reference=0.4,
            reason="a tenth of what no normalization costs",
            tolerance=0.08,
            digits=2,
        ),
        Measure(
            name="centring",
            label="loss without normalization minus that with the mean alone removed",
            expect="above",
            threshold=0.8,
            reference=0.0,
            reason="half the effect of a norm",
            tolerance=0.4,
            role="condition",
            digits=2,
        ),
        Measure(name="none", label="loss without normalization", digits=1),
        Measure(name="batch", label="loss with batch norm", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "Not because of the scale: to remove the mean alone helps as much here, against "
        "“the important part is the scaling, not the biases”.",
    ),
)


CLAIMS: tuple[Claim, ...] = (
    *EXACT,
    DROPOUT,
    WHITENING,
    PLACEMENT,
    NOISE,
    SMALL_BATCHES,
    NORMS,
)
