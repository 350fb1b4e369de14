"""Claims of the chapter ``optimizers``: momentum, adaptive steps, choice of a solver.

The experiments are in :mod:`lecturelib.chapters.optimizers.experiments`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import torch
from torch import Tensor

from lecturelib.chapters.optimizers import experiments
from lecturelib.claims.record import Claim, Measure, PublishedFigure, Source
from lecturelib.optimizers import Adam

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: value.tolist() for name, value in values.items()}


def _exact(name: str, label: str, threshold: float, reason: str) -> Measure:
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


def momentum(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T3: exact statements on the velocity, and steps saved in a valley and in a bowl."""
    kappa, dimension = settings["kappa"], settings["dimension"]
    exact = experiments.exact_facts(seeds, device=device)
    steps = experiments.condition_numbers(seeds, (kappa,), dimension=dimension)
    bowl = experiments.condition_numbers(seeds, (2.0,), dimension=dimension, plain=(1.0, 0.9))
    return _lists(
        {
            "heavy ball": (steps["SGD"] / steps["momentum"])[0],
            "nesterov": (steps["SGD"] / steps["Nesterov"])[0],
            "limit": exact["limit"],
            "look ahead": exact["look ahead"],
            "bowl": (bowl["SGD"] / bowl["momentum"])[0],
            "steps SGD": steps["SGD"][0],
            "steps momentum": steps["momentum"][0],
            "steps Nesterov": steps["Nesterov"][0],
        }
    )


MOMENTUM = Claim(
    id="T3",
    slug="momentum",
    sentence="Momentum adds up gradients: a constant one gives the velocity g/(1 − α), and in a "
    "narrow valley it needs fewer steps. Nesterov's takes the gradient where momentum will lead.",
    sources=(Source(lecture="FFN", keys=("polyak1964", "sutskever2013")),),
    protocol="Quadratics of 10 curvatures with condition number 100 from random starts, float64. "
    "Steps until the loss has fallen by 1e-10, each method with the rate and the momentum that are "
    "best for the condition number (Nesterov's after Lessard et al.). The velocity after 1,000 "
    "steps of a constant gradient, and SGD with Nesterov momentum against the recursion that looks "
    "ahead by −ηαv. For comparison a nearly round bowl with momentum as one sets it without "
    "thinking: condition number 2, rate 1/K, momentum 0.9.",
    experiment=momentum,
    quick={"kappa": 100.0, "dimension": 10},
    full={"kappa": 1e4, "dimension": 1_000},
    measures=(
        Measure(
            name="heavy ball",
            label="steps of gradient descent over steps of the heavy ball",
            expect="above",
            threshold=3.4,
            reference=1.0,
            reason="half of the effect",
            tolerance=0.5,
            wins=1.0,
            digits=1,
        ),
        Measure(
            name="nesterov",
            label="the same for Nesterov momentum",
            expect="above",
            threshold=2.7,
            reference=1.0,
            reason="half of the effect",
            tolerance=0.5,
            wins=1.0,
            digits=1,
        ),
        _exact(
            "limit",
            "velocity under a constant gradient against g/(1 − α)",
            1e-12,
            "rounding in float64",
        ),
        _exact(
            "look ahead",
            "Nesterov's SGD against looking ahead by −ηαv",
            1e-12,
            "rounding in float64",
        ),
        Measure(
            name="bowl",
            label="gradient descent over heavy ball at condition number 2, momentum 0.9",
            digits=2,
        ),
        Measure(name="steps SGD", label="steps of gradient descent", digits=0),
        Measure(name="steps momentum", label="steps of the heavy ball", digits=0),
        Measure(name="steps Nesterov", label="steps of Nesterov momentum", digits=0),
    ),
    verdict="holds",
)


