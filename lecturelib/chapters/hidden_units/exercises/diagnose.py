"""hidden-units-diagnose: four deep networks before training, seen from their statistics."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

LAYERS, WIDTH, SAMPLES = 8, 64, 32


class Network(NamedTuple):
    """Activation, variance of a weight times the width, bias, and what to look at."""

    f: Callable[[Tensor], Tensor]
    variance: float
    bias: float
    look: str


NETWORKS: dict[str, Network] = {
    "a": Network(torch.relu, 2.0, 0.0, "half of the slopes are 0, and sums and gradients keep "
                 "their size."),
    "b": Network(torch.relu, 1.0, 0.0, "half of the slopes are 0, and the sums get smaller from "
                 "layer to layer."),
    "c": Network(torch.sigmoid, 3.41, 0.0, "the values have a mean of one half. Which function "
                 "has it?"),
    "d": Network(torch.tanh, 36.0, 0.0, "the mean of the values is near 0, most slopes are small, "
                 "and the gradients grow on the way down."),
    "e": Network(torch.relu, 2.0, -6.0, "no slope is left in any layer."),
    "f": Network(lambda z: z, 1.0, 0.0, "no slope is small, and values are as large as the sums."),
}  # fmt: skip


def statistics(network: Network, generator: torch.Generator) -> dict[str, list[float]]:
    """By layer: rms sums, mean value, share of slopes below 0.05, relative rms gradient."""
    h = torch.randn(WIDTH, SAMPLES, generator=generator, dtype=torch.float64)
    sums, values = [], []
    for layer in range(LAYERS):
        std = math.sqrt((network.variance if layer else 1.0) / WIDTH)
        weight = std * torch.randn(WIDTH, WIDTH, generator=generator, dtype=torch.float64)
        sums.append((weight @ h + network.bias).requires_grad_())
        h = network.f(sums[-1])
        values.append(h)
    cotangent = torch.randn(h.shape, generator=generator, dtype=torch.float64)
    gradients = torch.autograd.grad((h * cotangent).sum(), sums)
    last = gradients[-1].square().mean().sqrt()
    rows: dict[str, list[float]] = {"sums": [], "mean": [], "flat": [], "gradient": []}
    for z, value, gradient in zip(sums, values, gradients, strict=True):
        at = z.detach().requires_grad_()
        (slope,) = torch.autograd.grad(network.f(at).sum(), at)
        size = gradient.square().mean().sqrt()
        rows["sums"].append(round(z.square().mean().sqrt().item(), 3))
        rows["mean"].append(round(value.mean().item(), 3))
        rows["flat"].append(round((slope.abs() < 0.05).double().mean().item(), 3))
        rows["gradient"].append(float(f"{(size / last).item() if last > 0 else 0.0:.3g}"))
    return rows


def given(draws: Draws) -> Mapping[str, Any]:
    """Four networks, by statistics a layer."""
    return {"networks": [_drawn(draws, letter) for letter in _letters(draws)]}


def _letters(draws: Draws) -> str:
    letters = draws.some(NETWORKS, 4)
    return "".join(letters)


def _drawn(draws: Draws, letter: str) -> dict[str, list[float]]:
    seed = int(1e6 * draws.uniform(1).item())
    return statistics(NETWORKS[letter], torch.Generator().manual_seed(seed))


def truth(networks: list[Mapping[str, list[float]]]) -> str:
    """The letters, found from the statistics alone."""

    def letter(found: Mapping[str, list[float]]) -> str:
        flat = found["flat"][-1]
        if flat == 1:
            return "e"
        if found["gradient"][0] > 10:
            return "d"
        if found["mean"][-1] > 0.4 and found["flat"][0] < 0.2:
            return "c"
        if flat < 0.2:
            return "f"
        return "b" if found["sums"][-1] < 0.4 else "a"

    return "".join(map(letter, networks))


def examine(trial: Trial) -> None:
    right = truth(given(trial.draws)["networks"])
    begin = (
        "Write down first what each of the six should show: which slopes are small, which "
        "mean the values have, and what ρ says."
    )
    looks = {letter: network.look for letter, network in NETWORKS.items()}
    examine_letters(trial, right, looks, of="networks", begin=begin)


EXERCISE = Exercise(
    slug="hidden-units-diagnose",
    title="Diagnose: four networks before training",
    chapter="hidden_units",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="four letters in the order of the networks, such as 'abcd'",
    hints=(
        "The slope of a ReLU is 0 or 1, each half of the time if sums are centred.",
        "Look at the mean of the values: which functions have one, and which value has it?",
        "What does a bias of −6 do to a sum whose rms is near 1.4?",
    ),
    examine=examine,
    given=given,
)
