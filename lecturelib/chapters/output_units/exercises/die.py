"""output-units-die: the distribution of largest entropy with a given mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.output_units import max_entropy_probabilities

SLUG = "output-units-die"
TOLERANCE = 1e-3  # three digits, the last one give or take
FACES = torch.arange(1.0, 7.0, dtype=torch.float64, device="cpu")


def given(draws: Draws) -> Mapping[str, Any]:
    """The mean of a loaded die, away from the fair one's 3.5."""
    return {"mean": draws.choice([2.1, 2.4, 2.7, 4.3, 4.6, 4.9])}


def _known(mean: float) -> dict[str, tuple[Tensor, str]]:
    """Distributions that are often taken, and what to say about them."""
    best = max_entropy_probabilities(FACES, mean)[0]
    line = 1 / 6 + (mean - 3.5) * (FACES - 3.5) / ((FACES - 3.5) ** 2).sum()
    share = (mean - 1) / 5
    count = torch.tensor([1.0, 5, 10, 10, 5, 1], dtype=torch.float64)
    ends = torch.tensor([1 - share, 0, 0, 0, 0, share], dtype=torch.float64)
    return {
        "fair": (
            torch.full_like(FACES, 1 / 6),
            "A fair die has the largest entropy of all, and the mean 3.5. Yours has another mean.",
        ),
        "reversed": (
            best.flip(0),
            "Your probabilities stand in reverse, as with the other sign of the multiplier.",
        ),
        "straight-line": (
            line,
            "Your probabilities lie on a straight line. They have the right mean, and it is "
            "their *logarithms* that lie on one when the entropy is largest.",
        ),
        "binomial": (
            count * share ** (FACES - 1) * (1 - share) ** (6 - FACES),
            "That is a binomial distribution: the right mean, and too sure of the middle.",
        ),
        "two-faces": (
            ends,
            "You load the first and the last face alone. The mean is right and the entropy is "
            "among the smallest possible.",
        ),
        "squared": (
            best**2 / (best**2).sum(),
            "Your probabilities are squares of the right ones: your multiplier is twice as large.",
        ),
        "not-normalized": (
            best / best[0],
            "Your probabilities stand in the right ratio. Divide them by their sum.",
        ),
        "logarithms": (best.log(), "These are the logarithms of the probabilities."),
    }


def examine(trial: Trial) -> None:
    mean = given(trial.draws)["mean"]
    answer = trial.answer
    if isinstance(answer, dict):  # by the number of the face
        answer = [answer[face] for face in sorted(answer, key=str)]
    p = to_tensor(answer)
    if p is None or p.numel() != 6:
        raise Finding("not-six", "Wanted are six probabilities.", got=describe(trial.answer))
    p = p.reshape(6)
    best = max_entropy_probabilities(FACES, mean)[0]
    if (p - best).abs().max() < TOLERANCE:
        return
    got = f"p = {[round(v, 4) for v in p.tolist()]}"
    tried = f"a die with mean {mean:g}"
    for code, (wrong, says) in _known(mean).items():
        if (p - wrong).abs().max() < TOLERANCE:
            raise Finding(code, says, tried=tried, got=got)
    if not (p >= 0).all() or abs(p.sum() - 1) > 3 * TOLERANCE:
        raise Finding(
            "not-a-distribution",
            f"Probabilities are not negative and add up to 1; yours add up to {p.sum():.4g}, the "
            f"smallest is {p.min():.3g}.",
            tried=tried,
            got=got,
        )
    home = given(Draws(SLUG, ""))["mean"]
    other = max_entropy_probabilities(FACES, home)[0]
    if trial.key and (p - other).abs().max() < TOLERANCE:
        raise Finding(
            "another-key",
            "These belong to the mean of an empty key, and not to that of yours.",
            tried=tried,
            got=got,
        )
    mine = (p @ FACES).item()
    lacks = (torch.special.xlogy(p, p).sum() - torch.special.xlogy(best, best).sum()).item()
    # Three digits keep the mean to 0.01; entropy beyond the largest is bought with another mean.
    if abs(mine - mean) > 0.01 or lacks <= 0:
        says = f"Your die has the mean {mine:.4f}; wanted is {mean:g}, with three digits in each p."
        raise Finding("wrong-mean", says, tried=tried, got=got)
    raise Finding(
        "entropy-too-small",
        f"The mean is right. Your entropy is {lacks:.4f} nats below the largest possible.",
        tried=tried,
        got=got,
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="The loaded die",
    chapter="output_units",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="six probabilities, for your own mean",
    hints=(
        "The answer is softmax(λ·(1, …, 6)) for one number λ. What sign has it?",
        "The mean rises with λ. Halve an interval such as [−5, 5] until the mean fits.",
        "A few lines do it: sixty halvings give all digits. Compare with "
        "max_entropy_probabilities at the end.",
    ),
    examine=examine,
    given=given,
)
