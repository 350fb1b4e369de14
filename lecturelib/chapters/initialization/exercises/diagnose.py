"""initialization-diagnose: four networks at their start, by what goes up and comes down."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

LAYERS, WIDTH, SAMPLES = 12, 64, 64

# Activation, deviation or bound of the weights, and what else is particular.
STARTS: dict[str, dict[str, Any]] = {
    "a": {"std": 1 / math.sqrt(WIDTH)},
    "b": {"bound": 1 / math.sqrt(WIDTH)},
    "c": {"std": 0.4},
    "d": {"std": math.sqrt(2 / WIDTH), "norm": True},
    "e": {"std": math.sqrt(2 / WIDTH), "skips": True},
    "f": {"std": 1.0, "activation": torch.tanh},
    "g": {"constant": 0.02},
    "h": {"std": 1 / math.sqrt(WIDTH), "activation": torch.sigmoid},
}
_LOOK = {
    "a": "both sizes shrink by the same factor a layer, and the spread over samples with them. "
    "Which factor is it?",
    "b": "the size of z settles although its spread over the samples dies. What else than the "
    "input can a sum be made of, and what is the size that is left?",
    "c": "both sizes grow by the same factor a layer. Compute the factors of the candidates.",
    "d": "from the second layer on the size of z stays at 1, and the gradient grows by about 1.2 a "
    "layer on its way down. Which step does that?",
    "e": "both sizes grow by the same factor a layer. Compute the factors of the candidates.",
    "f": "forward the sizes stay level, far above 1. Which activation forbids more?",
    "g": "one of the four lists is 0. Of what is it the spread?",
    "h": "the size of z settles although its spread over the samples dies. How large is it, and by "
    "how much does the gradient shrink a layer?",
}


def record(seed: int, *, std: float = 0.0, bound: float = 0.0, constant: float = 0.0,
           activation: Any = torch.relu, norm: bool = False, skips: bool = False
           ) -> dict[str, list[float]]:  # fmt: skip
    """What is measured at the start of one network, layer by layer, to three digits."""
    g = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    h, z, sums = normal(WIDTH, SAMPLES), torch.zeros(()), []
    for layer in range(LAYERS):
        w, b = std * normal(WIDTH, WIDTH) + constant, torch.zeros(WIDTH, 1)
        if bound:
            w, b = (bound * (2 * torch.rand(*s, generator=g) - 1) for s in (w.shape, b.shape))
        new = w.double() @ h + b.double()
        z = (z + new if skips and layer else new).requires_grad_()
        sums.append(z)
        scaled = (z - z.mean(1, keepdim=True)) / z.std(1, correction=0, keepdim=True) if norm else z
        h = activation(scaled)
    down = torch.autograd.grad((h * normal(WIDTH, SAMPLES)).sum() / SAMPLES, sums)
    ups = [s.detach() for s in sums]
    found = {
        "rms of z": [s.square().mean().sqrt() for s in ups],
        "spread over samples": [s.std(1, correction=0).mean() for s in ups],
        "spread over units": [s.std(0, correction=0).mean() for s in ups],
        "rms of gradient": [s.square().mean().sqrt() for s in down],
    }
    return {name: [float(f"{v.item():.3g}") for v in values] for name, values in found.items()}


def _drawn(draws: Draws) -> list[tuple[str, int]]:
    """Four letters and the seeds of their networks."""
    chosen = draws.some(STARTS, 4)
    return [(letter, draws.choice(range(10_000))) for letter in chosen]


def given(draws: Draws) -> Mapping[str, Any]:
    """Four networks: by what is measured, one number for each layer, the first layer first."""
    networks = [record(seed, **STARTS[letter]) for letter, seed in _drawn(draws)]
    return {"networks": networks, "layers": LAYERS, "width": WIDTH}


def examine(trial: Trial) -> None:
    right = "".join(letter for letter, _ in _drawn(trial.draws))
    begin = (
        "Divide each list's last number by its first one and take the eleventh root: that is "
        "the factor a layer."
    )
    examine_letters(trial, right, _LOOK, of="networks", begin=begin)


EXERCISE = Exercise(
    slug="initialization-diagnose",
    title="Diagnose: four networks at their start",
    chapter="initialization",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="four letters in the order of the networks, such as 'abcd'",
    hints=(
        "For each candidate write down first what the chapter predicts: the factor a layer of z "
        "and of the gradient.",
        "Sums whose size stays while their spread over the samples dies no longer depend on the "
        "input.",
        "With a skip and He's weights mean squares double a layer, which is a factor of 1.41 in "
        "the rms. What do weights of standard deviation 0.4 give?",
    ),
    examine=examine,
    given=given,
)
