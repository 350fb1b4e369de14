"""Read a submitted notebook, however damaged, and put it back into the form of its release.

What is certain is mended and noted; what is not is flagged for a person. Nothing is executed here,
and no input raises anything but :class:`Unreadable`.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lecturelib.grading.bundle import Bundle, Cell, Role

LARGEST = 20 * 2**20
"""Bytes of the largest notebook that is read."""
MOST_CELLS, LONGEST = 2000, 500_000
_FROM_RELEASE = ("title", "setup", "statement", "check", "test")


class Unreadable(ValueError):
    """There is no notebook in what was handed in; the message says what there is."""


@dataclass
class Found:
    """A cell as it was handed in."""

    kind: str
    source: str
    names: tuple[str, ...] = ()
    used: bool = False


@dataclass
class Mended:
    """A submission in the form of its release: cells to run or read, in order.

    ``notes`` say what was mended, ``flags`` what a person should look at.
    """

    cells: list[Cell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def source(self, name: str) -> str:
        """The source of a cell by its id; empty where there is none."""
        return next((cell.source for cell in self.cells if cell.id == name), "")


def repair(raw: bytes, bundle: Bundle) -> Mended:
    """The submission ``raw`` in the form of the release.

    Raises:
        Unreadable: if there is no notebook in it.
    """
    mended = Mended()
    cells, metadata = read(raw, mended)
    _look_at_origin(cells, metadata, bundle, mended)
    chosen = _Chooser(cells, bundle, mended).choose()
    mended.cells = _in_order(cells, chosen, bundle, mended)
    return mended


# --- reading ------------------------------------------------------------------------------------


def read(raw: bytes, mended: Mended) -> tuple[list[Found], Mapping[str, Any]]:
    """The cells of a notebook of any version, and its metadata."""
    if len(raw) > LARGEST:
        raise Unreadable(
            f"{len(raw) / 2**20:.0f} MB; a notebook of at most {LARGEST // 2**20} MB is read "
            "(outputs removed, it is small)"
        )
    text = _decoded(raw, mended)
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        data = json.loads(text)
    except RecursionError:
        raise Unreadable("nested too deeply to be a notebook") from None
    except ValueError as error:
        return _salvaged(text, error, mended), {}
    if not isinstance(data, dict):
        raise Unreadable("this is JSON, and no notebook")
    metadata = data.get("metadata")
    cells = data.get("cells")
    if not isinstance(cells, list) and isinstance(data.get("worksheets"), list):
        cells = [c for sheet in data["worksheets"] for c in _list(_dict(sheet).get("cells"))]
        mended.notes.append("a notebook of format 3 was converted")
    if not isinstance(cells, list):
        raise Unreadable("this is JSON without cells, and no notebook")
    if len(cells) > MOST_CELLS:
        mended.flags.append(f"{len(cells)} cells; the first {MOST_CELLS} were read")
    return [_found(c) for c in cells[:MOST_CELLS] if isinstance(c, dict)], _dict(metadata)


def _decoded(raw: bytes, mended: Mended) -> str:
    for encoding in ("utf-8-sig", "utf-16"):
        if encoding == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass
    mended.notes.append("the file is not UTF-8; letters beyond ASCII may be wrong")
    return raw.decode("latin-1")


def _salvaged(text: str, error: ValueError, mended: Mended) -> list[Found]:
    """The whole cells of a file that is cut off or damaged."""
    start = re.search(r'"cells"\s*:\s*\[', text)
    if start is None:
        kind = "a web page" if text.lstrip()[:1] == "<" else "no notebook"
        raise Unreadable(f"this is {kind} ({error})")
    decoder, position = json.JSONDecoder(), start.end()
    cells: list[Any] = []
    while len(cells) < MOST_CELLS:
        gap = re.compile(r"[\s,]*").match(text, position)
        position = gap.end() if gap else position
        try:
            cell, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        if isinstance(cell, dict):
            cells.append(_found(cell))
    if not cells:
        raise Unreadable(f"the file is damaged and holds no whole cell ({error})")
    mended.flags.append(f"the file is damaged ({error}); {len(cells)} whole cells were read")
    return cells


def _found(cell: Mapping[str, Any]) -> Found:
    """A cell of format 3 or 4, whatever is in its fields."""
    kind = "code" if cell.get("cell_type") == "code" else "markdown"
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    metadata = _dict(cell.get("metadata"))
    names = (_dict(metadata.get("nbgrader")).get("grade_id"), cell.get("id"), metadata.get("id"))
    source = source if isinstance(source, str) else ""
    return Found(
        kind, source[:LONGEST].replace("\r\n", "\n"), tuple(n for n in names if isinstance(n, str))
    )


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _look_at_origin(
    cells: Sequence[Found], metadata: Mapping[str, Any], bundle: Bundle, mended: Mended
) -> None:
    """Another language, another assignment."""
    kernel = _dict(metadata.get("kernelspec"))
    language = kernel.get("language") or _dict(metadata.get("language_info")).get("name")
    if isinstance(language, str) and not language.lower().startswith(("python", "ipython")):
        mended.flags.append(f"its kernel is {language[:40]}; it was run with Python")
    origin = _dict(metadata.get("lecturelib")).get("assignment")
    if isinstance(origin, str) and origin != bundle.assignment:
        mended.flags.append(f"it says that it is assignment {origin[:64]}")
    known = {cell.id for cell in bundle.cells if cell.exercise}
    graded = [n for c in cells for n in c.names[:1] if re.search(r"-(answer|proof|test)$", n)]
    foreign = [name for name in graded if name not in known]
    if foreign:
        mended.flags.append(
            f"{len(foreign)} cells are of another assignment, such as {foreign[0][:80]}"
        )


# --- which cell is which ------------------------------------------------------------------------


class _Chooser:
    """Finds the student's cell for each cell of the release that a student may write in."""

    def __init__(self, cells: Sequence[Found], bundle: Bundle, mended: Mended) -> None:
        self.cells, self.bundle, self.mended = cells, bundle, mended
        self.released = {cell.id: cell for cell in bundle.cells}
        self.wanted = {
            cell.id: name
            for cell in bundle.cells
            if cell.role == "answer"
            for name in [wanted_name(bundle, cell.exercise)]
            if name
        }

    def choose(self) -> dict[str, str]:
        """Sources by the id of the release's cell, for those that come from the student."""
        chosen: dict[str, str] = {}
        self._claim_locked()
        for cell in self.bundle.cells:
            if cell.role in ("answer", "proof", "imports"):
                by_name = [f for f in self.cells if cell.id in f.names and f.kind == cell.kind]
                for found in by_name:
                    found.used = True
                chosen[cell.id] = self._pick(cell, by_name)
        for cell in self.bundle.cells:
            if cell.is_answer or cell.role == "imports":
                if _same(chosen[cell.id], cell.source) or not chosen[cell.id]:
                    chosen[cell.id] = self._search(cell) or chosen[cell.id]
                chosen[cell.id] = self._finish(cell, chosen[cell.id])
        return chosen

    def _claim_locked(self) -> None:
        """Cells that the release replaces: by their name, or by their text."""
        locked = [cell for cell in self.bundle.cells if cell.role in _FROM_RELEASE]
        texts = {_normal(cell.source, cell.kind) for cell in locked}
        names = {cell.id: cell for cell in locked}
        for found in self.cells:
            cell = next((names[name] for name in found.names if name in names), None)
            if cell is None:
                found.used = found.used or _normal(found.source, found.kind) in texts
                continue
            if found.kind != cell.kind or self._holds_an_answer(found):
                continue  # an answer that was written there is looked for below
            found.used = True
            if cell.role in ("check", "test") and not _same(found.source, cell.source):
                self.mended.notes.append(f"{cell.id}: the cell was changed, and is as released")

    def _holds_an_answer(self, found: Found) -> bool:
        return found.kind == "code" and bool(_bound(found.source) & set(self.wanted.values()))

    def _pick(self, cell: Cell, found: Sequence[Found]) -> str:
        """The one answer among cells that bear the name of this one; "" where there is none."""
        filled = [f.source for f in found if not _same(f.source, cell.source)]
        distinct = list({_normal(source, cell.kind): source for source in filled}.values())
        if len(found) > 1:
            self.mended.notes.append(f"{cell.id}: {len(found)} cells have this name")
        if len(distinct) > 1:
            self.mended.flags.append(
                f"{cell.id}: {len(distinct)} different answers; the last one counts"
            )
        if filled:
            return filled[-1]
        return found[0].source if found else ""

    def _search(self, cell: Cell) -> str:
        """An answer that lost its name or stands in a new cell."""
        if cell.role == "imports":
            found = [f for f in self._free("code") if _is_imports(f.source, cell.source)]
        elif cell.role == "proof":
            found = self._after_statement(cell)
        else:
            name = self.wanted.get(cell.id, "")
            found = [f for f in self._free("code") if name and name in _bound(f.source)]
        filled = [f for f in found if not _same(f.source, cell.source)]
        for one in found:
            one.used = True
        if not filled:
            return found[-1].source if found else ""
        distinct = {_normal(f.source, f.kind) for f in filled}
        if len(distinct) > 1:
            if cell.role == "proof":  # one text in several cells
                self.mended.flags.append(f"{cell.id}: put together from {len(filled)} cells")
                return "\n\n".join(f.source for f in filled)
            self.mended.flags.append(
                f"{cell.id}: {len(distinct)} cells hold an answer; the last one counts"
            )
        self.mended.notes.append(f"{cell.id}: the answer was found in another cell")
        return filled[-1].source

    def _free(self, kind: str) -> Iterator[Found]:
        return (f for f in self.cells if f.kind == kind and not f.used)

    def _after_statement(self, cell: Cell) -> list[Found]:
        """Free text between an exercise's statement and the next cell of the release."""
        statement = self.released[cell.exercise].source
        at = [i for i, f in enumerate(self.cells) if _same(f.source, statement, "markdown")]
        found: list[Found] = []
        for f in self.cells[at[-1] + 1 :] if at else ():
            if f.used:
                break
            if f.kind == "markdown":
                found.append(f)
        return found

    def _finish(self, cell: Cell, source: str) -> str:
        """The last words on an answer: missing, or under another name."""
        if not source:
            if cell.is_answer:
                self.mended.flags.append(f"{cell.id}: there is no such cell and no answer")
            elif self.cells:
                self.mended.notes.append(f"{cell.id}: the cell is as released")
            return cell.source
        name = self.wanted.get(cell.id)
        if name is None or name in _bound(source) or _same(source, cell.source):
            return source
        other = _renamed(source, cell.source)
        if other is None or other in self.wanted.values():
            self.mended.flags.append(f"{cell.id}: nothing in it has the name {name}")
            return source
        self.mended.notes.append(f"{cell.id}: {other} was taken for {name}")
        return f"{source.rstrip()}\n\n{name} = {other}"


