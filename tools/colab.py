"""Make the Colab edition of each of the book's notebooks, ``book/colab/<slug>.ipynb``.

    python -m tools.colab build    write what differs
    python -m tools.colab check    say what ``build`` would change

Colab renders Markdown and TeX and knows nothing of MyST. The text stands once, in
``book/<slug>.ipynb``; what is made from it is never edited. An edition has the notebook's cells
with their ids, its code to the letter, its prose in plain Markdown (see ``tools.plain_markdown``),
and no outputs: those that are committed are the text of figures and tables, which in a notebook
that has not run would only stand in the way of the ones to come.
"""

from __future__ import annotations

import argparse
import copy
import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.course import EDITIONS, ROOT, edition, notebooks, page_address
from tools.labels import plain
from tools.notebooks import normalize
from tools.plain_markdown import NoForm

_TITLE = re.compile(r"\A(?P<title># .+)(?:\n|\Z)")


def with_link(title: str, page: Path) -> str:
    """The first cell with one line more: where the page stands as it is meant to look."""
    link = f"*The typeset page, with every figure: [{_name(title)}]({page_address(page)}).*"
    return _TITLE.sub(lambda found: f"{found['title']}\n\n{link}\n", title).rstrip("\n")


def _name(title: str) -> str:
    found = _TITLE.match(title)
    if not found:
        raise NoForm("the first cell does not start with the notebook's title")
    return found["title"].removeprefix("# ")


def colab_edition(notebook: NotebookNode, page: Path) -> NotebookNode:
    """The edition of the notebook that stands at ``page``.

    Raises:
        NoForm: a cell holds MyST that has no form in plain Markdown; the message names the cell.
    """
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            continue
        try:
            cell.source = plain(cell.source, page)
        except NoForm as error:
            raise NoForm(f"{page.relative_to(ROOT)}, cell {cell.id}: {error}") from None
    made.cells[0].source = with_link(made.cells[0].source, page)
    normalize(made)
    made.metadata.pop("course", None)
    made.metadata["colab"] = {"toc_visible": True}
    nbformat.validate(made)
    return made


def built() -> dict[Path, str]:
    """Every edition with the text that it should have."""
    return {
        edition(page): nbformat.writes(colab_edition(nbformat.read(page, as_version=4), page))
        + "\n"
        for page in notebooks()
    }


def build(*, write: bool) -> list[Path]:
    """Write what differs and remove what no notebook has any more; return the paths."""
    files = built()
    changed = [path for path, text in files.items() if not path.exists() or _read(path) != text]
    stale = sorted(set((ROOT / EDITIONS).glob("*.ipynb")) - set(files))
    if write:
        (ROOT / EDITIONS).mkdir(exist_ok=True)
        for path in changed:
            path.write_text(files[path], encoding="utf-8")
        for path in stale:
            path.unlink()
    return changed + stale


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command line; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="tools.colab", description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=["build", "check"])
    given = parser.parse_args(arguments)
    try:
        changed = build(write=given.command == "build")
    except NoForm as error:
        sys.exit(str(error))
    verb = "written" if given.command == "build" else "differs from what `build` makes"
    for path in changed:
        print(f"{path.relative_to(ROOT)}: {verb}")
    return 1 if changed and given.command == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
