"""What a notebook needs beside the mathematics: a report of the machine, the library's source."""

from __future__ import annotations

import ast
import inspect
import platform
import shutil
import subprocess
import textwrap
from importlib import metadata
from types import ModuleType
from typing import Any

import lecturelib

ATTACH_A_GPU = (
    "To attach one: Runtime > Change runtime type > T4 GPU > Save. The runtime starts afresh and "
    "what was computed is lost, so do it before the rest."
)


def environment() -> dict[str, str]:
    """Versions and device of the running kernel, by name; it imports neither torch nor NumPy.

    Returns:
        A mapping with the keys ``lecturelib``, ``python``, ``torch``, ``numpy``, ``device``.

    >>> sorted(environment())
    ['device', 'lecturelib', 'numpy', 'python', 'torch']
    """
    versions = {name: metadata.version(name) for name in ("lecturelib", "torch", "numpy")}
    return {
        "lecturelib": versions["lecturelib"],
        "python": platform.python_version(),
        "torch": versions["torch"],
        "numpy": versions["numpy"],
        "device": _device(versions["torch"]),
    }


def _device(torch_version: str) -> str:
    """The first GPU as its driver names it (importing torch takes seconds), or CPU."""
    command = shutil.which("nvidia-smi")
    if command is None or torch_version.endswith("+cpu"):
        return "CPU"
    query = [command, "--query-gpu=name", "--format=csv,noheader"]
    listed = subprocess.run(query, capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines() if listed.returncode == 0 else []
    return names[0] if names else "CPU"


def report_environment(gpu: str = "") -> None:
    """Print versions and device. The set-up cell of every chapter calls it in Colab.

    Args:
        gpu: which cells a GPU makes faster and how much, of a chapter that has such cells; where
            none is attached, the report says so and how to attach one.

    See the page *Running on Colab and GPUs*.
    """
    found = environment()
    print("   ".join(f"{name} {value}" for name, value in found.items()))
    if lecturelib.__version__ != found["lecturelib"]:
        print(f"In memory is still lecturelib {lecturelib.__version__}: Runtime > Restart session.")
    if gpu and found["device"] == "CPU":
        print(f"No GPU is attached. {gpu}\n{ATTACH_A_GPU}")


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
