"""output-units-bins: a calibration error that the bins hide."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

LEAST, MOST, COARSE, FINE = 100, 100_000, 0.01, 0.05


def calibration_error(confidence: Tensor, right: Tensor, bins: int) -> float:
    """Mean of |accuracy − confidence| over bins of equal width, weighted with their samples."""
    place = (confidence * bins).long().clamp(max=bins - 1)
    sums = torch.zeros(bins, dtype=torch.float64).scatter_add(0, place, right - confidence)
    return sums.abs().sum().item() / len(confidence)


def _read(answer: object) -> tuple[Tensor, Tensor]:
    try:
        confidence, right = (v.reshape(-1) for v in read_parts(answer, ("confidence", "right")))
    except (Finding, ValueError, RuntimeError):
        raise Finding(
            "not-two-lists",
            "Wanted are two lists of equal length, (confidence, right).",
            got=describe(answer),
        ) from None
    if len(confidence) != len(right) or not LEAST <= len(right) <= MOST:
        raise Finding(
            "wrong-length",
            f"Wanted are {LEAST} to {MOST:,} samples, as many confidences as decisions.",
            got=f"{len(confidence)} confidences, {len(right)} decisions",
        )
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise Finding("not-a-probability", "A confidence lies between 0 and 1.")
    if not ((right == 0) | (right == 1)).all():
        raise Finding("not-a-decision", "A decision is right (1) or wrong (0), nothing between.")
    return confidence, right


def examine(trial: Trial) -> None:
    confidence, right = _read(trial.answer)
    coarse, fine = (calibration_error(confidence, right, bins) for bins in (10, 20))
    got = f"calibration error {coarse:.4f} with ten bins, {fine:.4f} with twenty"
    if coarse < COARSE and fine > FINE:
        return
    if coarse < COARSE:
        raise Finding(
            "honest",
            "Ten bins see no error, and twenty see little or none. Within one of the ten, the "
            "upper half must be too sure and the lower half too timid.",
            got=got,
        )
    if fine > FINE:
        raise Finding(
            "seen-by-ten",
            "Ten bins see the error, too. In each of them the mean confidence has to be the share "
            "of right decisions.",
            got=got,
        )
    raise Finding("neither", "Ten bins see an error, and it should be the twenty that do.", got=got)


EXERCISE = Exercise(
    slug="output-units-bins",
    title="Break it: an error that the bins hide",
    chapter="output_units",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="two lists (confidence, right), of 100 samples or more",
    hints=(
        "One bin of the ten is enough, such as 0.8 to 0.9. What are its two halves?",
        "Two errors of equal size and opposite sign cancel in a mean.",
        "Half of the samples say 0.82 and are right more often than that, the others say 0.88.",
    ),
    examine=examine,
)
