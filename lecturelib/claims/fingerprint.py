"""A hash of all that a function runs: its own code and what that reaches within the package.

The closure starts at a function and follows names: through a module's globals, through attributes
of modules, through imports at the top of a file or inside a function, and through the containers
that hold functions. A function enters with its own syntax tree, a class with all of its methods, a
constant with the statements that make it; what else stands in their files does not. Where the code
can't tell which attribute of a module it means (the bare module is handed on), all of it enters.

Of the tree only what runs is kept: no comments, no layout, no docstrings, no annotations. A
reference to something of the package stands as the order in which it was met, not as its path, so
that a function may move to another file. What is imported from elsewhere stands by its name there.
Nothing depends on the version of Python: the fields that only some versions have are left out.

Of what is found when the code runs, plain values count (a number, a text, a tuple; a table that
is not empty in its source), so that a table which another module fills is seen. Empty containers
are caches and do not count.

**Not followed**: names that are put together at run time (``getattr(module, name)`` with a name
that is no constant counts as the bare module), files that are read, and other packages, whose
versions stand beside the hash in each result.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import importlib.util
import inspect
import sys
import textwrap
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from types import FunctionType, ModuleType
from typing import Any

__all__ = ["closure", "fingerprint"]

PACKAGE = "lecturelib"
DIGITS = 9
"""Significant digits of a number that was computed: the last ones differ between processors."""

Scope = dict[str, "tuple[str, str] | None"]
"""Names that are bound locally; a pair for a local import: module, and attribute or ``""``."""


def fingerprint(function: Callable[..., Any]) -> str:
    """Twelve hexadecimal digits that change when something does that ``function`` runs.

    >>> from lecturelib.data import load_digits
    >>> len(fingerprint(load_digits))
    12
    """
    digest = hashlib.sha256()
    for tokens in _walk(function).values():
        digest.update("\0".join(tokens).encode() + b"\1")
    return digest.hexdigest()[:12]


def closure(function: Callable[..., Any]) -> list[str]:
    """What the fingerprint covers, as ``module:name``, in the order in which it is met.

    >>> from lecturelib.output_units import softmax
    >>> closure(softmax)[0]
    'lecturelib.output_units:softmax'
    """
    return [":".join(key[1:]) for key in _walk(function)]


# --- Source files --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Source:
    """A module's syntax tree: which statements bind a name, and what it imports."""

    name: str
    package: str
    tree: ast.Module
    bindings: dict[str, list[ast.stmt]]
    imports: dict[str, tuple[str, str]]


def _source(name: str) -> _Source | None:
    """The source of a module, or ``None`` if there is none to read."""
    module = sys.modules.get(name)
    if module is None:
        module = importlib.import_module(name)
    path = getattr(module, "__file__", None)
    if not path or not path.endswith(".py"):
        return None
    is_package = hasattr(module, "__path__")
    return _parsed(name, path, name if is_package else name.rpartition(".")[0])


@functools.cache
def _parsed(name: str, path: str, package: str) -> _Source:
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    source = _Source(name, package, tree, {}, {})
    for statement in tree.body:
        for alias, target in _imports([statement], package):
            source.imports[alias] = target
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            for bound in _bound_by(statement):
                source.bindings.setdefault(bound, []).append(statement)
    return source


