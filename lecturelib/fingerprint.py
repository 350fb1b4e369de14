"""One fingerprint of what a piece of code depends on: its import closure inside the project.

The build, the cache of executed notebooks, the frames of movable figures and the record of passed
tests ask the same question: has anything changed that this code runs? The answer is a hash of the
modules that it imports, directly or by way of others, and of the data that lies beside them. Code
is hashed as a syntax tree without comments, docstrings and layout, so that a better comment makes
nothing stale.

A module is followed where it is imported, also inside a function, and where it is named as an
attribute of a package (``lecturelib.losses``), by way of the package's ``_SHORTCUTS`` too. What is
gathered by name with :func:`lecturelib.contents.modules` is followed as well: in one chapter, or in
all of them.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lecturelib import contents

__all__ = ["Reads", "Sources", "reads", "tree_hash"]

PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Reads:
    """What a source names: modules (or things in modules), names that it gathers, texts, and the
    modules that its ``_SHORTCUTS`` lead to by name."""

    names: frozenset[str]
    gathered: frozenset[str]
    texts: frozenset[str]
    shortcuts: Mapping[str, str]


def reads(source: str, package: str = "") -> Reads:
    """The modules, gathered names and short texts that a source names; lines of magic are skipped.

    Args:
        source: Python, or the cells of a notebook joined.
        package: the package that relative imports start from.

    Raises:
        SyntaxError: the source is no Python.

    >>> sorted(reads("from lecturelib import losses as l, data").names)
    ['lecturelib', 'lecturelib.data', 'lecturelib.losses']
    >>> sorted(reads("import lecturelib\\nlecturelib.check('x', 1)").names)
    ['lecturelib', 'lecturelib.check']
    """
    tree = ast.parse(_without_magics(source))
    names: set[str] = set()
    gathered: set[str] = set()
    texts: set[str] = set()
    shortcuts: dict[str, str] = {}
    roots: dict[str, str] = {}  # local name -> the package that it stands for
    nodes = list(_executed(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                names.add(alias.name)
                roots[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            names.add(base)
            for alias in node.names:
                names.add(f"{base}.{alias.name}")
                roots[alias.asname or alias.name] = f"{base}.{alias.name}"
    for node in nodes:
        if isinstance(node, ast.Attribute):
            dotted = _dotted(node)
            if dotted and dotted[0] in roots:
                names.add(".".join([roots[dotted[0]], *dotted[1:]]))
        elif isinstance(node, ast.Call) and _dotted(node.func)[-2:] == ["contents", "modules"]:
            gathered |= {str(a.value) for a in node.args[:1] if isinstance(a, ast.Constant)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts |= {node.value} if len(node.value) < 80 else set()
        elif isinstance(node, ast.Assign) and _dotted(node.targets[0]) == ["_SHORTCUTS"]:
            shortcuts |= ast.literal_eval(node.value)
    return Reads(frozenset(names), frozenset(gathered), frozenset(texts), shortcuts)


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a tree, but what stands there for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and _dotted(node.test)[-1:] == ["TYPE_CHECKING"]):
            yield node
            yield from _executed(node)


def _without_magics(source: str) -> str:
    lines = source.split("\n")
    return "\n".join(
        line[: len(line) - len(line.lstrip())] + "pass" if line.lstrip()[:1] in ("%", "!") else line
        for line in lines
    )


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    base = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _dotted(node: ast.AST) -> list[str]:
    """``a.b.c`` as its names; [] where it does not start with a name."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return [*base, node.attr] if base else []
    return []


