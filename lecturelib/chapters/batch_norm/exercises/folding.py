"""batch-norm-folding: a batch norm and the linear layer behind it become one linear layer."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import leaves_arguments
from lecturelib.exercises.trial import Case, Finding, Trial, describe

PARTS = ("the weight", "the bias")


def oracle(bn: nn.BatchNorm1d, linear: nn.Linear) -> tuple[Tensor, Tensor]:
    """The affine map that the two layers make in evaluation mode, read off at 0 and the unit
    vectors."""
    with torch.no_grad():
        points = torch.cat([torch.zeros(1, linear.in_features), torch.eye(linear.in_features)])
        values = linear(bn(points.to(linear.weight)))
    return (values[1:] - values[0]).T, values[0]


def formula(
    bn: nn.BatchNorm1d,
    linear: nn.Linear,
    *,
    eps_at: str = "inside",
    divide: str = "root",
    gamma: str = "right",
    weight: str = "columns",
    mean: float = 1.0,
    bias: str = "right",
    beta: str = "right",
) -> tuple[Tensor, Tensor]:
    """The folded weight and bias with an argument for each way to get them wrong."""
    w = linear.weight.detach()
    b = torch.zeros_like(w[:, 0]) if linear.bias is None else linear.bias.detach()
    var, mu = bn.get_buffer("running_var"), bn.get_buffer("running_mean")
    inside = {"inside": bn.eps, "fixed": 1e-5}.get(eps_at, 0.0)
    root = (var + inside).sqrt() + (bn.eps if eps_at == "outside" else 0.0)
    scale = {"root": 1 / root, "variance": 1 / root**2, "none": torch.ones_like(root)}
    g = bn.weight.detach()
    s = scale[divide] * {"right": g, "size": g.abs()}.get(gamma, torch.ones_like(g))
    folded = w * s if weight == "columns" else w
    shift = bn.bias.detach()
    shift = {"right": shift, "missing": 0 * shift, "scaled": s * shift}[beta]
    inner = shift - mean * (mu if bias == "mean unscaled" else s * mu)
    if bias == "folded twice":
        return folded, folded @ inner + b
    return folded, w @ inner + (0 if bias == "lost" else b)


SLIPS = (
    Slip("weight-not-scaled", "The weight is left as it was.", {"weight": "left"}),
    Slip(
        "folded-weight-for-the-shift",
        "In your bias the *folded* weight multiplies the shift, so the scale acts on it twice. The "
        "shift β − a·μ̂ goes through the old weight.",
        {"bias": "folded twice"},
    ),
    Slip(
        "linear-bias-lost",
        "The linear layer's own bias is lost.",
        {"bias": "lost"},
    ),
    Slip("mean-missing", "The running mean is not subtracted.", {"mean": 0.0}),
    Slip("mean-added", "The running mean enters with the wrong sign.", {"mean": -1.0}),
    Slip("beta-missing", "β, the shift of the batch norm, is missing.", {"beta": "missing"}),
    Slip(
        "beta-scaled",
        "β is multiplied by the scale. It is added after the normalization, so nothing scales it "
        "but the weight.",
        {"beta": "scaled"},
    ),
    Slip("gamma-missing", "γ, the scale of the batch norm, is missing.", {"gamma": "missing"}),
    Slip(
        "gamma-without-sign",
        "You take the size of γ. A negative γ turns the channel round.",
        {"gamma": "size"},
    ),
    Slip(
        "mean-not-scaled",
        "The running mean is subtracted unscaled. It is subtracted before the scale.",
        {"bias": "mean unscaled"},
    ),
    Slip(
        "eps-fixed", "Your eps is always 1e-5. The layer has its own, bn.eps.", {"eps_at": "fixed"}
    ),
    Slip("eps-missing", "bn.eps plays no part in your result.", {"eps_at": "none"}),
    Slip("eps-outside-root", "eps belongs to the variance, under the root.", {"eps_at": "outside"}),
    Slip(
        "divided-by-variance",
        "You divide by the running variance and should divide by its root.",
        {"divide": "variance"},
    ),
    Slip("not-divided", "Nothing is divided by the running deviation.", {"divide": "none"}),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """Which columns of the weight are right up to a factor, and whether the rows are."""
    ratio = got[0] / wanted[0]
    if torch.allclose(ratio, torch.ones_like(ratio), rtol=1e-3):
        return ""
    if torch.allclose(ratio, ratio[:1].expand_as(ratio), rtol=1e-3):
        return (
            "Each column of your weight points the right way and has the wrong length: what"
            " multiplies a channel, and what divides it?"
        )
    w, new = case.arguments["linear"].weight.detach(), got[0]
    if new.shape == w.shape and torch.allclose(new / w, (new / w)[:, :1].expand_as(w), rtol=1e-3):
        return (
            "You scale the rows of the weight. The channels of this batch norm are the layer's"
            " inputs, that is columns."
        )
    return ""


def _weight_and_bias(value: Any) -> tuple[Tensor, Tensor]:
    if isinstance(value, nn.Sequential) or (callable(value) and not isinstance(value, nn.Module)):
        raise Finding(
            "not-one-layer",
            "Wanted is one nn.Linear that does the work of both layers, not the two in a row.",
            got=describe(value),
        )
    if not isinstance(value, nn.Linear):
        raise Finding("wrong-type", "Wanted is a new nn.Linear.", got=describe(value))
    if value.bias is None:
        raise Finding(
            "no-bias",
            "Your layer has no bias. Even if the old one had none, the batch norm shifts.",
            got=describe(value),
        )
    return value.weight.detach(), value.bias.detach()


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws

    def case(
        special: str, d: int, k: int, eps: float, bias: bool, low: float = 1.5, high: float = 3.0
    ) -> Case:
        bn = nn.BatchNorm1d(d, eps=eps, dtype=torch.float64).eval()
        linear = nn.Linear(d, k, bias=bias, dtype=torch.float64).eval()
        with torch.no_grad():
            linear.weight.copy_(draws.signed(k, d))
            if bias:
                linear.bias.copy_(draws.signed(k))
            bn.weight.copy_(draws.signed(d))
            bn.bias.copy_(draws.signed(d))
            bn.get_buffer("running_mean").copy_(draws.signed(d))
            bn.get_buffer("running_var").copy_(draws.uniform(d, low=low, high=high))
        return Case(special, {"bn": bn, "linear": linear})

    return [
        case("three inputs, four outputs and a large eps", 3, 4, 0.4, True),
        case("as many inputs as outputs", 3, 3, 1e-5, True),
        case("a linear layer without bias", 2, 3, 0.1, False),
        case("one channel", 1, 3, 0.2, True),
        case("channels that never varied", 3, 2, 1e-3, True, low=0.0, high=0.0),
        case("small variances", 2, 2, 1e-5, True, low=1e-4, high=9e-4),
    ]


def examine(trial: Trial) -> None:
    judge(
        trial,
        _cases(trial),
        oracle,
        parts=PARTS,
        formula=formula,
        slips=SLIPS,
        look=look,
        tidy=_weight_and_bias,
        rules=(leaves_arguments(),),
    )


EXERCISE = Exercise(
    slug="batch-norm-folding",
    title="Folding into the layer behind",
    chapter="batch_norm",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function fold(bn, linear) that returns a new nn.Linear",
    hints=(
        "With running statistics batch norm is an affine map of each channel: a·u + d. Find a and "
        "d.",
        "Put it into W(a·u + d) + b and sort: what multiplies u, and what does not?",
        "a has one entry for each *input* of the linear layer. Which axis of the weight is that?",
        "A layer may come without bias: linear.bias is None then.",
    ),
    examine=examine,
)
