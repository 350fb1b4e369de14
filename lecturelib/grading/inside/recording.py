"""Count the checks of a hidden test one by one, where an ``assert`` would stop at the first."""

from __future__ import annotations

import ast
from typing import Any

NAME = "__lecturelib_record__"


class _Asserts(ast.NodeTransformer):
    """``assert value, message`` becomes: evaluate it, and record what came out."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        code = f"try:\n {NAME}(value=0)\nexcept Exception as {NAME}e:\n {NAME}(error={NAME}e)"
        made = ast.parse(code).body[0]
        assert isinstance(made, ast.Try)
        call = made.body[0].value  # type: ignore[attr-defined]
        call.keywords[0].value = node.test
        return ast.fix_missing_locations(ast.copy_location(made, node))


class Record:
    """Collects what the checks of one test gave, in order."""

    def __init__(self, reply_class: type) -> None:
        self._reply_class = reply_class
        self.found: list[dict[str, Any]] = []

    def __call__(self, value: Any = None, error: BaseException | None = None) -> None:
        """One check came out as ``value``, or raised ``error``."""
        if error is not None:
            kind = type(error).__name__[:80]
            self.found.append({"passed": False, "code": "error", "says": f"It raised {kind}."})
        elif type(value) is self._reply_class:
            reply: Any = value
            status = str(reply.status)
            self.found.append(
                {
                    "passed": status == "passed",
                    "status": status,
                    "code": str(reply.code)[:80],
                    "says": str(reply.says)[:2000],
                }
            )
        else:
            self.found.append({"passed": bool(value), "foreign": not _is_plain(value)})


def _is_plain(value: Any) -> bool:
    """Whether a value is of a class that says truly whether it is true."""
    module = type(value).__module__.partition(".")[0]
    return type(value) in (bool, int, float, str, list, tuple, dict, set) or module in (
        "numpy",
        "torch",
    )


def run(source: str, names: dict[str, Any], reply_class: type) -> list[dict[str, Any]]:
    """Run a test; what its checks gave. What stops it in the middle is recorded last.

    >>> from lecturelib.exercises import Reply
    >>> found = run("assert x > 1\\nassert x > 3\\nraise OSError", {"x": 2}, Reply)
    >>> [one["passed"] for one in found], found[-1]["says"]
    ([True, False, False], 'It raised OSError.')
    """
    record = Record(reply_class)
    tree = ast.fix_missing_locations(_Asserts().visit(ast.parse(source)))
    names[NAME] = record
    try:
        exec(compile(tree, "<hidden test>", "exec"), names)
    except Exception as error:
        record(error=error)
        record.found[-1]["stopped"] = True
    except BaseException as error:  # an answer that exits
        record(error=error)
        record.found[-1].update(stopped=True, exits=True)
    return record.found
