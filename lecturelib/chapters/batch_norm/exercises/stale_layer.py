"""batch-norm-stale-layer: which of five layers ruins a network at inference?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "batch-norm-stale-layer"
DEPTH, WIDTH, SAMPLES = 5, 6, 64


def _culprit(draws: Draws) -> int:
    """The number of the layer at fault; there are healthy layers before and behind it."""
    return draws.choice((2, 3, 4))


def given(draws: Draws) -> Mapping[str, Any]:
    """A network in evaluation mode, and the data that its running statistics should describe."""
    culprit = _culprit(draws)
    x = draws.normal(SAMPLES, WIDTH)
    model = nn.Sequential()
    for i in range(1, DEPTH + 1):
        linear = nn.Linear(WIDTH, WIDTH, bias=False, dtype=torch.float64)
        norm = nn.BatchNorm1d(WIDTH, momentum=1.0, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(draws.normal(WIDTH, WIDTH))
            norm.weight.copy_(draws.uniform(WIDTH, low=0.5, high=1.5))
            norm.bias.copy_(draws.uniform(WIDTH, low=-0.3, high=0.7))
        model.add_module(f"linear{i}", linear)
        model.add_module(f"norm{i}", norm)
        model.add_module(f"relu{i}", nn.ReLU())
    with torch.no_grad():
        model(x)  # with momentum 1, every norm now holds the statistics of x
    stale = model.get_submodule(f"norm{culprit}")
    assert isinstance(stale, nn.BatchNorm1d)
    assert stale.running_var is not None
    stale.running_var *= draws.uniform(WIDTH, low=4.0, high=20.0)
    return {"model": model.eval(), "x": x}


def _read(answer: Any) -> str:
    if isinstance(answer, list | tuple | set):
        if len(answer) != 1:
            raise Finding(
                "several-layers",
                "You name several layers. One layer is at fault; the others suffer from it.",
                got=describe(answer),
            )
        (answer,) = answer
    if not isinstance(answer, str):
        raise Finding("not-a-name", "Wanted is the layer's name, a string.", got=describe(answer))
    return "".join(answer.strip().strip("'\"").lower().split())


def examine(trial: Trial) -> None:
    name = _read(trial.answer)
    model = given(trial.draws)["model"]
    culprit = _culprit(Draws(SLUG, trial.key))
    layers = dict(model.named_children())
    if name not in layers:
        raise Finding(
            "no-such-layer", f"There is no layer {name!r} in the network.", got=", ".join(layers)
        )
    if not isinstance(layers[name], nn.BatchNorm1d):
        raise Finding(
            "not-a-norm",
            f"{name} computes the same in training and in evaluation. Which kind of layer does "
            "not?",
        )
    number = int(name.removeprefix("norm"))
    if number > culprit:
        raise Finding(
            "downstream",
            f"What enters {name} in evaluation does not fit what it has stored. Is it the stored "
            "numbers that are wrong, or what enters? Look at what it gets in training mode.",
        )
    if number < culprit:
        raise Finding(
            "upstream",
            f"{name} holds the mean and the variance of what it gets, in either mode. Go on.",
        )


EXERCISE = Exercise(
    slug=SLUG,
    title="Diagnose: good in training, bad at inference",
    chapter="batch_norm",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="the name of one layer of your own network, such as 'norm1'",
    hints=(
        "Compare what each norm has stored with the mean and variance of what enters it.",
        (
            "A layer behind the one at fault gets wrong values in evaluation mode. Which mode"
            " shows each layer the values that it would get if all was well?"
        ),
        (
            "Send x through the network with F.batch_norm(h, None, None, weight, bias,"
            " training=True) in place of each norm: that leaves the stored statistics as they are."
        ),
    ),
    examine=examine,
    given=given,
)
