"""Execute the book's notebooks and write them back with text outputs only; check their form.

    python -m tools.notebooks run [NOTEBOOK …]       execute and write back
    python -m tools.notebooks generate [NOTEBOOK …]  write the generated cells, without executing
    python -m tools.notebooks check [NOTEBOOK …]     list every fault of form
    python -m tools.notebooks measure [NOTEBOOK …]   like run, and store the measured minutes
    python -m tools.notebooks list                   the paths of all notebooks

Without names, all notebooks of ``_toc.yml`` are meant. The set-up cell and the line that states the
minutes are generated here, so every chapter has the same ones.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

import lecturelib
from tools.course import ROOT, notebooks, repository

SETUP_ID, MINUTES_ID = "setup", "minutes"
SLOW_SECONDS = 60
# A student's pace in seconds, as the index page states it; exercises have minutes of their own.
PACE = {
    "word": 60 / 150,
    "displayed equation": 30,
    "line of code": 5,
    "figure": 30,
    "movable figure": 120,
    "prediction": 60,
    "quiz": 60,
}
KEPT_MIMES = ("text/plain",)

SETUP_CELL = """\
# Set-up: in Colab, installs lecturelib beside the torch and NumPy that are there.
import sys

if "google.colab" in sys.modules:
    from importlib import metadata, util

    found = [package.version for package in metadata.distributions(name="lecturelib")]
    if not util.find_spec("lecturelib") or found[0:1] != ["{version}"]:
        %pip install "lecturelib @ git+{repository}"
    from lecturelib.notebook import report_environment

    report_environment({gpu})"""

RANDOM_CALLS = {
    "torch": {"rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial"},
    "np.random": None,  # every function of NumPy's global generator
    "numpy.random": None,
    "random": None,
}


def setup_source(notebook: NotebookNode) -> str:
    """The set-up cell of a notebook; ``course.gpu`` in its metadata says what a GPU is good for."""
    gain = notebook.metadata.get("course", {}).get("gpu")
    return SETUP_CELL.format(
        repository=repository(),
        version=lecturelib.__version__,
        gpu=f"gpu={gain!r}" if gain else "",
    )


# --- reading -----------------------------------------------------------------------------------


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells that hold code."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def python_of(cell: NotebookNode) -> str:
    """The cell's source with IPython's line magics turned into comments of the same indentation."""
    return re.sub(r"^(\s*)[%!](.*)$", r"\1pass  # \2", cell.source, flags=re.MULTILINE)


def is_folded(cell: NotebookNode) -> bool:
    """Whether the page shows a code cell's source only when asked to."""
    return bool({"hide-cell", "hide-input", "remove-cell", "remove-input"} & set(tags(cell)))


def is_movable(cell: NotebookNode) -> bool:
    """Whether a code cell shows a movable figure."""
    return bool(re.search(r"\b(?:explore|widget)\(", cell.source))


def reading_counts(notebook: NotebookNode) -> dict[str, int]:
    """What there is to read, by the kinds of ``PACE``; exercises and folded code left out."""
    kept = [c for c in notebook.cells if not c.id.startswith("exercise")]
    prose = "\n".join(c.source for c in kept if c.cell_type == "markdown")
    words, equations = re.subn(r"\$\$.+?\$\$", " ", prose, flags=re.DOTALL)
    code = [c for c in kept if c.cell_type == "code" and c.id != SETUP_ID]
    source = "\n".join(c.source for c in code)
    return {
        "word": len(words.split()),
        "displayed equation": equations,
        "line of code": sum(len(c.source.splitlines()) for c in code if not is_folded(c)),
        "figure": sum(bool(alt_text(c)) for c in code),
        "movable figure": sum(map(is_movable, code)),
        "prediction": prose.count("**Predict"),
        "quiz": len(re.findall(r"\bquiz\(", source)),
    }


def reading_minutes(notebook: NotebookNode) -> int:
    """Minutes to read at a student's pace (``PACE``)."""
    counts = reading_counts(notebook)
    return max(1, round(sum(PACE[kind] * n for kind, n in counts.items()) / 60))


# --- executing ---------------------------------------------------------------------------------


def execute(notebook: NotebookNode, folder: Path) -> float:
    """Run every cell in ``folder`` as its working directory; return the seconds of CPU it took."""
    # Asked of the kernel itself: its CPU time does not depend on what else the machine is doing.
    notebook.cells.append(nbformat.v4.new_code_cell("import time; print(time.process_time())"))
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=str(folder))
    return float(notebook.cells.pop().outputs[0].text)


