"""The rules of writing that can be measured: what breaks one is named, and what keeps it is not."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import rules
from tools.course import ROOT, notebooks
from tools.exercises import solved


def notebook(*cells):
    return new_notebook(cells=[*cells, new_markdown_cell("## Exercises", id="exercises")])


def text(source, name="text"):
    return new_markdown_cell(source, id=name)


def code(source, out="", name="code", **metadata):
    outputs = [new_output("stream", text=out)] if out else []
    return new_code_cell(source, id=name, outputs=outputs, metadata=metadata)


FIGURE = {"mystnb": {"image": {"alt": "A line that falls."}}}
CAPTION = {"mystnb": {**FIGURE["mystnb"], "figure": {"caption": "The loss falls."}}}
READ_OFF = {
    "mystnb": {"image": {"alt": "It falls to 0.16."}, "figure": {"caption": "Error at 96%."}}
}
ELEVEN = "\n".join(f"x{i} = {i}" for i in range(11))


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ([text("As FFN says, it falls.")], "FFN"),
        ([text("The slide is wrong.")], "slides"),
        ([text("It grows ({eq}`eq-growth` says by how much).")], "bracket"),
        ([text("> **Predict before you run.** Which?"), code("print(x)", "True")], "prediction"),
        ([code(ELEVEN)], "11 lines"),
        ([code("plot()", **FIGURE)], "caption"),
        ([code('widget("optimizer_paths")')], "caption"),
        ([code("plot()", "error 0.144, accuracy 0.958", **READ_OFF)], "says 0.16"),
        ([code("plot()", "error 0.163, accuracy 0.948", **READ_OFF)], "says 96"),
        ([text("Let $\\mathbf x + \\digamma$ or $\\Upsilon$.")], "$\\Upsilon$"),
    ],
)
def test_what_breaks_a_rule_is_named(cells, word):
    (fault,) = rules.faults(notebook(*cells))
    assert word in fault
    assert fault.startswith(f"{cells[0].id}: ")


@pytest.mark.parametrize(
    "cells",
    [
        [text("| FFN | Machine Learning II |\n|---|---|")],  # a table expands the name
        [text("The slide says", "corrections")],
        [text("Call `FFN` and $NT$.")],
        [text("> **Predict before you run.** Which?"), code("print(x)", "loss 0.31")],
        [text("> **Predict before you run.** Which?"), code("f()"), text("It falls by 3.", "seen")],
        [code("import torch\n\n" + ELEVEN.replace("x0 = 0\n", ""))],
        [code("explore(\n" + ",\n".join("a" for _ in range(20)) + ")", **CAPTION)],  # folded
        [code("plot()", **CAPTION)],
        [code("plot()", "error 0.163, accuracy 0.958", **READ_OFF)],  # rounded as it is shown
        [text("The error is 0.16 at 96%."), code("plot()", **READ_OFF)],
    ],
)
def test_what_keeps_the_rules_is_not(cells):
    assert list(rules.faults(notebook(*cells))) == []


def test_letters_are_symbols_and_not_words():
    source = (
        r"$$\begin{aligned}\hat{\mathbf x}_{\text{in}}&=\operatorname{Var}[\alpha]\end{aligned}$$"
    )
    assert rules.letters(source) == {"x", r"\alpha"}
    assert rules.letters(r"$\left(\begin{array}{cc}a&b\end{array}\right)$, `$q$` and y") == {
        "a",
        "b",
    }


def test_a_chapter_may_have_letters_of_its_own(tmp_path, monkeypatch):
    page = tmp_path / "notation.md"
    page.write_text("| $x$ | `x` | input |\n| [](dropout.ipynb) | $\\Upsilon$ | a set |\n")
    monkeypatch.setattr(rules, "NOTATION", page)
    assert rules.known_symbols("dropout") == {"x", r"\Upsilon"}
    assert rules.known_symbols("backprop") == {"x"}


STRICT = [path for path in notebooks() if path.stem in rules.CHAPTERS and rules.is_strict(path)]


@pytest.mark.parametrize("path", STRICT, ids=lambda path: path.stem)
def test_the_notation_page_lists_no_letter_that_a_chapter_does_not_use(path):
    cells = nbformat.read(path, as_version=4).cells
    used = rules.letters("\n\n".join(c.source for c in cells if c.cell_type == "markdown"))
    for slug, symbols in rules.notation():
        if slug == path.stem:
            assert rules.letters(symbols) <= used, symbols


def test_an_exercise_that_the_chapter_solves_is_named():
    master = nbformat.read(ROOT / "book" / "exercises" / "optimizers.ipynb", as_version=4)
    name, body = next((n, b) for n, b in solved(master) if b.count("\n") > 4)
    page = notebook(code(body))
    page.metadata["course"] = {"slug": "optimizers"}
    assert any(fault.startswith(f"{name}: ") for fault in rules.repeated_answers(page))


def test_measures_count_what_they_say():
    path = next(p for p in notebooks() if p.stem == "optimizers")
    found = rules.measure(path)
    cells = nbformat.read(path, as_version=4).cells
    assert 0 < found.cells < len(cells)
    calls = [c.source for c in cells if c.cell_type == "code"]
    assert found.cards == sum("claims.show(" in s or "claims.cards(" in s for s in calls) > 1
    assert found.words > 1_000
    assert found.predictions >= 1


def test_wide_lines_of_code_and_output_are_counted_where_they_are_shown(tmp_path):
    wide, narrow = f"x = {'1' * 73}", f"x = {'1' * 72}"
    cells = [
        code(wide, "y" * 77 + "\nshort", "both"),
        code(narrow, "y" * 76, "neither"),
        code(f'claims.show("{wide}")', name="plumbing"),
        code(wide, name="folded", tags=["hide-input"]),
    ]
    path = tmp_path / "chapter.ipynb"
    nbformat.write(notebook(*cells), path)
    assert rules.measure(path).wide == 2
