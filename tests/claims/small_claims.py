"""Claims whose outcome is known, at module level so that worker processes can import them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from lecturelib.claims import Claim, Measure, Source
from lecturelib.experiments import images
from lecturelib.models import vgg

GAIN = Measure(
    name="gain",
    label="gain",
    expect="above",
    threshold=1.0,
    reference=0.0,
    reason="half the effect",
    tolerance=0.1,
)


def offset(
    settings: Mapping[str, Any], seeds: Sequence[int], device: str
) -> dict[str, list[float]]:
    """``offset`` plus a hundredth of the seed."""
    return {"gain": [settings["offset"] + seed / 100 for seed in seeds]}


def slow(settings: Mapping[str, Any], seeds: Sequence[int], device: str) -> dict[str, list[float]]:
    """The same, after a while, leaving a mark that it was there."""
    Path(settings["marks"], f"{seeds[0]}-{os.getpid()}").touch()
    time.sleep(settings["seconds"])
    return offset(settings, seeds, device)


def deadly_once(
    settings: Mapping[str, Any], seeds: Sequence[int], device: str
) -> dict[str, list[float]]:
    """Seed 2 kills its process the first time that it runs."""
    mark = Path(settings["marks"], "killed")
    if 2 in seeds and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return offset(settings, seeds, device)


def deadly(
    settings: Mapping[str, Any], seeds: Sequence[int], device: str
) -> dict[str, list[float]]:
    """Each seed kills its process."""
    os.kill(os.getpid(), signal.SIGKILL)
    return offset(settings, seeds, device)


def gone_for_some(
    settings: Mapping[str, Any], seeds: Sequence[int], device: str
) -> dict[str, list[float]]:
    """What it gives for seed 3 is no number, in the first run at least."""
    lost = not Path(settings["marks"], "mended").exists()
    return {
        "gain": [
            float("nan") if lost and seed == 3 else value
            for seed, value in zip(seeds, offset(settings, seeds, device)["gain"], strict=True)
        ]
    }


def where(settings: Mapping[str, Any], seeds: Sequence[int], device: str) -> dict[str, list[float]]:
    """Leaves marks with the device, and one while it runs."""
    running = Path(settings["marks"], f"running-{os.getpid()}-{seeds[0]}")
    running.touch()
    at_once = len(list(running.parent.glob(f"running-{os.getpid()}-*")))
    time.sleep(settings["seconds"])
    running.unlink()
    Path(settings["marks"], f"{seeds[0]}-{len(seeds)}-{device}-{os.getpid()}-{at_once}").touch()
    return offset(settings, seeds, device)


def training(
    settings: Mapping[str, Any], seeds: Sequence[int], device: str
) -> dict[str, list[float]]:
    """Two trainings on a few images; the process dies once in the middle of the second."""
    with mock.patch.multiple(images, TRAIN_SIZE=24, TEST_SIZE=4):
        data = images.images(device)
    marks = Path(settings["marks"]) if settings["marks"] else None

    def one(generator: torch.Generator) -> dict[str, torch.Tensor]:
        gathered = []
        for number in range(2):
            model = vgg(11, width=2, norm="batch", generator=generator)
            kept: dict[str, list[torch.Tensor]] = {"norm": []}

            def probe(
                step: int, number: int = number, model: Any = model, kept: Any = kept
            ) -> None:
                kept["norm"].append(next(model.parameters()).detach().norm())
                torch.rand((), generator=generator)
                if marks is not None:
                    with (marks / f"steps-{number}").open("a") as file:
                        file.write(f"{step}\n")
                    if number == 1 and step == 7 and not (marks / "killed").exists():
                        (marks / "killed").touch()
                        os.kill(os.getpid(), signal.SIGKILL)

            losses = images.train(
                model, data, generator, lr=0.05, steps=10, batch_size=8, momentum=0.9,
                rate=lambda step: 1 / (1 + step), probe=probe, kept=kept,
            )  # fmt: skip
            gathered += [losses.sum(), torch.stack(kept["norm"]).sum()]
        return {"gain": torch.stack(gathered).sum()}

    return {"gain": images.over_seeds(one, seeds)["gain"].tolist()}


def failing(
    settings: Mapping[str, Any], seeds: Sequence[int], device: str
) -> dict[str, list[float]]:
    """Seed 3 can't be run."""
    if 3 in seeds:
        raise ArithmeticError("the loss is not finite")
    return offset(settings, seeds, device)


def toy(experiment: Any = offset, **changes: Any) -> Claim:
    """A claim about :func:`offset`, with some fields changed."""
    settings = {"offset": 2.0, "depth": 4, "marks": "", "seconds": 0.0}
    fields = {
        "id": "X1",
        "slug": "toy",
        "sentence": "The gain is large.",
        "sources": (Source(lecture="LBN", keys=("ioffe2015",)),),
        "chapter": "batch_norm",
        "protocol": "Add.",
        "experiment": experiment,
        "quick": settings,
        "full": settings | {"depth": 16},
        "measures": (GAIN,),
        "verdict": "holds",
        "vectorized": False,
    }
    return Claim(**(fields | changes))