def text_only(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with nothing but text, neighbouring pieces of one stream joined."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stderr":
                continue  # progress bars and warnings of the moment
            if kept and kept[-1].output_type == "stream":
                kept[-1]["text"] += output.text
                continue
        elif output.output_type in ("display_data", "execute_result"):
            output["data"] = NotebookNode(
                {mime: output.data[mime] for mime in KEPT_MIMES if mime in output.data}
            )
            output["metadata"] = NotebookNode()
            if not output["data"]:
                continue
        kept.append(output)
    return kept


def normalize(notebook: NotebookNode) -> None:
    """Bring metadata and outputs into the one form that is committed."""
    notebook.metadata = NotebookNode(
        {
            **{key: notebook.metadata[key] for key in ("course",) if key in notebook.metadata},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "scrolled", "ExecuteTime"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = text_only(cell.outputs)


def generate(notebook: NotebookNode) -> None:
    """Write the generated cells, the set-up and the minutes, and fold calls of movable figures."""
    seconds = notebook.metadata.get("course", {}).get("run_seconds")
    for cell in code_cells(notebook):
        if is_movable(cell) and not is_folded(cell):
            cell.metadata["tags"] = sorted({*tags(cell), "hide-input"})
    for cell in notebook.cells:
        if cell.id == SETUP_ID:
            cell.source = setup_source(notebook)
            cell.metadata["tags"] = sorted({*tags(cell), "hide-cell"})
            cell.metadata["mystnb"] = {
                "code_prompt_show": "Set-up, for Colab",
                "code_prompt_hide": "Set-up, for Colab",
            }
        elif cell.id == MINUTES_ID and seconds is not None:
            whole = int(-(-seconds // 60))
            run = f"{whole} minute{'s' * (whole > 1)}" if seconds >= 60 else "under a minute"
            read = reading_minutes(notebook)
            cell.source = (
                f"*{read} minute{'s' * (read > 1)} to read; "
                f"{run} of CPU time to run, no GPU needed.*"
            )


def regenerate(path: Path) -> bool:
    """Write the generated cells of one notebook, all else as it is; return whether it changed."""
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    generate(notebook)
    after = nbformat.writes(notebook) + "\n"
    path.write_text(after, encoding="utf-8")
    return after != before


def run(path: Path, *, measure: bool = False) -> bool:
    """Execute one notebook and write it back; return whether the file changed."""
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    generate(notebook)
    seconds = execute(notebook, path.parent)
    if measure:
        notebook.metadata.setdefault("course", NotebookNode())["run_seconds"] = round(seconds)
        generate(notebook)
    normalize(notebook)
    nbformat.validate(notebook)
    after = nbformat.writes(notebook) + "\n"
    path.write_text(after, encoding="utf-8")
    return after != before


# --- checking ----------------------------------------------------------------------------------


def faults(notebook: NotebookNode) -> Iterator[str]:
    """Every fault of form of one notebook, as a sentence that starts with the cell's id."""
    seeded = False
    for cell in notebook.cells:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", cell.id):
            yield f"{cell.id}: wants an id in words, such as 'forward-code'"
    for cell in code_cells(notebook):
        if cell.execution_count is None:
            yield f"{cell.id}: was not executed"
        if cell.source.rstrip().endswith(";"):
            yield f"{cell.id}: ends with ';', which hides an output"
        if any(mime not in KEPT_MIMES for o in cell.outputs for mime in o.get("data", {})):
            yield f"{cell.id}: stores more than text"
        if any(o.output_type == "error" for o in cell.outputs) and "raises-exception" not in tags(
            cell
        ):
            yield f"{cell.id}: stores an error"
        if {"nbval-ignore-output", "nbval-skip"} & set(tags(cell)) and not cell.metadata.get(
            "course", {}
        ).get("reason"):
            yield f"{cell.id}: is not compared and gives no reason (metadata course.reason)"
        if shows_figure(cell) and not alt_text(cell):
            yield f"{cell.id}: shows a figure without an alt text"
        tree = ast.parse(python_of(cell))
        seeded = seeded or any(_name(c.func) == "torch.manual_seed" for c in _calls(tree))
        for call in _calls(tree):
            if _is_unseeded(call, seeded):
                yield f"{cell.id}: {_name(call.func)} draws from an unseeded generator"
    expected = setup_source(notebook)
    if any(cell.id == SETUP_ID and cell.source != expected for cell in notebook.cells):
        yield f"{SETUP_ID}: differs from the generated set-up cell"
    code = code_cells(notebook)
    if code and not any(cell.outputs for cell in code):
        yield "notebook: stores no output, so a comparison would compare nothing"


def shows_figure(cell: NotebookNode) -> bool:
    """Whether the stored outputs name a matplotlib figure."""
    return any(
        re.match(r"<Figure size", str(o.get("data", {}).get("text/plain", "")))
        for o in cell.outputs
    )


def alt_text(cell: NotebookNode) -> str:
    """The alt text that the page gives to the cell's figures."""
    metadata: Any = cell.metadata.get("mystnb", {}).get("image", {})
    return str(metadata.get("alt", "")).strip()


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _is_unseeded(call: ast.Call, seeded: bool) -> bool:
    module, _, function = _name(call.func).rpartition(".")
    if function == "default_rng":
        return not call.args and not call.keywords
    if module == "torch" and function in (RANDOM_CALLS["torch"] or ()):
        return not seeded and not any(keyword.arg == "generator" for keyword in call.keywords)
    return module in ("np.random", "numpy.random", "random") and function not in (
        "Generator",
        "SeedSequence",
        "Random",
    )


# --- command line ------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """The command line; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="tools.notebooks", description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=["run", "generate", "check", "measure", "list"])
    parser.add_argument("notebooks", nargs="*", type=Path)
    given = parser.parse_args(arguments)
    paths = [path.resolve() for path in given.notebooks] or notebooks()
    # The stored text does not depend on how a figure is shown; this way is the quickest.
    os.environ["LECTURELIB_EXPLORE"] = "off"
    os.environ["TQDM_DISABLE"] = "1"
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # notebooks run side by side, one a core
    found = 0
    for path in paths:
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        if given.command == "list":
            print(shown)
        elif given.command == "generate":
            if regenerate(path):
                print(f"{shown}: written")
        elif given.command == "check":
            for fault in faults(nbformat.read(path, as_version=4)):
                found += 1
                print(f"{shown}: {fault}")
        else:
            print(f"{shown}: running", flush=True)
            changed = run(path, measure=given.command == "measure")
            print(f"{shown}: {'written' if changed else 'unchanged'}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
