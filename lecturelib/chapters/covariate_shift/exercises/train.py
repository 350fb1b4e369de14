"""covariate-shift-train: a deep network that learns without any normalization."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.exercises.normalizing import normalizer
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED, DEPTH = 0.88, 12
TOLERANCE = 1e-3  # of the largest output; rounding is below 1e-5


def _outputs(model: nn.Module, x: Tensor) -> Tensor:
    try:
        with torch.no_grad():
            out = model(x)
    except (RuntimeError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise Finding(
            "cannot-read",
            "The network cannot take a batch of images of 64 pixels, shape (N, 64).",
            got=str(error).split("\n")[0][:120],
        ) from error
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 64) to (N, 10).", got=describe(out)
        )
    return out


def _outputs_and_calls(model: nn.Module, x: Tensor) -> tuple[Tensor, int, int]:
    """The outputs, through how many linear layers the images went, and how many of these got what
    another one had given, with nothing between."""
    calls, given, bare = 0, list[Tensor](), 0

    def note(module: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> None:
        nonlocal calls, bare
        calls += 1
        bare += any(v.shape == inputs[0].shape and torch.equal(v, inputs[0]) for v in given)
        given.append(out.clone())

    linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
    hooks = [m.register_forward_hook(note) for m in linear]
    out = _outputs(model, x)
    for hook in hooks:
        hook.remove()
    return out, calls, bare


def _look_inside(model: nn.Module, x: Tensor, out: Tensor) -> None:
    """Refuse a good network that normalizes by hand over the batch, or that is linear."""
    size = out.abs().max()
    if (_outputs(model, x[:2]) - out[:2]).abs().max() > TOLERANCE * size:
        raise Finding(
            "batch-statistics",
            "What the network says of an image depends on the others in its batch: somewhere it "
            "takes statistics over the batch.",
        )
    both, nothing = (_outputs(model, v) for v in (x + x.flip(0), torch.zeros_like(x)))
    if (both + nothing - out - out.flip(0)).abs().max() <= TOLERANCE * size:
        raise Finding(
            "linear",
            "The network is a linear function of the image: without a nonlinearity between them "
            "its layers are worth one.",
        )


def examine(trial: Trial) -> None:
    from lecturelib.data import load_digits

    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    model = copy.deepcopy(answer).eval()
    parameter = next(model.parameters(), None)
    if parameter is None:
        raise Finding("too-shallow", "The network has no parameters.", got=describe(answer))
    data = load_digits()
    x, y = data.x_test.to(parameter), data.y_test.to(parameter.device)
    out, calls, bare = _outputs_and_calls(model, x)
    norm = normalizer(model, x[:29])
    if norm:
        raise Finding(
            "normalized",
            "Somewhere the network normalizes the values in it; wanted is one that does not.",
            got=norm,
        )
    if calls <= DEPTH:
        raise Finding(
            "too-shallow",
            f"Wanted are {DEPTH} hidden layers or more, and one linear layer on top. Layers that "
            "an image does not go through do not count.",
            got=f"{calls} linear layers in all",
        )
    score = (out.argmax(1) == y).double().mean().item()
    got = f"{score:.3f} of the test digits right"
    if score >= WANTED:
        _look_inside(model, x, out)
        if calls - bare <= DEPTH:
            raise Finding(
                "linear-in-a-row",
                "A linear layer gets what another one gives, unchanged: without a nonlinearity "
                "between them the two are worth one. So counted there are fewer than "
                f"{DEPTH} hidden layers.",
                got=f"{calls} linear layers, {bare} of them right behind another one",
            )
        return
    if not out.isfinite().all():
        raise Finding("not-finite", "The outputs are not finite: the steps are too long.", got=got)
    if (out.argmax(1) == out.argmax(1)[0]).double().mean() > 0.95:
        raise Finding(
            "one-answer",
            "The network gives one answer to nearly all images. Did the loss fall at all? Deep "
            "plain networks want small steps at the start, and weights of variance 2/inputs.",
            got=got,
        )
    raise Finding(
        "not-enough",
        f"It has learnt something, but less than {WANTED}. Were there enough steps? Plain SGD has "
        "a window of rates around 0.03 here, and another start may end elsewhere.",
        got=got,
    )


EXERCISE = Exercise(
    slug="covariate-shift-train",
    title="Train and tune: twelve layers, no normalization",
    chapter="covariate_shift",
    kind="experiment",
    difficulty=3,
    minutes=35,
    wants=f"the trained network: test accuracy of {WANTED} or more without any normalization",
    hints=(
        "models.mlp(64, [64] * 12, 10) starts with He's weights and has no normalization.",
        "Try SGD at 0.01, 0.03 and 0.1 for 300 steps first, and watch the loss.",
        "Adam at 0.001 or 0.002 gives each layer steps of a size of its own.",
    ),
    examine=examine,
)