def wanted_name(bundle: Bundle, exercise: str) -> str | None:
    """What an exercise's check is called with: the name that the answer must bind."""
    for cell in bundle.cells:
        if cell.exercise == exercise and cell.role == "check":
            return _checked_name(cell.source)
    for test in bundle.tests:
        if test.exercise == exercise:
            return _checked_name(test.source)
    return None


@cache
def _checked_name(source: str) -> str | None:
    for node in ast.walk(_tree(source) or ast.Module([], [])):
        if isinstance(node, ast.Call) and len(node.args) > 1:
            function, answer = node.func, node.args[1]
            name = function.attr if isinstance(function, ast.Attribute) else ""
            if name == "check" and isinstance(answer, ast.Name):
                return answer.id
    return None


def _tree(source: str) -> ast.Module | None:
    """The syntax tree; None where it is no Python. IPython's own lines are left out."""
    plain = re.sub(r"(?m)^[ \t]*[%!].*$", "", source)
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_BINDING = re.compile(r"(?m)^(?:(?:async )?def +|class +)?([A-Za-z_]\w*)(?= *[(=:])")


def _bound(source: str) -> set[str]:
    """Names that a cell defines at its top level, also where it is no valid Python."""
    tree = _tree(source)
    if tree is None:
        return set(_BINDING.findall(source))
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (n for target in targets for n in ast.walk(target))
            found |= {n.id for n in names if isinstance(n, ast.Name)}
    return found


