"""batch-norm-identity: which γ and β undo the normalization."""

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
    """A batch of six samples with three features of different scale, and a large eps."""
    scale = torch.tensor([0.5, 2.0, 3.0], dtype=torch.float64)
    x = draws.normal(6, 3) * scale + draws.signed(3, low=1.0, high=3.0)
    return {"x": x.round(decimals=2), "eps": 0.5}


def _gammas(x: Tensor, eps: float) -> dict[str, tuple[Tensor, str]]:
    """Scales that are often taken, and what to say about them."""
    var, unbiased = x.var(0, correction=0), x.var(0)
    return {
        "gamma-is-variance": (
            var,
            (
                "Your γ is the variance, as one of the slides has it. Look at the units: the"
                " normalized value has none, x has one, so γ has the unit of x."
            ),
        ),
        "gamma-is-variance-plus-eps": (
            var + eps,
            "Your γ is the variance plus eps. The normalization divides by something else.",
        ),
        "gamma-without-eps": (
            var.sqrt(),
            (
                "Your γ is the standard deviation of the batch. The normalization divides by a"
                " little more than that: eps is missing."
            ),
        ),
        "gamma-unbiased": (
            (unbiased + eps).sqrt(),
            "Your γ uses the variance with N − 1. The normalization divides with N.",
        ),
        "gamma-unbiased-without-eps": (
            unbiased.sqrt(),
            (
                "Your γ is the deviation with N − 1, and without eps. (torch.std gives it unless"
                " told otherwise.)"
            ),
        ),
        "gamma-eps-outside-root": (
            var.sqrt() + eps,
            "In your γ eps is added to the deviation. It belongs to the variance, under the root.",
        ),
        "gamma-inverted": (
            1 / (var + eps).sqrt(),
            "Your γ divides once more by what was divided by. It is to undo that.",
        ),
        "gamma-one": (
            torch.ones_like(var),
            "With γ = 1 the output keeps unit variance, whatever x had.",
        ),
    }


def _betas(x: Tensor, gamma: Tensor) -> dict[str, tuple[Tensor, str]]:
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
    y = F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
    tried = "batch norm of your x with your γ and β, which should return x"
    gap = (y - x).abs().max().item()
    got = (
        f"γ = {describe(gamma)}, β = {describe(beta)}; the output differs from x by up to {gap:.3g}"
    )

    def finding(code: str, says: str) -> Finding:
        return Finding(code, says, tried=tried, got=got)

    # The oracle for γ: the slope of x against its normalized values. For β: the mean that is lost.
    z = F.batch_norm(x, None, None, training=True, eps=eps)
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
    wrong_gamma = _name(gamma, _gammas(x, eps)) if not gamma_fits else None
    wrong_beta = _name(beta, _betas(x, right_gamma)) if not beta_fits else None
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
    scale = (data["x"].var(0, correction=0) + data["eps"]).sqrt()
    return agree([gamma, beta], [scale, data["x"].mean(0)], TOLERANCE)


EXERCISE = Exercise(
    slug=SLUG,
    title="γ and β that give the identity",
    chapter="batch_norm",
    kind="question",
    difficulty=1,
    minutes=10,
    wants="a pair (gamma, beta) of three numbers each, for your own x",
    hints=(
        "Write the output for one feature and ask which γ and β make it x for every sample.",
        (
            "Undo the two steps in the reverse order: what was divided by comes back as a factor,"
            " what was subtracted is added."
        ),
        "eps is large here so that it shows. Where does it stand in the definition?",
    ),
    examine=examine,
    given=given,
)
