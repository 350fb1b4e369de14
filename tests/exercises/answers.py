"""Answers to the exercises, right and wrong, against which the checkers are tested.

They stay out of the package. Each exercise has a module in ``tests/chapters/<slug>/answers/``; it
holds

* ``SLUG``;
* ``RIGHT``: at least two answers in different styles that must pass;
* ``WRONG``: at least four plausible wrong answers by the diagnosis that each must get, its own;
* ``UNLISTED``: wrong answers that no diagnosis was written for, by the diagnosis that they get,
  with words that its reply must hold to be of use.

Some answers are networks that are trained when their module is imported. So a module is imported
when somebody asks for an answer of it; how many there are is read off its source.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from lecturelib.contents import CHAPTERS, has


class Answers:
    """A module of answers, by its source until somebody asks for one of them.

    Args:
        name: the module's dotted name.
        path: its file.
    """

    SLUG: str
    RIGHT: list[Any]
    WRONG: dict[str, Any]
    UNLISTED: list[tuple[Any, str, str]]

    def __init__(self, name: str, path: Path) -> None:
        self.name, self._listed = name, _listed(path.read_text(encoding="utf-8"))

    @cached_property
    def module(self) -> ModuleType:
        """The module itself."""
        return importlib.import_module(self.name)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.module, attribute)

    def listed(self, attribute: str) -> list[Any]:
        """The codes of ``WRONG``, or a number for each answer of ``RIGHT`` or ``UNLISTED``."""
        if attribute in self._listed:
            return self._listed[attribute]
        answers = getattr(self.module, attribute)
        return list(answers) if isinstance(answers, dict) else list(range(len(answers)))

    @property
    def slug(self) -> str:
        """The exercise's slug, without an import."""
        return str(self._listed["SLUG"][0])


def _listed(source: str) -> dict[str, list[Any]]:
    """What a source lists, by the variable, where it is written out in one statement."""
    found: dict[str, list[Any]] = {}
    for statement in ast.parse(source).body:
        written = ast.unparse(statement)
        target, value = written.partition(" = ")[0], getattr(statement, "value", None)
        if target == "SLUG" and isinstance(value, ast.Constant):
            found[target] = [value.value]
        elif target in ("RIGHT", "UNLISTED") and isinstance(value, ast.List):
            if not any(isinstance(item, ast.Starred) for item in value.elts):
                found[target] = list(range(len(value.elts)))
        elif target == "WRONG" and isinstance(value, ast.Dict):
            if all(isinstance(key, ast.Constant) for key in value.keys):
                found[target] = [key.value for key in value.keys if isinstance(key, ast.Constant)]
        elif not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            for name in ("RIGHT", "WRONG", "UNLISTED"):  # changed later on
                if name in written:
                    found.pop(name, None)
    return found


def catalogue() -> dict[str, Answers]:
    """The modules of answers by the exercise's slug, in the order of the book."""
    found = {}
    for chapter in (slug for slug in CHAPTERS if has(slug, "exercises")):
        package = importlib.import_module(f"tests.chapters.{chapter}.answers")
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not info.ispkg:
                path = Path(package.__path__[0], *info.name.split(".")[4:]).with_suffix(".py")
                answers = Answers(info.name, path)
                found[answers.slug] = answers
    return found
