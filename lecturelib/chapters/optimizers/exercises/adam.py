"""optimizers-adam: one step of Adam."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim.adam import adam

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the new theta", "the new mean of the gradient", "the new mean of its square")


def oracle(
    theta: Tensor,
    s: Tensor,
    r: Tensor,
    g: Tensor,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> Parts:
    """PyTorch's functional Adam, after t − 1 steps."""
    p, s, r, done = theta.clone(), s.clone(), r.clone(), torch.tensor(float(t - 1))
    adam([p], [g], [s], [r], [], [done], amsgrad=False, beta1=beta1, beta2=beta2, lr=lr,
         weight_decay=0, eps=eps, maximize=False, foreach=False)  # fmt: skip
    return p, s, r


def formula(
    theta: Tensor,
    s: Tensor,
    r: Tensor,
    g: Tensor,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    *,
    correct: str = "both",
    late: int = 0,
    inside: bool = False,
    root: bool = True,
    squared: bool = True,
    exchanged: bool = False,
    hats: bool = False,
    sign: float = -1.0,
    shares: bool = True,
    denominator: str = "right",
    numerator: str = "right",
) -> Parts:
    """The step with an argument for each way to get it wrong."""
    if exchanged:
        beta1, beta2 = beta2, beta1
    new = (1 - beta1, 1 - beta2) if shares else (1.0, 1.0)
    old, before = s, r
    s, r = beta1 * s + new[0] * g, beta2 * r + new[1] * (g * g if squared else g.abs())
    r = torch.maximum(before, r) if denominator == "largest" else r
    c1 = 1 - beta1 ** (t - late) if correct in ("both", "first") else 1.0
    c2 = 1 - beta2 ** (t - late) if correct in ("both", "second") else 1.0
    if correct == "first step":
        c1, c2 = 1 - beta1, 1 - beta2
    if t == late:
        raise ValueError("the correction is zero at the first step")
    size = (before if numerator == "old" else r) / c2
    roots = {(True, False): size.sqrt() + eps, (True, True): (size + eps).sqrt()}
    below = {
        "bare": size.sqrt(),
        "eps before": (r.sqrt() + eps) / c2**0.5,
    }.get(denominator, roots.get((root, inside), size + eps))
    above = {
        "old": old / c1,
        "ahead": (beta1 * s + (1 - beta1) * g) / c1,
        "current": g,
    }.get(numerator, s / c1)
    moved = theta + sign * lr * above / below
    return (moved, s / c1, r / c2) if hats else (moved, s, r)


SLIPS = (
    Slip(
        "uncorrected",
        "The bias correction is missing: both averages start at zero.",
        {"correct": "none"},
    ),
    Slip(
        "square-uncorrected",
        "The mean of the square is not corrected. It starts at zero as the other one does.",
        {"correct": "first"},
    ),
    Slip(
        "mean-uncorrected",
        "The mean of the gradient is not corrected. It starts at zero as the other one does.",
        {"correct": "second"},
    ),
    Slip(
        "correction-a-step-late",
        "Your corrections belong to the step before. At step t each average holds t gradients.",
        {"late": 1},
    ),
    Slip(
        "eps-inside",
        "Your small constant stands inside the root. Adam adds it to the root.",
        {"inside": True},
    ),
    Slip(
        "no-root",
        "You divide by the mean square, not by its root: the step is then no pure number.",
        {"root": False},
    ),
    Slip(
        "not-squared",
        "Your second average is one of |g|. It should hold the squares.",
        {"squared": False},
    ),
    Slip(
        "betas-exchanged",
        "You have exchanged the two decay rates: beta1 belongs to the gradient.",
        {"exchanged": True},
    ),
    Slip(
        "returns-corrected",
        "You return the corrected averages. The next step needs the plain ones: it corrects anew.",
        {"hats": True},
    ),
    Slip(
        "correction-of-first-step",
        "You correct by 1 − β at every step. At step t an average has reached the share 1 − βᵗ.",
        {"correct": "first step"},
    ),
    Slip(
        "eps-missing",
        "The small constant is missing in your denominator, or is not the argument `eps`.",
        {"denominator": "bare"},
    ),
    Slip(
        "eps-before-correction",
        "You add the small constant to the root before its correction, so that the correction "
        "divides it, too. Adam adds it to the root of the corrected mean square.",
        {"denominator": "eps before"},
    ),
    Slip(
        "largest-so-far",
        "You keep the largest mean square so far. That is AMSGrad; Adam's average may fall again.",
        {"denominator": "largest"},
    ),
    Slip(
        "old-averages",
        "You step with the averages from before. The new gradient must count in this step already.",
        {"numerator": "old"},
    ),
    Slip(
        "nesterov",
        "You look a step ahead in the mean of the gradient. That is NAdam.",
        {"numerator": "ahead"},
    ),
    Slip(
        "mean-unused",
        "You step by the gradient itself. Its mean, corrected, belongs there.",
        {"numerator": "current"},
    ),
    Slip(
        "correction-a-step-early",
        "Your corrections belong to the step after. At step t each average holds t gradients.",
        {"late": -1},
    ),
    Slip(
        "sums",
        "Your averages add the whole gradient. A moving average gives the new value the weight "
        "1 − β.",
        {"shares": False},
    ),
    Slip("uphill", "Your parameters move uphill: subtract the step.", {"sign": 1.0}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, t: int) -> Case:
        rows = {
            "theta": draws.signed(n),
            "s": draws.signed(n, low=0.1, high=0.4),
            "r": draws.uniform(n, low=0.1, high=0.4),
            "g": draws.signed(n, low=1.2, high=2.0),
        }
        options = {"lr": 0.5, "beta1": 0.6, "beta2": 0.9, "eps": 0.1}
        return Case(special, {**rows, "t": t, **options})

    usual = [case("the third step", 4, 3), case("the second step", 3, 2)]
    default = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    zero = torch.zeros(4, dtype=torch.float64)
    # At theta = 0 the step shows in all its digits.
    gradients = torch.tensor([1e-6, -1e3, 0.0, 0.02], dtype=torch.float64)
    late = {
        "theta": torch.zeros(2, 3, dtype=torch.float64),
        "s": draws.signed(2, 3, low=0.1, high=0.4),
        "r": draws.uniform(2, 3, low=0.1, high=0.4),
        "g": draws.signed(2, 3, low=0.05, high=0.2),
    }
    edges = [
        Case(
            "the first step, and gradients of all sizes",
            {"theta": zero, "s": zero, "r": zero, "g": gradients, "t": 1, **default},
        ),
        Case("a late step of a matrix", {**late, "t": 1000, **default}),
        Case("no averaging", {**case("no averaging", 3, 2).arguments, "beta1": 0.0, "beta2": 0.0}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-adam",
    title="A step of Adam",
    chapter="optimizers",
    kind="code",
    difficulty=3,
    minutes=30,
    wants=(
        "a function adam_step(theta, s, r, g, t, lr, beta1, beta2, eps) that returns "
        "(theta, s, r) after step t"
    ),
    hints=(
        "Update both averages first; then correct copies of them.",
        "The correction at step t divides by 1 − βᵗ, with t from 1.",
        "The small constant is added to the root of the corrected mean square.",
    ),
    examine=examine,
)
