"""Claims whose outcome is known, at module level so that worker processes can import them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lecturelib.claims import Claim, Measure, Source

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
