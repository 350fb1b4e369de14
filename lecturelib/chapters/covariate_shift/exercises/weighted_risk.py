"""covariate-shift-weighted-risk: a weighted mean that survives tiny densities."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the risk", "the effective number")


def _double(value: Any) -> Tensor:
    return torch.as_tensor(value, dtype=torch.float64)


def oracle(loss: Any, log_p1: Any, log_p2: Any) -> Parts:
    """By exact ratios of weights: every weight against every other one."""
    ratio = _double(log_p2) - _double(log_p1)
    shares = 1 / torch.exp(ratio[None, :] - ratio[:, None]).sum(1)
    return (shares * _double(loss)).sum(), 1 / shares.square().sum()


def formula(
    loss: Any,
    log_p1: Any,
    log_p2: Any,
    *,
    upside: bool = False,
    normalized: bool = True,
    root: bool = False,
    size: str = "right",
    ratio_of_logs: bool = False,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    r = _double(log_p2) - _double(log_p1)
    r = _double(log_p2) / _double(log_p1) if ratio_of_logs else r
    r = -r if upside else r / 2 if root else r
    w = (r if ratio_of_logs else r.exp()) if not normalized else (
        r if ratio_of_logs else (r - r.max()).exp()
    )  # fmt: skip
    risk = (w * _double(loss)).sum() / w.sum() if normalized else (w * _double(loss)).mean()
    sizes = {
        "right": w.sum() ** 2 / w.square().sum(),
        "inverse": w.square().sum() / w.sum() ** 2,
        "root": w.sum() / w.square().sum().sqrt(),
        "count": torch.tensor(float(len(w))).double(),
        "largest": w.sum() / w.max(),
    }
    return risk, sizes[size]


SLIPS = (
    Slip(
        "upside-down",
        "Your weights are p₁/p₂. A point counts more where the *test* domain is dense.",
        {"upside": True},
    ),
    Slip(
        "not-normalized",
        "You divide by the number of samples. Asked is the weighted mean: divide by the sum of "
        "the weights.",
        {"normalized": False},
    ),
    Slip(
        "root-of-the-weights",
        "You use the root of the weights. That belongs into least squares, where it is squared.",
        {"root": True},
    ),
    Slip(
        "size-inverse",
        "Your effective number is one over what it should be: for equal weights it must be N.",
        {"size": "inverse"},
    ),
    Slip(
        "size-root",
        "Your effective number lacks a square: for equal weights you get √N.",
        {"size": "root"},
    ),
    Slip("size-count", "You count the samples; weights of 0 should not count.", {"size": "count"}),
    Slip(
        "size-largest",
        "You divide the sum of the weights by the largest of them. That is another measure.",
        {"size": "largest"},
    ),
    Slip(
        "quotient-of-logarithms",
        "You divide the logarithms. The logarithm of a quotient is a difference.",
        {"ratio_of_logs": True},
    ),
)


def examine(trial: Trial) -> None:
    def case(special: str, loss: Tensor, log_p1: Tensor, log_p2: Tensor) -> Case:
        return Case(special, {"loss": loss, "log_p1": log_p1, "log_p2": log_p2})

    d = trial.draws
    usual = [
        case("ten samples", d.uniform(10), d.normal(10, mean=-2.0), d.normal(10, mean=-2.5)),
        case("equal weights", d.uniform(7), -torch.ones(7).double(), -torch.ones(7).double()),
        case("losses of both signs", d.normal(12), d.normal(12, mean=-1), d.normal(12, mean=-3)),
        case("one sample", d.uniform(1), d.normal(1, mean=-2.0), d.normal(1, mean=-2.1)),
    ]
    far = torch.tensor([-5.0, -900.0, -1800.0, -3.0, -1200.0], dtype=torch.float64)
    edges = [
        case("tiny densities", d.uniform(6), d.normal(6, mean=-3.0), d.normal(6, mean=-2000.0)),
        case("large densities", d.uniform(6), d.normal(6, mean=-2000.0), d.normal(6, mean=-3.0)),
        case("tiny and large ones", d.uniform(5), far + d.normal(5), far + d.normal(5)),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="covariate-shift-weighted-risk",
    title="A weighted risk that does not underflow",
    chapter="covariate_shift",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function weighted_risk(loss, log_p1, log_p2) that returns (risk, effective number)",
    hints=(
        "w = exp(log p₂ − log p₁). Both numbers stay if all w are multiplied by a constant.",
        "Subtract the largest logarithm before you take exp.",
    ),
    examine=examine,
)
