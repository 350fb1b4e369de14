"""residual-connections-fifty-layers: a deep network without normalization."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from lecturelib.data import load_digits
from lecturelib.exercises.normalizing import normalizer
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED = 0.9  # of the 360 test digits
LAYERS, WIDEST = 50, 32


def _linear_layers(answer: Any) -> list[nn.Linear]:
    """The linear layers that work in a forward pass; a Finding where the network is none."""
    if not isinstance(answer, nn.Module):
        raise Finding(
            "not-a-module",
            "Wanted is the trained network, an nn.Module that takes digits of shape (N, 64).",
            got=describe(answer),
        )
    return [m for m in answer.modules() if isinstance(m, nn.Linear)]


def _working(model: nn.Module, layers: list[nn.Linear], x: torch.Tensor) -> tuple[Any, int]:
    """What the model gives, and how many of the layers were called."""
    called: set[int] = set()
    hooks = [m.register_forward_hook(lambda m, *_: called.add(id(m))) for m in layers]
    try:
        with torch.no_grad():
            out = model(x)
    except Exception as error:  # whatever a student's model does
        raise Finding(
            "fails",
            "The network fails on the test digits, a tensor of shape (360, 64).",
            got=str(error),
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    return out, len(called)


def _counting(model: nn.Module, layers: list[nn.Linear], x: torch.Tensor) -> int:
    """How many of the layers change the answer when their output is disturbed, up to LAYERS."""
    g, found = torch.Generator().manual_seed(0), 0

    def disturb(module: nn.Module, inputs: Any, out: torch.Tensor) -> torch.Tensor:
        noise = torch.randn(out.shape, generator=g).to(out)
        return out + (1 + out.abs().max()) * noise

    with torch.no_grad():
        usual = model(x)
        for layer in layers:
            hook = layer.register_forward_hook(disturb)
            found += int(not torch.equal(model(x), usual))
            hook.remove()
            if found == LAYERS:
                break
    return found


def examine(trial: Trial) -> None:
    _linear_layers(trial.answer)
    model = copy.deepcopy(trial.answer).eval()
    layers = _linear_layers(model)
    data = load_digits(standardize=True)
    parameter = next(model.parameters(), torch.zeros(()))
    out, worked = _working(model, layers, data.x_test.to(parameter))
    norm = normalizer(model, data.x_test[:29].to(parameter))
    if norm:
        raise Finding(
            "normalized",
            "Somewhere the network normalizes the values in it. It should do without; the start "
            "has to see to it that nothing explodes.",
            got=norm,
        )
    widest = max((m.out_features for m in layers), default=0)
    if worked < LAYERS:
        raise Finding(
            "too-shallow",
            f"{worked} linear layers take part in the answer; wanted are {LAYERS} or more.",
        )
    if widest > WIDEST:
        raise Finding("too-wide", f"A layer has {widest} units; at most {WIDEST} are allowed.")
    if not isinstance(out, torch.Tensor) or out.shape != (len(data.y_test), 10):
        raise Finding("wrong-outputs", "Wanted are ten numbers for each digit.", got=describe(out))
    out = out.double().cpu()
    if not out.isfinite().all():
        raise Finding(
            "exploded",
            "The outputs are not finite: the network has diverged. By how much does its stream "
            "grow at the start?",
        )
    score = (out.argmax(1) == data.y_test).double().mean().item()
    if score >= WANTED:
        count = _counting(model, layers, data.x_test[:32].to(parameter))
        if count < LAYERS:
            raise Finding(
                "idle-layers",
                f"{worked} linear layers are called, but the answer depends on {count} of them "
                f"alone. Wanted are {LAYERS} or more that matter to it.",
            )
        return
    got = f"test accuracy {score:.3f}"
    if out.std(0).max() < 1e-3:
        raise Finding(
            "no-signal",
            "The outputs hardly depend on the input. Do the skip connections reach from the first "
            "block to the last?",
            got=got,
        )
    if score < 0.3:
        raise Finding("not-trained", "The network has hardly learnt. Did the loss fall?", got=got)
    raise Finding(
        "not-enough",
        f"It has learnt something, but less than {WANTED}. Print the loss at several rates before "
        "you train for longer.",
        got=got,
    )


EXERCISE = Exercise(
    slug="residual-connections-fifty-layers",
    title="Train and tune it: fifty layers without normalization",
    chapter="residual_connections",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants=f"the trained network: test accuracy of {WANTED} or more",
    hints=(
        "Before you train, print the rms of the stream behind each block.",
        "Scale the branches, or let their last layer start at 0; either will do.",
        "A hundred steps of plain SGD on batches of 64 suffice at a good rate.",
    ),
    examine=examine,
)
