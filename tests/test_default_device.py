"""``torch.set_default_device`` changes no number of the package.

It is tested with "meta", whose tensors hold nothing: whatever is computed there fails or is lost. A
call must give what it gives without a default device, with the CPU's tensors as its arguments.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib import pyplot
from torch import Tensor, nn

from lecturelib import (
    attacks,
    contents,
    data,
    initialization,
    instruments,
    models,
    optimizers,
    training,
)
from lecturelib import normalization as norms
from lecturelib.gradient_descent import lipschitz_constants
from lecturelib.interactive import explore

CPU = {"device": "cpu"}


@pytest.fixture
def default_meta() -> Iterator[Callable[[], None]]:
    """Set the default device when called; taken back after the test."""
    try:
        yield lambda: torch.set_default_device("meta")
    finally:
        torch.set_default_device(None)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def randn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=generator(), **CPU)


def model() -> nn.Sequential:
    """Two layers on the CPU with drawn weights, without the package's help."""
    net = nn.Sequential(nn.Linear(3, 4, **CPU), nn.Tanh(), nn.Linear(4, 1, **CPU))
    with torch.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(torch.sin(torch.arange(p.numel(), **CPU) + i).view(p.shape))
    return net


def loss_of(net: nn.Module) -> Callable[[], Tensor]:
    x = randn(6, 3)
    return lambda: net(x).square().mean()


def with_net(call: Callable[[nn.Module, Callable[[], Tensor]], Any]) -> Callable[[], Any]:
    def run() -> Any:
        net = model()
        return call(net, loss_of(net))

    return run


def parameters(call: str, **options: Any) -> Callable[[], Any]:
    """An instrument that takes a loss and parameters."""
    function = getattr(instruments, call)
    return with_net(lambda net, loss: function(loss, net.parameters(), **options))


