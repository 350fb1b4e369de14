"""The contents of the book: its parts and chapters, in the order of reading.

This is the one list of chapters. What a chapter has beyond the library stands in a folder of its
own, ``lecturelib/chapters/<slug>/``, and whoever gathers such things (the tables of claims and
errata, the exercises, the quizzes, the topics) asks here for the module by its name. A chapter that
is still to be written has its place in the list, and in its folder topics and claims at the most.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType

__all__ = ["CHAPTERS", "PARTS", "folder", "has", "is_written", "modules", "place", "results"]

PARTS: dict[str, tuple[str, ...]] = {
    "Feedforward networks": (
        "cost_functions",
        "output_units",
        "hidden_units",
        "universal_approximation",
        "backprop",
    ),
    "Training": (
        "gradient_descent",
        "optimizers",
        "preprocessing",
        "initialization",
    ),
    "Regularization": (
        "parameter_norms",
        "noise_and_augmentation",
        "parameter_sharing",
        "dropout",
        "residual_connections",
    ),
    "Normalization": (
        "batch_norm",
        "batch_norm_in_networks",
        "normalization_family",
    ),
    "Why batch normalization works": (
        "covariate_shift",
        "loss_smoothness",
        "signal_propagation",
        "length_direction",
        "noise_and_generalization",
        "what_we_know",
    ),
}

CHAPTERS: tuple[str, ...] = tuple(slug for part in PARTS.values() for slug in part)


def place(slug: str) -> int:
    """The number of a chapter in the order of reading, from 0.

    Raises:
        ValueError: there is no such chapter.

    >>> place("cost_functions"), place("output_units")
    (0, 1)
    """
    if slug not in CHAPTERS:
        raise ValueError(f"there is no chapter {slug!r}; there are {', '.join(CHAPTERS)}")
    return CHAPTERS.index(slug)


def folder(slug: str) -> Path:
    """Where a chapter's own things are, whether or not there are any yet.

    >>> folder("backprop").name
    'backprop'
    """
    place(slug)
    return Path(str(files("lecturelib"))) / "chapters" / slug


def results(slug: str) -> Path:
    """Where the stored results of a chapter's claims are."""
    return folder(slug) / "results"


@cache
def has(slug: str, name: str) -> bool:
    """Whether a chapter has a module or a package of that name.

    >>> has("backprop", "exercises"), has("backprop", "explore")
    (True, False)
    """
    home = folder(slug)
    return (home / f"{name}.py").is_file() or (home / name / "__init__.py").is_file()


def is_written(slug: str) -> bool:
    """Whether a chapter has its page: one that is run, but not told yet, has no exercises.

    >>> is_written("backprop")
    True
    """
    return has(slug, "exercises")


def modules(name: str, slug: str | None = None) -> Iterator[tuple[str, ModuleType]]:
    """The modules of that name, with their chapters, in the order of reading.

    Args:
        name: ``"claims"``, ``"errata"``, ``"exercises"``, ``"quizzes"`` or ``"topics"``.
        slug: one chapter alone; then no other is imported.

    Raises:
        ValueError: there is no such chapter.

    >>> [slug for slug, _ in modules("quizzes", "backprop")]
    ['backprop']
    """
    for chapter in CHAPTERS if slug is None else (CHAPTERS[place(slug)],):
        if has(chapter, name):
            yield chapter, importlib.import_module(f"lecturelib.chapters.{chapter}.{name}")