def _renamed(source: str, released: str) -> str | None:
    """The one function of an answer whose form had one, with as many arguments."""
    mine, theirs = _functions(source), _functions(released)
    if len(mine) != 1 or len(theirs) != 1:
        return None
    same = len(mine[0].args.args) == len(theirs[0].args.args)
    return mine[0].name if same else None


def _functions(source: str) -> list[ast.FunctionDef]:
    tree = _tree(source)
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)] if tree else []


def _is_imports(source: str, released: str) -> bool:
    """Whether a cell is the release's imports, with a key filled in or more imported."""
    lines = {line.strip() for line in released.splitlines() if "import " in line}
    return bool(lines) and lines <= {line.strip() for line in source.splitlines()}


def _same(one: str, other: str, kind: str = "code") -> bool:
    return one == other or _normal(one, kind) == _normal(other, kind)


@cache
def _normal(source: str, kind: str) -> str:
    """A source without what does not count: blanks at the ends of lines, and empty lines."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


# --- order --------------------------------------------------------------------------------------


def _in_order(
    cells: Sequence[Found], chosen: Mapping[str, str], bundle: Bundle, mended: Mended
) -> list[Cell]:
    """The release's cells in its order, each with the student's own cells that stood behind it."""
    position = {cell.id: index for index, cell in enumerate(bundle.cells)}
    anchor = min((position[c.id] for c in bundle.cells if c.role == "imports"), default=0)
    seen: list[int] = []
    own: dict[int, list[Found]] = {}
    for found in cells:
        at = _position(found, bundle, position)
        if at is not None:
            anchor = max(at, 0)
            seen.append(at)
        elif not found.used and found.source.strip():
            own.setdefault(anchor, []).append(found)
    if seen != sorted(seen):
        mended.notes.append("cells were put back into their order")
        if any(f.kind == "code" for group in own.values() for f in group):
            mended.flags.append("the order of cells was changed, and there are cells of their own")
    ordered: list[Cell] = []
    number = 0
    for index, cell in enumerate(bundle.cells):
        source = chosen.get(cell.id, cell.source)
        ordered.append(Cell(cell.id, cell.kind, cell.role, cell.exercise, source, cell.points))
        for found in own.get(index, []):
            number += 1
            role: Role = "answer" if found.kind == "code" else "statement"
            ordered.append(Cell(f"own-{number}", found.kind, role, cell.exercise, found.source))
    return ordered


def _position(found: Found, bundle: Bundle, position: Mapping[str, int]) -> int | None:
    """Where a cell of the release stands there; None for the student's own."""
    for name in found.names:
        if name in position:
            return position[name]
    if not found.used:
        return None
    for cell in bundle.cells:
        if cell.kind == found.kind and _same(found.source, cell.source, cell.kind):
            return position[cell.id]
    return None