def _imports(body: Iterable[ast.AST], package: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Names that import statements bind, in the blocks of these statements but not in functions."""
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or top, (top, "")
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            module = importlib.util.resolve_name(origin, package) if node.level else origin
            for alias in node.names:
                yield alias.asname or alias.name, (module, alias.name)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _imports(ast.iter_child_nodes(node), package)


def _bound_by(statement: ast.stmt) -> set[str]:
    """Names that a statement at the top of a module makes, or changes in place."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    found = set()
    for node in _without_functions(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.add(_base(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found.add(_base(node.value.func))  # REGISTRY.update(…)
    return found - {""}


def _without_functions(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what it holds, without the insides of functions and classes."""
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _without_functions(child)


def _base(node: ast.AST) -> str:
    """``a`` of ``a.b[c].d``, or an empty string."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


# --- A syntax tree as tokens ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Reference:
    """A name of the module, or ``module``'s ``attribute`` by a local import, and what follows."""

    chain: tuple[str, ...]
    imported: tuple[str, str] | None = None


class _Dump:
    """Tokens of the nodes of one module; references are left to be resolved."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.tokens: list[str | _Reference] = []

    def node(self, node: ast.AST, scopes: tuple[tuple[Scope, bool], ...]) -> None:
        """Append a node; a scope is a pair: what it binds, and whether it is that of a class."""
        special = getattr(self, f"_{type(node).__name__}", None)
        if special is not None:
            special(node, scopes)
            return
        self.tokens.append(type(node).__name__)
        for name, value in ast.iter_fields(node):
            if name not in ("ctx", "kind", "type_comment", "type_params"):
                self._value(value, scopes)
        self.tokens.append(")")

    def _value(self, value: Any, scopes: Any) -> None:
        if isinstance(value, list):
            self.tokens.append("[")
            for item in value:
                self._value(item, scopes)
            self.tokens.append("]")
        elif isinstance(value, ast.AST):
            self.node(value, scopes)
        else:
            self.tokens.append(repr(value))

    def _Expr(self, node: ast.Expr, scopes: Any) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring does nothing
            self.node(node.value, scopes)

    def _Pass(self, node: ast.Pass, scopes: Any) -> None:
        pass

    def _Constant(self, node: ast.Constant, scopes: Any) -> None:
        self.tokens.append(f"{type(node.value).__name__} {node.value!r}")

    def _JoinedStr(self, node: ast.JoinedStr, scopes: Any) -> None:
        """Versions differ in how they cut the constant parts."""
        self.tokens.append("JoinedStr")
        text = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
                continue
            self.tokens.append(repr(text))
            text = ""
            self.node(part, scopes)
        self.tokens.append(repr(text))

    def _AnnAssign(self, node: ast.AnnAssign, scopes: Any) -> None:
        in_class = bool(scopes) and scopes[-1][1]
        if node.value is None and not in_class:
            return
        self.tokens.append("Assign")
        if in_class:  # a dataclass reads it
            self.tokens.append(ast.dump(node.annotation))
        self.node(node.target, scopes)
        if node.value is not None:
            self.node(node.value, scopes)

    def _Assign(self, node: ast.Assign, scopes: Any) -> None:
        self.tokens.append("Assign")
        for part in (*node.targets, node.value):
            self.node(part, scopes)

    def _Import(self, node: ast.Import | ast.ImportFrom, scopes: Any) -> None:
        for alias, (module, name) in _imports([node], self.source.package):
            if not self._own(module):
                self.tokens.append(f"import {module}:{name} {alias}")

    _ImportFrom = _Import

    def _own(self, module: str) -> bool:
        return module.partition(".")[0] in (PACKAGE, self.source.name.partition(".")[0])

    def _Name(self, node: ast.Name, scopes: Any) -> None:
        self._chain(node, (), scopes)

    def _Attribute(self, node: ast.Attribute, scopes: Any) -> None:
        names: list[str] = []
        base: ast.AST = node
        while isinstance(base, ast.Attribute):
            names.append(base.attr)
            base = base.value
        if isinstance(base, ast.Name):
            self._chain(base, tuple(reversed(names)), scopes)
            return
        self.node(base, scopes)
        self.tokens += [f".{name}" for name in reversed(names)]

    def _chain(self, base: ast.Name, names: tuple[str, ...], scopes: Any) -> None:
        """A name with attributes: local, by a local import, or of the module."""
        innermost = len(scopes) - 1
        for i in range(innermost, -1, -1):
            scope, is_class = scopes[i]
            if is_class and i != innermost:
                continue  # methods don't see the names of their class
            if base.id in scope:
                imported = scope[base.id]
                if imported is not None:
                    self.tokens.append(_Reference((base.id, *names), imported))
                    return
                break
        else:
            if isinstance(base.ctx, ast.Load):
                self.tokens.append(_Reference((base.id, *names)))
                return
        self.tokens.append(base.id)
        self.tokens += [f".{name}" for name in names]

    def _function(self, node: Any, scopes: Any) -> None:
        arguments = node.args
        self.tokens.append(f"def {getattr(node, 'name', '')}")
        for part in (*getattr(node, "decorator_list", ()), *arguments.defaults,
                     *(default for default in arguments.kw_defaults if default)):  # fmt: skip
            self.node(part, scopes)
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        extra = [a.arg if a else "" for a in (arguments.vararg, arguments.kwarg)]
        shape = [len(arguments.posonlyargs), len(arguments.args), len(arguments.kwonlyargs)]
        given = [default is not None for default in arguments.kw_defaults]
        self.tokens.append(repr([names, extra, shape, len(arguments.defaults), given]))
        body = node.body if isinstance(node.body, list) else [node.body]
        scope = _local_names(body, self.source.package)
        scope |= dict.fromkeys([*names, *extra])
        for part in body:
            self.node(part, (*scopes, (scope, False)))
        self.tokens.append(")")

    _FunctionDef = _AsyncFunctionDef = _Lambda = _function

    def _ClassDef(self, node: ast.ClassDef, scopes: Any) -> None:
        self.tokens.append(f"class {node.name}")
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.node(part, scopes)
        scope = _local_names(node.body, self.source.package)
        for statement in node.body:
            self.node(statement, (*scopes, (scope, True)))
        self.tokens.append(")")

    def _comprehension(self, node: Any, scopes: Any) -> None:
        self.tokens.append(type(node).__name__)
        targets = {
            n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)
        }
        # In a class body, the comprehension sees the class's names in its first iterable only.
        inner = (*scopes, (dict.fromkeys(targets), False))
        for g in node.generators:
            for part in (g.target, g.iter, *g.ifs):
                self.node(part, inner)
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                self.node(getattr(node, part), inner)
        self.tokens.append(")")

    _ListComp = _SetComp = _DictComp = _GeneratorExp = _comprehension


def _local_names(body: Iterable[ast.AST], package: str) -> Scope:
    """Names that the body of a function or class binds."""
    scope: Scope = {}
    outer: set[str] = set()
    for statement in body:
        for node in _in_scope(statement):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                scope[node.name] = None
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                scope[node.id] = None
            elif isinstance(node, ast.Global | ast.Nonlocal):
                outer |= set(node.names)
            elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
                scope[node.name] = None
    scope.update(_imports(body, package))
    return {name: where for name, where in scope.items() if name not in outer}


def _in_scope(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what it holds in the same scope."""
    yield node
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        yield from (n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
    elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _in_scope(child)


@functools.cache
def _tokens(name: str, path: str, package: str, symbol: str) -> tuple[str | _Reference, ...]:
    """Tokens of the statements that bind a symbol."""
    source = _parsed(name, path, package)
    dump = _Dump(source)
    for statement in source.bindings[symbol]:
        dump.node(statement, ())
    return tuple(dump.tokens)


# --- Following references ------------------------------------------------------------------------

Key = tuple[str, ...]
"""``("symbol", module, name)``, ``("module", name)``, ``("outside", text)``, ``("code", …)``."""


def _walk(function: Callable[..., Any]) -> dict[Key, list[str]]:
    """The tokens of all that is reached, with references as numbers, in the order met."""
    root = inspect.unwrap(function)
    while isinstance(root, functools.partial):
        root = inspect.unwrap(root.func)
    own = {PACKAGE, root.__module__.partition(".")[0]}
    numbers: dict[Key, int] = {}
    waiting: deque[Key] = deque()
    done: dict[Key, list[str]] = {}

    def number(key: Key) -> str:
        if key not in numbers:
            numbers[key] = len(numbers)
            waiting.append(key)
        return f"#{numbers[key]}"

    start, body = _start(root)
    number(start)
    while waiting:
        key = waiting.popleft()
        module, tokens = body if key == start and body else _content(key, own)
        done[key] = []
        for token in tokens:
            if isinstance(token, str):
                done[key].append(token)
            elif isinstance(token, tuple):
                done[key].append(number(token))
            else:
                found, rest = _resolve(token, module, own)
                done[key].append(found[1] if found[0] == "outside" else number(found))
                done[key] += [f".{name}" for name in rest]
    return done


def _start(function: Any) -> tuple[Key, tuple[str, list[Any]] | None]:
    """The key of the function, and its tokens where it is no symbol of a module."""
    module, name = function.__module__, function.__qualname__
    source = _source(module) if module != "__main__" else None
    if source is not None and name in source.bindings:
        return ("symbol", module, name), None
    if source is None:  # typed by hand
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        source = _Source(module, "", tree, {}, {})
        nodes: list[ast.AST] = list(tree.body)
    else:
        line = function.__code__.co_firstlineno
        nodes = [
            n
            for n in ast.walk(source.tree)
            if isinstance(n, ast.FunctionDef | ast.Lambda)
            and line == min([n.lineno, *(d.lineno for d in getattr(n, "decorator_list", ()))])
        ]
    dump = _Dump(source)
    for node in nodes:
        dump.node(node, ())
    held = [cell.cell_contents for cell in function.__closure__ or ()]
    return ("code", module, name), (module, [*dump.tokens, *_value_tokens(held, {PACKAGE})])


def _content(key: Key, own: set[str]) -> tuple[str, Iterable[Any]]:
    """The module of a key and the tokens of its content; a tuple among them is a key."""
    if key[0] == "module":
        source = _source(key[1])
        names = sorted(source.bindings) if source else []
        return key[1], [("symbol", key[1], name) for name in names if name != "__all__"]
    _, module, name = key
    source = _source(module)
    assert source is not None
    path = sys.modules[module].__file__ or ""
    tokens: list[Any] = list(_tokens(module, path, source.package, name))
    first = source.bindings[name][0]
    if not isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        value = vars(sys.modules[module]).get(name)
        if _counts(first, value):
            tokens += _value_tokens(value, own)
    return module, tokens


def _counts(statement: ast.stmt, value: Any) -> bool:
    """Whether the value found at run time counts: it is plain, or a table that starts not empty."""
    if isinstance(value, dict | list | set):
        made = getattr(statement, "value", None)
        return not (
            (isinstance(made, ast.Dict) and not made.keys)
            or (isinstance(made, ast.List | ast.Set) and not made.elts)
            or (isinstance(made, ast.Call) and not made.args and not made.keywords)
        )
    return True


def _value_tokens(value: Any, own: set[str], depth: int = 4) -> Iterator[Any]:
    """A value as tokens: plain ones as they are, functions and classes as keys, others by type."""
    if isinstance(value, float):
        yield f"{value:.{DIGITS}g}"
    elif isinstance(value, str | bytes | bool | int | complex | type(None)):
        yield repr(value)
    elif isinstance(value, FunctionType | type) and _top_level(value, own):
        yield _top_level(value, own)
    elif isinstance(value, functools.partial) and depth:
        yield from _value_tokens([value.func, value.args, value.keywords], own, depth - 1)
    elif isinstance(value, dict) and depth:
        for name, item in value.items():
            yield from _value_tokens(name, own, depth - 1)
            yield from _value_tokens(item, own, depth - 1)
    elif isinstance(value, set | frozenset) and depth:
        yield from sorted(token for item in value for token in _value_tokens(item, own, depth - 1)
                          if isinstance(token, str))  # fmt: skip
    elif isinstance(value, list | tuple) and depth:
        for item in value:
            yield from _value_tokens(item, own, depth - 1)
    elif is_dataclass(value) and not isinstance(value, type) and depth:
        yield type(value).__qualname__
        for field in fields(value):
            yield from _value_tokens(getattr(value, field.name, None), own, depth - 1)
    else:
        yield type(value).__qualname__


def _top_level(item: Any, own: set[str]) -> Key | None:
    """The key of a function or class that a module of one's own defines at its top."""
    item = inspect.unwrap(item)
    module, name = getattr(item, "__module__", None), getattr(item, "__qualname__", "")
    if not module or module.partition(".")[0] not in own or module == "__main__":
        return None
    source = _source(module)
    return ("symbol", module, name) if source and name in source.bindings else None


def _resolve(reference: _Reference, module: str, own: set[str]) -> tuple[Key, tuple[str, ...]]:
    """What a chain of names stands for, and the attributes that are left."""
    first, *rest = reference.chain
    if reference.imported is not None:
        key = _imported(*reference.imported, own)
    else:
        key = _member(module, first, own) or ("outside", first)  # a builtin
    while rest and key[0] == "module":
        found = _member(key[1], rest[0], own)
        if found is None:
            break
        key = found
        rest.pop(0)
    return key, tuple(rest)


def _imported(module: str, name: str, own: set[str]) -> Key:
    """What an import statement binds."""
    if module.partition(".")[0] not in own:
        return ("outside", f"{module}:{name}")
    importlib.import_module(module)
    if not name:
        return ("module", module)
    return _member(module, name, own) or ("outside", f"{module}:{name}")


def _member(module: str, name: str, own: set[str]) -> Key | None:
    """What a name stands for in a module of one's own, or ``None`` if it has no such name."""
    source = _source(module)
    here = vars(sys.modules[module])
    if source is not None and name in source.bindings:
        item = here.get(name)
        defined = isinstance(source.bindings[name][0], ast.FunctionDef | ast.ClassDef)
        if defined and isinstance(inspect.unwrap(item) if callable(item) else item,
                                  FunctionType | type):  # fmt: skip
            return _top_level(item, own) or ("symbol", module, name)  # another may stand there
        return ("symbol", module, name)
    if source is not None and name in source.imports:
        return _imported(*source.imports[name], own)
    try:
        item = getattr(sys.modules[module], name)
    except AttributeError:
        try:
            item = importlib.import_module(f"{module}.{name}")
        except ImportError:
            return None
    if isinstance(item, ModuleType):
        inside = item.__name__.partition(".")[0] in own
        return ("module", item.__name__) if inside else ("outside", item.__name__)
    found = _top_level(item, own) if isinstance(item, FunctionType | type) else None
    return found or ("outside", name)
