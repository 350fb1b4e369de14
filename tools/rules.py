"""Measure the chapters by the rules of writing, and name what breaks one that can be measured.

    python -m tools.rules [NOTEBOOK …]

The table has a row a chapter: words before the exercises, cells, claim cards, printed truth values,
shown lines of code and the longest cell of them, lines of code or output that are wider than 76
columns (a page wraps them), predictions, figures without a caption or with a
number in caption or alt text that nothing near them says, and words that belong to the table of
slide corrections. A chapter that says ``"rules": "strict"`` in its
metadata (``course``) must have no fault; of the others the faults are counted.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lecturelib.contents import CHAPTERS
from tools.course import ROOT, notebooks
from tools.notebooks import SETUP_ID, alt_text, code_cells, is_folded, is_movable, python_of

LECTURES = re.compile(r"\b(?:FFN|JHU|LBN|BLOG|NT)\b")
SLIDE = re.compile(r"\bslides?\b", re.IGNORECASE)
CORRECTIONS = ("errata", "errata-table", "corrections")
LONGEST_CELL = 10  # lines
COLUMNS = 76  # of code and of what it prints
GOALS = {"words": 5_000, "cells": 90, "cards": 5, "booleans": 8, "wide": 0}
_PREDICT = re.compile(r"\*\*Predict\b")
_PLUMBING = re.compile(
    r"(?:[\w.]+\s*=\s*)?(?:claims\.(?:show|cards|table)|exercises\.quiz|explore|widget)\("
)


@dataclass(frozen=True)
class Measures:
    """What can be counted in a chapter."""

    chapter: str
    words: int
    cells: int
    cards: int
    booleans: int
    code: int
    longest: int
    wide: int
    predictions: int
    faults: tuple[str, ...]

    def row(self) -> str:
        """The measures as a line; a goal that is missed has a star."""
        numbers = [
            f"{value}{'*' if value > GOALS.get(name, value) else ' '}"
            for name, value in vars(self).items()
            if isinstance(value, int)
        ]
        return f"{self.chapter:26}" + "".join(
            f"{n:>11}" for n in [*numbers, f"{len(self.faults)} "]
        )


def prose(cell: NotebookNode) -> str:
    """The words of a text cell: no formula, table, code or directive."""
    text = re.sub(r"\$\$.+?\$\$|\$[^$\n]+\$|```.*?```|`[^`]*`", " ", cell.source, flags=re.DOTALL)
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("|"))


def before_exercises(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells up to the exercises."""
    ids = [cell.id for cell in notebook.cells]
    return list(notebook.cells[: ids.index("exercises") if "exercises" in ids else len(ids)])


def printed(cell: NotebookNode) -> str:
    """What a code cell's stored outputs say."""
    return "\n".join(
        str(o.get("text") or o.get("data", {}).get("text/plain") or "") for o in cell.outputs
    )


def is_shown(cell: NotebookNode) -> bool:
    """Whether a reader of the page sees the code: not folded, and more than the call of a thing."""
    return not is_folded(cell) and cell.id != SETUP_ID and not _PLUMBING.match(cell.source.lstrip())


def shown_lines(cell: NotebookNode) -> list[str]:
    """The lines of code and of printed text that a reader of the page sees."""
    shown = cell.source.split("\n") if is_shown(cell) else []
    for output in cell.outputs:
        if output.output_type == "stream":
            shown += output.text.split("\n")
    return shown


def lines_of(cell: NotebookNode) -> int:
    """Lines of code; imports, comments and blank ones left out."""
    source = python_of(cell)
    imports = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate(source.split("\n"), start=1)
    return sum(bool(x.strip()) and x.strip()[0] != "#" and n not in imports for n, x in lines)


