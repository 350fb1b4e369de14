"""output-units-cooling: a softmax with temperature, down to temperature 0."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial
from lecturelib.output_units import softmax


def oracle(z: Tensor, T: float) -> Tensor:
    """The library's, which takes the limit at temperature 0."""
    return softmax(z, temperature=T)


def formula(
    z: Tensor, T: float, *, how: str = "divide", zero: str = "limit", least: float = 0.0
) -> Tensor:
    """Softmax of z/T, with an argument for each way to get it wrong."""
    floors = {"floored": max(T, least), "shifted": T + least}
    if zero in floors:
        return torch.softmax((z - z.max()) / floors[zero], 0)
    if T == 0 and zero != "formula":
        if zero == "near":
            near = torch.isclose(z, z.max()).to(z)
            return near / near.sum()
        if zero == "halves":
            largest = (z == z.max()).to(z)
            return largest / min(largest.sum().item(), 2)
        if zero == "positive":
            largest = (z >= z.max().clamp(min=0)).to(z)
            return largest / largest.sum()
        if zero == "limit":
            largest = (z == z.max()).to(z)
            return largest / largest.sum()
        if zero == "first":
            return torch.nn.functional.one_hot(z.argmax(), len(z)).to(z)
        if zero == "all":
            return (z == z.max()).to(z)
        return torch.full_like(z, 1 / len(z))
    if how == "divide":
        return torch.softmax(z / T, 0)
    if how == "multiply":
        return torch.softmax(z * T, 0)
    if how == "ignore":
        return torch.softmax(z, 0)
    if how == "root":
        return torch.softmax(z / math.sqrt(T), 0)
    if how == "power not normalized":
        return torch.softmax(z, 0) ** (1 / T)
    if how == "overflow":
        e = torch.exp(z / T)
        return e / e.sum()
    if how == "clamped":
        return torch.softmax((z / T).clamp(-50, 50), 0)
    if how == "logarithms":
        return torch.log_softmax(z / T, 0)
    p = torch.softmax(z, 0) / T
    return p / p.sum() if how == "after, normalized" else p


SLIPS = (
    Slip(
        "multiplied",
        "You multiply the logits by T. Then a high temperature makes the softmax certain.",
        {"how": "multiply"},
    ),
    Slip("temperature-ignored", "Your probabilities do not depend on T.", {"how": "ignore"}),
    Slip(
        "divided-after",
        "You divide the probabilities by T: they no longer add up to 1. T belongs to the logits.",
        {"how": "after"},
    ),
    Slip(
        "divided-after-and-normalized",
        "You divide the probabilities by T and normalize again, which takes T away. T belongs to "
        "the logits.",
        {"how": "after, normalized"},
    ),
    Slip("root-of-temperature", "You divide the logits by the root of T.", {"how": "root"}),
    Slip(
        "power-not-normalized",
        "You raise the probabilities to the power 1/T, a good idea, and do not normalize again.",
        {"how": "power not normalized"},
    ),
    Slip(
        "overflow",
        "Your exponentials overflow: at a low temperature z/T is huge. Only differences of logits "
        "count, so subtract the largest first.",
        {"how": "overflow"},
    ),
    Slip(
        "zero-by-formula",
        "At T = 0 you divide by zero. Take the limit: all probability on the largest logit.",
        {"zero": "formula"},
    ),
    Slip(
        "first-of-equals",
        "At T = 0 you give everything to one class, also where two logits are equally large. "
        "For every T > 0 these two have the same probability; so they have in the limit.",
        {"zero": "first"},
    ),
    Slip(
        "ones-for-all-equals",
        "At T = 0 with two equally large logits your probabilities add up to 2.",
        {"zero": "all"},
    ),
    Slip(
        "two-equals-at-most",
        "At T = 0 you divide by 2 where logits are equally large. Three of them share by three.",
        {"zero": "halves"},
    ),
    Slip(
        "nearly-equal-taken-for-equal",
        "At T = 0 you share the probability among logits that are *nearly* the largest. In the "
        "limit the smallest difference decides.",
        {"zero": "near"},
    ),
    *(
        Slip(
            f"zero-replaced-by-{least:g}",
            f"At T = 0 you take T = {least:g}. Logits that differ by less than that still share "
            "the probability; in the limit the smallest difference decides.",
            {"zero": "floored", "least": least},
        )
        for least in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
    ),
    *(
        Slip(
            f"added-to-temperature-{least:g}",
            f"You add {least:g} to the temperature. That is no limit: logits that differ by less "
            "still share the probability at T = 0.",
            {"zero": "shifted", "least": least},
        )
        for least in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
    ),
    Slip(
        "exponents-clipped",
        "You clip z/T. Where it is larger, all logits beyond come out equal.",
        {"how": "clamped"},
    ),
    Slip(
        "logarithms",
        "These are the logarithms of the probabilities.",
        {"how": "logarithms"},
    ),
    Slip(
        "zero-uniform",
        "At T = 0 you return equal probabilities. That is the limit of a *high* temperature.",
        {"zero": "uniform"},
    ),
)


def _cases(trial: Trial) -> list[Case]:
    z = trial.draws.normal(4, std=1.5)
    tied = z.clone()
    tied[int(z.argmin())] = z.max()
    three = torch.tensor([-2.0, -0.5, -0.5, -3.0, -0.5], dtype=torch.float64)
    beside_zero = torch.tensor([0.0, -0.001], dtype=torch.float64)
    beside = torch.tensor([0.0, 0.005, -0.02], dtype=torch.float64)
    close = torch.tensor([0.0, 1e-9, -1.0], dtype=torch.float64)
    return [
        Case("T above 1", {"z": z, "T": 3.0}),
        Case("T below 1", {"z": z, "T": 0.5}),
        Case("a very low T", {"z": z + 3.0, "T": 1e-3}),
        Case("T = 0", {"z": z, "T": 0.0}),
        Case("T = 0 and two equally large logits", {"z": tied, "T": 0.0}),
        Case("T = 0 and three largest logits below 0", {"z": three, "T": 0.0}),
        Case("T = 0 and logits that differ by 1e-9", {"z": close, "T": 0.0}),
        Case("a low T and logits that lie close", {"z": z[:1] + beside, "T": 0.01}),
        Case("T = 0.005 and logits that differ by less", {"z": beside_zero, "T": 0.005}),
        Case("T = 0 and all logits equal", {"z": z[:1].expand(3).clone(), "T": 0.0}),
        Case("T = 1e-30", {"z": three, "T": 1e-30}),
        Case("T = 1 and logits near −1000", {"z": z - 1000.0, "T": 1.0}),
        Case("T = 1000", {"z": 100 * z, "T": 1000.0}),
        Case("a single class", {"z": z[:1], "T": 0.5}),
    ]


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="output-units-cooling",
    title="Softmax down to temperature zero",
    chapter="output_units",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function cooled(z, T) that returns the probabilities, also for T = 0",
    hints=(
        "Divide the logits by T, then take a softmax that subtracts the maximum.",
        "For T = 0 ask which terms survive in exp(−(max z − z_k)/T) as T goes to 0.",
        "How many logits can be equal to the maximum?",
    ),
    examine=examine,
)
