"""normalization-family-shift: the one shift of the data that layer norm doesn't see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.normalization import layer_norm

SLUG = "normalization-family-shift"
UNITS, INPUTS = 4, 6


def given(draws: Draws) -> Mapping[str, Any]:
    """Weights of four units with six inputs, and eight samples."""
    return {"w": draws.normal(UNITS, INPUTS), "x": draws.normal(8, INPUTS)}


def _read(answer: Any) -> Tensor:
    try:
        s = torch.as_tensor(answer, dtype=torch.float64).detach().cpu().reshape(-1)
    except (TypeError, ValueError, RuntimeError):
        s = torch.empty(0, dtype=torch.float64)
    if s.numel() != INPUTS or not s.isfinite().all():
        says = f"Wanted are {INPUTS} finite numbers, one an input."
        raise Finding("not-a-shift", says, got=describe(answer))
    return s


def examine(trial: Trial) -> None:
    setting = given(trial.draws)
    w, x = setting["w"], setting["x"]
    s = _read(trial.answer)
    sums = w @ s
    before, after = (layer_norm(data @ w.T, (UNITS,), eps=0.0) for data in (x, x + s))
    change = (after - before).abs().max().item()
    got = f"shift of length {s.norm():.3g}; the sums move by {[round(v, 3) for v in sums.tolist()]}"
    if s.norm() < 0.1:
        raise Finding(
            "too-small", "This is hardly a shift. Wanted is a length of 0.1 or more.", got=got
        )
    if sums.abs().max() < 0.05:
        raise Finding(
            "sums-unchanged",
            "Your shift lies in the null space of W, so that nothing could see it, with layer norm "
            "or without. Find one that moves the sums.",
            got=got,
        )
    if change < 1e-4:
        return
    if (sums.max() - sums.min()).abs() < 0.05 * sums.abs().max():
        raise Finding(
            "nearly",
            "The sums move by nearly the same number. Solve W s = 1 to all digits.",
            got=got,
        )
    if s.max() - s.min() < 1e-6 * s.abs().max():
        raise Finding(
            "same-for-all-inputs",
            "You move all inputs by the same number. It is the *sums* that have to move together.",
            got=got,
        )
    raise Finding(
        "seen",
        f"Layer norm sees this shift: an output changes by {change:.2f}. Which change of the sums "
        "does layer norm remove?",
        got=got,
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Break it: a shift that layer norm does not see",
    chapter="normalization_family",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="six numbers, the shift s",
    hints=(
        "Layer norm removes what all units of a sample share. What does s add to unit i?",
        "All entries of W s must be equal, and not 0.",
        "Four equations W s = 1 in six unknowns: torch.linalg.lstsq, or the pseudo-inverse.",
    ),
    examine=examine,
    given=given,
)
