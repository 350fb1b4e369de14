"""hidden-units-kill: the learning rate at which one step kills a ReLU."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(w: Tensor, b: Tensor, X: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """Where all sums, which are straight lines in the rate, have come down to 0."""
    weight, bias = w.clone().requires_grad_(), b.clone().requires_grad_()
    loss = (torch.relu(weight @ x + bias) - t) ** 2 / 2
    dw, db = torch.autograd.grad(loss, (weight, bias))
    sums, fall = X @ w + b, X @ dw + db
    if not (sums > 0).any():
        return torch.zeros_like(b)
    if not (fall[sums > 0] > 0).all():
        return torch.full_like(b, torch.inf)
    return (sums[sums > 0] / fall[sums > 0]).max()


def formula(
    w: Tensor,
    b: Tensor,
    X: Tensor,
    x: Tensor,
    t: Tensor,
    *,
    bias: bool = True,
    which: str = "all",
    error: str = "h-t",
    factor: float = 1.0,
    bounded: bool = True,
    gate: str = "slope",
    sign: bool = True,
) -> Tensor:
    """The rate with an argument for each way to get it wrong."""
    z = w @ x + b
    h = z if gate == "sum" else torch.relu(z)
    delta = factor * {"h-t": h - t, "h": h, "one": torch.ones_like(h)}[error]
    if gate == "slope" and z <= 0:
        delta = torch.zeros_like(h)
    sums = X @ w + b
    if bounded and not (sums > 0).any():
        return torch.zeros_like(b)
    slope = X @ x + float(bias)
    if not sign:
        delta = delta.abs()
    if delta <= 0:
        return torch.full_like(b, torch.inf)
    rates = sums / (delta * slope)
    on = rates[sums > 0] if (sums > 0).any() else rates
    found: dict[str, Callable[[], Tensor]] = {
        "all": lambda: rates.max(),
        "one": lambda: on.min(),
        "mean": lambda: rates.mean(),
        "own": lambda: z / (delta * (x @ x + float(bias))),
        "largest sum": lambda: rates[sums.argmax()],
    }
    return found[which]()


SLIPS = (
    Slip(
        "bias-not-moved",
        "You leave the bias where it is. The step moves it as well, and every sum by δ more.",
        {"bias": False},
    ),
    Slip(
        "one-sample-off",
        "At your rate the *first* sample turns the unit off. Dead is a unit that all have "
        "turned off.",
        {"which": "one"},
    ),
    Slip("mean-rate", "You average over the samples. Every one must be off.", {"which": "mean"}),
    Slip(
        "own-sample-only",
        "You ask when the sample x itself turns the unit off. The others may keep it alive.",
        {"which": "own"},
    ),
    Slip(
        "largest-sum-only",
        "You look at the sample with the largest sum. It also falls at a speed of its own: another "
        "sample may be the last to go.",
        {"which": "largest sum"},
    ),
    Slip("target-lost", "The error is h − t; your step does not know the target.", {"error": "h"}),
    Slip(
        "error-lost",
        "The error is missing: the gradient of a sum is δ = h − t times the input.",
        {"error": "one"},
    ),
    Slip(
        "half-lost",
        "The loss is *half* of the squared error, so δ is h − t and not twice that.",
        {"factor": 2.0},
    ),
    Slip(
        "dead-already",
        "A unit that is dead already needs no step: the rate is 0.",
        {"bounded": False},
    ),
    Slip(
        "gradient-through-zero",
        "If the unit is off for x, no gradient passes, and the step moves nothing.",
        {"gate": "value"},
    ),
    Slip(
        "sum-for-the-value",
        "Your error is z − t. The unit's value is max(0, z); and if the unit is off for x, no "
        "gradient passes.",
        {"gate": "sum"},
    ),
    Slip(
        "rising-sums",
        "For a target above the output the step raises all sums. No rate kills the unit then.",
        {"sign": False},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, *, samples: int = 6, features: int = 3, target: float = -1.0,
             b: float = 0.1, first: int = 0) -> Case:  # fmt: skip
        X = draws.uniform(samples, features, low=0.1, high=1.0)
        w = draws.uniform(features, low=-0.3, high=1.0)
        w[0] = w[0].abs() + 0.6
        bias = torch.tensor(b, dtype=torch.float64)
        t = torch.tensor(target, dtype=torch.float64)
        return Case(special, {"w": w, "b": bias, "X": X, "x": X[first], "t": t}, smooth=False)

    # One sample has the largest sum, another, near the origin, is the last to go.
    X = torch.tensor([[1.0, 0.0], [0.8, 0.9], [0.1, 0.1]], dtype=torch.float64)
    w = torch.tensor([1.0, 0.2], dtype=torch.float64)
    b, t = torch.tensor(0.5, dtype=torch.float64), torch.tensor(-0.5, dtype=torch.float64)
    late = {"w": w, "b": b, "X": X, "x": X[1], "t": t}
    # A unit that x does not turn on, and other samples do.
    low = torch.tensor(-2.0, dtype=torch.float64)
    off = {**late, "w": torch.tensor([1.0, -2.0], dtype=torch.float64), "t": low}
    cases = [
        case("six samples"),
        case("another sample of them", first=3, target=-0.4),
        Case("the sample with the largest sum is not the last to go", late, smooth=False),
        case("a target above the output", target=9.0),
        case("a unit that is dead already", b=-9.0),
        Case("a unit that is off for x, and on for others", off, smooth=False),
        case("ten samples of two features", samples=10, features=2),
        case("a single sample", samples=1),
    ]
    judge(trial, cases, oracle, parts=("the rate",), formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-kill",
    title="Break it: kill a unit in one step",
    chapter="hidden_units",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function killing_rate(w, b, X, x, t) that returns the rate, 0 or infinity",
    hints=(
        "The step moves w by −ηδx and b by −ηδ. What does it do to the sum of another sample?",
        "Each sum is a straight line in η. Where does it reach 0, and which is the last?",
        "Which target, and which x, moves the sums up, or not at all?",
    ),
    examine=examine,
)
