"""universal-approximation-parity: n steps instead of 2^(n-1)."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the thresholds", "the output weights")


def oracle(n: int) -> Parts:
    """Thresholds between the counts; weights that switch the output on and off."""
    k = torch.arange(1, n + 1, dtype=torch.float64)
    return k - 0.5, torch.where(k % 2 == 1, 1.0, -1.0).double()


def formula(
    n: int, *, shift: float = 0.0, weights: str = "right", reverse: bool = False,
    spread: bool = False, missing: bool = False,
) -> Parts:  # fmt: skip
    """Both with an argument for each way to get them wrong."""
    thresholds, right = oracle(n)
    v = {
        "right": right,
        "flipped": -right,
        "ones": torch.ones_like(right),
        "bits": (right + 1) / 2,
        "growing": right * (thresholds + 0.5),
        "doubled": torch.where(thresholds > 1, 2 * right, right),
        "even doubled": torch.where(right < 0, 2 * right, right),
        "halved": right / 2,
        "off once": torch.where(thresholds > 1, -torch.ones_like(right), right),
    }[weights]
    if spread:
        thresholds = 2 * thresholds - 0.5
    if missing:
        thresholds, v = thresholds[: n - 1], v[: n - 1]
    return (thresholds.flip(0) if reverse else thresholds) + shift, v


SLIPS = (
    Slip(
        "even-parity",
        "Your output is 1 less than it should be: with one bit set the first unit must switch the "
        "output on, not down to −1.",
        {"weights": "flipped"},
    ),
    Slip(
        "counts-ones",
        "All your output weights are 1, so the network gives the *number* of ones.",
        {"weights": "ones"},
    ),
    Slip(
        "never-off",
        "Your units for even counts have the weight 0: the output is switched on and never off.",
        {"weights": "bits"},
    ),
    Slip(
        "weights-grow",
        "Your output weights grow. The output jumps by 1 at each count, up and down in turn.",
        {"weights": "growing"},
    ),
    Slip(
        "weights-doubled",
        "From the second unit on your weights are ±2. That switches between +1 and −1; asked is "
        "between 1 and 0.",
        {"weights": "doubled"},
    ),
    Slip(
        "thresholds-late",
        "Your thresholds lie half above the counts: the first unit is on from two ones only.",
        {"shift": 1.0},
    ),
    Slip(
        "thresholds-early",
        "Your thresholds begin below zero, so the first unit is on with no bit set.",
        {"shift": -1.0},
    ),
    Slip(
        "thresholds-on-counts",
        "Your thresholds are the counts themselves. A step fires above its threshold only; put it "
        "halfway between two counts.",
        {"shift": 0.5},
    ),
    Slip(
        "thresholds-off-the-middle",
        "Your thresholds lie a quarter above a whole number. They do the work; asked is halfway.",
        {"shift": -0.25},
    ),
    Slip(
        "thresholds-two-apart",
        "Your thresholds lie 2 apart, at the odd counts alone. Between them the output has to go "
        "down again, at the even ones.",
        {"spread": True},
    ),
    Slip(
        "one-unit-too-few",
        "You give n − 1 units. With all n bits set the last jump is still due.",
        {"missing": True},
    ),
    Slip(
        "even-weights-doubled",
        "Your weights for even counts are −2. The output then ends up below 0; it jumps by 1.",
        {"weights": "even doubled"},
    ),
    Slip(
        "weights-halved",
        "Your weights are ±½. That switches between ½ and 0; asked is between 1 and 0.",
        {"weights": "halved"},
    ),
    Slip(
        "off-and-never-on",
        "From the second unit on all your weights are −1: the output goes down and never up again.",
        {"weights": "off once"},
    ),
    Slip("falling", "Your thresholds fall. Asked is increasing order.", {"reverse": True}),
)


def examine(trial: Trial) -> None:
    cases = [Case(f"{n} bits", {"n": n}) for n in (3, 4, 7, 1, 2, 30)]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-parity",
    title="Parity with few units",
    chapter="universal_approximation",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function parity(n) that returns (thresholds, output weights), n numbers each",
    hints=(
        "Parity depends on the number of ones alone. Let all units see that number.",
        "A function of one number, with jumps at 1, 2, …, n: that is a staircase. How high is each "
        "jump?",
    ),
    examine=examine,
)
