"""noise-and-generalization-groups: ghost batches whose number of samples does not divide."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial
from lecturelib.normalization import batch_norm


def _bounds(count: int, m: int, *, join: bool = True) -> list[int]:
    """Where groups begin, and the end; a last single sample joins the group before it."""
    starts = list(range(0, count, m))
    if join and len(starts) > 1 and count - starts[-1] == 1:
        starts.pop()
    return [*starts, count]


def oracle(x: Tensor, m: int, eps: float) -> Tensor:
    """The library's batch norm on each group."""
    ends = _bounds(len(x), m)
    return torch.cat(
        [batch_norm(x[a:b], None, None, training=True, eps=eps) for a, b in pairwise(ends)]
    )


def formula(
    x: Tensor,
    m: int,
    eps: float,
    *,
    whole: bool = False,
    var_of_all: bool = False,
    correction: int = 0,
    outside: bool = False,
    rows: bool = False,
    dealt: bool = False,
    join: bool = True,
) -> Tensor:
    """Groups with an argument for each way to get them wrong."""
    ends = [0, len(x)] if whole else _bounds(len(x), m, join=join)
    number = torch.arange(len(x)) % (len(ends) - 1)
    out = torch.empty_like(x)
    for k, (a, b) in enumerate(pairwise(ends)):
        place = (number == k) if dealt else slice(a, b)
        h = x[place]
        dim = 1 if rows else 0
        free = correction if h.shape[dim] > correction else 0
        var = (x if var_of_all else h).var(dim, correction=free, keepdim=True)
        sd = var.sqrt() + eps if outside else (var + eps).sqrt()
        out[place] = (h - h.mean(dim, keepdim=True)) / sd
    return out


SLIPS = (
    Slip(
        "whole-batch",
        "You normalize over the whole batch. Each group has statistics of its own.",
        {"whole": True},
    ),
    Slip(
        "variance-of-all",
        "The means are those of the groups; the variance is that of the whole batch.",
        {"var_of_all": True},
    ),
    Slip(
        "unbiased-variance",
        "You divide by one less than the number of samples. Batch norm divides by the number.",
        {"correction": 1},
    ),
    Slip("eps-outside", "ε belongs under the root, to the variance.", {"outside": True}),
    Slip(
        "within-a-sample",
        "You normalize over the features of each sample. That is layer norm, without a batch.",
        {"rows": True},
    ),
    Slip(
        "dealt-out",
        "You deal the samples out in turn. Wanted are groups of consecutive rows.",
        {"dealt": True},
    ),
    Slip(
        "single-left-over",
        "A last group of one sample gives 0 whatever its values. Let it join the group before.",
        {"join": False},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, m: int, eps: float = 1e-3) -> Case:
        return Case(special, {"x": 2 * draws.normal(n, 3) + 1, "m": m, "eps": eps})

    usual = [case("three groups of four", 12, 4), case("two groups of five", 10, 5, 0.1)]
    edges = [
        case("a last group of two", 10, 4),
        case("one sample left over", 9, 4),
        case("a group larger than the batch", 5, 8),
        case("groups of two", 6, 2),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="noise-and-generalization-groups",
    title="Ghost batches that don't come out even",
    chapter="noise_and_generalization",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function ghost_norm(x, m, eps) that returns the normalized (N, D)",
    hints=(
        "Where does each group begin? Make the list of these rows first.",
        "The last beginning is left out if only one row follows it, and it is not the only one.",
        "For each pair of neighbours a, b of the list: normalize x[a:b] over its rows.",
    ),
    examine=examine,
)
