"""Claims of the chapter ``output_units``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.chapters.output_units.experiments import (
    calibration_error,
    calibration_on_digits,
    constrained_optimum,
    draw_problem,
    entropy,
    fit_temperature,
    logistic_regression,
    newton_optimum,
    nll,
)
from lecturelib.claims.record import Claim, Measure, Source
from lecturelib.output_units import log_softmax, sigmoid, softmax

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def _small(name: str, label: str, threshold: float, reason: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="below",
        threshold=threshold,
        reason=reason,
        tolerance=threshold,
        wins=1.0,
        digits=-1,
    )


def _optimizer(name: str, label: str) -> Measure:
    return _small(name, label, 1e-6, "what a general optimizer reaches")


def _rounding(name: str, label: str) -> Measure:
    return _small(name, label, 1e-9, "rounding, where Newton's method stops at 1e-12")


def _gap(a: Tensor, b: Tensor) -> float:
    return (a - b).abs().max().item()


def maximum_entropy(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F3: the constrained optimum against softmax and sigmoid, with and without multipliers."""
    found: Values = {name: [] for name in ("two", "many", "one", "newton", "trained", "slide")}
    n, k = settings["samples"], settings["classes"]
    for seed in seeds:
        two = draw_problem(seed, samples=n)
        solved = newton_optimum(two)
        formula = softmax(solved.multipliers * two.z)
        found["two"].append(_gap(constrained_optimum(two), formula))
        found["newton"].append(_gap(solved.probabilities, formula))
        found["slide"].append(_gap(softmax(two.z), formula))
        many = draw_problem(seed, samples=n, classes=k)
        formula = softmax(newton_optimum(many).multipliers * many.z)
        found["many"].append(_gap(constrained_optimum(many), formula))
        one = draw_problem(seed, samples=n, one_class=True)
        multiplier = newton_optimum(one).multipliers[0]
        formula = sigmoid(multiplier * one.z[:, 0])
        found["one"].append(_gap(constrained_optimum(one)[:, 0], formula))
        trained = logistic_regression(seed)
        found["trained"].append(_gap(newton_optimum(trained).multipliers, torch.ones(2)))
    return found


