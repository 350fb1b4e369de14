"""Claims of the chapter ``initialization``: weights at the start, and clipping.

The experiments are in :mod:`lecturelib.chapters.initialization.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.chapters.initialization import experiments
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]
FFN, JHU = Source(lecture="FFN"), Source(lecture="JHU")


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: value.tolist() for name, value in values.items()}


def matrix_powers(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T9: growth of W^P x against the largest eigenvalue, and the hump on the way."""
    return _lists(experiments.powers(seeds, **settings, device=device))


POWERS = Claim(
    id="T9",
    slug="powers-of-a-matrix",
    sentence="Through P equal linear layers a signal goes as the P-th power of W's eigenvalues: "
    "those below 1 vanish, those above 1 explode.",
    sources=(FFN,),
    protocol="A normal random matrix of 64 rows, scaled to a largest |λ| of 0.95, float64. The "
    "growth of ‖Wᵖx‖ a layer over layers 200 to 400, divided by the largest |λ|. Condition: the "
    "largest norm of Wᵖ over the first 60 powers. Reported besides: the growth if each layer has "
    "a random matrix of its own.",
    experiment=matrix_powers,
    quick={"gain": 0.95, "width": 64, "power": 400},
    full={"gain": 0.95, "width": 512, "power": 2_000},
    measures=(
        Measure(
            name="rate",
            label="growth a layer over the largest |λ|",
            expect="above",
            threshold=0.995,
            reference=0.95,
            reason="1 in theory; two eigenvalues of nearly equal size still beat after 200 layers",
            tolerance=0.005,
            wins=1.0,
            digits=4,
        ),
        Measure(
            name="end",
            label="norm of W to the power 400",
            expect="below",
            threshold=1e-6,
            reference=1.0,
            reason="0.95 to the power 400 is 1e-9, times the hump",
            tolerance=1e-7,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="peak",
            label="largest norm of a power, although all |λ| are below 1",
            expect="above",
            threshold=1.5,
            reference=1.0,
            reason="half of the effect",
            tolerance=0.1,
            role="condition",
            wins=1.0,
            digits=2,
        ),
        Measure(name="fresh", label="growth a layer over 0.95, a matrix of its own each", digits=3),
    ),
    verdict="holds with a condition",
    conditions=(
        "It is |λ| that counts, and it counts for many layers. Eigenvectors that are not "
        "orthogonal let some signals grow first: singular values rule the first layers.",
    ),
)


