"""batch-norm-redundant-bias: which biases a network could do without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

_MAPS = (nn.Linear, nn.Conv2d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def effect(model: nn.Sequential, x: Tensor, name: str, shift: Tensor) -> float:
    """How much the output moves in training mode when that bias is moved: a measurement."""
    bias = dict(model.named_parameters())[name]
    with torch.no_grad():
        before = model(x)
        bias.add_(shift)
        after = model(x)
        bias.sub_(shift)
    return (after - before).abs().max().item()


def _biases(model: nn.Sequential) -> list[str]:
    return [name for name, _ in model.named_parameters() if name.endswith("bias")]


def _layers(model: nn.Sequential, *kinds: type) -> list[int]:
    return [i for i, layer in enumerate(model) if isinstance(layer, kinds)]


def _zero_gradient(model: nn.Sequential, x: Tensor) -> set[str]:
    """Biases whose gradient of the plain sum of outputs is zero."""
    names = _biases(model)
    parameters = dict(model.named_parameters())
    gradients = torch.autograd.grad(model(x).sum(), [parameters[n] for n in names])
    return {n for n, g in zip(names, gradients, strict=True) if g.abs().max() < 1e-6}


def _before(model: nn.Sequential, kinds: tuple[type, ...], through: tuple[type, ...]) -> set[str]:
    """Biases of ``kinds`` that meet a batch norm after nothing but layers of type ``through``."""
    found = set()
    for i in _layers(model, *kinds):
        rest = [layer for layer in list(model)[i + 1 :] if not isinstance(layer, through)]
        if rest and isinstance(rest[0], _NORMS):
            found.add(f"{i}.bias")
    return found


Rule = Callable[[nn.Sequential, Tensor], set[str]]

RULES: dict[str, tuple[Rule, str]] = {
    "nothing-found": (
        lambda m, x: set(),
        (
            "You find none anywhere. In training mode some do nothing: the mean of the batch is "
            "subtracted. (In evaluation mode it is a stored constant. Which mode did you look at?)"
        ),
    ),
    "every-layer-bias": (
        lambda m, x: {f"{i}.bias" for i in _layers(m, *_MAPS)},
        (
            "You list the bias of every linear or convolutional layer. Only a shift that reaches a"
            " batch norm as a constant is subtracted there."
        ),
    ),
    "batch-norm-anywhere-later": (
        lambda m, x: _before(m, _MAPS, (nn.Linear, nn.Conv2d, nn.ReLU, nn.Flatten)),
        (
            "You list every layer that has a batch norm somewhere behind it. A ReLU on the way"
            " bends the shift: it is no longer the same for all samples."
        ),
    ),
    "beta-listed": (
        lambda m, x: {f"{i}.bias" for i in _layers(m, *_NORMS)},
        "You list the β of the batch norms. β is added after the mean was subtracted.",
    ),
    "neighbours-only": (
        lambda m, x: _before(m, _MAPS, ()),
        (
            "You find the biases that stand right before a batch norm. A shift may also pass"
            " through a linear layer first: it comes out as another constant shift."
        ),
    ),
    "linear-layers-only": (
        lambda m, x: _before(m, (nn.Linear,), ()),
        (
            "You find linear layers right before a batch norm only. Look at convolutions, and at a"
            " shift that passes through one more linear layer."
        ),
    ),
    "flatten-in-the-way": (
        lambda m, x: _before(m, (*_MAPS, *_NORMS), _MAPS),
        (
            "You stop at nn.Flatten. It only orders the numbers otherwise: a shift that is the same"
            " for all samples is so afterwards."
        ),
    ),
    "layer-after": (
        lambda m, x: {
            f"{i}.bias" for i in _layers(m, *_MAPS) if i and isinstance(m[i - 1], _NORMS)
        },
        (
            "You list the layers right behind a batch norm. What is subtracted is what comes"
            " before it."
        ),
    ),
    "sum-as-loss": (
        _zero_gradient,
        (
            "These are the biases whose gradient of the *sum* of outputs is zero. Behind a batch"
            " norm that sum never changes, whatever stands before it. Contract with random numbers."
        ),
    ),
    "beta-overlooked": (
        lambda m, x: _before(m, _MAPS, (*_MAPS, nn.Flatten)),
        "All layers' biases are found. A batch norm has a bias too: β of one may reach the next.",
    ),
}


def _models(trial: Trial) -> list[Case]:
    def linear(d: int, k: int) -> nn.Linear:
        return nn.Linear(d, k)

    shapes: list[tuple[str, list[nn.Module], tuple[int, ...]]] = [
        (
            "batch norm before the ReLU",
            [linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), linear(5, 2)],
            (6, 4),
        ),
        (
            "batch norm after the ReLU",
            [linear(4, 5), nn.ReLU(), nn.BatchNorm1d(5), linear(5, 2)],
            (6, 4),
        ),
        (
            "a convolution",
            [nn.Conv2d(1, 3, 2), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), linear(12, 2)],
            (5, 1, 3, 3),
        ),
        (
            "two linear layers in a row",
            [linear(4, 3), linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), linear(5, 2)],
            (6, 4),
        ),
        (
            "a batch norm at the end",
            [linear(4, 5), nn.ReLU(), linear(5, 3), nn.BatchNorm1d(3)],
            (6, 4),
        ),
        (
            "two batch norms",
            [
                linear(4, 5),
                nn.BatchNorm1d(5),
                linear(5, 3),
                nn.BatchNorm1d(3),
                nn.ReLU(),
                linear(3, 2),
            ],
            (6, 4),
        ),
        (
            "a convolution, flattened before the batch norm",
            [nn.Conv2d(1, 2, 2), nn.Flatten(), linear(8, 4), nn.BatchNorm1d(4), linear(4, 2)],
            (5, 1, 3, 3),
        ),
        (
            "a batch norm between two ReLUs",
            [linear(4, 5), nn.ReLU(), nn.BatchNorm1d(5), nn.ReLU(), linear(5, 2)],
            (6, 4),
        ),
        ("no batch norm", [linear(4, 3), nn.ReLU(), linear(3, 2)], (5, 4)),
        ("a batch norm in front", [nn.BatchNorm1d(4), linear(4, 3), nn.BatchNorm1d(3)], (6, 4)),
        (
            "convolutions in a row",
            [nn.Conv2d(2, 3, 1), nn.Conv2d(3, 2, 2), nn.BatchNorm2d(2), nn.Flatten(), linear(8, 2)],
            (4, 2, 3, 3),
        ),
    ]
    cases = []
    for special, layers, shape in shapes:
        model = nn.Sequential(*layers).double().train()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(trial.draws.signed(*parameter.shape))
        cases.append(Case(special, {"model": model, "x": trial.draws.normal(*shape)}))
    return cases


def _names(value: Any, model: nn.Sequential, tried: str) -> set[str]:
    known = {name for name, _ in model.named_parameters()}
    value = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(value, Mapping):  # names with True and False
        value = [name for name, idle in value.items() if idle is not False]
    many = isinstance(value, list | tuple | Set)
    if not many or any(not isinstance(item, str) for item in value):
        raise Finding(
            "not-names",
            "Wanted is a set or list of names, such as '0.bias', as model.named_parameters() gives"
            " them.",
            tried=tried,
            got=describe(value),
        )
    strange = sorted(set(value) - known)
    if strange:
        raise Finding(
            "unknown-names",
            f"{strange[0]!r} is no parameter of this model; it has {', '.join(sorted(known))}.",
            tried=tried,
            got=describe(sorted(value)),
        )
    weights = sorted(name for name in value if not name.endswith("bias"))
    if weights:
        raise Finding(
            "weights-listed", f"{weights[0]!r} is a weight; asked are the biases.", tried=tried
        )
    return set(value)


def examine(trial: Trial) -> None:
    trial.needs_function("model", "x")
    cases = _models(trial)
    got = [_names(trial.call(case), case.arguments["model"], trial.tried(case)) for case in cases]
    wanted, effects = [], []
    for case in cases:
        model, x = case.arguments["model"], case.arguments["x"]
        sizes = dict(model.named_parameters())
        moved = {
            n: effect(model, x, n, trial.draws.signed(*sizes[n].shape)) for n in _biases(model)
        }
        effects.append(moved)
        # Rounding moves the output by 1e-14; a bias that counts moves it by more than 1e-2.
        wanted.append({name for name, size in moved.items() if size < 1e-6})
    wrong = [i for i, (g, w) in enumerate(zip(got, wanted, strict=True)) if g != w]
    if not wrong:
        return
    i = wrong[0]
    tried = trial.tried(cases[i])
    seen = f"{sorted(got[i])} for {describe(cases[i].arguments['model'])}"
    for code, (rule, says) in RULES.items():
        if all(
            g == rule(c.arguments["model"], c.arguments["x"])
            for g, c in zip(got, cases, strict=True)
        ):
            raise Finding(code, says, tried=tried, got=seen)
    extra, missed = sorted(got[i] - wanted[i]), sorted(wanted[i] - got[i])
    if extra:
        raise Finding(
            "counts-after-all",
            f"With {cases[i].special} you list {extra[0]}. Moving it at random moves the output in "
            f"training mode by up to {effects[i][extra[0]]:.2g}.",
            tried=tried,
            got=seen,
        )
    raise Finding(
        "one-missed",
        f"With {cases[i].special} you miss {len(missed)} of {len(wanted[i])}: there is another bias"
        " that moves no output in training mode.",
        tried=tried,
        got=seen,
    )


EXERCISE = Exercise(
    slug="batch-norm-redundant-bias",
    title="Biases that do nothing",
    chapter="batch_norm",
    kind="code",
    difficulty=2,
    minutes=20,
    wants=(
        "a function redundant_biases(model, x) that returns the names of the biases that do nothing"
    ),
    hints=(
        "Add a constant to one channel right before a batch norm. What is left of it afterwards?",
        "What does a ReLU make of a constant shift? What does a linear layer make of it?",
        (
            "You may reason about the layers, or measure: move each bias and look whether the"
            " output moves. In which mode?"
        ),
    ),
    examine=examine,
)