MAXIMUM_ENTROPY = Claim(
    id="F3",
    slug="maximum-entropy",
    sentence="Softmax and sigmoid are the maximum-entropy answers to constraints on the mean "
    "outputs of each class.",
    sources=(Source(lecture="FFN", keys=("jaynes1957", "bridle1990")),),
    protocol="Random outputs of a network for 12 samples. SciPy's SLSQP gets the entropy, its "
    "gradient and the constraints of the lecture, and nothing else; its optimum is compared with "
    "softmax(λz), the multipliers λ from Newton's method. Two classes, three classes, one class "
    "(z₁ = 0). Then a linear layer with two outputs, trained to the minimum of the cross-entropy: "
    "its multipliers.",
    experiment=maximum_entropy,
    quick={"samples": 12, "classes": 3},
    full={"samples": 40, "classes": 5},
    measures=(
        _optimizer("two", "two classes: optimum against softmax(λz)"),
        _optimizer("many", "more classes: optimum against softmax(λz)"),
        _optimizer("one", "one class: optimum against σ(λz)"),
        _rounding("newton", "max_entropy_probabilities against softmax(λz)"),
        _rounding("trained", "distance of λ from 1 after training by maximum likelihood"),
        Measure(
            name="slide",
            label="optimum against softmax(z), as the lecture ends, without multipliers",
            expect="above",
            threshold=0.05,
            reference=0.0,
            reason="a probability that is off by 0.05 is another answer",
            tolerance=0.02,
            role="condition",
            digits=2,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "The answer is softmax(λz), with a multiplier for each class. It is softmax(z), as the "
        "lecture ends, when λ = 1: after training by maximum likelihood, but not for any z.",
        "A solution with finite multipliers needs classes that overlap.",
    ),
    vectorized=False,
)


def entropy_limits(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """OU1: entropy of softmax(z/T) for T from nearly 0 to very large, and at both limits."""
    k = settings["classes"]
    found: Values = {name: [] for name in ("cold", "hot", "falls", "slope", "tie")}
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        z = torch.randn(k, generator=generator, dtype=torch.float64).to(device)
        found["cold"].append(entropy(softmax(z, temperature=0.0)).item())
        hot = entropy(softmax(z, temperature=1e6)).item()
        found["hot"].append(math.log(k) - hot)
        t = torch.logspace(-2, 2, 200, dtype=z.dtype, device=z.device, requires_grad=True)
        p = softmax(z / t[:, None])
        h = entropy(p)
        found["falls"].append((h[:-1] - h[1:]).clamp_min(0).max().item())
        (slope,) = torch.autograd.grad(h.sum(), t)
        p = p.detach()
        variance = (p * z**2).sum(1) - (p * z).sum(1) ** 2
        warm = t.detach() > 0.2  # below, the difference of squares has no digits left
        found["slope"].append(_gap(slope[warm], (variance / t.detach() ** 3)[warm]))
        z[z.argsort()[-2]] = z.max()
        found["tie"].append(abs(entropy(softmax(z, temperature=1e-3)).item() - math.log(2)))
    return found


ENTROPY = Claim(
    id="OU1",
    slug="entropy-and-temperature",
    sentence="The entropy of a softmax over K classes rises with its temperature: from log m as "
    "T → 0, where m classes share the largest logit, to log K as T → ∞.",
    sources=(Source(),),
    protocol="Ten standard normal logits in float64. Entropy at T = 0 (the limit) and T = 10⁶, on "
    "200 temperatures from 0.01 to 100, its slope by automatic differentiation against Var(z)/T³; "
    "then with the two largest logits made equal.",
    experiment=entropy_limits,
    quick={"classes": 10},
    full={"classes": 1000},
    measures=(
        _small("cold", "entropy at T = 0, one largest logit", 1e-12, "all is on one class"),
        _small("hot", "log K minus entropy at T = 10⁶", 1e-9, "theory: Var(z)/(2T²), about 5e-13"),
        _small("falls", "largest fall of the entropy as T grows", 1e-12, "rounding in float64"),
        _small("slope", "dH/dT against Var(z)/T³", 1e-9, "rounding in float64"),
        Measure(
            name="tie",
            label="two largest logits equal: distance of the entropy from log 2 as T → 0",
            expect="below",
            threshold=1e-9,
            reason="log 2, and not 0",
            tolerance=1e-9,
            wins=1.0,
            digits=-1,
        ),
    ),
    verdict="holds",
    vectorized=False,
)


def cross_entropy_gradient(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """OU2: the gradient p − y at ordinary and at extreme logits, and what naive code gives."""
    found: Values = {name: [] for name in ("gradient", "temperature", "extreme", "naive")}
    n, k = settings["samples"], settings["classes"]
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        z = torch.randn(n, k, generator=generator, dtype=torch.float64)
        t = torch.randint(k, (n,), generator=generator)
        y = torch.nn.functional.one_hot(t, k).double()
        for name, logits, temperature in (
            ("gradient", z, 1.0),
            ("temperature", z, 3.0),
            ("extreme", 1e4 * z, 1.0),
        ):
            leaf = logits.clone().requires_grad_()
            loss = -(y * log_softmax(leaf, temperature=temperature)).sum()
            (gradient,) = torch.autograd.grad(loss, leaf)
            wanted = (softmax(logits, temperature=temperature) - y) / temperature
            found[name].append(_gap(gradient, wanted))
        e = torch.exp(settings["naive_scale"] * z.float())
        naive = -torch.log(e / e.sum(1, keepdim=True))[torch.arange(n), t]
        found["naive"].append((~naive.isfinite()).double().mean().item())
    return found


GRADIENT = Claim(
    id="OU2",
    slug="cross-entropy-gradient",
    sentence="The cross-entropy's gradient with respect to the logits is p − y. Code that works "
    "with logarithms computes it at logits of any size; code that follows the formula does not.",
    sources=(Source(),),
    protocol="100 samples, 10 classes, standard normal logits in float64; the gradient by "
    "automatic differentiation through log_softmax against (p − y)/T, at T = 1 and 3 and for "
    "logits 10⁴ times as large. Then −log(exp(z)/Σexp(z)) as it stands, in float32, for logits "
    "100 times as large.",
    experiment=cross_entropy_gradient,
    quick={"samples": 100, "classes": 10, "naive_scale": 100.0},
    full={"samples": 10_000, "classes": 1000, "naive_scale": 100.0},
    measures=(
        _small("gradient", "gradient against p − y", 1e-13, "rounding in float64"),
        _small("temperature", "gradient at T = 3 against (p − y)/3", 1e-13, "rounding in float64"),
        _small(
            "extreme",
            "gradient at 10⁴ times the logits against p − y",
            1e-13,
            "rounding in float64",
        ),
        Measure(
            name="naive",
            label="share of samples whose naive loss is infinite or no number",
            expect="above",
            threshold=0.3,
            reference=0.0,
            reason="a third of the samples is no rare case",
            tolerance=0.02,
            digits=2,
        ),
    ),
    verdict="holds",
    vectorized=False,
)


def calibration(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """OU3: one temperature, fitted on held-out digits, and what it changes on test digits."""
    run = calibration_on_digits(seeds, **settings, device=device)
    logits, labels = run["test"], run["test labels"]
    t = fit_temperature(run["validation"], run["validation labels"])
    one = torch.ones_like(t)
    p, q = softmax(logits), softmax(logits / t.reshape(-1, 1, 1))
    right = (p.argmax(2) == labels).double()
    before, after = calibration_error(logits, labels, one), calibration_error(logits, labels, t)
    return {
        "error": (before - after).tolist(),
        "loss": (nll(logits, labels) - nll(logits, labels, t)).tolist(),
        "temperature": t.tolist(),
        "changed": (p.argmax(2) != q.argmax(2)).double().mean(1).tolist(),
        "before": before.tolist(),
        "after": after.tolist(),
        "too sure": (p.amax(2) - right).mean(1).tolist(),
        "accuracy": right.mean(1).tolist(),
    }


CALIBRATION = Claim(
    id="OU3",
    slug="temperature-calibrates",
    sentence="A network trained far beyond its last mistake is too sure of itself. One "
    "temperature, fitted on held-out data, lowers its calibration error and changes no decision.",
    sources=(Source(keys=("guo2017",)),),
    protocol="Networks 64-64-10 on 200 standardized digits, 500 full-batch steps of Adam with rate "
    "0.01, far beyond 100% on the training set. The temperature minimizes the NLL of 500 held-out "
    "digits; all else is measured on 1,097 test digits. Calibration error: mean gap of confidence "
    "and accuracy over 10 bins of confidence.",
    experiment=calibration,
    quick={"train": 200, "validation": 500, "width": 64, "steps": 500, "lr": 1e-2},
    full={"train": 200, "validation": 500, "width": 1024, "steps": 2000, "lr": 1e-2},
    measures=(
        Measure(
            name="error",
            label="fall of the calibration error on test digits",
            expect="above",
            threshold=0.012,
            reference=0.0,
            reason="half the effect",
            tolerance=0.01,
        ),
        Measure(
            name="loss",
            label="fall of the NLL on test digits",
            expect="above",
            threshold=0.035,
            reference=0.0,
            reason="half the effect",
            tolerance=0.02,
        ),
        Measure(
            name="temperature",
            label="fitted temperature",
            expect="above",
            threshold=1.4,
            reference=1.0,
            reason="half the way from 1",
            tolerance=0.15,
            digits=2,
        ),
        _small("changed", "share of decisions that change", 1e-12, "the order of logits stays"),
        Measure(name="before", label="calibration error at T = 1"),
        Measure(name="after", label="calibration error at the fitted temperature"),
        Measure(name="too sure", label="confidence minus accuracy at T = 1"),
        Measure(name="accuracy", label="test accuracy", digits=2),
    ),
    verdict="holds",
    runs=3,
)

CLAIMS: tuple[Claim, ...] = (MAXIMUM_ENTROPY, ENTROPY, GRADIENT, CALIBRATION)