def first_steps(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T4: relative errors of the step sizes under a constant gradient."""
    steps = settings["steps"]
    rows: Values = {name: [] for name in ("Adam", "RMSProp", "AdaGrad", "AdaDelta", "tiny", "peak")}
    for seed in seeds:
        u = torch.rand(2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        g, lr = 10 ** (1 + 3 * u[0].item()), 10 ** (-4 + 4 * u[1].item())

        def size(name: str, g: float = g, lr: float = lr, count: int = 1) -> Tensor:
            return experiments.first_steps(name, g, lr=lr, steps=count)

        t = torch.arange(1, steps + 1, dtype=torch.float64)
        rows["Adam"].append(abs(size("Adam").item() / lr - 1))
        rows["RMSProp"].append(abs(size("RMSProp").item() / (lr / math.sqrt(1 - 0.99)) - 1))
        adagrad = size("AdaGrad", count=steps)
        rows["AdaGrad"].append((adagrad * t.sqrt() / lr - 1).abs().max().item())
        rows["AdaDelta"].append(abs(size("AdaDelta").item() / (lr * math.sqrt(1e-6 / 0.1)) - 1))
        rows["tiny"].append(size("Adam", g=1e-8).item() / lr)
        rows["peak"].append(size("uncorrected Adam", count=50).max().item() / lr)
    return rows


def _relative(name: str, label: str) -> Measure:
    return _exact(name, label, 1e-6, "the statement is exact but for ε")


FIRST_STEPS = Claim(
    id="T4",
    slug="first-steps",
    sentence="Bias correction makes Adam's first step η·sign(g), for any gradient that is large "
    "against ε. RMSProp, without it, starts with η/√(1 − β₂); AdaGrad's steps fall as η/√t; "
    "AdaDelta's first one is √ε/√(1 − β₂).",
    sources=(Source(lecture="FFN", keys=("kingma2015", "duchi2011", "zeiler2012")),),
    protocol="One parameter, a constant gradient between 10 and 10,000, a learning rate between "
    "1e-4 and 1, float64, PyTorch's defaults otherwise: β₂ = 0.99 for RMSProp, 0.9 for AdaDelta. "
    "AdaGrad over 1,000 steps. For comparison a gradient of 1e-8, the size of Adam's ε.",
    experiment=first_steps,
    quick={"steps": 1_000},
    full={"steps": 100_000},
    measures=(
        _relative("Adam", "Adam's first step against η, relative"),
        _relative("RMSProp", "RMSProp's first step against η/√(1 − β₂)"),
        _relative("AdaGrad", "AdaGrad's steps against η/√t, the worst of 1,000"),
        # ε/(2(1 − β₂)g²) is largest for the smallest gradient, 10: 5e-8.
        replace(_relative("AdaDelta", "AdaDelta's first step against η√(ε/(1 − β₂))"), bound=1e-7),
        Measure(
            name="tiny",
            label="Adam's first step over η for a gradient as small as ε",
            digits=2,
        ),
        Measure(name="peak", label="largest step over η, Adam without bias correction", digits=2),
    ),
    verdict="holds",
    vectorized=False,
)


def solvers(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T5: what the choice of the rate is worth, and what the choice of the solver."""
    grid = experiments.solver_grid(seeds, **settings, device=device)
    best = torch.stack(list(experiments.tuned(grid).values()))
    small, large = (
        torch.stack(list(experiments.misplaced(grid, places).values())) for places in (-1, 1)
    )
    default = experiments.defaults(grid, settings["rates"])
    chosen = experiments.choose(default["validation"], default["test"])
    names = list(grid)
    return _lists(
        {
            "solver range": best.max(0).values - best.min(0).values,
            "too large": large.mean(0),
            "defaults": chosen - best.mean(0),
            "too small": small.mean(0),
            "adam": best[names.index("Adam")] - best[:-1].max(0).values,
            "tuning": (best - default["test"]).mean(0),
            "best default": chosen,
            "tuned": best.mean(0),
        }
    )


SOLVERS = Claim(
    id="T5",
    slug="no-clear-winner",
    sentence="No solver wins clearly once its learning rate is tuned. A rate ten times too large "
    "costs far more than the choice of the solver, and trying the defaults of several solvers is "
    "about as good as tuning one.",
    sources=(Source(lecture="FFN", keys=("schmidt2021",)),),
    protocol="Standardized digits, two hidden layers of 32 ReLUs, 10 epochs of batches of 64. "
    "Seven solvers, each with eight learning rates from 1e-5 to 100; all choices are made on a "
    "fifth of the training samples that is held out, separately for each seed. A misplaced rate is "
    "the next one of the grid below or above the best. Compared at nearly equal cost: the best of "
    "seven solvers with PyTorch's default rates, and one solver with eight rates, on average over "
    "which one is tuned.",
    experiment=solvers,
    quick={"rates": experiments.RATES, "epochs": 10, "width": 32, "batch_size": 64},
    full={"rates": experiments.RATES, "epochs": 100, "width": 512, "batch_size": 64},
    measures=(
        Measure(
            name="solver range",
            label="best minus worst of seven tuned solvers, test accuracy",
            expect="below",
            threshold=0.04,
            reference=0.1,
            reason="14 of 360 test images; the best of 7 is lucky",
            tolerance=0.015,
        ),
        Measure(
            name="too large",
            label="accuracy lost by a rate ten times too large, average over the solvers",
            expect="above",
            threshold=0.3,
            reference=0.04,
            reason="half of the effect",
            tolerance=0.05,
            digits=2,
        ),
        Measure(
            name="defaults",
            label="best of seven defaults minus one tuned solver",
            expect="above",
            threshold=-0.01,
            reference=-0.02,
            reason="4 of 360 test images",
            tolerance=0.008,
            digits=4,
            wins=0.7,
        ),
        Measure(name="too small", label="accuracy lost by a rate ten times too small"),
        Measure(name="adam", label="tuned Adam minus the best of the others"),
        Measure(
            name="tuning", label="tuned minus default rate, average over the solvers", digits=2
        ),
        Measure(name="best default", label="test accuracy of the best default"),
        Measure(name="tuned", label="test accuracy of a tuned solver, average"),
    ),
    verdict="holds",
    published=(
        PublishedFigure(
            text="evaluating multiple optimizers with default parameters works approximately as "
            "well as tuning the hyperparameters of a single, fixed optimizer; 15 optimizers, more "
            "than 50,000 runs",
            key="schmidt2021",
            where="abstract",
        ),
    ),
)


def axes(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """OP1: SGD's steps over those of the adaptive methods, along the axes and turned."""
    found = experiments.turned_valleys(seeds, **settings, solvers=_AXES)
    names = ("AdaGrad", "RMSProp", "AdaDelta", "Adam")
    gains = {
        f"{name} {place}": found["SGD"][place] / found[name][place]
        for name in names
        for place in ("along", "turned")
    }
    control = found["Adam, β₁ = 0"]
    return _lists({**gains, "control": control["turned"] / control["along"]})


_AXES: dict[str, experiments.Solver] = {
    **{
        name: experiments.SOLVERS[name]
        for name in ("SGD", "AdaGrad", "RMSProp", "AdaDelta", "Adam")
    },
    "Adam, β₁ = 0": lambda params, lr: Adam(params, lr, betas=(0.0, 0.999)),
}


def _gain(name: str, label: str, role: Literal["claim", "condition"]) -> Measure:
    above = role == "claim"
    return Measure(
        name=name,
        label=label,
        expect="above" if above else "below",
        threshold=10.0 if above else 3.0,
        reference=1.0 if above else 10.0,
        reason="an order of magnitude" if above else "no order of magnitude",
        tolerance=3.0 if above else 0.3,
        wins=1.0,
        role=role,
        digits=1,
    )


AXES = Claim(
    id="OP1",
    slug="progress-in-all-directions",
    sentence="Adaptive learning rates make the progress in all directions about the same, where "
    "SGD is slow in the gently sloped ones.",
    sources=(Source(lecture="FFN"),),
    protocol="Quadratics of 10 curvatures with condition number 100, a random start a seed, along "
    "the axes or in coordinates turned by a random rotation. Steps until the loss has fallen to "
    "1/10,000, each method with the best of 23 learning rates, four a decade from 0.001 to 316, "
    "for each problem. Gains are SGD's steps over the method's. Control: Adam with β₁ = 0.",
    experiment=axes,
    quick={"kappa": 100.0, "dimension": 10},
    full={"kappa": 100.0, "dimension": 100},
    measures=(
        _gain("AdaGrad along", "gain of AdaGrad, valley along the axes", "claim"),
        _gain("RMSProp along", "gain of RMSProp, valley along the axes", "claim"),
        _gain("AdaGrad turned", "gain of AdaGrad, valley turned", "condition"),
        _gain("RMSProp turned", "gain of RMSProp, valley turned", "condition"),
        _gain("Adam along", "gain of Adam, valley along the axes", "condition"),
        Measure(name="Adam turned", label="gain of Adam, valley turned", digits=1),
        Measure(name="AdaDelta along", label="gain of AdaDelta, valley along the axes", digits=1),
        Measure(name="AdaDelta turned", label="gain of AdaDelta, valley turned", digits=1),
        Measure(name="control", label="Adam with β₁ = 0, steps turned over steps along", digits=1),
    ),
    verdict="holds with a condition",
    conditions=(
        "Only for directions that are axes, and only without momentum: in turned coordinates "
        "AdaGrad and RMSProp are about as fast as SGD, and Adam is so in both.",
    ),
)


def schedule(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """OP2: linear decay against a constant rate, both tuned, with noisy inputs and without."""
    noise, plain = settings["noise"], {k: v for k, v in settings.items() if k != "noise"}
    plans = ("constant", "linear decay")
    noisy = experiments.schedule_ends(seeds, noise=noise, plans=plans, device=device, **plain)
    clean = experiments.schedule_ends(seeds, noise=0.0, plans=plans, device=device, **plain)

    found = {}
    for name, grid in (("noisy", noisy), ("clean", clean)):
        for kind in ("loss", "validation"):
            constant, decayed = (grid[plan][kind].min(0).values for plan in plans)
            found[f"{name} {kind}"] = decayed / constant
        constant, decayed = (
            experiments.choose(-grid[plan]["validation"], grid[plan]["test"]) for plan in plans
        )
        found[f"{name} test"] = decayed - constant
    return _lists(found)


SCHEDULE = Claim(
    id="OP2",
    slug="falling-rate",
    sentence="Where the noise of the gradients does not go away, a learning rate that falls to "
    "zero ends at a lower training loss than the best constant rate.",
    sources=(Source(),),
    protocol="Standardized digits with fresh Gaussian noise of standard deviation 1 on each pixel "
    "at each step, two hidden layers of 64 ReLUs, momentum 0.9, 12 epochs of batches of 16. A "
    "constant rate and linear decay to zero, each with the best of five learning rates from 0.002 "
    "to 0.05 for each seed and each loss: that on the training samples, under the noise, and that "
    "on a fifth of them that is held out, without noise. The test accuracy is that of the rate "
    "with the lowest held-out loss. For comparison the same without noise on the pixels.",
    experiment=schedule,
    quick={"noise": 1.0, "rates": experiments.ENDS, "epochs": 12, "batch_size": 16},
    full={"noise": 1.0, "rates": experiments.ENDS, "epochs": 100, "batch_size": 16},
    measures=(
        Measure(
            name="noisy loss",
            label="training loss with linear decay over that with a constant rate",
            expect="below",
            threshold=0.93,
            reference=1.0,
            reason="half of the effect",
            tolerance=0.02,
            digits=2,
        ),
        Measure(name="noisy validation", label="the same for the held-out loss", digits=2),
        Measure(name="noisy test", label="test accuracy with decay minus that without"),
        Measure(name="clean loss", label="without noise: ratio of the training losses", digits=2),
        Measure(
            name="clean validation", label="without noise: ratio of the held-out losses", digits=2
        ),
        Measure(name="clean test", label="without noise: difference of the test accuracies"),
    ),
    verdict="holds",
)


def decay(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R8: distance of weight decay to an L2 penalty for three methods."""
    found = experiments.decay_distances(seeds, **settings, device=device)
    row = settings["multiples"].index(10.0)
    return _lists(
        {
            "SGD": found["SGD"][0],
            "momentum": found["momentum"][0],
            "Adam": found["Adam"].min(0).values,
            "momentum matched": found["momentum"][row],
            "Adam same": found["Adam"][0],
        }
    )


DECAY = Claim(
    id="R8",
    slug="weight-decay-and-l2",
    sentence="Weight decay is the same as an L2 penalty for plain SGD only.",
    sources=(Source(keys=("loshchilov2019",)),),
    protocol="Standardized digits, 32 hidden ReLUs, 5 epochs of batches of 64, float64, ω = 0.01. "
    "A run with the penalty in the gradient, one with the weights shrunk by 1 − ηω' at each step, "
    "one with neither: same start, same batches. Distance of the first two over distance of the "
    "first and the third, for ω' = ω; for Adam also the smallest over ω'/ω = 1, 3, 10, 30, 100, "
    "300; for momentum also ω' = ω/(1 − 0.9), which does nearly the same as the penalty.",
    experiment=decay,
    quick={
        "decay": 0.01,
        "multiples": (1.0, 3.0, 10.0, 30.0, 100.0, 300.0),
        "epochs": 5,
        "width": 32,
        "batch_size": 64,
    },
    full={
        "decay": 0.01,
        "multiples": (1.0, 3.0, 10.0, 30.0, 100.0, 300.0),
        "epochs": 50,
        "width": 512,
        "batch_size": 64,
    },
    measures=(
        Measure(
            name="Adam",
            label="relative distance for Adam, at the best of six strengths",
            expect="above",
            threshold=0.45,
            reference=1e-10,
            reason="half of the effect",
            tolerance=0.05,
            wins=1.0,
            digits=2,
        ),
        _exact(
            "SGD", "for plain SGD, at the same strength", 1e-10, "rounding, amplified by training"
        ),
        Measure(
            name="momentum",
            label="for SGD with momentum 0.9, at the same strength",
            expect="above",
            threshold=0.45,
            reference=1e-10,
            reason="half of the effect",
            tolerance=0.05,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="momentum matched",
            label="for SGD with momentum 0.9, decay ten times as strong",
            digits=2,
        ),
        Measure(name="Adam same", label="for Adam, at the same strength", digits=2),
    ),
    verdict="holds",
)

CLAIMS: tuple[Claim, ...] = (MOMENTUM, FIRST_STEPS, SOLVERS, AXES, SCHEDULE, DECAY)
