"""cost-functions-divergence: cross-entropy is entropy plus divergence."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the cross-entropy", "the entropy", "the divergence")


def oracle(counts: Tensor, q: Tensor) -> Parts:
    """PyTorch's distributions and xlogy."""
    p = counts / counts.sum()
    entropy = -torch.xlogy(p, p).sum()
    cross = torch.nn.functional.cross_entropy(q.log()[None], p[None])
    return cross, entropy, cross - entropy


def formula(
    counts: Tensor,
    q: Tensor,
    *,
    normalized: bool = True,
    naive: bool = False,
    base: float = 1.0,
    reversed: bool = False,
    cross_swapped: bool = False,
    kl_sign: float = 1.0,
    entropy_of_q: bool = False,
    sign: float = 1.0,
    uniform: bool = False,
    added: float = 0.0,
    among_seen: bool = False,
    averaged: str = "",
    symmetric: bool = False,
) -> Parts:
    """The three numbers with an argument for each way to get them wrong."""
    if among_seen:
        counts, q = counts[counts > 0], q[counts > 0] / q[counts > 0].sum()
    counts = counts + added
    p = counts / (counts.sum() if normalized else 1.0)
    if uniform:
        p = torch.full_like(q, 1 / len(q))
    of = q if entropy_of_q else p
    entropy = -(of * of.log()).sum() if naive else -torch.xlogy(of, of).sum()
    cross = -(q * p.log()).sum() if cross_swapped else -(p * q.log()).sum()
    if reversed:
        divergence = (q * (q.log() - p.log())).sum()
    else:
        divergence = kl_sign * (-(p * q.log()).sum() - entropy)
    if symmetric:
        divergence = ((p - q) * (torch.log(p) - q.log())).sum() / 2
    if averaged:
        divergence = divergence / len(q)
    share = len(q) if averaged == "all" else 1
    return sign * cross / base / share, sign * entropy / base / share, divergence / base


SLIPS = (
    Slip(
        "zero-times-log-zero",
        "With a class that never occurred you compute 0 · log 0, which is no number. Its limit, "
        "and its meaning here, is 0.",
        {"naive": True},
    ),
    Slip(
        "divergence-reversed",
        "Your divergence takes its mean under q. The mean is over the data: D(p̂ ‖ q).",
        {"reversed": True},
    ),
    Slip(
        "cross-entropy-swapped",
        "In your cross-entropy the two distributions have changed places: what happens is "
        "distributed by p̂, what it costs is decided by q.",
        {"cross_swapped": True},
    ),
    Slip(
        "counts-not-normalized",
        "You use the counts as they are. The empirical distribution divides by their sum.",
        {"normalized": False},
    ),
    Slip(
        "classes-alike",
        "You give every class the same weight. The mean is over samples, not over classes.",
        {"uniform": True},
    ),
    Slip("bits", "Your logarithm has base 2; asked are nats.", {"base": math.log(2)}),
    Slip("base-ten", "Your logarithm has base 10; asked are nats.", {"base": math.log(10)}),
    *(
        Slip(
            f"smoothed-by-{added:g}",
            f"You add {added:g} to each count. The empirical distribution takes counts as they "
            "are; a class that never occurred has the probability 0.",
            {"added": added},
        )
        for added in (1.0, 0.5, 1e-2, 1e-3)
    ),
    Slip(
        "model-renormalized",
        "You leave out classes that never occurred and divide the rest of q by its sum. The model "
        "gave them a share, which it pays for.",
        {"among_seen": True},
    ),
    Slip(
        "divergence-averaged",
        "You divide the divergence by the number of classes (kl_div's reductions `batchmean` and "
        "`mean` do for a vector). The weights p̂ add up to 1 already.",
        {"averaged": "divergence"},
    ),
    Slip(
        "averaged-over-classes",
        "You average over the classes. The weights p̂ add up to 1 already: sum.",
        {"averaged": "all"},
    ),
    Slip(
        "divergence-symmetric",
        "You average the two directions of the divergence. Asked is the one from the data to the "
        "model, D(p̂ ‖ q).",
        {"symmetric": True},
    ),
    Slip(
        "divergence-negative",
        "Your divergence is entropy minus cross-entropy. It should never be negative.",
        {"kl_sign": -1.0},
    ),
    Slip(
        "entropy-of-model",
        "Your entropy is that of the model q. The one that cannot be beaten is that of the data.",
        {"entropy_of_q": True},
    ),
    Slip("minus-forgotten", "Cross-entropy and entropy lack their minus.", {"sign": -1.0}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, counts: list[int]) -> Case:
        q = draws.uniform(len(counts), low=0.2, high=1.0)
        return Case(
            special, {"counts": torch.tensor(counts, dtype=torch.float64), "q": q / q.sum()}
        )

    share = torch.tensor([0.25, 0.5, 0.25], dtype=torch.float64)
    once = torch.tensor([0.0, 7.0, 0.0], dtype=torch.float64)
    sure = torch.tensor([0.75, 1e-9, 0.25], dtype=torch.float64)
    surer = torch.tensor([1e-30, 1.0], dtype=torch.float64)
    cases = [
        case("three classes", [7, 2, 3]),
        case("a class that never occurred", [5, 0, 4, 1]),
        case("two classes", [90, 10]),
        case("counts of different sizes", [1_000_000, 3, 0, 250]),
        Case(
            "a class that the model thinks all but impossible",
            {"counts": torch.ones(2, dtype=torch.float64), "q": surer},
        ),
        # Zeros, up to the rounding of sums and of a small number inside of a logarithm.
        Case("a model that equals the data", {"counts": share * 12, "q": share}, atol=1e-6),
        Case(
            "one class only, which the model thinks improbable",
            {"counts": once, "q": sure},
            atol=1e-6,
        ),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="cost-functions-divergence",
    title="Entropy plus divergence",
    chapter="cost_functions",
    kind="code",
    difficulty=1,
    minutes=15,
    wants=(
        "a function divergences(counts, q) that returns (cross-entropy, entropy, divergence) in "
        "nats"
    ),
    hints=(
        "First the empirical distribution: counts divided by their sum.",
        "Cross-entropy −Σ p̂ log q, entropy −Σ p̂ log p̂. What is p log p for p → 0?",
        "torch.xlogy(p, p) knows that limit; a mask does as well.",
    ),
    examine=examine,
)
