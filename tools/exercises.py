"""Make from the chapters' master notebooks what students get and what instructors keep.

    python -m tools.exercises build            headings, student notebooks, solution pages, lists
    python -m tools.exercises check            what ``build`` would change; faults of a master
    python -m tools.exercises release FOLDER   a course for nbgrader: masters, releases, settings
    python -m tools.exercises report           which wrong answer gets which diagnosis
    python -m tools.exercises audit            points for nothing, right answers turned away

A master, ``book/exercises/<chapter>.ipynb``, holds statements, solutions, checks, hidden tests
and points in nbgrader's cell metadata and markers. It is the one source; what is made from it is
never edited.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from lecturelib.grading.masters import CODE_STUB, TEXT_STUB, with_secret, without_solutions
from lecturelib.grading.masters import HIDDEN as _HIDDEN
from lecturelib.grading.masters import SOLUTION as _SOLUTION
from tools.course import ROOT, colab_url
from tools.labels import plain
from tools.notebooks import generate, normalize

MASTERS = "book/exercises"
PREFIX, LIST = "exercise-", "exercises-list"

_MARKER = re.compile(r"^[ \t]*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)", re.MULTILINE)

# The placeholders leave a notebook that runs from top to bottom before anything is answered.
NBGRADER_CONFIG = f"""\
c = get_config()  # noqa: F821  (nbgrader defines it)
c.CourseDirectory.course_id = "deep-networks-tested"
c.ClearSolutions.code_stub = {{"python": "{CODE_STUB}"}}
c.ClearSolutions.text_stub = "{TEXT_STUB}"
c.ExecutePreprocessor.timeout = 120
"""


# --- masters ------------------------------------------------------------------------------------


def masters() -> list[Path]:
    """All master notebooks."""
    return sorted((ROOT / MASTERS).glob("*.ipynb"))


def _grading(cell: NotebookNode) -> dict[str, object]:
    return dict(cell.metadata.get("nbgrader", {}))


def faults(master: NotebookNode) -> Iterator[str]:
    """What is wrong with a master, as sentences that start with the cell's id."""
    ids = [_grading(cell).get("grade_id") for cell in master.cells if _grading(cell)]
    for name in {name for name in ids if ids.count(name) > 1}:
        yield f"{name}: two cells have this grade_id"
    for cell in master.cells:
        grading = _grading(cell)
        left = _HIDDEN.sub("", _SOLUTION.sub("", cell.source))
        if _MARKER.search(left):
            yield f"{cell.id}: a marker has no partner"
        if grading.get("solution") and CODE_STUB.rstrip(".") in left:
            yield f"{cell.id}: says where the answer goes, which the student's cell says anyway"
        if _SOLUTION.search(cell.source) and not grading.get("solution"):
            yield f"{cell.id}: holds a solution and is no solution cell"
        if grading.get("solution") and not _SOLUTION.search(cell.source):
            yield f"{cell.id}: is a solution cell without a solution"
        if _HIDDEN.search(cell.source) and not (grading.get("grade") and grading.get("locked")):
            yield f"{cell.id}: holds hidden tests and is no locked cell with points"
        if grading.get("grade") and not grading.get("points"):
            yield f"{cell.id}: is graded and has no points"


# --- what is made from a master -----------------------------------------------------------------


def with_headings(master: NotebookNode) -> NotebookNode:
    """A master with the headings of its statements as the exercises' records say.

    Title, kind, difficulty and minutes stand in the record, points in the cells that give them.
    """
    from lecturelib.exercises.registry import chapter_of, find

    statements = [c for c in master.cells if c.cell_type == "markdown" and chapter_of(c.id)]
    for number, cell in enumerate((c for c in statements if c.source.startswith("## ")), start=1):
        record = find(cell.id)
        graded = re.compile(rf"{cell.id}-(test|proof)")
        cells = (c for c in master.cells if graded.match(c.id))
        points = sum(c.metadata.get("nbgrader", {}).get("points", 0) for c in cells)
        details = (
            f"*{record.kind.capitalize()} · difficulty {record.difficulty} of 3 · "
            f"{record.minutes} minutes · {points} points*"
        )
        statement = cell.source.split("\n\n", 2)[2]
        cell.source = f"## {number}. {record.title}\n\n{details}\n\n{statement}"
    return master


