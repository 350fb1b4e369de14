"""Claims of the chapter ``noise_and_augmentation``: shifts, noise at inputs, labels and weights.

The experiments are in :mod:`lecturelib.chapters.noise_and_augmentation.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lecturelib.chapters.noise_and_augmentation import experiments
from lecturelib.chapters.noise_and_augmentation.experiments import PROTOCOL
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = Mapping[str, Sequence[float]]

FFN = Source(lecture="FFN")
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
CLEAN_RATES = (0.1, 0.3, 1.0)
LARGE = {**PROTOCOL, "width": 512, "epochs": 200}
NETWORK = (
    "network 64-64-10 with ReLUs, pixels from 0 to 1, SGD with momentum 0.9, batches of 100, 25 "
    "epochs, the rate falls along a cosine. Both sides pick their learning rate, for each seed, by "
    "the accuracy on 800 validation digits at the end"
)
DATA = (
    "600 digits, 40% of their labels replaced by another class, validation labels likewise, test "
    f"labels true; {NETWORK}: 0.01, 0.03, 0.1, 0.3 or 1"
)


def _split(settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings for wrong labels, and those for true ones, whose grids begin with ``clean_``."""
    wrong = {k: v for k, v in settings.items() if not k.startswith("clean_")}
    clean = {k.removeprefix("clean_"): v for k, v in settings.items() if k.startswith("clean_")}
    return {**wrong, "flip": 0.4}, {**wrong, **clean, "flip": 0.0}


# --- R3 ------------------------------------------------------------------------------------------