def tree_hash(source: str) -> str:
    """Hash of a source's syntax tree, the same whatever its comments, docstrings and layout.

    >>> tree_hash("def f(x):\\n    '''Twice.'''\\n    return 2*x") == tree_hash(
    ...     "def f(x): return 2 * x  # doubled"
    ... )
    True
    """
    tree = ast.parse(_without_magics(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    # Unparsed, as the dump of a tree is another one in each version of Python.
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()


@cache
def _file_reads(path: Path, package: str, stamp: int) -> Reads:
    return reads(path.read_text(encoding="utf-8"), package)


@cache
def _file_hash(path: Path, exact: bool, stamp: int) -> str:
    if path.suffix != ".py" or exact:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return tree_hash(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Sources:
    """The packages of a project, and the closures of imports among them.

    Args:
        root: the folder that holds the packages.
        packages: their names; what is imported from elsewhere is not followed.

    >>> sources = Sources(PACKAGE.parent)
    >>> "lecturelib.losses" in sources.closure(["lecturelib.losses"])
    True
    >>> "lecturelib.autodiff.engine" in sources.closure(["lecturelib.losses"])
    False
    """

    root: Path
    packages: tuple[str, ...] = ("lecturelib",)

    def module(self, name: str) -> tuple[str, Path] | None:
        """The module that a dotted name is, or is in, with its file; None where it is not ours."""
        parts = name.split(".")
        while parts and parts[0] in self.packages:
            path = self.root.joinpath(*parts)
            if path.with_suffix(".py").is_file():
                return ".".join(parts), path.with_suffix(".py")
            if (path / "__init__.py").is_file():
                return ".".join(parts), path / "__init__.py"
            parts.pop()
        return None

    def closure(
        self, names: Iterable[str], *, chapter: str | None = None, gathered: Iterable[str] = ()
    ) -> dict[str, Path]:
        """The modules that these names reach, with their files.

        Args:
            names: modules, or things in modules.
            chapter: what is gathered by name is followed in this chapter alone; None: in all.
            gathered: names of modules that are gathered from the start.
        """
        found: dict[str, Path] = {}
        dynamic: set[str] = set()
        waiting = [*names, *self._of_chapters(gathered, chapter)]
        while waiting:
            asked = waiting.pop()
            module = self.module(asked)
            if module is None:
                continue
            name, path = module
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            here = _file_reads(path, package, path.stat().st_mtime_ns)
            attribute = asked.removeprefix(name).strip(".").partition(".")[0]
            if attribute in here.shortcuts:
                waiting.append(f"{here.shortcuts[attribute]}.{attribute}")
            if name in found:
                continue
            found[name] = path
            waiting.append(name.rpartition(".")[0])  # importing a module runs its packages first
            waiting += here.names
            new = here.gathered - dynamic
            dynamic |= new
            waiting += self._of_chapters(new, chapter)
        return found

    def _of_chapters(self, gathered: Iterable[str], chapter: str | None) -> Iterator[str]:
        for name in gathered:
            for slug in contents.CHAPTERS if chapter is None else (chapter,):
                yield f"lecturelib.chapters.{slug}.{name}"

    def files(self, modules: dict[str, Path]) -> list[Path]:
        """The files of modules, with the data beside them: results, scripts, styles."""
        found = set(modules.values())
        for folder in {path.parent for path in modules.values()}:
            beside = [*folder.iterdir(), *(folder / "results").glob("*")]
            beside += (folder / "modules").glob("*")
            found |= {p for p in beside if p.is_file() and p.suffix not in (".py", ".pyc")}
        return sorted(found)

    def fingerprint(
        self,
        names: Iterable[str],
        *,
        chapter: str | None = None,
        gathered: Iterable[str] = (),
        exact: bool = False,
    ) -> str:
        """Hash of all that these names reach; ``exact``: comments and docstrings count."""
        digest = hashlib.sha256()
        for path in self.files(self.closure(names, chapter=chapter, gathered=gathered)):
            digest.update(path.relative_to(self.root).as_posix().encode() + b"\0")
            digest.update(_file_hash(path, exact, path.stat().st_mtime_ns).encode())
        return digest.hexdigest()

    def of_source(self, source: str, *, chapter: str | None = None) -> str:
        """Fingerprint of what a source reaches, such as the cells of a notebook.

        Where it belongs to a chapter, what is gathered by name is that chapter's, and of other
        chapters what it names: a claim by its id. A source that shows code takes it as it stands.
        """
        named = reads(source)
        others = {
            f"lecturelib.chapters.{slug}.claims"
            for slug in contents.CHAPTERS
            for text in named.texts
            if text.isidentifier() and (contents.results(slug) / f"{text}.json").is_file()
        }
        exact = any(name.endswith("show_source") for name in named.names)
        names = {*named.names, *others}
        return self.fingerprint(names, chapter=chapter, gathered=named.gathered, exact=exact)
