"""Answers to the exercises, right and wrong, against which the checkers are tested.

They stay out of the package. Each exercise has a module in ``tests/chapters/<slug>/answers/``; it
holds

* ``SLUG``;
* ``RIGHT``: at least two answers in different styles that must pass;
* ``WRONG``: at least four plausible wrong answers by the diagnosis that each must get, its own;
* ``UNLISTED``: wrong answers that no diagnosis was written for, by the diagnosis that they get,
  with words that its reply must hold to be of use.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from lecturelib.contents import CHAPTERS, has


def catalogue() -> dict[str, ModuleType]:
    """The modules of answers by the exercise's slug, in the order of the book."""
    found = {}
    for chapter in (slug for slug in CHAPTERS if has(slug, "exercises")):
        package = importlib.import_module(f"tests.chapters.{chapter}.answers")
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not info.ispkg:
                module = importlib.import_module(info.name)
                found[module.SLUG] = module
    return found