def student(master: NotebookNode, name: str) -> NotebookNode:
    """The notebook for students: a badge, the set-up cell, no solution and no hidden test."""
    path = f"{MASTERS}/student/{name}.ipynb"
    notebook = nbformat.from_dict(json.loads(json.dumps(master)))
    for cell in notebook.cells:
        cell.source = without_solutions(cell.source, code=cell.cell_type == "code")
        if cell.cell_type == "markdown":  # no one who opens it reads MyST
            cell.source = plain(cell.source, ROOT / MASTERS / f"{name}.ipynb")
        grading = _grading(cell)
        if grading:
            # As nbgrader's own release has it: nothing that is graded can be lost by accident.
            cell.metadata["deletable"] = False
            if grading.get("locked"):
                cell.metadata["editable"] = False
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    badge = (
        "[![Open in"
        f" Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab_url(path)})"
    )
    notebook.cells.insert(1, new_markdown_cell(badge, id="colab-badge"))
    generate(notebook)
    normalize(notebook)
    nbformat.validate(notebook)
    return notebook


def solution_page(master: NotebookNode, name: str) -> str:
    """The page that the site's extension fills, if the course publishes its solutions."""
    title = master.cells[0].source.removeprefix("# Exercises: ").strip()
    return (
        f"# Solutions: {title}\n\nSolutions of the [exercises](../{name}.ipynb#exercises) of the "
        f"chapter [{title}](../{name}.ipynb). Try first: a solution that was read is soon "
        f"forgotten. `lecturelib.hint` helps in steps.\n\n```{{solutions}} {name}\n```\n"
    )


