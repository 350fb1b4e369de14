"""The fingerprint changes with all that runs, and with nothing else."""

from __future__ import annotations

import importlib
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lecturelib.claims import claims, fingerprint, get
from lecturelib.claims.fingerprint import closure

COUNT = itertools.count()

FILES = {
    "__init__.py": "",
    "tools.py": '''
        """Library code."""
        import functools
        import math

        SCALE = 2.0
        CACHE = {}
        TABLE = {"first": lambda x: x + 1, "second": math.sin}
        MOMENTS = {"normal": (0, 1, 0, 3)}
        REGISTRY = {}
        REGISTRY["one"] = SCALE

        @functools.cache
        def cached(x):
            return x * 3

        def scaled(x, factor=SCALE):
            return x * factor

        def unrelated(x):
            return x - 1

        class Base:
            def low(self):
                return cached(1)

        class Model(Base):
            width = 3

            def scaled(self, x):
                return scaled(x)

        def lazily(x):
            from . import other
            return other.deep(x)
        ''',
    "other.py": """
        LEVEL = 5

        def deep(x):
            return x + LEVEL

        def spare(x):
            return x
        """,
    "experiment.py": '''
        """The experiment."""
        from . import tools
        from .tools import Model as Net, scaled

        def run(settings, seeds, device):
            """What it does."""
            total = [scaled(seed) for seed in seeds]  # a comment
            def inner(y: int) -> int:
                return tools.cached(y)
            return {"a": [inner(t) for t in total], "b": tools.TABLE["first"](1),
                    "c": tools.MOMENTS, "d": Net().scaled(2), "e": tools.lazily(1),
                    "f": tools.REGISTRY}
        ''',
}


def unindented(text: str) -> str:
    return "\n".join(line.removeprefix("        ") for line in text.splitlines())


def printed(folder: Path, files: dict[str, str], module: str = "experiment") -> str:
    """The fingerprint of ``run`` in a package of these files, loaded from nothing."""
    name = f"sample{next(COUNT)}"
    package = folder / name
    for path, text in files.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(unindented(text), encoding="utf-8")
    importlib.invalidate_caches()
    return fingerprint.fingerprint(importlib.import_module(f"{name}.{module}").run)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def edited(path: str, old: str, new: str) -> dict[str, str]:
    assert FILES[path].count(old) == 1, old
    return {**FILES, path: FILES[path].replace(old, new)}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("experiment.py", '"""What it does."""', '"""Other words."""'),
        ("experiment.py", "  # a comment", ""),
        ("experiment.py", "[scaled(seed) for", "[scaled(\n seed\n ) for"),
        ("experiment.py", "(y: int) -> int", "(y)"),
        ("experiment.py", "Model as Net, scaled", "scaled, Model as Net"),
        ("experiment.py", "from . import tools", "from . import tools\nfrom . import other"),
        ("tools.py", '"""Library code."""', '"""It is a library."""'),
        ("tools.py", "return x - 1", "return x - 2"),  # not reached
        ("tools.py", "CACHE = {}", "CACHE = {1: 2}"),  # not named
        ("other.py", "def spare(x):", "def spare(x, y=1):"),
        ("other.py", "LEVEL = 5", "LEVEL: int = 5"),
    ],
)
def test_what_does_not_run_does_not_count(folder: Path, path: str, old: str, new: str) -> None:
    assert printed(folder, FILES) == printed(folder, edited(path, old, new))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("experiment.py", '"a": [', '"aa": ['),
        ("experiment.py", "def run(settings", "def run(setting"),
        ("tools.py", "SCALE = 2.0", "SCALE = 2.5"),
        ("tools.py", "x + 1", "x + 2"),  # a lambda in a table
        ("tools.py", "math.sin", "math.cos"),  # a function of another package
        ("tools.py", "import math", "import cmath as math"),
        ("tools.py", "(0, 1, 0, 3)", "(0, 1, 0, 9)"),
        ("tools.py", '"one"] = SCALE', '"two"] = SCALE'),  # a table that is filled below
        ("tools.py", "x * 3", "x * 4"),  # behind a cache
        ("tools.py", "@functools.cache", "@functools.lru_cache(maxsize=None)"),
        ("tools.py", "factor=SCALE", "factor=3.0"),
        ("tools.py", "cached(1)", "cached(2)"),  # in a base class
        ("tools.py", "width = 3", "width = 4"),
        ("tools.py", "return scaled(x)", "return scaled(-x)"),  # a method of the same name
        ("tools.py", "from . import other", "from . import experiment as other"),
        ("other.py", "LEVEL = 5", "LEVEL = 6"),  # through an import in a function
        ("other.py", "x + LEVEL", "x - LEVEL"),
    ],
)
def test_what_runs_counts(folder: Path, path: str, old: str, new: str) -> None:
    assert printed(folder, FILES) != printed(folder, edited(path, old, new))