def faults(notebook: NotebookNode) -> Iterator[str]:
    """What breaks a rule, as sentences that start with the cell's id."""
    cells = before_exercises(notebook)
    for cell in cells:
        if cell.cell_type == "markdown" and cell.id not in CORRECTIONS:
            text = prose(cell)
            for found in sorted(set(LECTURES.findall(text))):
                yield f"{cell.id}: names the lecture {found} by its short name"
            if "({eq}`" in cell.source:
                yield f"{cell.id}: a bracket before an equation's number, which has its own"
            if SLIDE.search(text):
                yield f"{cell.id}: speaks of slides; corrections stand in the table at the end"
    for here, cell in enumerate(cells):
        if cell.cell_type == "markdown" and _PREDICT.search(cell.source):
            after = [c for c in cells[here + 1 : here + 6] if c.cell_type == "code"]
            answers = [printed(c) for c in after] + [c.source for c in cells[here + 2 : here + 4]]
            if not any(re.search(r"\d", text) for text in answers):
                yield f"{cell.id}: a prediction that no number answers"
    for cell in code_cells(notebook):
        if is_shown(cell) and lines_of(cell) > LONGEST_CELL:
            yield f"{cell.id}: shows {lines_of(cell)} lines of code, more than {LONGEST_CELL}"
        if (alt_text(cell) or is_movable(cell)) and not caption(cell):
            yield f"{cell.id}: a figure without a caption"
    yield from unfounded_numbers(notebook)
    yield from repeated_answers(notebook)
    yield from unknown_symbols(notebook)


# --- symbols ------------------------------------------------------------------------------------

NOTATION = ROOT / "book" / "notation.md"
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
_WORDS = re.compile(
    r"\\(?:text|textbf|textit|operatorname|mathrm|mathsf|texttt|label|tag|begin|end|hspace)\*?\s*"
    r"(?:\[[^\]]*\])?\{[^{}]*\}(?:\{[lcr|@\s&{}!]*\})?"
)
_LETTER = re.compile(r"\\([A-Za-z]+)|([A-Za-z])")
_GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "vartheta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "varphi",
        "chi",
        "psi",
        "omega",
        "pi",
        "ell",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Upsilon",
        "Phi",
        "Psi",
        "Omega",
    ]
)


def letters(text: str) -> set[str]:
    """The letters that a text's formulas use as symbols, whatever their font and accent.

    >>> sorted(letters("Let $\\hat{\\mathbf x} = \\exp(\\alpha y)$, in `a + b` of code."))
    ['\\\\alpha', 'x', 'y']
    """
    text = re.sub(r"```.*?```|`[^`]*`", " ", text, flags=re.DOTALL)
    found = set()
    for formula in _FORMULA.findall(text):
        for command, letter in _LETTER.findall(_WORDS.sub(" ", "".join(formula))):
            if command in _GREEK or letter:
                found.add(f"\\{command}" if command else letter)
    return found


def known_symbols(chapter: str) -> set[str]:
    """The letters that the notation page has for a chapter: those of all, and its own."""
    return letters(" ".join(symbol for slug, symbol in notation() if slug in ("", chapter)))


def notation() -> list[tuple[str, str]]:
    """The rows of the notation page: the chapter, or "" for all of them, and the symbols."""
    rows = []
    for line in NOTATION.read_text(encoding="utf-8").split("\n"):
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and "$" in line:
            own = re.fullmatch(r"\[\]\((\w+)\.ipynb\)", cells[0])
            rows.append((own[1], cells[1]) if own else ("", cells[0]))
    return rows


def unknown_symbols(notebook: NotebookNode) -> Iterator[str]:
    """Symbols that the notation page does not have, at the cell that uses them first."""
    slug = notebook.metadata.get("course", {}).get("slug", "")
    seen = known_symbols(slug)
    for cell in before_exercises(notebook):
        new = letters(cell.source) - seen if cell.cell_type == "markdown" else set()
        for symbol in sorted(new):
            yield f"{cell.id}: uses ${symbol}$, which the notation page does not have"
        seen |= new