def solutions(master: NotebookNode) -> str:
    """All solutions as MyST Markdown, folded: read by the site's extension, written nowhere."""
    blocks = []
    for cell in master.cells:
        heading = re.match(r"## .+", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            blocks.append(f"(solution-{cell.id})=\n{heading[0]}\n")
        found = _SOLUTION.search(cell.source)
        if found:
            body = found["body"].rstrip()
            folded = body if cell.cell_type == "markdown" else _explained(cell.source, body)
            kind = "Proof" if cell.cell_type == "markdown" else "Solution"
            blocks.append(f"::::{{dropdown}} {kind}\n{folded}\n::::\n")
    return "\n".join(blocks)


def solved(master: NotebookNode) -> Iterator[tuple[str, str]]:
    """The cells with a solution in code, by id, and the solution."""
    for cell in master.cells:
        found = _SOLUTION.search(cell.source)
        if found and cell.cell_type == "code":
            yield cell.id, found["body"]


def _explained(source: str, body: str) -> str:
    """A code solution: its ``#:`` comments as prose, then the code with its first line of
    definition."""
    lines = body.split("\n")
    prose = " ".join(line.strip()[2:].strip() for line in lines if line.strip().startswith("#:"))
    code = "\n".join(line for line in lines if not line.strip().startswith("#:"))
    if code.startswith(" "):
        head = source.split("\n")
        end = next(i for i, line in enumerate(head) if line.endswith(":"))
        code = "\n".join([*head[: end + 1], code])
    return f"{prose}\n\n```python\n{code}\n```"


def chapter_cells(master: NotebookNode, name: str) -> list[NotebookNode]:
    """The statements as cells of the chapter, with what the check wants."""
    from lecturelib.exercises.registry import find

    cells = []
    for cell in master.cells:
        if not (cell.cell_type == "markdown" and cell.source.startswith("## ")):
            continue
        heading, details, statement = cell.source.split("\n\n", 2)
        details = re.sub(r" · \d+ points", "", details).replace("*", f"*`{cell.id}` · ", 1)
        text = f"#{heading}\n\n{details}\n\n{statement}\n\n*Wanted:* {find(cell.id).wants}."
        short = cell.id.removeprefix(name.replace("_", "-") + "-")
        cells.append(new_markdown_cell(text, id=PREFIX + short))
    return cells


def introduction(name: str) -> str:
    """The first cell of a chapter's exercises: where to do them, and what helps."""
    notebook = f"exercises/student/{name}.ipynb"
    return (
        "## Exercises\n\nThe statements follow. Work on them in the exercise notebook: "
        f"[open it in Colab]({colab_url('book/' + notebook)}), or {{download}}`download it "
        f"<{notebook}>`. `lecturelib.check(name, answer)` says what is wrong with an answer in the "
        "words of the subject, and `lecturelib.hint(name)` helps in steps. Where a statement "
        "speaks of `KEY`, the notebook sets it: your name or number, if your course asks for one, "
        "which gives you numbers of your own: `given(name, KEY)`, from `lecturelib.exercises`, "
        "returns them as a dictionary, and the checks hand the key on, "
        "`lecturelib.check(name, answer, key=KEY)`. "
        f"The [solutions](solutions/{name}.md) stand on a page of their own, folded."
    )


def table(name: str) -> str:
    """The exercises of a chapter as a table: generated text, so that no cell depends on them."""
    from lecturelib.exercises.registry import list_exercises

    rows = (
        f"| `{e.slug}` | {e.title} | {e.kind} | {e.difficulty} of 3 | {e.minutes} |"
        for e in list_exercises(name)
    )
    head = "| exercise | title | kind | difficulty | minutes |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])


def with_exercises(chapter: NotebookNode, master: NotebookNode, name: str) -> NotebookNode:
    """A chapter with its generated cells renewed: introduction, table and statements."""
    kept = [cell for cell in chapter.cells if not cell.id.startswith(PREFIX)]
    ids = [cell.id for cell in kept]
    for wanted in ("exercises", LIST):
        if wanted not in ids:
            raise ValueError(f"{name}: the chapter has no cell {wanted!r} to put its exercises in")
    kept[ids.index("exercises")].source = introduction(name)
    at = ids.index(LIST)
    listed = new_markdown_cell(table(name), id=LIST)
    kept[at : at + 1] = [listed, *chapter_cells(master, name)]
    chapter.cells = kept
    return chapter


def built() -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    files = {}
    for path in masters():
        master, name = with_headings(nbformat.read(path, as_version=4)), path.stem
        generate(master)
        files[path] = nbformat.writes(master) + "\n"
        student_path = ROOT / MASTERS / "student" / path.name
        files[student_path] = nbformat.writes(student(master, name)) + "\n"
        files[ROOT / "book" / "solutions" / f"{name}.md"] = solution_page(master, name)
        chapter = ROOT / "book" / path.name
        if chapter.exists() and LIST in chapter.read_text(encoding="utf-8"):
            notebook = with_exercises(nbformat.read(chapter, as_version=4), master, name)
            files[chapter] = nbformat.writes(notebook) + "\n"
    return files


def build(*, write: bool) -> list[Path]:
    """Write what differs; return the paths that did."""
    changed = []
    for path, text in built().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(path)
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return changed


# --- nbgrader -----------------------------------------------------------------------------------


def release(folder: Path, secret: str) -> None:
    """Write a course that nbgrader understands: ``source/`` is yours, ``release/`` is for
    students."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(NBGRADER_CONFIG, encoding="utf-8")
    for path in masters():
        master = nbformat.read(path, as_version=4)
        notebooks = {"source": master, "release": student(master, path.stem)}
        for cell in master.cells:
            cell.source = with_secret(cell.source, secret)
            if cell.cell_type == "markdown":  # nbgrader copies it into what students get
                cell.source = plain(cell.source, path)
        for kind, notebook in notebooks.items():
            target = folder / kind / path.stem / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


# --- report -------------------------------------------------------------------------------------


def report() -> Iterator[tuple[str, str, str, str]]:
    """For every wrong answer of the catalogue: exercise, expected diagnosis, the one given, its
    words."""
    from lecturelib.exercises import check
    from tests.exercises.answers import catalogue

    for module in catalogue().values():
        for expected, answer in module.WRONG.items():
            reply = check(module.SLUG, answer)
            yield module.SLUG, expected, reply.code, reply.says
        for answer, expected, _ in module.UNLISTED:
            reply = check(module.SLUG, answer)
            yield module.SLUG, f"({expected})", f"({reply.code})", reply.says


def _print_report() -> int:
    print("| exercise | wrong answer | diagnosis | words |\n|---|---|---|---|")
    rows = list(report())
    for slug, expected, code, says in rows:
        mark = code if code == expected else f"**{code}**"
        print(f"| {slug} | {expected} | {mark} | {says} |")
    missed = sum(code != expected for _, expected, code, _ in rows)
    exercises = len({slug for slug, *_ in rows})
    print(
        f"\n{exercises} exercises, {len(rows)} wrong answers, {missed} without their own diagnosis."
    )
    print("In brackets: mistakes that no diagnosis was written for.")
    return missed


def _printed(line: str) -> str:
    print(line, flush=True)
    return line


# --- command line -------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """The command line; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="tools.exercises", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build")
    commands.add_parser("check")
    commands.add_parser("report")
    commands.add_parser("audit")
    releasing = commands.add_parser("release")
    releasing.add_argument("folder", type=Path)
    releasing.add_argument(
        "--secret", default="", help="draws the hidden tests; random if left out"
    )
    given = parser.parse_args(arguments)
    found = [f"{p.name}: {f}" for p in masters() for f in faults(nbformat.read(p, as_version=4))]
    print(*found, sep="\n", end="\n" * bool(found))
    if found:
        return 1
    if given.command == "report":
        return min(_print_report(), 1)
    if given.command == "audit":
        from tools.audit import audit

        return max([_printed(line).startswith("FAULT") for line in audit()])
    if given.command == "release":
        release(given.folder, given.secret or secrets.token_hex())
        print(f"written to {given.folder}: keep source/ to yourself, hand out release/")
        return 0
    changed = build(write=given.command == "build")
    for path in changed:
        verb = "written" if given.command == "build" else "is out of date"
        print(f"{path.relative_to(ROOT)}: {verb}")
    return 1 if changed and given.command == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
