"""The examples in the docstrings run and give what they say; every public name has a docstring."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest
import torch

import lecturelib

MODULES = sorted(
    ["lecturelib", *(m.name for m in pkgutil.walk_packages(lecturelib.__path__, "lecturelib."))]
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# Rooms whose public functions take the shape of docstring that the style asks for.
DOCUMENTED = [
    "lecturelib.activations",
    "lecturelib.attacks",
    "lecturelib.augment",
    "lecturelib.data",
    "lecturelib.instruments",
    "lecturelib.models",
    "lecturelib.normalization",
    "lecturelib.regularizers",
    "lecturelib.training",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    torch.set_printoptions(profile="default")  # a notebook that ran in this process may differ
    failures = doctest.testmod(module, optionflags=FLAGS).failed
    assert failures == 0, f"{failures} examples of {name} fail; see the output above"


def public(name):
    """Functions and classes that a module defines or, for a package, re-exports."""
    module = importlib.import_module(name)
    for key, value in vars(module).items():
        if key.startswith("_") or not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        if value.__module__.startswith(name):
            yield key, value


@pytest.mark.parametrize("name", DOCUMENTED)
def test_public_functions_say_what_they_take_and_give_with_an_example(name):
    found = dict(public(name))
    assert found
    for key, value in found.items():
        doc = inspect.getdoc(value)
        assert doc, f"{name}.{key} has no docstring"
        if not inspect.isfunction(value):
            continue
        assert ">>>" in doc, f"{name}.{key} has no example"
        assert "Returns:" in doc, f"{name}.{key} does not say what it returns"
        for argument in inspect.signature(value).parameters:
            assert f"    {argument}: " in doc, f"{name}.{key} does not explain {argument}"
