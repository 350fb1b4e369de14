"""Steps towards a class, against the library's instruments and first-order algebra."""

from __future__ import annotations

import pytest
import torch

from lecturelib.chapters.signal_propagation import pushes
from lecturelib.instruments import displaced, targeted_perturbation

SMALL = {"seeds": [0, 1], "width": 12, "depth": 2}


@pytest.mark.parametrize("kind", pushes.NETWORKS)
def test_the_step_is_that_of_the_instrument(kind: str) -> None:
    ((networks, x, y),) = pushes.stages(kind, (1,), **SMALL)  # type: ignore[arg-type]
    parameters = list(networks.parameters())
    targets, losses = [], []
    for k in range(10):
        step = targeted_perturbation(lambda k=k: networks(x)[:, k].mean(-1), parameters, size=0.05)
        with torch.no_grad(), displaced(parameters, step):
            z = networks(x)
            targets.append((z.argmax(1) == k).double().mean(-1))
            losses.append(torch.nn.functional.cross_entropy(z, y, reduction="none").mean(-1))
    found = pushes.response(networks, x, y, [0.05])
    torch.testing.assert_close(found["target"][0], torch.stack(targets).mean(0), rtol=0, atol=0.01)
    torch.testing.assert_close(found["loss"][0], torch.stack(losses).mean(0), rtol=1e-3, atol=1e-3)
    assert found["flips"].shape == (1, 2)


def test_the_rise_is_first_order() -> None:
    ((networks, x, _),) = pushes.stages("none", (0,), **SMALL)  # type: ignore[arg-type]
    parameters = list(networks.parameters())
    found = pushes.gaps(networks, x, size=1e-3)
    rises = []
    with torch.no_grad():
        before = networks(x).mean(-1)
    for k in range(10):
        step = targeted_perturbation(lambda k=k: networks(x)[:, k].mean(-1), parameters, size=1e-3)
        with torch.no_grad(), displaced(parameters, step):
            rises.append((networks(x).mean(-1) - before)[:, k])
    torch.testing.assert_close(found["rise"], torch.stack(rises).mean(0), rtol=0.03, atol=1e-4)
    assert (found["after"] < found["before"]).all()
    assert (found["random"] < 0.1 * found["rise"]).all()


@pytest.mark.parametrize("kind", ["none", "batch"])
def test_shares_of_the_gradient_add_up_to_one(kind: str) -> None:
    ((networks, x, _),) = pushes.stages(kind, (0,), **SMALL)  # type: ignore[arg-type]
    found = pushes.where(networks, x)
    torch.testing.assert_close(sum(found.values()), torch.ones(2))
    assert bool((found["last"] == 0).all()) == (kind == "none")