# --- what code says -----------------------------------------------------------------------------

_SUSPECT = {
    r"\b_getframe\b|\bcurrentframe\b|\binspect\.stack\b": "looks at the frames of its callers",
    r"\bgc\.get_(objects|referrers)\b": "searches the memory of the process",
    r"\bctypes\b|\bcffi\b": "calls into C",
    r"/proc\b|/sys/|/etc\b": "names files of the system",
    r"lecturelib\.grading|lecturelib\.exercises\.(?!given\b|check\b|hint\b)\w+": (
        "names inner parts of the checks"
    ),
    r"\bset(trace|profile)\b": "sets a trace function",
    r"\bos\.(fork|_exit|kill|exec\w*|spawn\w*|system|popen)\b|\bsubprocess\b": (
        "starts or ends processes"
    ),
    r"\bregister_at_fork\b|\batexit\b": "leaves code behind for the end of the process",
    r"\b(socket|urllib|requests|http\.client)\b": "uses the network",
    r"__code__|__globals__|__closure__|__builtins__": "reaches into functions",
    r"\b__(eq|bool|ne|array|torch_function)__\b": "has comparisons of its own",
    r"\bpickle\.loads?\b|\b__reduce__\b": "unpickles",
}


def suspicions(source: str) -> list[str]:
    """What in a student's code a person may want to read, said without judging.

    >>> suspicions("import ctypes  # in a comment: /proc/self")
    ['calls into C']
    """
    text = _without_comments(source)
    return [says for pattern, says in _SUSPECT.items() if re.search(pattern, text)]


def _without_comments(source: str) -> str:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        kept = [token for token in tokens if token.type != tokenize.COMMENT]
        return tokenize.untokenize(kept)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return source