def caption(cell: NotebookNode) -> str:
    """The caption that the page gives to the cell's figure."""
    return str(cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")).strip()


_NUMBER = re.compile(r"(?<![\w.^{])\d[\d_,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")
_ROLE = re.compile(r"\{[\w:]+\}`[^`]*`")


def _values(text: str) -> set[float]:
    """The numbers of a text; 0.956 counts as 95.6 percent, and as 4.4 missing, too."""
    found = {float(n.replace(",", "").replace("_", "").rstrip(".")) for n in _NUMBER.findall(text)}
    return found | {100 * v for v in found if v <= 1} | {100 * (1 - v) for v in found if v <= 1}


def unfounded_numbers(notebook: NotebookNode) -> Iterator[str]:
    """Numbers of an alt text or a caption that nothing near the figure says, rounded as they are.

    Near are the code, outputs and text from five cells before the figure to one after it, and the
    chapter's modules. Whole numbers up to two are words.
    """
    slug = notebook.metadata.get("course", {}).get("slug", "")
    modules = sorted((ROOT / "lecturelib" / "chapters" / slug).glob("*.py")) if slug else []
    written = _values("\n".join(path.read_text(encoding="utf-8") for path in modules))
    cells = notebook.cells
    for here, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        image = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        near = cells[max(0, here - 5) : here + 2]
        said = [c.source for c in near] + [printed(c) for c in near if c.cell_type == "code"]
        known = written | _values("\n".join(said))
        for text in (image, caption(cell)):
            for number in _NUMBER.findall(_ROLE.sub("", text)):
                shown = number.rstrip(",").replace(",", "")
                value, places = float(shown), len(shown.partition(".")[2])
                if value <= 2 and not places:
                    continue
                if not any(abs(value - v) <= 0.50001 * 10**-places for v in known):
                    yield f"{cell.id}: its alt text or caption says {shown}, and nothing near does"


def repeated_answers(notebook: NotebookNode) -> Iterator[str]:
    """Exercises whose solution's code stands in the chapter: three lines of it in a row."""
    from tools.exercises import MASTERS, solved

    path = ROOT / MASTERS / f"{notebook.metadata.get('course', {}).get('slug', '')}.ipynb"
    if not path.is_file():
        return
    shown = _squeezed("\n".join(f"{c.source}\n{printed(c)}" for c in code_cells(notebook)))
    for name, body in solved(nbformat.read(path, as_version=4)):
        lines = [x for line in body.split("\n") if len(x := _squeezed(line)) > 12]
        triples = ("".join(lines[i : i + 3]) for i in range(len(lines) - 2))
        if any(triple in shown for triple in triples):
            yield f"{name}: the exercise's reference answer stands in the chapter"


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def measure(path: Path) -> Measures:
    """The measures of one chapter."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.setdefault("course", NotebookNode())["slug"] = path.stem
    cells, code = before_exercises(notebook), code_cells(notebook)
    lengths = [lines_of(cell) for cell in code if is_shown(cell)]
    return Measures(
        chapter=path.stem,
        words=sum(len(prose(c).split()) for c in cells if c.cell_type == "markdown"),
        cells=len(cells),
        cards=sum(len(re.findall(r"\bclaims\.(?:show|cards)\(", c.source)) for c in code),
        booleans=sum(
            bool(re.search(r"\b(?:True|False)\b", line))
            for c in code
            for line in printed(c).split("\n")
        ),
        code=sum(lengths),
        longest=max(lengths, default=0),
        wide=sum(len(line) > COLUMNS for cell in code for line in shown_lines(cell)),
        predictions=sum(len(_PREDICT.findall(c.source)) for c in cells),
        faults=tuple(faults(notebook)),
    )


def is_strict(path: Path) -> bool:
    """Whether the chapter promises to keep the rules."""
    return nbformat.read(path, as_version=4).metadata.get("course", {}).get("rules") == "strict"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if a strict chapter has a fault."""
    parser = argparse.ArgumentParser(prog="tools.rules", description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--faults", action="store_true", help="name those of every chapter")
    given = parser.parse_args(arguments)
    chapters = [path for path in notebooks() if path.stem in CHAPTERS]
    names = [name for name, kind in Measures.__annotations__.items() if kind == "int"]
    print(f"{'chapter':26}" + "".join(f"{n:>10} " for n in [*names, "faults"]))
    broken = 0
    for path in [p.resolve() for p in given.notebooks] or chapters:
        found = measure(path)
        print(found.row())
        strict = is_strict(path)
        broken += len(found.faults) if strict else 0
        if strict or given.faults:
            print(
                *(f"    {fault}" for fault in found.faults), sep="\n", end="\n" * bool(found.faults)
            )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
