"""Claims of the chapter ``normalization_family`` that train networks or run them through time.

The experiments are in :mod:`lecturelib.chapters.normalization_family.training_experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.chapters.normalization_family.training_experiments import (
    detached_statistics,
    lp_accuracy,
    recurrent_signal,
    steps_to_accuracy,
)
from lecturelib.claims.published import INCEPTION_STEPS
from lecturelib.claims.record import Claim, Measure, PublishedFigure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: tensor.tolist() for name, tensor in values.items()}


def recurrent(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N6: length of the last state and of the gradient of the first, by the scale of W."""
    sizes = {name: settings[name] for name in ("units", "steps", "samples")}
    found = {
        (norm, scale): recurrent_signal(seeds, scale=scale, layer_norm=norm, **sizes, device=device)
        for norm in (False, True)
        for scale in settings["scales"]
    }
    low, middle, high = settings["scales"]
    states = torch.stack([found[True, scale]["state"] for scale in settings["scales"]])
    plain = found[False, high]["state"] / found[False, low]["state"]
    return _lists(
        {
            "plain": plain.log10(),
            "layer": states.amax(0) / states.amin(0),
            "vanishing": found[True, middle]["gradient"].log10(),
            "vanishing low": found[True, low]["gradient"].log10(),
            "vanishing high": found[True, high]["gradient"].log10(),
            "plain middle": found[False, middle]["gradient"].log10(),
        }
    )


RECURRENT = Claim(
    id="N6",
    slug="layer-norm-in-recurrent-nets",
    sentence="Layer norm suits recurrent networks: it computes its statistics in each time step "
    "and keeps the hidden state from exploding.",
    sources=(Source(lecture="NT", keys=("ba2016",)),),
    protocol="Random recurrent nets of 64 ReLUs over 50 steps of normal input, recurrent weights "
    "of scale 0.5, √2 and 3 over √64, float64. Length of the last state; root mean square gain of "
    "a gradient on its way from the last state to the first.",
    experiment=recurrent,
    quick={"scales": [0.5, 2**0.5, 3.0], "units": 64, "steps": 50, "samples": 32},
    full={"scales": [0.5, 2**0.5, 3.0], "units": 1024, "steps": 200, "samples": 256},
    measures=(
        Measure(
            name="plain",
            label="powers of ten between the states at scale 3 and 0.5, without a norm",
            expect="above",
            threshold=8.0,
            reference=0.0,
            reason="half the effect",
            tolerance=1.0,
            wins=1.0,
            digits=1,
        ),
        Measure(
            name="layer",
            label="largest over smallest state of the three scales, layer norm",
            expect="below",
            threshold=1.2,
            reference=2.0,
            reason="near 1, where the plain net has sixteen powers of ten",
            tolerance=0.02,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="vanishing",
            label="gain of a gradient over all steps at scale √2, layer norm, powers of ten",
            expect="below",
            threshold=-4.0,
            reference=-1.0,
            reason="half the effect",
            tolerance=1.0,
            role="condition",
            wins=1.0,
            digits=1,
        ),
        Measure(name="vanishing low", label="the same at scale 0.5", digits=1),
        Measure(name="vanishing high", label="the same at scale 3", digits=1),
        Measure(name="plain middle", label="the same at scale √2 without a norm", digits=1),
    ),
    verdict="holds with a condition",
    conditions=(
        "It stops the explosion, not the vanishing: through fifty layer norms at scale √2 a "
        "gradient loses seven powers of ten where the plain net loses none.",
    ),
)


