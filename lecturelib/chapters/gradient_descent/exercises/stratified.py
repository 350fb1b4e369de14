"""gradient-descent-stratified: a minibatch with one sample of each class."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the error with a sample of each class", "the error of free draws")


def oracle(gradients: Tensor) -> Parts:
    """All minibatches there are, each once: of one sample a class, and of free draws."""
    classes, size, _ = gradients.shape
    flat = gradients.flatten(0, 1)
    full = flat.mean(0)
    one_each = torch.tensor(list(itertools.product(range(size), repeat=classes)))
    chosen = one_each + size * torch.arange(classes)
    free = torch.tensor(list(itertools.product(range(len(flat)), repeat=classes)))
    errors = [(flat[i].mean(1) - full).square().sum(1).mean() for i in (chosen, free)]
    return errors[0], errors[1]


def formula(
    gradients: Tensor,
    *,
    power: int = 2,
    unbiased: bool = False,
    between: bool = False,
    coordinates: str = "sum",
    root: bool = False,
    centred: bool = True,
    free: str = "all",
) -> Parts:
    """Both errors with an argument for each way to get them wrong."""
    classes, size, _ = gradients.shape
    full, means = gradients.mean((0, 1)), gradients.mean(1, keepdim=True)
    measure = {"sum": lambda t: t.sum(-1), "mean": lambda t: t.mean(-1)}[coordinates]
    less = size - 1 if unbiased and size > 1 else size
    centre = means if centred else torch.zeros_like(means)
    within = measure((gradients - centre).square()).sum(1) / less  # one a class
    if between:
        within = within + measure((means[:, 0] - full).square())
    each = within.sum() / classes**power
    count = classes * size
    all_of_them = measure((gradients - (full if centred else 0)).square()).sum()
    single = all_of_them / (count - 1 if unbiased else count)
    drawn = {
        "all": single / classes,
        "single": single,
        "without": single / classes * (count - classes) / (count - 1),
    }[free]
    return (each.sqrt(), drawn.sqrt()) if root else (each, drawn)


SLIPS = (
    Slip(
        "batch-forgotten",
        "Your first error is the mean variance within the classes. The minibatch is a mean of C "
        "samples: the sum of C variances is divided by C².",
        {"power": 1},
    ),
    Slip(
        "sum-of-variances",
        "Your first error is the sum of the variances within the classes. The mean of C samples "
        "has 1/C² of it.",
        {"power": 0},
    ),
    Slip(
        "unbiased-variance",
        "You divide by one less in the variances. The samples are all there are.",
        {"unbiased": True},
    ),
    Slip(
        "between-classes",
        "Your first error contains how far the classes' means lie apart. Every minibatch has each "
        "class once, so that part does not vary.",
        {"between": True},
    ),
    Slip(
        "mean-over-coordinates",
        "You average over the coordinates; ‖·‖² is their sum.",
        {"coordinates": "mean"},
    ),
    Slip(
        "not-centred",
        "You take the squares of the gradients themselves. The error is the distance from a mean.",
        {"centred": False},
    ),
    Slip("root", "You return standard errors. Wanted are their squares.", {"root": True}),
    Slip(
        "free-single",
        "Your second error is that of a single sample; the minibatch has C of them.",
        {"free": "single"},
    ),
    Slip(
        "free-without",
        "Your second error is that of draws without replacement. Asked is with replacement.",
        {"free": "without"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    apart = torch.tensor([[-2.0], [0.5], [3.0]], dtype=torch.float64)[..., None]
    same = torch.full((2, 3, 2), 0.5, dtype=torch.float64)
    usual = [
        Case("classes apart", {"gradients": draws.normal(3, 3, 2) + apart}),
        Case("two classes", {"gradients": draws.normal(2, 4, 3, mean=1.0)}),
    ]
    # Where all gradients, or those of a class, are equal an error is 0 but for rounding.
    edges = [
        Case("one class", {"gradients": draws.normal(1, 5, 2)}),
        Case("one sample a class", {"gradients": draws.normal(3, 1, 2)}, atol=1e-6),
        Case("equal gradients", {"gradients": same}, atol=1e-6),
        Case("small gradients", {"gradients": 1e-3 * draws.normal(2, 3, 2)}),
        Case("unequal noise", {"gradients": draws.normal(2, 4, 2) * apart[:2]}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="gradient-descent-stratified",
    title="Design: a minibatch with less noise",
    chapter="gradient_descent",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function noise(gradients) that returns (one sample of each class, free draws)",
    hints=(
        "The minibatch gradient is a mean of C independent draws, one from each class.",
        "Variances of independent draws add; each class has its own, about its own mean.",
        "Which of the two is smaller, and what is the difference?",
    ),
    examine=examine,
)
