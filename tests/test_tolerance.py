"""Stored output is compared number by number within the tolerance that its cell states."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from tools.course import ROOT
from tools.tolerance import agree, faults, settled

STORED = "method     loss  accuracy\nnone     1.9230     0.480\nBN N2    0.0281     0.998\n"


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("1.9230", "1.9250", True),
        ("1.9230", "1.9800", False),
        ("0.0281", "0.0282", True),
        ("0.0281", "0.0381", False),
        ("0.480", "-0.480", False),
        ("0.480", "nan", False),
        ("N2", "N3", False),  # a digit of a name is a word
        ("loss", "lose", False),
        ("\nBN", " BN", False),  # lines are words
        ("    0.0281", "   10.0281", False),
        (" 1.9230", "1.923", True),  # a column that moved
        ("BN N2    0.0281     0.998\n", "", False),
        ("0.998", "0.998 0.998", False),
    ],
)
def test_words_are_strict_and_numbers_within_the_tolerance(old, new, same):
    assert old in STORED
    assert agree(STORED.replace(old, new), STORED, {"relative": 0.01}) is same


def test_whole_numbers_are_counts_unless_the_cell_says_otherwise():
    assert not agree("51 steps", "50 steps", {"relative": 0.1})
    assert agree("51 steps", "50 steps", {"relative": 0.1, "whole": True})
    assert not agree("9 of 10", "10 of 10", {"absolute": 0.5})


def test_without_a_tolerance_every_digit_counts():
    assert agree("0.1", "0.1", {})
    assert not agree("0.10001", "0.1", {})


def test_other_minus_signs_and_exponents_are_numbers():
    assert agree("λ = −1.001e-3", "λ = −1.000e−3", {"relative": 0.01})
    assert not agree("λ = 1.001e-3", "λ = −1.000e−3", {"relative": 0.01})


def test_what_agrees_is_settled_on_the_stored_text():
    assert settled("a 1.01", "a 1.00", {"relative": 0.1}) == "a 1.00"
    assert settled("a 1.31", "a 1.00", {"relative": 0.1}) == "a 1.31"


@pytest.mark.parametrize(
    "bad", [0.1, {"relativ": 1}, {"relative": "5%"}, {"relative": -1}, {"whole": 1}]
)
def test_a_wrong_statement_is_named(bad):
    assert len(faults(bad)) == 1
    assert faults({"relative": 0.1, "absolute": 0, "whole": False}) == []


def test_nbval_compares_each_cell_by_its_own_tolerance(tmp_path):
    def cell(stored, **metadata):
        output = nbformat.v4.new_output("stream", text=stored)
        made = nbformat.v4.new_code_cell("print('loss 0.51')", metadata=metadata, outputs=[output])
        made.execution_count = 1
        return made

    loose = {"tolerance": {"relative": 0.05}}
    cells = [cell("loss 0.50\n", **loose), cell("loss 0.50\n"), cell("lost 0.50\n", **loose)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "page.ipynb")
    shutil.copy(ROOT / "book" / "conftest.py", tmp_path)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-p"]
    command += ["no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path / "page.ipynb")]
    surroundings = os.environ | {"EXECUTED": "drop"}
    run = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True)
    assert "2 failed, 1 passed" in run.stdout
    assert "Cell 0: " not in run.stdout