def test_a_move_does_not_count(folder: Path) -> None:
    """Into a folder, another file, and under another alias."""
    moved = dict(FILES)
    moved["chapters/__init__.py"] = ""
    moved["chapters/there.py"] = (
        moved.pop("experiment.py")
        .replace("from . import tools", "from .. import tools as lib")
        .replace("from .tools", "from ..tools")
        .replace("tools.", "lib.")
        .replace("..lib.", "..tools")
    ).replace("from ..tools import Model as Net, scaled", "from ..tools import Model, scaled") \
     .replace("Net()", "Model()")  # fmt: skip
    assert printed(folder, moved, "chapters.there") == printed(folder, FILES)


def test_one_that_fills_a_table_elsewhere_counts(folder: Path) -> None:
    """What stands in a table when the experiment runs, whoever put it there."""
    files = {**FILES, "tools.py": FILES["tools.py"].replace("REGISTRY = {}", "REGISTRY = {0: 0}")}
    plain = printed(folder, files)
    filled = {**files, "experiment.py": files["experiment.py"] + "\ntools.REGISTRY[7] = 8\n"}
    assert printed(folder, filled) != plain


def test_a_bare_module_counts_whole(folder: Path) -> None:
    handed = edited("experiment.py", "tools.lazily(1)", "getattr(tools, settings)(1)")
    changed = {**handed, "tools.py": handed["tools.py"].replace("return x - 1", "return x - 2")}
    assert printed(folder, handed) != printed(folder, changed)


def local_import() -> Any:
    from tests.claims.small_claims import offset as other

    return [other for _ in range(2)]


def test_functions_typed_anywhere_have_one() -> None:
    def nested() -> int:
        return COUNT.__sizeof__()

    functions: list[Callable[..., Any]] = [local_import, nested, lambda: local_import()]
    assert len({fingerprint.fingerprint(f) for f in functions}) == 3
    assert "tests.claims.small_claims:offset" in closure(local_import)


def test_it_is_the_same_in_another_process_and_after_a_run() -> None:
    claim = get("W10")
    one = fingerprint.fingerprint(claim.experiment)
    claim.experiment(claim.settings("quick"), [0], "cpu")
    fingerprint._tokens.cache_clear()
    assert fingerprint.fingerprint(claim.experiment) == one
    code = (
        "from lecturelib.claims import get, fingerprint;"
        "print(fingerprint.fingerprint(get('W10').experiment))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == one


def test_it_reaches_tables_caches_and_the_library() -> None:
    """The three that an earlier hash was blind for."""
    reached = {claim.id: set(closure(claim.experiment)) for claim in claims()}
    ends = {i: {name.rpartition(":")[2] for name in names} for i, names in reached.items()}
    assert "DISTRIBUTIONS" in ends["W10"]
    assert {"digits", "load_digits"} <= ends["F9"]
    assert "BatchNormFunction" in ends["A1"]
    assert all(len(names) > 2 for names in reached.values())
    # Editing the exercises, the figures or the cards leaves every result as it is.
    apart = ("lecturelib.exercises", "lecturelib.figures", "lecturelib.interactive",
             "lecturelib.claims.card", "lecturelib.claims.runner")  # fmt: skip
    assert not [name for names in reached.values() for name in names if name.startswith(apart)]


def test_a_moment_of_a_distribution_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    from lecturelib.chapters.batch_norm_in_networks import experiments as batch_norm

    claim = get("W10")
    one = fingerprint.fingerprint(claim.experiment)
    name, entry = next(iter(batch_norm.DISTRIBUTIONS.items()))
    monkeypatch.setitem(batch_norm.DISTRIBUTIONS, name, (*entry[:-1], entry[-1] + 1))
    assert fingerprint.fingerprint(claim.experiment) != one
