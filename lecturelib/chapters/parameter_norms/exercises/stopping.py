"""parameter-norms-stopping: a rule of early stopping with mistakes."""

from __future__ import annotations

from collections.abc import Sequence

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial
from lecturelib.regularizers import EarlyStopping

PARTS = ("the best epoch", "the last epoch")


def oracle(losses: Sequence[float], patience: int, min_delta: float) -> tuple[int | None, int]:
    """The library's class, epoch by epoch."""
    stopping = EarlyStopping(patience=patience, min_delta=min_delta)
    for loss in losses:
        if stopping.step(float(loss)):
            break
    return stopping.best_step, stopping.num_steps - 1


def formula(
    losses: Sequence[float],
    patience: int,
    min_delta: float,
    *,
    tie: bool = False,
    against: str = "best",
    reset: bool = True,
    late: int = 0,
    keep: str = "best",
) -> tuple[int | None, int]:
    """The rule with an argument for each way to get it wrong."""
    values = [float(v) for v in losses]
    best, best_epoch, bad, epoch = float("inf"), 0, 0, 0
    for epoch, loss in enumerate(values):
        reference = values[epoch - 1] if against == "previous" and epoch else best
        gain = reference - loss
        limit = 0.0 if against == "no delta" else min_delta
        if gain > limit or (tie and gain == limit):
            best, best_epoch = loss, epoch
            bad = 0 if reset else bad
        else:
            bad += 1
            if bad >= patience + late:
                break
    if keep == "last":
        best_epoch = epoch
    if keep == "smallest":
        best_epoch = min(range(epoch + 1), key=values.__getitem__)
    if keep == "of all":
        best_epoch = min(range(len(values)), key=values.__getitem__)
    return best_epoch, epoch


SLIPS = (
    Slip(
        "previous",
        "You compare with the epoch before. A loss that creeps up and down would never stop: "
        "compare with the best so far.",
        {"against": "previous"},
    ),
    Slip(
        "no-reset",
        "You count all epochs without improvement. The patience starts anew at each one with.",
        {"reset": False},
    ),
    Slip(
        "one-late",
        "You stop an epoch late: after `patience` epochs without improvement.",
        {"late": 1},
    ),
    Slip("one-early", "You stop an epoch early.", {"late": -1}),
    Slip("ties", "A loss that is better by exactly min_delta is no improvement.", {"tie": True}),
    Slip("no-delta", "You ignore min_delta.", {"against": "no delta"}),
    Slip(
        "keeps-the-last",
        "You name the last epoch as the best. Its weights are those that one stops for.",
        {"keep": "last"},
    ),
    Slip(
        "smallest-of-all",
        "You look for the best epoch behind the end of the training.",
        {"keep": "of all"},
    ),
    Slip(
        "smallest-without-delta",
        "You name the smallest loss. The best epoch is the last that counted as an improvement: "
        "the weights of others are not kept.",
        {"keep": "smallest"},
    ),
)

RISE = (0.9, 0.8, 0.85, 0.7, 0.72, 0.71, 0.73, 0.74, 0.5)
CASES = (
    ("a loss that falls and rises", RISE, 3, 0.0),
    (
        "improvements between bad epochs",
        (1.0, 1.1, 0.9, 1.0, 0.8, 0.9, 0.7, 0.75, 0.8, 0.9),
        3,
        0.0,
    ),
    ("improvements that are too small", (1.0, 0.75, 0.70, 0.66, 0.64, 0.63, 0.3), 3, 0.125),
    ("an improvement by exactly min_delta", (1.0, 0.75, 0.5, 0.25, 0.0), 2, 0.25),
    ("equal losses", (0.5, 0.5, 0.5, 0.5), 2, 0.0),
    ("an end before the patience", (0.9, 0.7, 0.8), 5, 0.0),
    ("patience 1", (0.9, 0.7, 0.8, 0.1), 1, 0.0),
    ("a slow climb with small dips", (0.5, 0.6, 0.59, 0.61, 0.6, 0.62, 0.61, 0.4), 3, 0.0),
    ("one epoch", (0.3,), 2, 0.0),
)


def examine(trial: Trial) -> None:
    cases = [
        Case(special, {"losses": list(losses), "patience": patience, "min_delta": delta})
        for special, losses, patience, delta in CASES
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, exact=True)


EXERCISE = Exercise(
    slug="parameter-norms-stopping",
    title="Mend it: a rule of early stopping",
    chapter="parameter_norms",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function stop(losses, patience, min_delta) that returns (best epoch, last epoch)",
    hints=(
        "Run it by hand on the losses 0.5, 0.6, 0.59, 0.61 with patience 2.",
        "With what is a loss compared? When does the count start anew? What is returned?",
    ),
    examine=examine,
)
