"""What a notebook needs beside the mathematics: a report of the machine, the library's source."""

from __future__ import annotations

import ast
import inspect
import platform
import textwrap
from importlib import metadata
from types import ModuleType
from typing import Any

NO_GPU = (
    "No GPU is attached, and every cell runs without one. For the cells marked as slow, attach one "
    "now:\nRuntime > Change runtime type > T4 GPU > Save. The runtime starts afresh, so run this "
    "cell again."
)


def environment() -> dict[str, str]:
    """Versions and device of the running kernel, by name.

    Returns:
        A mapping with the keys ``lecturelib``, ``python``, ``torch``, ``numpy``, ``device``.

    >>> sorted(environment())
    ['device', 'lecturelib', 'numpy', 'python', 'torch']
    """
    import numpy
    import torch

    cuda = torch.cuda.is_available()
    return {
        "lecturelib": metadata.version("lecturelib"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "device": torch.cuda.get_device_name() if cuda else "CPU",
    }


def report_environment() -> None:
    """Print versions and device; without a GPU, say how to attach one before the slow cells.

    The set-up cell of every chapter calls it in Colab; see the page *Running on Colab and GPUs*.
    """
    found = environment()
    print("   ".join(f"{name} {value}" for name, value in found.items()))
    if found["device"] == "CPU":
        print(NO_GPU)


class Source:
    """Source code that displays itself highlighted in a notebook and as plain text elsewhere."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __repr__(self) -> str:
        return self.code

    def _repr_markdown_(self) -> str:
        # Jupyter, Colab and the published page highlight a fenced block in their own colours.
        return f"```python\n{self.code}\n```"


def show_source(thing: Any, *, docstring: bool = False) -> Source:
    """The library's source of ``thing``: a chapter shows the code that runs, never a copy.

    Args:
        thing: a function, class, method or module written in Python.
        docstring: whether to keep the docstring, which the API page shows anyway.

    Returns:
        A :class:`Source`; as the last expression of a cell it is displayed with highlighting.

    Raises:
        TypeError: ``thing`` has no Python source, as is the case for built-in functions.

    >>> show_source(environment).code.splitlines()[0]
    'def environment() -> dict[str, str]:'
    >>> show_source(print)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    TypeError: show_source: wants a function, class or module in Python, got <built-in ...>
    """
    try:
        code = inspect.getsource(inspect.unwrap(thing) if callable(thing) else thing)
    except (TypeError, OSError) as error:
        raise TypeError(
            f"show_source: wants a function, class or module in Python, got {thing!r}"
        ) from error
    code = textwrap.dedent(code).rstrip()
    return Source(code if docstring or isinstance(thing, ModuleType) else _without_docstrings(code))


def _without_docstrings(code: str) -> str:
    """``code`` with every docstring cut out by its line numbers, all else untouched."""
    lines = code.split("\n")
    cut: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first = node.body[0]
        if ast.get_docstring(node, clean=False) is None or len(node.body) == 1:
            continue
        cut.update(range(first.lineno - 1, first.end_lineno or first.lineno))
        if not lines[(first.end_lineno or first.lineno) % len(lines)].strip():
            cut.add(first.end_lineno or first.lineno)
    return "\n".join(line for number, line in enumerate(lines) if number not in cut)