def constant_start(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T10: spread of the hidden units after training from constant weights."""
    found = experiments.symmetry(seeds, **settings, device=device)
    return _lists(
        {
            "SGD": found["SGD"],
            "Adam": found["Adam"],
            "zero": found["moved zero"],
            "moved": found["moved SGD"],
            "gain": found["accuracy random"] - found["accuracy SGD"],
            "output": found["output"],
            "dropout": found["dropout"],
            "accuracy output": found["accuracy output"],
            "accuracy random": found["accuracy random"],
        }
    )


CONSTANT = Claim(
    id="T10",
    slug="constant-weights-stay-symmetric",
    sentence="From constant weights all hidden units get the same updates and stay equal for ever.",
    sources=(JHU, FFN),
    protocol="Digits, two hidden layers of 32 ReLUs, all weights 0.05, biases 0, 100 steps of SGD "
    "at 0.1 or Adam at 0.01, float64. The spread is the largest distance of an incoming weight to "
    "that of the layer's first unit. Condition: the same with a random (He) output layer, and with "
    "dropout of one half.",
    experiment=constant_start,
    quick={"value": 0.05, "width": 32, "steps": 100, "batch_size": 64, "lr": 0.1},
    full={"value": 0.05, "width": 512, "steps": 10_000, "batch_size": 64, "lr": 0.1},
    measures=(
        Measure(
            name="SGD",
            label="spread after 100 steps of SGD",
            expect="below",
            threshold=1e-12,
            reason="the statement is exact; float64 arithmetic",
            tolerance=1e-12,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="Adam",
            label="spread after 100 steps of Adam",
            expect="below",
            threshold=1e-12,
            reason="the statement is exact; float64 arithmetic",
            tolerance=1e-12,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="gain",
            label="training accuracy of random (He) weights minus that of constant ones",
            expect="above",
            threshold=0.4,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.03,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="output",
            label="spread with a random output layer",
            expect="above",
            threshold=0.01,
            reference=1e-12,
            reason="half of the effect",
            tolerance=0.005,
            role="condition",
            wins=1.0,
            bound=0.0,
        ),
        Measure(
            name="dropout",
            label="spread with dropout",
            expect="above",
            threshold=0.007,
            reference=1e-12,
            reason="half of the effect",
            tolerance=0.005,
            role="condition",
            wins=1.0,
            bound=0.0,
        ),
        Measure(name="moved", label="how far SGD moved a weight of the first layer", digits=3),
        Measure(name="zero", label="the same if all weights start at 0", digits=3),
        Measure(name="accuracy output", label="accuracy with a random output layer", digits=2),
        Measure(name="accuracy random", label="accuracy with random weights", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "Everything that touches the units must treat them alike: a random output layer above "
        "them, or dropout, tells them apart. That breaks the symmetry and does not repair the "
        "scale: the accuracy stays low.",
    ),
)


def factors(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A11: factor a layer of the gradient against theory."""
    found = {}
    for name in ("uniform", "xavier", "he", "large"):
        sizes = experiments.signals(seeds, name, **settings, device=device)["backward"]
        found[name] = experiments.factor_of(sizes)
    normed = experiments.signals(seeds, "he", norm=True, **settings, device=device)["backward"]
    found["he + batch norm"] = experiments.factor_of(normed[1:])
    theory = {**experiments.FACTORS, "large": 0.2 * (settings["width"] / 2) ** 0.5}
    off = torch.stack([(found[n] / theory[n] - 1).abs() for n in theory if n in found])
    return _lists({**found, "off": off.amax(0)})


FACTORS = Claim(
    id="A11",
    slug="factor-a-layer",
    sentence="Proper initialization keeps the gradients of a deep network from vanishing and "
    "exploding: the variance of the weights sets a factor a layer.",
    sources=(Source(lecture="FFN", keys=("glorot2010", "he2015")), JHU),
    protocol="50 layers of 128 ReLUs, standard normal inputs and cotangents, 128 samples, float64. "
    "The factor a layer is (‖∂J/∂z₁‖ / ‖∂J/∂z₅₀‖) to the power 1/49; with batch norm it starts at "
    "layer 2, as layer 1 has no ReLU below. Theory: √(σ²/2), with σ² the variance of a weight "
    "times the number of inputs, and √(π/(π − 1)) with batch norm.",
    experiment=factors,
    quick={"depth": 50, "width": 128, "batch_size": 128},
    full={"depth": 100, "width": 1_024, "batch_size": 512},
    measures=(
        Measure(
            name="off",
            label="largest relative distance of the five factors to theory",
            expect="below",
            threshold=0.03,
            reference=0.2,
            reason="a typical network of finite width lies a little below the mean",
            tolerance=0.01,
            wins=1.0,
        ),
        Measure(
            name="he",
            label="He: 1 in theory",
            expect="above",
            threshold=0.95,
            reference=0.85,
            reason="0.95 to the power 50 is a loss of one power of ten",
            tolerance=0.01,
            wins=1.0,
        ),
        Measure(name="uniform", label="±1/√n, PyTorch's default: 1/√6 = 0.408 in theory"),
        Measure(name="xavier", label="Xavier: 1/√2 = 0.707"),
        Measure(name="large", label="N(0, 0.2²): 1.6"),
        Measure(
            name="he + batch norm",
            label="He with batch norm: √(π/(π − 1)) = 1.211",
            expect="above",
            threshold=1.1,
            reference=1.0,
            reason="half of the effect",
            tolerance=0.01,
            role="condition",
            wins=1.0,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "The right variance depends on the activation: He's fits ReLU, Xavier's loses a factor of "
        "√2 a layer.",
        "Batch norm takes the choice away and explodes by itself: 1.21 a layer at the start, "
        "whatever the variance of the weights.",
    ),
)


def fitting(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """IN1: accuracies by scheme and activation, the better of the rates for each."""
    rates = settings["lrs"]
    rest = {name: value for name, value in settings.items() if name != "lrs"}
    runs = (("xavier", "relu"), ("he", "relu"), ("xavier", "tanh"), ("he", "tanh"))
    best: dict[tuple[str, str], Tensor] = {}
    for lr in rates:
        found = experiments.accuracies(seeds, runs, lr=lr, **rest, device=device)
        for run, values in found.items():
            if run not in best or values.mean() > best[run].mean():
                best[run] = values
    return _lists(
        {
            "relu gap": best["he", "relu"] - best["xavier", "relu"],
            "tanh": best["xavier", "tanh"],
            "tanh gap": best["he", "tanh"] - best["xavier", "tanh"],
            "xavier relu": best["xavier", "relu"],
            "he relu": best["he", "relu"],
        }
    )


FITTING = Claim(
    id="IN1",
    slug="xavier-tanh-he-relu",
    sentence="Xavier initialization works well with tanh but breaks with ReLU; He initialization "
    "is for ReLU.",
    sources=(Source(lecture="JHU", keys=("glorot2010", "he2015")), FFN),
    protocol="Standardized digits, 16 hidden layers of 48 units, 120 steps of plain SGD on batches "
    "of 64. Accuracy on the training set, at the better of two rates for each combination (by the "
    "mean over seeds). Differences under the same seed.",
    experiment=fitting,
    quick={"lrs": (0.03, 0.1), "depth": 16, "width": 48, "steps": 120, "batch_size": 64},
    full={
        "lrs": (0.01, 0.03, 0.1, 0.3),
        "depth": 32,
        "width": 256,
        "steps": 2_000,
        "batch_size": 128,
    },
    measures=(
        Measure(
            name="relu gap",
            label="ReLU: He minus Xavier",
            expect="above",
            threshold=0.2,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.08,
            digits=2,
        ),
        Measure(
            name="tanh",
            label="tanh with Xavier",
            expect="above",
            threshold=0.8,
            reference=0.5,
            reason="well above what ReLU reaches with either",
            tolerance=0.03,
            digits=2,
        ),
        Measure(name="xavier relu", label="ReLU with Xavier", digits=2),
        Measure(name="he relu", label="ReLU with He", digits=2),
        Measure(name="tanh gap", label="tanh: He minus Xavier"),
    ),
    verdict="holds",
)


def by_data(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """IN2: LSUV minus He, for three activations."""
    names = ("relu", "gelu", "tanh")
    runs = [(scheme, name) for name in names for scheme in ("he", "lsuv")]
    found = experiments.accuracies(seeds, runs, **settings, device=device)
    gains = {f"{name} gain": found["lsuv", name] - found["he", name] for name in names}
    return _lists({**gains, **{name: found["lsuv", name] for name in names}})


BY_DATA = Claim(
    id="IN2",
    slug="lsuv-fits-any-activation",
    sentence="Initialization plays an important role: orthonormal weights, scaled by the data to "
    "unit variance layer after layer, do at least as well as a formula made for one activation.",
    sources=(Source(lecture="NT", keys=("mishkin2016",)),),
    protocol="As IN1, at learning rate 0.03, for ReLU, GELU and tanh. LSUV takes 256 training "
    "samples. Accuracy on the training set, LSUV minus He's formula for ReLU under the same seed. "
    "With ReLU itself the difference is reported only: it is positive on most seeds, not on all.",
    experiment=by_data,
    quick={"lr": 0.03, "depth": 16, "width": 48, "steps": 120, "batch_size": 64},
    full={"lr": 0.03, "depth": 32, "width": 256, "steps": 2_000, "batch_size": 128},
    measures=(
        Measure(
            name="gelu gain",
            label="GELU: LSUV minus He",
            expect="above",
            threshold=0.1,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.1,
            wins=0.7,
            digits=2,
        ),
        Measure(
            name="tanh gain",
            label="tanh: LSUV minus He",
            expect="above",
            threshold=0.02,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.02,
        ),
        Measure(name="relu gain", label="ReLU: LSUV minus He", digits=2),
        Measure(name="relu", label="ReLU with LSUV", digits=2),
        Measure(name="gelu", label="GELU with LSUV", digits=2),
        Measure(name="tanh", label="tanh with LSUV", digits=2),
    ),
    verdict="holds",
)


def directions(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """IN3: share of directions that pass, for orthogonal and for normal weights."""
    return _lists(experiments.product_spread(seeds, **settings, device=device))


DIRECTIONS = Claim(
    id="IN3",
    slug="orthogonal-keeps-directions",
    sentence="Orthogonal weights keep all directions of a deep network alive, normal ones of the "
    "same variance only a few.",
    sources=(Source(lecture="NT", keys=("saxe2014", "mishkin2016")),),
    protocol="Jacobian of 50 layers of 64 units, float64, with singular values sᵢ. The share of "
    "directions that pass is (Σs²)²/(64 Σs⁴). Linear layers with orthogonal or normal weights; "
    "condition: the same with ReLUs, at a normal input, weights times √2.",
    experiment=directions,
    quick={"depth": 50, "width": 64},
    full={"depth": 200, "width": 512},
    measures=(
        Measure(
            name="linear orthogonal",
            label="linear layers, orthogonal",
            expect="above",
            threshold=0.999999,
            reference=0.5,
            reason="the statement is exact",
            tolerance=1e-6,
            wins=1.0,
        ),
        Measure(
            name="linear normal",
            label="linear layers, normal",
            expect="below",
            threshold=0.1,
            reference=0.5,
            reason="6 of 64 directions",
            tolerance=0.02,
            wins=1.0,
        ),
        Measure(
            name="relu orthogonal",
            label="with ReLUs, orthogonal",
            expect="below",
            threshold=0.1,
            reference=0.5,
            reason="6 of 64 directions",
            tolerance=0.02,
            role="condition",
            wins=1.0,
        ),
        Measure(name="relu normal", label="with ReLUs, normal"),
    ),
    verdict="holds with a condition",
    conditions=(
        "For linear layers, exactly; near it for tanh at small inputs. ReLUs switch other units "
        "off in every layer, and next to nothing of the advantage is left.",
    ),
)


def training_clipped(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T11: what clipping gains from weights that explode, and from weights that vanish."""
    found = experiments.clipped_training(seeds, **settings, device=device)
    return _lists(
        {
            "gain": found["exploding clipped"] - found["exploding plain"],
            "vanishing gain": found["vanishing clipped"] - found["vanishing plain"],
            "plain": found["exploding plain"],
            "clipped": found["exploding clipped"],
            "vanishing": found["vanishing clipped"],
        }
    )


CLIPPING = Claim(
    id="T11",
    slug="clipping-for-exploding-gradients",
    sentence="Gradient clipping is good for exploding gradients.",
    sources=(Source(lecture="FFN", keys=("pascanu2013",)),),
    protocol="Standardized digits, 16 hidden layers of 48 ReLUs, 120 steps of SGD at 0.1, from "
    "weights N(0, 0.26²), whose factor a layer is 1.27, with and without clipping of the whole "
    "gradient to norm 1. A run whose loss is no longer a number counts as accuracy 0. Condition: "
    "the same from Xavier's weights, whose gradients vanish.",
    experiment=training_clipped,
    quick={"clip": 1.0, "lr": 0.1, "depth": 16, "width": 48, "steps": 120, "batch_size": 64},
    full={"clip": 1.0, "lr": 0.1, "depth": 16, "width": 48, "steps": 5_000, "batch_size": 64},
    measures=(
        Measure(
            name="gain",
            label="training accuracy, clipped minus not, exploding",
            expect="above",
            threshold=0.2,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
            digits=2,
        ),
        Measure(
            name="vanishing gain",
            label="clipped minus not, vanishing",
            expect="below",
            threshold=0.1,
            reference=0.2,
            reason="half of what is asked of exploding gradients",
            tolerance=0.05,
            role="condition",
            digits=2,
        ),
        Measure(name="plain", label="accuracy, exploding, not clipped", digits=2),
        Measure(name="clipped", label="accuracy, exploding, clipped", digits=2),
        Measure(name="vanishing", label="accuracy, vanishing, clipped", digits=2),
    ),
    verdict="holds with a condition",
    conditions=("It shortens steps. What has vanished it can't bring back.",),
)


def at_a_cliff(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A12: the largest step near a cliff, clipped and not."""
    starts = experiments.cliff_starts(seeds).to(device)
    runs = {how: experiments.cliff_run(starts, how=how, **settings) for how in experiments.CLIPS}
    moves = {how: run["move"].amax(0).cpu() for how, run in runs.items()}
    return _lists(
        {
            "ratio": (moves["none"] / moves["norm"]).log10(),
            "none": moves["none"],
            "norm": moves["norm"],
            "value": moves["value"],
            **{f"loss {how}": run["loss"][-1].cpu() for how, run in runs.items()},
        }
    )


CLIFF = Claim(
    id="A12",
    slug="clipping-at-a-cliff",
    sentence="At a cliff of the loss a gradient step is thrown far away; clipping keeps it near.",
    sources=(Source(lecture="FFN", keys=("pascanu2013",)),),
    protocol="A recurrent net of one unit, x ← w σ(x) + b, 50 steps from x = 0.5, loss "
    "(σ(x) − 0.7)². Gradient descent at rate 0.5, 300 steps from a start uniform in "
    "[4.5, 6.5] × [−3.2, −2.2], without clipping, and with a bound of 0.1 on the norm or on each "
    "entry. The longest step of each run. The path at a cliff is chaotic, so lengths are compared "
    "in powers of ten, and the final loss is reported only.",
    experiment=at_a_cliff,
    quick={"bound": 0.1, "lr": 0.5, "steps": 300, "length": 50},
    full={"bound": 0.1, "lr": 0.5, "steps": 3_000, "length": 50},
    measures=(
        Measure(
            name="ratio",
            label="longest step, not clipped over clipped by norm, in powers of ten",
            expect="above",
            threshold=0.75,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.6,
            wins=0.9,
            digits=1,
        ),
        Measure(name="none", label="longest step without clipping", digits=2),
        Measure(
            name="norm",
            label="clipped by norm",
            expect="below",
            threshold=0.05001,
            reference=0.051,
            reason="rate times bound, exactly",
            tolerance=1e-6,
            wins=1.0,
        ),
        Measure(name="value", label="clipped by value"),
        Measure(name="loss none", label="final loss, no clipping", digits=4),
        Measure(name="loss norm", label="final loss, by norm", digits=4),
        Measure(name="loss value", label="final loss, by value", digits=4),
    ),
    verdict="holds",
)


def skips(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A13: the gradient at the first layer over that at the last, with and without skips."""
    found = experiments.residual_factors(seeds, **settings, device=device)
    return _lists({**found, "skip he": found["skip he"].log10()})


SKIPS = Claim(
    id="A13",
    slug="skips-carry-the-gradient",
    sentence="Skip connections carry the gradient through a deep network.",
    sources=(Source(lecture="FFN", keys=("he2016",)),),
    protocol="Layers z ← z + W relu(z) against z ← W relu(z), 128 units, standard normal inputs "
    "and cotangents, float64. The ratio ‖∂J/∂z₁‖ / ‖∂J/∂z_L‖ for weights N(0, 0.01²) and 20 "
    "layers; condition: for He's weights and 50 layers, and reported, the same with W divided by "
    "√50.",
    experiment=skips,
    quick={"small": 20, "deep": 50, "width": 128},
    full={"small": 100, "deep": 100, "width": 1_024},
    measures=(
        Measure(
            name="skip small",
            label="ratio with skips, N(0, 0.01²), 20 layers",
            expect="above",
            threshold=0.5,
            reference=1e-6,
            reason="theory says 1.06",
            tolerance=0.05,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="plain small",
            label="without",
            expect="below",
            threshold=1e-15,
            reference=0.1,
            reason="theory says 0.08 to the power 19, 1.4e-21",
            tolerance=1e-16,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="skip he",
            label="powers of ten of the ratio with skips, He, 50 layers",
            expect="above",
            threshold=4.0,
            reference=1.0,
            reason="half of the effect; theory says 49 times the logarithm of √2, 7.4",
            tolerance=0.2,
            role="condition",
            wins=1.0,
            digits=1,
        ),
        Measure(name="skip he scaled", label="the same with W/√50", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "The layer beside the skip must be small, or normalized. With He's weights each layer "
        "doubles the mean square.",
    ),
)

CLAIMS: tuple[Claim, ...] = (
    CONSTANT,
    POWERS,
    FACTORS,
    FITTING,
    DIRECTIONS,
    BY_DATA,
    SKIPS,
    CLIFF,
    CLIPPING,
)
