"""batch-norm-identity: which γ and β of a second norm undo both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import agree
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

TOLERANCE = 5e-3  # three digits by hand are enough
SLUG = "batch-norm-identity"


def given(draws: Draws) -> Mapping[str, Any]:
    """A batch of six samples with three features of different scale, the first norm, a large
    eps."""
    scale = torch.tensor([0.5, 2.0, 3.0], dtype=torch.float64)
    x = draws.normal(6, 3) * scale + draws.signed(3, low=1.0, high=3.0)
    gamma, beta = draws.signed(3).round(decimals=1), draws.signed(3).round(decimals=1)
    gamma[0], gamma[1] = gamma[0].abs(), -gamma[1].abs()  # both signs occur
    return {"x": x.round(decimals=2), "gamma": gamma, "beta": beta, "eps": 0.5}


def _normalized(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """What comes out of the second norm before its own scale and shift."""
    y = F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
    return F.batch_norm(y, None, None, training=True, eps=eps)


def _undone(var: Tensor, gamma: Tensor, eps: float) -> Tensor:
    """The scale that undoes both norms, for a batch with this variance."""
    passed = gamma**2 * var / (var + eps)
    return ((passed + eps) * (var + eps)).sqrt() / gamma


def _gammas(x: Tensor, gamma: Tensor, eps: float) -> dict[str, tuple[Tensor, str]]:
    """Scales that are often taken, and what to say about them."""
    var = x.var(0, correction=0)
    passed = gamma**2 * var / (var + eps)
    return {
        "gamma-of-one-norm": (
            (var + eps).sqrt(),
            "Your γ undoes a single norm. The second one divides again, by the deviation of what "
            "the first puts out.",
        ),
        "gamma-of-the-second-norm": (
            (passed + eps).sqrt(),
            "Your γ undoes the second norm alone, and gives its input back. That input is x after "
            "the first norm.",
        ),
        "sign-forgotten": (
            _undone(var, gamma, eps).abs(),
            "The sizes of γ are right, not all of its signs. What does the first norm do to a "
            "feature if its own γ is negative?",
        ),
        "gamma-without-eps": (
            var.sqrt() * gamma.sign(),
            "Your γ would be right for eps = 0. Each of the two norms divides by a little more "
            "than a deviation.",
        ),
        "first-norm-without-eps": (
            ((gamma**2 + eps) * (var + eps)).sqrt() / gamma,
            "You take γ² for the variance of what the first norm puts out. With so large an eps it "
            "is less: the normalized values have the variance Var/(Var + eps).",
        ),
        "first-gamma-left": (
            ((passed + eps) * (var + eps)).sqrt(),
            "Your γ multiplies by what was divided by, twice, and leaves the γ of the first norm "
            "in the result.",
        ),
        "first-gamma-twice": (
            ((passed + eps) * (var + eps)).sqrt() * gamma,
            "Your γ multiplies by the γ of the first norm. It is to undo it.",
        ),
        "gamma-unbiased": (
            _undone(x.var(0), gamma, eps),
            "Your γ uses the variance with N − 1. The normalization divides with N.",
        ),
        "gamma-inverted": (
            1 / _undone(var, gamma, eps),
            "Your γ divides once more by what was divided by. It is to undo that.",
        ),
        "gamma-one": (
            torch.ones_like(var),
            "With γ = 1 the output keeps unit variance, whatever x had.",
        ),
    }


def _betas(x: Tensor, gamma: Tensor, first: Tensor) -> dict[str, tuple[Tensor, str]]:
    """Shifts that are often taken, and what to say about them."""
    mean = x.mean(0)
    return {
        "beta-negative": (
            -mean,
            "Your β has the wrong sign: the mean was subtracted and is to come back.",
        ),
        "beta-zero": (
            torch.zeros_like(mean),
            "With β = 0 the output has mean 0, whatever x had.",
        ),
        "beta-divided": (
            mean / gamma,
            "Your β is the mean divided by the deviation. β is added after the scaling.",
        ),
        "beta-of-the-first-norm": (
            first,
            "Your β is that of the first norm, which the second one subtracts with the mean.",
        ),
        "beta-less-the-first": (
            mean - first,
            "You subtract the β of the first norm. The second norm has done it already.",
        ),
        "beta-multiplied": (
            mean * gamma,
            "Your β is the mean times the scale. β is added after the scaling.",
        ),
        "beta-one-number": (
            x.mean().expand_as(mean),
            "Your β is the mean of the whole array. Each feature has its own.",
        ),
    }


def _read(answer: Any) -> tuple[Tensor, Tensor]:
    try:
        gamma, beta = read_parts(answer, ("gamma", "beta"))
    except Finding:
        raise Finding(
            "not-a-pair",
            "Wanted is a pair (gamma, beta), three numbers each.",
            got=describe(answer),
        ) from None
    for name, item in (("γ", gamma), ("β", beta)):
        if item.numel() != 3:
            raise Finding(
                "one-number-each" if item.numel() == 1 else "wrong-shape",
                f"{name} should hold three numbers, one for each feature.",
                got=describe(answer),
            )
    return gamma.reshape(3), beta.reshape(3)


def examine(trial: Trial) -> None:
    data = given(trial.draws)
    x, eps = data["x"], data["eps"]
    gamma, beta = _read(trial.answer)
    z = _normalized(x, data["gamma"], data["beta"], eps)
    y = gamma * z + beta
    tried = "your x through both norms, the second with your γ and β, which should return x"
    gap = (y - x).abs().max().item()
    got = (
        f"γ = {describe(gamma)}, β = {describe(beta)}; the output differs from x by up to {gap:.3g}"
    )

    def finding(code: str, says: str) -> Finding:
        return Finding(code, says, tried=tried, got=got)

    # The oracle for γ: the slope of x against its normalized values. For β: the mean that is lost.
    right_gamma = (x * z).sum(0) / (z * z).sum(0)
    gamma_fits = agree([gamma], [right_gamma], TOLERANCE)
    beta_fits = agree([beta], [x.mean(0)], TOLERANCE)
    if gamma_fits and beta_fits:
        return
    if agree([beta], [right_gamma], TOLERANCE) and agree([gamma], [x.mean(0)], TOLERANCE):
        raise finding("swapped", "γ and β have changed places.")
    if trial.key and _fits_key(gamma, beta, ""):
        raise finding(
            "another-key",
            "These would be right for the numbers of no key. Take yours: "
            f'given("{SLUG}", key="{trial.key}").',
        )
    wrong_gamma = _name(gamma, _gammas(x, data["gamma"], eps)) if not gamma_fits else None
    wrong_beta = _name(beta, _betas(x, right_gamma, data["beta"])) if not beta_fits else None
    says = [pair for pair in (wrong_gamma, wrong_beta) if pair]
    if not gamma_fits and not wrong_gamma:
        share = gamma / right_gamma
        same = share.max() - share.min() < TOLERANCE
        factor = f" by the same factor of {share[0]:.3g} in each feature" if same else ""
        says.append(("gamma-wrong", f"γ is wrong{factor}. By what does the normalization divide?"))
    if not beta_fits and not wrong_beta:
        says.append(
            ("beta-wrong", "β is wrong. What is the output when the normalized value is 0?")
        )
    fine = "γ is right. " if gamma_fits else "β is right. " if beta_fits else ""
    raise finding("+".join(code for code, _ in says), fine + " ".join(text for _, text in says))


def _name(value: Tensor, known: Mapping[str, tuple[Tensor, str]]) -> tuple[str, str] | None:
    for code, (wrong, says) in known.items():
        if agree([value], [wrong], TOLERANCE):
            return code, says
    return None


def _fits_key(gamma: Tensor, beta: Tensor, key: str) -> bool:
    data = given(Draws(SLUG, key))
    scale = _undone(data["x"].var(0, correction=0), data["gamma"], data["eps"])
    return agree([gamma, beta], [scale, data["x"].mean(0)], TOLERANCE)


EXERCISE = Exercise(
    slug=SLUG,
    title="Undo two norms",
    chapter="batch_norm",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="a pair (gamma, beta) of three numbers each, for your own x",
    hints=(
        "One feature at a time: what are mean and variance of what the first norm puts out?",
        "The second norm subtracts that mean. What is left of the first norm's β?",
        "Write the output of the second normalization as a factor times x − μ. The second γ has to "
        "be one over this factor; mind its sign.",
    ),
    examine=examine,
    given=given,
)