def two_steps(name: str) -> Callable[[], Any]:
    def run() -> list[Tensor]:
        net = model()
        loss, optimizer = loss_of(net), getattr(optimizers, name)(net.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
        return list(net.parameters())

    return run


def trained(seeded: bool) -> Callable[[], Any]:
    def run() -> Any:
        net, x = model(), randn(8, 3)
        torch.manual_seed(1)
        history = training.train(
            net,
            (x, x[:, :1]),
            loss=nn.functional.mse_loss,
            optimizer=optimizers.SGD(net.parameters(), lr=0.1),
            epochs=2,
            batch_size=3,
            generator=generator() if seeded else None,
            progress=False,
        )
        return [record["loss"] for record in history.records]

    return run


OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta")
CALLS: dict[str, Callable[[], Any]] = {
    "batches": lambda: [list(data.batches(randn(5, 2), randn(5), 2, generator=generator()))],
    "batches in order": lambda: [list(data.batches(randn(5, 2), randn(5), 2, generator=None))],
    "digits": lambda: data.load_digits(**CPU),
    "textures": lambda: data.textures(train_size=20, test_size=10, **CPU),
    "ct_phantom": lambda: data.ct_phantom(32),
    "lipschitz_constants": lambda: lipschitz_constants(torch.sin, 0.0, 1.0, points=11),
    "shifting_noise": lambda: norms.shifting_noise(randn(3, 4), generator=generator()),
    "parametric_noise": lambda: norms.parametric_noise(
        randn(3, 4), randn(1, 1), generator=generator()
    ),
    "norm_prop": lambda: norms.norm_prop(randn(3, 4), torch.tanh),
    "pgd": lambda: attacks.pgd(
        model(),
        randn(2, 3),
        randn(2, 1),
        epsilon=0.1,
        step_size=0.05,
        steps=2,
        random_start=True,
        loss=nn.functional.mse_loss,
        generator=generator(),
    ),
    "random_directions": with_net(
        lambda net, _: instruments.random_directions(net.parameters(), generator=generator())
    ),
    "random_perturbation": with_net(
        lambda net, _: instruments.random_perturbation(net.parameters())
    ),
    "spectral_density": parameters("spectral_density", probes=2, steps=5, points=9),
    "top_eigenvalues": parameters("top_eigenvalues", k=2),
    "trace": parameters("trace", products=9),
    "trace, exact": parameters("trace", products=99),
    "gradient_walk": parameters("gradient_walk", steps=[0.0, 0.1]),
    "layer_dependence": with_net(
        lambda net, loss: instruments.layer_dependence(
            loss, [list(net[0].parameters()), list(net[2].parameters())], probes=3
        )
    ),
    "gradient_dependence": with_net(
        lambda net, loss: instruments.gradient_dependence(
            loss, [list(net[0].parameters()), list(net[2].parameters())], draws=2, size=0.1
        )
    ),
    "loss_plane": with_net(
        lambda net, _: instruments.loss_plane(
            net,
            lambda m: m(randn(6, 3)).square().mean(),
            directions=instruments.random_directions(net.parameters(), generator=generator()),
            points=3,
        )
    ),
    **{
        name: two_steps(name) for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta")
    },
    "train": trained(seeded=True),
    "train without a generator": trained(seeded=False),
}


def numbers(thing: Any) -> Any:
    """The same with NumPy arrays for tensors, which a meta tensor does not give."""
    if isinstance(thing, Tensor):
        return thing.detach().numpy().copy()
    if isinstance(thing, list | tuple):
        return [numbers(part) for part in thing]
    return (
        thing
        if isinstance(thing, float | int | np.ndarray)
        else numbers(list(vars(thing).values()))
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_call_gives_the_same_numbers(name: str, default_meta: Callable[[], None]) -> None:
    expected = numbers(CALLS[name]())
    default_meta()
    found = numbers(CALLS[name]())
    torch.set_default_device(None)
    np.testing.assert_equal(found, expected)


DRAWS = {
    "normal_": initialization.normal_,
    "xavier_uniform_": initialization.xavier_uniform_,
    "xavier_normal_": initialization.xavier_normal_,
    "kaiming_uniform_": initialization.kaiming_uniform_,
    "kaiming_normal_": initialization.kaiming_normal_,
    "orthogonal_": initialization.orthogonal_,
}


@pytest.mark.parametrize("name", DRAWS)
def test_a_weight_on_another_device_than_the_generator_is_drawn_and_copied(name: str) -> None:
    """Of a copy to "meta" nothing stays, so the generator's state tells what was drawn."""
    ours, expected = generator(), generator()
    DRAWS[name](torch.empty(4, 3, device="meta"), generator=ours)
    DRAWS[name](torch.empty(4, 3), generator=expected)
    assert torch.equal(ours.get_state(), expected.get_state())


@pytest.mark.parametrize("make", ["mlp", "convnet", "vgg", "resnet"])
def test_models_can_be_made_with_a_generator_of_the_cpu(
    make: str, default_meta: Callable[[], None]
) -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "mlp": (3, [4], 2),
        "convnet": (3, [4], 2),
        "vgg": (11,),
        "resnet": (8,),
    }
    default_meta()
    made = getattr(models, make)(*arguments[make], generator=generator())
    assert {p.device.type for p in made.parameters()} == {"meta"}


def figure_functions() -> dict[str, Callable[..., Any]]:
    """Every public function of the movable figures that returns figures."""
    found = {}
    for chapter, loaded in contents.modules("explore"):
        for name, thing in vars(loaded).items():
            returned = str(getattr(thing, "__annotations__", {}).get("return"))
            own = getattr(thing, "__module__", "") == loaded.__name__ and name[0] != "_"
            if own and "Figure" in returned:
                found[f"{chapter}.{name}"] = thing
    return found


FIGURES = figure_functions()
# Values of the chapters for what has no default.
VALUES = {
    "cloud_and_descent": {"stage": "raw", "correlation": 0.8, "mean": 1},
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_movable_figure_is_drawn_on_the_cpu(name: str, default_meta: Callable[[], None]) -> None:
    default_meta()
    FIGURES[name](**VALUES.get(name.split(".")[1], {}))
    assert torch.get_default_device().type == "meta"
    assert pyplot.get_fignums() == []


def test_a_figure_moves_after_the_default_device_was_set(default_meta: Callable[[], None]) -> None:
    draw = FIGURES["batch_norm_in_networks.placement_of_batch_norm"]
    shown = explore(draw, alt="Histograms.", gamma=[1, 2])
    before = shown.frame_html({"gamma": 2})
    default_meta()
    assert len(shown.frame_html({"gamma": 2})) == len(before)


def test_importing_after_it_was_set_leaves_constants_on_the_cpu() -> None:
    code = """
import importlib, pkgutil, torch
torch.set_default_device("meta")
import lecturelib
for module in pkgutil.walk_packages(lecturelib.__path__, "lecturelib."):
    for name, thing in vars(importlib.import_module(module.name)).items():
        if isinstance(thing, torch.Tensor) and thing.device.type != "cpu":
            print(module.name, name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