def input_noise(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R3: noise on the pixels in training, both sides tuned."""
    wrong, clean = _split(settings)
    at = wrong.pop("at")
    clean.pop("at")
    found = experiments.noise_gain(seeds, fixed=at, **wrong, device=device)
    true = experiments.noise_gain(seeds, **clean, device=device)
    return {
        "gain": found["gain"].tolist(),
        "robust": found["robust"].tolist(),
        "fixed": found["fixed"].tolist(),
        "clean": true["gain"].tolist(),
        "plain": found["plain"].tolist(),
        "noise": found["other"].tolist(),
        "loss": found["loss"].tolist(),
        "std": found["std"].tolist(),
    }


INPUT_NOISE = Claim(
    id="R3",
    slug="input-noise-generalizes",
    sentence="Noise at the inputs works like an augmentation of the data: it improves "
    "generalization, and increases the robustness to noise.",
    sources=(FFN,),
    protocol=f"{DATA}; the side with noise also its standard deviation, 0.2, 0.4 or 0.6. "
    "Robustness: accuracy on test digits with noise of 0.4, both tuned. Reported besides: the gain "
    "with both sides at the rate 0.3, at which wrong labels are learnt; and the tuned gain with "
    "true labels, rates 0.1, 0.3 and 1, noise 0.1, 0.2 or 0.4.",
    experiment=input_noise,
    quick={
        "lrs": RATES,
        "strengths": (0.2, 0.4, 0.6),
        "clean_lrs": CLEAN_RATES,
        "clean_strengths": (0.1, 0.2, 0.4),
        "test_noise": 0.4,
        "at": (0.3, 0.4),
        **PROTOCOL,
    },
    full={
        "lrs": (0.003, *RATES),
        "strengths": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8),
        "clean_lrs": RATES,
        "clean_strengths": (0.05, 0.1, 0.2, 0.3, 0.4),
        "test_noise": 0.4,
        "at": (0.3, 0.4),
        **LARGE,
    },
    measures=(
        Measure(
            name="robust",
            label="accuracy on test digits with noise, trained with it minus without, both tuned",
            expect="above",
            threshold=0.03,
            reference=0.0,
            reason="a third of the effect",
            tolerance=0.04,
            wins=0.7,
        ),
        Measure(
            name="gain",
            label="the same on test digits without noise, both tuned",
            expect="below",
            threshold=0.04,
            reference=0.08,
            reason="half of the gain on digits with noise",
            tolerance=0.015,
            wins=0.7,
            role="condition",
        ),
        Measure(
            name="fixed",
            label="the same with noise of 0.4, both at the rate 0.3",
        ),
        Measure(name="clean", label="the tuned gain with true labels"),
        Measure(name="plain", label="test accuracy without noise"),
        Measure(name="noise", label="test accuracy with noise"),
        Measure(name="loss", label="test loss with noise over that without", digits=2),
        Measure(name="std", label="the standard deviation that was picked", digits=1),
    ),
    verdict="holds with a condition",
    conditions=(
        "For digits that have noise. On digits without, one or two points are left in the median "
        "when both sides have their best rate, and not on every seed; with true labels less.",
    ),
    seeds=20,
)


# --- R4 ------------------------------------------------------------------------------------------


def shifts(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R4: shifts by up to a pixel in training, both sides tuned."""
    wrong, clean = _split(settings)
    found = experiments.shift_gain(seeds, **wrong, device=device)
    true = experiments.shift_gain(seeds, **clean, device=device)
    return {
        "invariant": found["invariant"].tolist(),
        "shifted": found["shifted"].tolist(),
        "gain": found["gain"].tolist(),
        "clean": true["gain"].tolist(),
        "same": found["plain same"].tolist(),
        "plain": found["plain"].tolist(),
        "moved": found["other"].tolist(),
    }


SHIFT = Claim(
    id="R4",
    slug="shifts-teach-invariance",
    sentence="Random transformations of the inputs in training give a representation that is "
    "invariant to them, and improve generalization.",
    sources=(FFN,),
    protocol=f"{DATA}. The transformation shifts each image by −1, 0 or 1 pixel in both "
    "directions, anew whenever it is used. Invariance: share of the answers that stay when a test "
    "digit is shifted by a pixel, mean of the eight shifts. Condition: test digits as they are, "
    "which nobody has shifted. Reported besides: the same with true labels, rates 0.1, 0.3 and 1.",
    experiment=shifts,
    quick={"lrs": RATES, "clean_lrs": CLEAN_RATES, "most": 1, **PROTOCOL},
    full={"lrs": (0.003, *RATES), "clean_lrs": RATES, "most": 1, **LARGE},
    measures=(
        Measure(
            name="invariant",
            label="share of answers that a shift leaves, with shifts in training minus without",
            expect="above",
            threshold=0.25,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
            wins=0.9,
        ),
        Measure(
            name="shifted",
            label="accuracy on shifted test digits, with minus without",
            expect="above",
            threshold=0.25,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
            wins=0.9,
        ),
        Measure(
            name="gain",
            label="accuracy on test digits as they are, with minus without",
            expect="below",
            threshold=-0.01,
            reference=0.0,
            reason="a third of the effect",
            tolerance=0.02,
            role="condition",
            wins=0.5,
        ),
        Measure(name="clean", label="the same with true labels"),
        Measure(name="same", label="share of answers that a shift leaves, without", digits=2),
        Measure(name="plain", label="test accuracy without shifts"),
        Measure(name="moved", label="test accuracy with shifts"),
    ),
    verdict="holds with a condition",
    conditions=(
        "For data that are transformed. These test digits are centred like those of the training, "
        "and on them a network of this size that also had to learn the shifts in the same time is "
        "worse.",
    ),
)


# --- R6 ------------------------------------------------------------------------------------------


def smoothing(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R6: smoothed labels against plain ones, both sides tuned."""
    wrong, clean = _split(settings)
    found = experiments.smoothing_gain(seeds, **wrong, device=device)
    true = experiments.smoothing_gain(seeds, **clean, device=device)
    return {
        "gain": true["gain"].tolist(),
        "loss": true["loss"].tolist(),
        "wrong": found["gain"].tolist(),
        "wrong loss": found["loss"].tolist(),
        "plain": true["plain"].tolist(),
        "smooth": true["other"].tolist(),
        "epsilon": true["smoothing"].tolist(),
    }


SMOOTHING = Claim(
    id="R6",
    slug="label-smoothing-generalizes",
    sentence="Label smoothing reduces over-fitting and improves generalization.",
    sources=(FFN,),
    protocol=f"600 digits with true labels; {NETWORK}: 0.1, 0.3, 1 or 3; the side with smoothing "
    "also ε: 0.1, 0.2 or 0.4. Condition: the cross-entropy of the test labels, unsmoothed. "
    "Reported besides: the same with 40% wrong labels, rates 0.03, 0.1, 0.3 and 1, ε 0.2 or 0.5.",
    experiment=smoothing,
    quick={
        "lrs": (0.03, 0.1, 0.3, 1.0),
        "strengths": (0.2, 0.5),
        "clean_lrs": (0.1, 0.3, 1.0, 3.0),
        "clean_strengths": (0.1, 0.2, 0.4),
        **PROTOCOL,
    },
    full={
        "lrs": RATES,
        "strengths": (0.1, 0.2, 0.5, 0.8),
        "clean_lrs": (0.03, 0.1, 0.3, 1.0, 3.0),
        "clean_strengths": (0.05, 0.1, 0.2, 0.4),
        **LARGE,
    },
    measures=(
        Measure(
            name="gain",
            label="test accuracy with smoothing minus without, true labels",
            expect="above",
            threshold=0.0,
            reference=0.0,
            reason="a gain at all: it is of the size of one or two of 360 digits",
            tolerance=0.01,
            wins=0.5,
        ),
        Measure(
            name="loss",
            label="test loss with smoothing over that without",
            expect="above",
            threshold=1.1,
            reference=1.0,
            reason="a tenth more than without",
            tolerance=0.5,
            digits=2,
            role="condition",
            wins=0.6,
        ),
        Measure(name="wrong", label="the gain with 40% wrong labels"),
        Measure(name="wrong loss", label="the ratio of losses with 40% wrong labels", digits=2),
        Measure(name="plain", label="test accuracy without smoothing"),
        Measure(name="smooth", label="test accuracy with smoothing"),
        Measure(name="epsilon", label="the ε that was picked", digits=1),
    ),
    verdict="holds with a condition",
    conditions=(
        "In accuracy, by a little. The likelihood of the test labels gets worse: the smoothed "
        "network is less sure than it is right.",
    ),
)


# --- R10 -----------------------------------------------------------------------------------------


def weight_noise(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R10: what noise on the weights adds to the loss, against one term and two."""
    found = experiments.weight_noise(seeds, **settings, device=device)
    return {name: values.tolist() for name, values in found.items()}


WEIGHT_NOISE = Claim(
    id="R10",
    slug="weight-noise-as-gradient-penalty",
    sentence="Noise of variance σ² on the weights is similar to a penalty σ² E‖∇θ f(x, θ)‖² on "
    "the gradient.",
    sources=(FFN,),
    protocol="f(x) = v·tanh(wx + b) + c with 12 units, 40 samples of sin 2x with noise 0.3, "
    "squared error, float64, 1,500 steps of Adam at 0.01. Noise of standard deviation 0.03 on all "
    "37 parameters: mean increase of the loss over 4,000 pairs ±n, its distance to the penalty "
    "over the penalty. Condition: the networks untrained, the targets 30 times as large.",
    experiment=weight_noise,
    quick={
        "units": 12,
        "samples": 40,
        "noise": 0.3,
        "amplitude": 30.0,
        "std": 0.03,
        "draws": 4000,
        "lr": 0.01,
        "steps": 1500,
    },
    full={
        "units": 100,
        "samples": 400,
        "noise": 0.3,
        "amplitude": 30.0,
        "std": 0.01,
        "draws": 100000,
        "lr": 0.01,
        "steps": 10000,
    },
    measures=(
        Measure(
            name="penalty end",
            label="distance of the increase to the penalty, trained",
            expect="below",
            threshold=0.05,
            reference=0.1,
            reason="what the mean over the draws is known to",
            tolerance=0.02,
        ),
        Measure(
            name="penalty start",
            label="the same with large residuals",
            expect="above",
            threshold=0.1,
            reference=0.05,
            reason="a third of the effect",
            tolerance=0.1,
            wins=0.6,
            role="condition",
        ),
        Measure(name="both end", label="distance to the sum of both terms, trained"),
        Measure(name="both start", label="the same with large residuals"),
        Measure(name="loss end", label="loss of the trained networks"),
        Measure(name="loss start", label="loss of the untrained ones", digits=0),
    ),
    verdict="holds with a condition",
    conditions=(
        "Where the residuals f − y are small. Else a second term counts as much, "
        "σ² E[(f − y) tr ∇²f]; the sum of both is near the increase in either case.",
    ),
)


CLAIMS = (INPUT_NOISE, SHIFT, SMOOTHING, WEIGHT_NOISE)
