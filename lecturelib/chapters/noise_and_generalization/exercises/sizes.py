"""noise-and-generalization-sizes: noise in the loss, on hidden units."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(H: Tensor, V: Tensor, reward: float, limit: float) -> Tensor:
    """From the second derivative of the added loss: the mean square of what a unit contributes."""
    contributions = H[:, None, :] * V[None]  # (N, K, D)
    bend = contributions.square().sum(1).mean(0)
    root = torch.full_like(bend, float(reward)).div(bend).sqrt()  # inf where the bend is 0
    return torch.minimum(root, torch.full_like(bend, float(limit)))


def formula(
    H: Tensor,
    V: Tensor,
    reward: float,
    limit: float,
    *,
    additive: bool = False,
    centred: bool = False,
    summed: bool = False,
    factor: float = 1.0,
    rooted: bool = True,
    bounded: bool = True,
    absolute: bool = False,
) -> Tensor:
    """The sizes with an argument for each way to get them wrong."""
    values = H - H.mean(0) if centred else H
    squares = values.square().sum(0) if summed else values.square().mean(0)
    out = V.abs().sum(0).square() if absolute else V.square().sum(0)
    bend = out if additive else squares * out
    s2 = factor * torch.as_tensor(reward, dtype=H.dtype) / bend
    s = s2.sqrt() if rooted else s2
    return s.clamp(max=float(limit)) if bounded else s


SLIPS = (
    Slip(
        "additive",
        "Your sizes suit noise that is added, h + s n. Here it multiplies: a unit of large values"
        " carries more of it.",
        {"additive": True},
    ),
    Slip(
        "variance",
        "You take the variance of the hidden values. Multiplied noise acts on the values"
        " themselves: their mean square counts.",
        {"centred": True},
    ),
    Slip(
        "sum-over-samples",
        "You add over the samples. The loss is a mean over them.",
        {"summed": True},
    ),
    Slip(
        "half-forgotten",
        "A factor ½ or 2 is wrong: the added loss is ½ c s², its derivative c s, and that of the"
        " reward λ/s.",
        {"factor": 0.5},
    ),
    Slip("twice", "Your s² is twice too large: did the ½ of the loss count twice?", {"factor": 2}),
    Slip("no-root", "You return s². Take the root.", {"rooted": False}),
    Slip(
        "no-bound",
        "The bound is missing: a unit that no one needs would get noise without end.",
        {"bounded": False},
    ),
    Slip(
        "absolute-sum",
        "You add the absolute output weights of a unit. The outputs' squared errors add up, so"
        " their squares do.",
        {"absolute": True},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, d: int, k: int, reward: float, limit: float) -> Case:
        H, V = draws.normal(n, d) + 0.7, draws.normal(k, d)
        return Case(special, {"H": H, "V": V, "reward": reward, "limit": limit})

    usual = [case("four units", 9, 4, 3, 0.02, 5.0), case("one output", 7, 3, 1, 0.1, 5.0)]
    edges = [case("a low bound", 8, 5, 2, 0.5, 0.3), case("a bound for some", 8, 6, 2, 0.05, 0.12)]
    unused = case("a unit that no one needs", 6, 3, 2, 0.03, 0.9)
    unused.arguments["V"][:, 1] = 0
    silent = case("a unit that is always 0", 6, 3, 2, 0.03, 0.9)
    silent.arguments["H"][:, 2] = 0
    for cases in (usual, edges, [unused, silent]):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="noise-and-generalization-sizes",
    title="Could noise be trained in the loss?",
    chapter="noise_and_generalization",
    kind="code",
    difficulty=2,
    minutes=30,
    wants="a function best_sizes(H, V, reward, limit) that returns the D sizes",
    hints=(
        "What does the noise of one unit add to the outputs? Square it, add over the outputs, and"
        " take the mean over noise and samples.",
        "The added loss is ½ Σ c_j s_j² with c_j the mean square of h_j times ‖v_j‖².",
        "c s = λ/s. And the smaller of this size and the limit, also where c = 0.",
    ),
    examine=examine,
)
