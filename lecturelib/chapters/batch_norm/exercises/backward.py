"""batch-norm-backward: the gradient of batch norm whose samples have weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial

PARTS = ("dx", "dgamma", "dbeta")


def oracle(dy: Tensor, x: Tensor, weight: Tensor, gamma: Tensor, eps: float) -> tuple[Tensor, ...]:
    """Automatic differentiation of the forward pass, contracted with dy."""
    leaves = [x.clone(), gamma.clone(), torch.zeros_like(gamma)]
    for leaf in leaves:
        leaf.requires_grad_()
    centred = leaves[0] - weight @ leaves[0]
    y = leaves[1] * centred / (weight @ centred**2 + eps).sqrt() + leaves[2]
    return torch.autograd.grad(y, leaves, dy)


def formula(
    dy: Tensor,
    x: Tensor,
    weight: Tensor,
    gamma: Tensor,
    eps: float,
    *,
    through_mean: float = 1.0,
    through_variance: float = 1.0,
    statistics: str = "weighted",
    terms: str = "right",
    use_eps: bool = True,
    scale: str = "right",
    dgamma: str = "right",
    dbeta: str = "right",
) -> tuple[Tensor, ...]:
    """The gradient as the sum of three paths, with an argument for each way to get one wrong."""
    w = weight[:, None]
    level = torch.full_like(w, 1 / len(x))
    used = level if statistics == "level" else w
    centred = x - (used * x).sum(0)
    root = ((used * centred**2).sum(0) + (eps if use_eps else 0.0)).sqrt()
    z = centred / root
    d = {"no gamma": dy, "gamma twice": dy * gamma**2}.get(scale, dy * gamma)
    divisor = {"variance": root**2, "none": torch.ones_like(root)}.get(scale, root)
    paths = {
        "right": (w * d.sum(0), w * z * (d * z).sum(0)),
        "weighted sums": ((w * d).sum(0), z * (w * d * z).sum(0)),
        "plain means": (d.mean(0), z * (d * z).mean(0)),
        "sums": (d.sum(0), z * (d * z).sum(0)),
        "both": (w * (w * d).sum(0), w * z * (w * d * z).sum(0)),
    }[terms]
    dx = (d - through_mean * paths[0] - through_variance * paths[1]) / divisor
    if scale == "weighted":
        dx = w * dx
    sums = {
        "right": (dy * z).sum(0),
        "weighted": (w * dy * z).sum(0),
        "averaged": (dy * z).mean(0),
        "raw": (dy * x).sum(0),
        "centred": (dy * centred).sum(0),
    }
    shifts = {
        "right": dy.sum(0),
        "weighted": (w * dy).sum(0),
        "averaged": dy.mean(0),
        "with gamma": (dy * gamma).sum(0),
    }
    return dx, sums[dgamma], shifts[dbeta]


SLIPS = (
    Slip(
        "weights-inside-the-sums",
        "In dx your two sums over the batch run over w·dy. Each x enters the statistics with its "
        "own weight, so the weight stands in front of the sum; inside, each output counts once.",
        {"terms": "weighted sums"},
    ),
    Slip(
        "weights-twice",
        "In dx the weights stand in front of the two sums and inside as well. The outputs carry no "
        "weight: dy says already what each of them is worth.",
        {"terms": "both"},
    ),
    Slip(
        "equal-shares",
        "In dx the two terms through the statistics are the chapter's, with 1/N. The share of a "
        "sample in the mean is its weight.",
        {"terms": "plain means"},
    ),
    Slip(
        "shares-missing",
        "In dx the two terms through the statistics are sums. How much does the mean move if one x "
        "moves by 1?",
        {"terms": "sums"},
    ),
    Slip(
        "statistics-unweighted",
        "Mean and variance of your forward pass ignore the weights.",
        {"statistics": "level"},
    ),
    Slip(
        "weights-ignored",
        "This is the gradient of the chapter's layer: the weights play no part in it.",
        {"statistics": "level", "terms": "plain means"},
    ),
    Slip(
        "dx-weighted",
        "dx as a whole is multiplied by the weight. A sample of weight 0 has an output all the "
        "same, and its x reaches it directly.",
        {"scale": "weighted"},
    ),
    Slip(
        "mean-term-missing",
        "In dx the path through the mean is missing. Every x of a feature takes part in its mean, "
        "so it moves all outputs of that feature a little.",
        {"through_mean": 0.0},
    ),
    Slip(
        "variance-term-missing",
        "In dx the path through the variance is missing: the term that correlates the incoming "
        "gradient with the normalized values.",
        {"through_variance": 0.0},
    ),
    Slip(
        "statistics-held-constant",
        "dx is the gradient of a scale and shift by constants. That is right for a sample of "
        "weight 0 alone: for the others the paths through mean and variance are missing.",
        {"through_mean": 0.0, "through_variance": 0.0},
    ),
    Slip(
        "variance-term-doubled",
        "In dx the term through the variance is twice what it should be. Differentiating the root "
        "and the square gives a half and a two.",
        {"through_variance": 2.0},
    ),
    Slip("eps-ignored", "eps plays no part in your gradient.", {"use_eps": False}),
    Slip(
        "gamma-missing-in-dx",
        "dx lacks γ: the incoming gradient passes the scale before it reaches the normalization.",
        {"scale": "no gamma"},
    ),
    Slip(
        "gamma-twice-in-dx",
        "dx holds γ twice. The incoming gradient passes the scale once.",
        {"scale": "gamma twice"},
    ),
    Slip(
        "dx-divided-by-variance",
        "dx is divided by the variance (plus eps) where it should be divided by its root.",
        {"scale": "variance"},
    ),
    Slip(
        "dx-not-divided",
        "dx lacks the division by the standard deviation: a feature of large scale gets a small "
        "gradient.",
        {"scale": "none"},
    ),
    Slip(
        "dgamma-weighted",
        "In dgamma the samples count with their weights. γ multiplies every sample's output, also "
        "where the weight is 0.",
        {"dgamma": "weighted"},
    ),
    Slip(
        "dgamma-averaged",
        "dgamma is an average over the batch. γ takes part in every sample's output: its gradient"
        " is the sum.",
        {"dgamma": "averaged"},
    ),
    Slip(
        "dgamma-of-raw-input",
        "dgamma multiplies dy by x itself. What γ scales in the forward pass is something else.",
        {"dgamma": "raw"},
    ),
    Slip(
        "dgamma-not-divided",
        "dgamma multiplies dy by the centred x. γ scales values that are centred and divided.",
        {"dgamma": "centred"},
    ),
    Slip(
        "dbeta-weighted",
        "In dbeta the samples count with their weights. β is added to every sample's output, also "
        "where the weight is 0.",
        {"dbeta": "weighted"},
    ),
    Slip(
        "dbeta-averaged",
        "dbeta is an average over the batch. β is added to every sample: its gradient is the sum.",
        {"dbeta": "averaged"},
    ),
    Slip(
        "dbeta-times-gamma",
        "dbeta holds a factor γ. β is added after the scale, so γ does not touch it.",
        {"dbeta": "with gamma"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """A fact that every right dx fulfils, held against this one."""
    dx = got[0]
    if torch.allclose(dx, wanted[0], atol=1e-3):
        return ""
    sums = dx.sum(0)
    worst = int(sums.abs().argmax())
    if sums[worst].abs() > 1e-3:
        return (
            f"Over the batch your dx of feature {worst} adds up to {sums[worst]:.3g}; it must be"
            " 0, because adding a constant to a feature changes no output."
        )
    return (
        "Over the batch your dx adds up to 0, as it must. So must, up to eps, its product with the"
        " normalized values, because scaling a feature changes no output either: does it?"
    )


def _weights(trial: Trial, n: int, padding: int = 0) -> Tensor:
    """Positive weights, then as many zeros as there is padding; they add up to 1."""
    weight = trial.draws.uniform(n, low=0.3, high=2.0)
    weight[n - padding :] = 0.0
    return weight / weight.sum()


def _case(trial: Trial, special: str, x: Tensor, eps: float, padding: int = 0) -> Case:
    arguments: dict[str, Any] = {
        "dy": trial.draws.normal(*x.shape),
        "x": x,
        "weight": _weights(trial, len(x), padding),
        "gamma": trial.draws.signed(x.shape[1]),
    }
    return Case(special, {**arguments, "eps": eps})


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws
    return [
        _case(trial, "a batch of six", draws.normal(6, 3, mean=1.0, std=1.5), 1e-5),
        _case(trial, "as many samples as features and a large eps", draws.normal(4, 4), 0.5),
        _case(trial, "three samples and two of padding", draws.normal(5, 3, mean=1.0), 0.1, 2),
    ]


def _edges(trial: Trial) -> list[Case]:
    draws = trial.draws
    scales = torch.tensor([1e3, 1e-3, 1.0], dtype=torch.float64)
    constant = draws.normal(5, 2)
    constant[:, 1] = 2.0
    level = _case(trial, "equal weights", draws.normal(4, 2), 0.1)
    level.arguments["weight"][:] = 1 / 4
    return [
        _case(trial, "features of very different scale", draws.normal(6, 3) * scales, 1e-5),
        # Single precision leaves 1e-7 of the mean, over a deviation of 0.1.
        replace(
            _case(trial, "a feature that is constant over the batch", constant, 0.01), atol=2e-5
        ),
        _case(trial, "one feature, and one sample of padding", draws.normal(4, 1), 0.2, 1),
        level,
    ]


def examine(trial: Trial) -> None:
    for cases in (_cases(trial), _edges(trial)):
        judge(
            trial,
            cases,
            oracle,
            parts=PARTS,
            formula=formula,
            slips=SLIPS,
            look=look,
            rules=(no_autograd(),),
        )


EXERCISE = Exercise(
    slug="batch-norm-backward",
    title="Backward pass of a weighted batch",
    chapter="batch_norm",
    kind="code",
    difficulty=3,
    minutes=40,
    wants="a function batch_norm_backward(dy, x, weight, gamma, eps) that returns (dx, dgamma, "
    "dbeta)",
    hints=(
        "Begin with dbeta and dgamma: y is linear in both. Does a sample of weight 0 take part?",
        "Write the four steps of the chapter's proof with Σ wᵢ in place of (1/m) Σ in mean and "
        "variance. Which derivatives now hold a weight? Which sums run over the outputs?",
        "Two facts that a right dx fulfils, up to eps: over the batch it adds up to 0, and so does "
        "its product with the normalized values.",
        "Test it: contract y with a random dy, and compare with differences "
        "(L(x + h) − L(x − h)) / 2h.",
    ),
    examine=examine,
)
