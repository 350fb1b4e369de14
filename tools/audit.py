"""What the exercises give away, and whom they turn away: an audit of release and catalogue.

* The student release, run with no answer, scores 0 points in every graded cell.
* The check of an exercise imports nothing that belongs to a later chapter.
* A right answer passes in NumPy, in torch, in float32 and as an object with ``__call__``.
"""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import torch
from nbformat import NotebookNode
from torch import Tensor, nn

from lecturelib.contents import CHAPTERS, folder
from lecturelib.exercises import check
from lecturelib.exercises.names import chapters
from tools import exercises

# Modules of the library by the chapter that explains them; the others belong to all chapters.
FIRST_USED = {
    "output_units": "output_units",
    "activations": "hidden_units",
    "autodiff": "backprop",
    "gradient_descent": "gradient_descent",
    "optimizers": "optimizers",
    "schedules": "optimizers",
    "preprocessing": "preprocessing",
    "initialization": "initialization",
    "normalization": "batch_norm",
}


@dataclass(frozen=True)
class Graded:
    """A graded cell of the release: its points, and whether it ran through unanswered."""

    chapter: str
    cell: str
    points: float
    passed: bool


# --- points for nothing -------------------------------------------------------------------------


def unanswered(master: NotebookNode, chapter: str) -> list[Graded]:
    """Every graded cell of the student notebook, with the hidden tests that the grader puts back,
    run in order in one process with no answer given."""
    full = {cell.id: cell for cell in master.cells}
    scope: dict[str, Any] = {"__name__": "__main__"}
    graded = []
    for cell in exercises.student(master, chapter).cells:
        if cell.cell_type != "code" or cell.id == "setup":
            continue
        grades = cell.metadata.get("nbgrader", {})
        source = full[cell.id].source if grades.get("grade") else cell.source
        passed = _runs(source, scope)
        if grades.get("grade"):
            graded.append(Graded(chapter, cell.id, grades.get("points", 0), passed))
    return graded


def _runs(source: str, scope: dict[str, Any]) -> bool:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(compile(source, "cell", "exec"), scope)
        except Exception:
            return False
    return True


# --- order of the chapters ----------------------------------------------------------------------


def needs_later(chapter: str) -> list[str]:
    """Imports of the chapter's exercises that belong to a later chapter."""
    later = set(CHAPTERS[CHAPTERS.index(chapter) + 1 :])
    return [
        f"{path.name} imports {name}"
        for path in sorted((folder(chapter) / "exercises").glob("*.py"))
        for name in _imports(path)
        if _chapter_of(name) in later
    ]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _chapter_of(module: str) -> str:
    """The chapter that a module of the library belongs to; nothing for one of all chapters."""
    parts = module.split(".")
    if parts[0] != "lecturelib" or len(parts) < 2:
        return ""
    if parts[1] == "chapters":
        return parts[2] if len(parts) > 2 else ""
    return FIRST_USED.get(parts[1], "")


# --- right answers in other styles --------------------------------------------------------------

Answer = Callable[..., Any]


def _each(change: Callable[[Any], Any], value: Any) -> Any:
    return type(value)(map(change, value)) if type(value) in (tuple, list) else change(value)


def _array(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().numpy()
    return np.asarray(value) if isinstance(value, int | float) else value


def _tensor(value: Any) -> Any:
    return torch.as_tensor(value) if isinstance(value, np.ndarray | np.generic) else value


def _single(value: Any) -> Any:
    value = _tensor(value)
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value


def for_arrays(answer: Answer) -> Answer:
    """Takes arrays and no tensors, and returns arrays; what a network gets are tensors."""

    def function(*arguments: Any) -> Any:
        if any(isinstance(argument, nn.Module) for argument in arguments):
            return answer(*arguments)
        if any(isinstance(argument, Tensor) for argument in arguments):
            raise TypeError("arrays only")
        try:
            return _each(_array, answer(*arguments))
        except (AttributeError, TypeError):
            return _each(_array, answer(*_each(_tensor, arguments)))

    return function


def for_tensors(answer: Answer) -> Answer:
    """Takes tensors and no arrays, and returns tensors."""

    def function(*arguments: Any) -> Any:
        if any(isinstance(argument, np.ndarray) for argument in arguments):
            raise TypeError("tensors only")
        try:
            return _each(_tensor, answer(*arguments))
        except (AttributeError, TypeError):
            return _each(_tensor, answer(*_each(_array, arguments)))

    return function


def in_float32(answer: Answer) -> Answer:
    """Rounds to float32 before and after."""

    def function(*arguments: Any) -> Any:
        rounded = _each(_single, arguments)
        try:
            return _each(_single, answer(*rounded))
        except (AttributeError, TypeError):
            return _each(_single, answer(*_each(_array, rounded)))

    return function


def as_object(answer: Answer) -> Any:
    """An object of a class with ``__call__``: it has neither a name nor code of its own."""

    class Object:
        def __call__(self, *arguments: Any) -> Any:
            return answer(*arguments)

    return Object()


STYLES: dict[str, Callable[[Answer], Any]] = {
    "for arrays": for_arrays,
    "for tensors": for_tensors,
    "in float32": in_float32,
    "as an object with __call__": as_object,
}


def in_styles(module: Any) -> Iterator[tuple[str, bool, str]]:
    """Each style, whether a right answer of the catalogue passes in it, and what is said if not.

    A statement that asks for gradients turns NumPy away, and says so; one about keeping digits
    turns away what has lost them, in float32.
    """
    answers = [a for a in module.RIGHT if callable(a) and not isinstance(a, nn.Module)]
    for style, change in STYLES.items() if answers else ():
        replies = []
        for answer in answers:
            replies.append(check(module.SLUG, change(answer)))
            if replies[-1]:
                break
        yield style, any(replies) or _meant(replies[0].code), replies[0].says


def _meant(code: str) -> bool:
    return code.startswith("gradient-") or code == "digits-lost"


# --- the report ---------------------------------------------------------------------------------


def audit() -> Iterator[str]:
    """The faults found, and a line of figures for each part."""
    from tests.exercises.answers import catalogue

    graded = [
        cell
        for path in exercises.masters()
        for cell in unanswered(nbformat.read(path, as_version=4), path.stem)
    ]
    free = [cell for cell in graded if cell.passed and cell.points]
    yield from (f"FAULT {c.chapter}: {c.cell} gives {c.points} points for nothing" for c in free)
    total = sum(cell.points for cell in graded)
    yield f"{len(graded)} graded cells with {total:g} points: {len(free)} pass unanswered"
    later = [f"FAULT {c}: {fault}" for c in chapters() for fault in needs_later(c)]
    yield from later
    yield f"{len(chapters())} chapters: {len(later)} imports of later ones"
    modules, tried, refused = list(catalogue().values()), 0, 0
    for module in modules:
        for style, passes, says in in_styles(module):
            tried += 1
            if not passes:
                refused += 1
                yield f"FAULT {module.SLUG}: no right answer passes {style}: {says}"
    yield f"{len(modules)} catalogues, {tried} styles tried: {refused} refused"