def detached(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N7: loss with detached statistics over that of layer norm, Adam and SGD."""
    names = ("width", "depth", "epochs", "batch_size")
    rest = {name: settings[name] for name in names}
    adam = detached_statistics(
        seeds, optimizer="adam", lr=settings["adam_lr"], **rest, device=device
    )
    sgd = detached_statistics(seeds, optimizer="sgd", lr=settings["sgd_lr"], **rest, device=device)
    return _lists(
        {
            "both": adam["both"] / adam["layer norm"],
            "mean": adam["mean"] / adam["layer norm"],
            "std": adam["std"] / adam["layer norm"],
            "sgd mean": sgd["mean"] / sgd["layer norm"],
            "sgd both": sgd["both"] / sgd["layer norm"],
            "none": adam["none"] / adam["layer norm"],
            "layer norm": adam["layer norm"],
        }
    )


def _worse(name: str, label: str, threshold: float, tolerance: float) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=threshold,
        reference=1.0,
        reason="half the effect",
        tolerance=tolerance,
        digits=1,
    )


DETACH = Claim(
    id="N7",
    slug="detached-layer-norm",
    sentence="Detaching mean and standard deviation from the gradient makes layer norm worse: the "
    "gradients through them matter more than the normalization of the forward pass.",
    sources=(Source(lecture="LBN", keys=("xu2019",)),),
    protocol="Networks of 10 × 64 ReLUs on standardized digits, layer norm without γ and β before "
    "each, batches of 32, 5 epochs of Adam 1e-3: mean training loss of the last epoch over that of "
    "layer norm. For the condition SGD 0.1.",
    experiment=detached,
    quick={
        "width": 64,
        "depth": 10,
        "epochs": 5,
        "batch_size": 32,
        "adam_lr": 1e-3,
        "sgd_lr": 0.1,
    },
    full={
        "width": 256,
        "depth": 10,
        "epochs": 50,
        "batch_size": 32,
        "adam_lr": 1e-3,
        "sgd_lr": 0.1,
    },
    short={"epochs": 15},
    measures=(
        _worse("both", "loss with both detached over layer norm's, Adam", 5.5, 4.0),
        _worse("mean", "with the mean detached", 3.0, 4.0),
        _worse("std", "with the standard deviation detached", 3.0, 2.0),
        Measure(
            name="sgd mean",
            label="with the mean detached, SGD",
            expect="below",
            threshold=1.5,
            reference=2.0,
            reason="less than a tenth of the effect with Adam",
            tolerance=0.4,
            role="condition",
            digits=1,
            wins=0.7,
        ),
        Measure(name="sgd both", label="with both detached, SGD", digits=1),
        Measure(name="none", label="without a norm, Adam", digits=1),
        Measure(name="layer norm", label="loss with layer norm, Adam", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "With Adam. With SGD 0.1 the mean may be detached without harm; detaching both hurts.",
        "On this problem the network without a norm does as well as layer norm: what hurts is a "
        "norm whose gradient is wrong.",
        "At four times the width the effect is gone: some seeds do better, some worse.",
    ),
)


def lp_norms(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N8: accuracy with L1 and L∞ norms minus that with L2."""
    found = lp_accuracy(seeds, **settings, device=device)
    return _lists(
        {
            "l1": found["l1"] - found["l2"],
            "linf": found["linf"] - found["l2"],
            "l2": found["l2"],
        }
    )


def _as_well(name: str, label: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=-0.01,
        reference=-0.03,
        reason="as well means within one point",
        tolerance=0.01,
    )


LP_NORMS = Claim(
    id="N8",
    slug="lp-norms-as-well",
    sentence="Norms of the L1 and the L∞ kind do as well as the L2 kind.",
    sources=(Source(lecture="LBN", keys=("santurkar2018",)),),
    protocol="Networks of 4 × 64 ReLUs on digits, batches of 64, 10 epochs of SGD at the best of "
    "0.03, 0.1 and 0.3 on 300 held-out samples. Each unit is divided by its mean absolute value, "
    "root mean square or largest absolute value, then centred. Test accuracy minus that of L2. "
    "(A10 has the training loss at depth 16.)",
    experiment=lp_norms,
    quick={"rates": [0.03, 0.1, 0.3], "width": 64, "depth": 4, "epochs": 10, "batch_size": 64},
    full={"rates": [0.03, 0.1, 0.3], "width": 512, "depth": 8, "epochs": 100, "batch_size": 64},
    short={"epochs": 20},
    measures=(
        _as_well("l1", "test accuracy, L1 minus L2"),
        _as_well("linf", "test accuracy, L∞ minus L2"),
        Measure(name="l2", label="test accuracy, L2", digits=2),
    ),
    verdict="holds",
)


def fewer_steps(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N11: steps of the plain net over steps with batch norm, at one rate and at larger ones."""
    names = ("rates", "width", "depth", "steps", "batch_size")
    rest = {name: settings[name] for name in names}
    found = steps_to_accuracy(seeds, factors=(1, 5, 30), **rest, device=device)
    return _lists(
        {
            "five": found["none"] / found["steps 5"],
            "better": found["best 5"] - found["best none"],
            "thirty": found["best 30"],
            "one": found["none"] / found["steps 1"],
            "none": found["none"],
            "best none": found["best none"],
        }
    )


def _steps(model: str) -> Any:
    return INCEPTION_STEPS.column("million steps to 72.2%")[model]


FEWER_STEPS = Claim(
    id="N11",
    slug="fewer-steps-at-larger-rates",
    sentence="With batch norm, and a learning rate several times larger, a network reaches the "
    "accuracy of the plain one in a fraction of the steps, and then passes it.",
    sources=(Source(lecture="NT", keys=("ioffe2015",)),),
    protocol="Networks of 8 × 64 ReLUs on standardized digits, batches of 64, 600 steps of SGD. "
    "The plain net has the best of the rates 0.03, 0.1 and 0.3; batch norm that rate times 1, 5 "
    "and 30. Steps to 98% of the plain net's best test accuracy, looked at every ten steps.",
    experiment=fewer_steps,
    quick={"rates": [0.03, 0.1, 0.3], "width": 64, "depth": 8, "steps": 600, "batch_size": 64},
    full={
        "rates": [0.003, 0.01, 0.03, 0.1, 0.3],
        "width": 256,
        "depth": 12,
        "steps": 10_000,
        "batch_size": 64,
    },
    short={"steps": 600},
    measures=(
        Measure(
            name="five",
            label="steps of the plain net over those of batch norm at five times its rate",
            expect="above",
            threshold=1.5,
            reference=1.0,
            reason="half the effect",
            tolerance=0.5,
            digits=1,
        ),
        Measure(
            name="better",
            label="best test accuracy, batch norm minus plain",
            expect="above",
            threshold=0.005,
            reference=-0.003,
            reason="about half the effect; one image is 0.003",
            tolerance=0.01,
        ),
        Measure(
            name="thirty",
            label="best test accuracy of batch norm at thirty times the rate",
            digits=2,
        ),
        Measure(name="one", label="ratio of steps at the plain net's rate", digits=1),
        Measure(name="none", label="steps of the plain net", digits=0),
        Measure(name="best none", label="best test accuracy of the plain net", digits=2),
    ),
    verdict="holds",
    conditions=(
        "Reported, not asked: thirty times the rate, which Inception still took. Two rates suit "
        "the plain net equally well here; thirty times is too much for the larger one, and works "
        "for the smaller.",
    ),
    published=(
        PublishedFigure(
            text=f"Inception to 72.2%: {_steps('Inception')} million steps, with batch norm at "
            f"five times the rate {_steps('BN-x5')} million, at thirty times {_steps('BN-x30')}",
            key="ioffe2015",
            where="figure 3",
        ),
    ),
)

CLAIMS: tuple[Claim, ...] = (RECURRENT, DETACH, LP_NORMS, FEWER_STEPS)
