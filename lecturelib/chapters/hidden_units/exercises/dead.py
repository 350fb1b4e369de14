"""hidden-units-dead-units: which units no sample reaches."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A unit is dead if no gradient reaches its bias, whatever comes from above."""
    b = bias.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(torch.relu(F.linear(x, weight, b)).sum(), b)
    return (gradient == 0).to(torch.float64)


def formula(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    some: bool = False,
    biased: float = 1.0,
    alive: bool = False,
    mean: bool = False,
    share: bool = False,
    strict: bool = False,
    least: float = 0.0,
    seen: str = "all",
) -> Tensor:
    """The mask with an argument for each way to get it wrong."""
    sums = x @ weight.T + biased * bias
    off = sums < 0 if strict else sums <= least
    mask = off.any(0) if some else off.all(0)
    if mean:
        mask = (x @ weight.T + bias).mean(0) <= 0
    masks = {
        "first": off[0],
        "most": off.double().mean(0) > 0.5,
        "nearly all": off.double().mean(0) > 0.8,
        "median": sums.median(0).values <= 0,
        "bias": bias <= 0,
        "weight": (weight <= 0).all(1),
    }
    mask = masks.get(seen, mask)
    if share:
        return off.to(torch.float64).mean(0)
    return (~mask if alive else mask).to(torch.float64)


SLIPS = (
    Slip(
        "off-once",
        (
            "You mark units that are off for some sample. That is what ReLUs are for; a dead "
            "one is off for all."
        ),
        {"some": True},
    ),
    Slip(
        "bias-lost", "You forget the bias. It can keep a unit alive, or kill it.", {"biased": 0.0}
    ),
    Slip("bias-sign", "You subtract the bias. A layer adds it.", {"biased": -1.0}),
    Slip("alive", "You mark the units that live.", {"alive": True}),
    Slip(
        "mean-sum",
        "You look at the mean of the sums. One positive sample is enough to keep a unit alive.",
        {"mean": True},
    ),
    Slip(
        "zero-counted-as-alive",
        "You ask for sums *below* 0. At a sum of exactly 0 a ReLU gives 0, and PyTorch gives it "
        "the gradient 0 as well: it is positive for no sample, and dead.",
        {"strict": True},
    ),
    Slip(
        "tiny-counted-as-dead",
        "You count a sum of a billionth as 0. However small, a positive sum lets a gradient "
        "through: the unit lives.",
        {"least": 1e-8},
    ),
    Slip(
        "first-sample-only",
        "You look at the first sample. The others may keep a unit alive.",
        {"seen": "first"},
    ),
    Slip(
        "off-mostly",
        "You mark units that are off for more than half of the samples. Dead is off for all.",
        {"seen": "most"},
    ),
    Slip(
        "off-for-nearly-all",
        "You mark units that are off for nearly all samples. One sample is enough to keep a unit "
        "alive.",
        {"seen": "nearly all"},
    ),
    Slip(
        "median-sum",
        "You look at the median of the sums. One positive sample is enough to keep a unit alive.",
        {"seen": "median"},
    ),
    Slip(
        "bias-only",
        "You look at the bias alone. It is the whole sum that a ReLU sees.",
        {"seen": "bias"},
    ),
    Slip(
        "weights-only",
        "You look at the weights alone. It is the whole sum that a ReLU sees.",
        {"seen": "weight"},
    ),
    Slip(
        "share",
        "You return the share of samples for which a unit is off. Dead is a unit with share 1.",
        {"share": True},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    x = draws.uniform(7, 3, low=0.0, high=1.0)
    weight = torch.stack([
        -draws.uniform(3, low=0.5, high=1.0), draws.uniform(3, low=0.5, high=1.0),
        -draws.uniform(3, low=0.5, high=1.0), draws.uniform(3, low=0.1, high=0.2),
        draws.uniform(3, low=0.5, high=1.0), -draws.uniform(3, low=0.5, high=1.0),
    ])  # fmt: skip
    often, rarely = ((x @ weight[unit]).sort().values for unit in (1, 4))
    bias = torch.zeros(6, dtype=torch.float64)
    bias[1] = -(often[0] + often[1]) / 2  # off for one sample
    bias[2], bias[3] = 3.5, -2.0
    bias[4] = -(rarely[-1] + rarely[-2]) / 2  # on for one sample
    bias[5] = -3.5  # dead with the bias or without, alive against its sign
    other = torch.tensor([4, 3, 5, 2, 1, 0])
    cases = [
        Case("six units", {"x": x, "weight": weight, "bias": bias}),
        Case("the same in another order", {"x": x, "weight": weight[other], "bias": bias[other]}),
        Case("samples in another order", {"x": x.flip(0), "weight": weight, "bias": bias}),
        _edges(),
        _rarely(),
        _once(),
        Case("six units and a single sample", {"x": x[:1], "weight": weight, "bias": bias}),
        Case("as many units as samples", {"x": x[:6], "weight": weight, "bias": bias}),
        Case("a single unit and a single sample", {"x": x[:1], "weight": weight[:1],
             "bias": bias[:1]}),
        Case("two samples, all units alive", {"x": x[:2], "weight": weight.abs(),
             "bias": bias.abs()}),
    ]  # fmt: skip
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


def _rarely() -> Case:
    """Ten samples: units that are on for one or three of them, whatever the mean of their sums."""
    x = torch.zeros(10, 2, dtype=torch.float64)
    x[0, 0], x[4:7, 1] = 20.0, 1.0
    weight = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0], [0.1, -1.0]]).double()
    bias = torch.tensor([-1.0, 1.0, -1.0, -0.5], dtype=torch.float64)
    arguments = {"x": x, "weight": weight, "bias": bias}
    return Case("units that are on for one sample of ten, or for three", arguments)


def _once() -> Case:
    """A hundred samples: one unit is on for one of them, one for all, one for none."""
    x = torch.zeros(100, 1, dtype=torch.float64)
    x[37] = 2.0
    weight = torch.tensor([[1.0], [1.0], [-1.0]], dtype=torch.float64)
    bias = torch.tensor([-1.0, 1.0, -0.5], dtype=torch.float64)
    return Case("a unit that is on for one sample of a hundred",
                {"x": x, "weight": weight, "bias": bias})  # fmt: skip


def _edges() -> Case:
    """Largest sums of exactly 0, of 2⁻³⁰ and of −2⁻³⁰, without any rounding on the way."""
    tiny = 2.0**-30
    x = torch.tensor([[1.0, 0.0], [0.5, 0.0], [0.25, 0.0]], dtype=torch.float64)
    weight = torch.tensor([[-2.0, 1.0], [tiny, 0.0], [-tiny, 3.0], [0.0, 1.0], [4.0, 0.0]])
    bias = torch.tensor([0.5, 0.0, 0.0, 0.0, -4.0])
    arguments = {"x": x, "weight": weight.double(), "bias": bias.double()}
    return Case("units whose largest sum is exactly 0, or a billionth", arguments)


EXERCISE = Exercise(
    slug="hidden-units-dead-units",
    title="Find the dead",
    chapter="hidden_units",
    kind="code",
    difficulty=1,
    minutes=10,
    wants=(
        "a function dead_units(x, weight, bias) that returns H values, true or 1 for each dead unit"
    ),
    hints=(
        "A unit is dead if its sum is positive for no sample at all.",
        "For every, or for some? Over samples, or over units?",
    ),
    examine=examine,
)
