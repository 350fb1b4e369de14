"""Each exception of the package survives pickling, as a pool of processes does it, and copying."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil

import pytest

import lecturelib


def exception_classes() -> list[type[BaseException]]:
    """All exceptions and warnings that are defined in the package, private ones too."""
    found = {}
    for info in pkgutil.walk_packages(lecturelib.__path__, "lecturelib."):
        if info.name.endswith("__main__"):
            continue
        try:
            module = importlib.import_module(info.name)
        except ImportError:  # of an extra that is not installed
            continue
        for item in vars(module).values():
            ours = getattr(item, "__module__", "").startswith("lecturelib.")
            if ours and inspect.isclass(item) and issubclass(item, BaseException):
                found[item.__qualname__] = item
    return [found[name] for name in sorted(found)]


def example(kind: type[BaseException]) -> BaseException:
    """An instance with other values than the defaults for all arguments, and a note."""
    owner = next(base for base in kind.__mro__ if "__init__" in vars(base))
    parameters = inspect.signature(kind).parameters if inspect.isfunction(owner.__init__) else {}
    values = {
        name: f"{kind.__name__}: {name}"
        for name, parameter in parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    error = kind(**values) if values else kind("what went wrong", 7)
    error.add_note("a note")
    return error


COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {n}": lambda error, n=n: pickle.loads(pickle.dumps(error, n))
        for n in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("kind", exception_classes())
def test_exceptions_pickle(kind, make):
    error = example(kind)
    twin = make(error)
    assert type(twin) is kind
    assert (str(twin), repr(twin), twin.args) == (str(error), repr(error), error.args)
    assert vars(twin) == vars(error)


def test_all_are_found():
    names = {kind.__name__ for kind in exception_classes()}
    assert {
        "NonFiniteLossError",
        "Finding",
        "GraphError",
        "CorruptResult",
        "_BrokenTransfer",
    } <= names
