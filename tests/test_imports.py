"""Imports point downward, from chapters to engines to the library, and never in a circle."""

from __future__ import annotations

import graphlib

from lecturelib.fingerprint import Sources, reads
from tools.course import ROOT

SOURCES = Sources(ROOT)
LAYERS = (
    {"contents", "fingerprint", "outlines"},  # know names, and import nothing of what they name
    {
        "_autocast",
        "_columns",
        "_computed",
        "_device",
        "_evaluation_mode",
        "_once",
        "_precision",
        "_scale",
    },
    {"data", "models", "training", "instruments", "experiments"},
    {"claims", "exercises", "grading", "interactive", "figures", "notebook", "topics"},
    {"chapters"},
)
MATHEMATICS = 1.5  # every other room stands between the checks and the data


def level(module: str) -> float:
    """How high a module stands; the mathematics where it is not named."""
    room = module.split(".")[1] if "." in module else ""
    return next((n for n, rooms in enumerate(LAYERS) if room in rooms), MATHEMATICS)


def imports() -> dict[str, set[str]]:
    """The modules of the package, and which of the others each of them imports."""
    found = {}
    for path in (ROOT / "lecturelib").rglob("*.py"):
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        package = dotted if path.name == "__init__.py" else dotted.rpartition(".")[0]
        named = reads(path.read_text(encoding="utf-8"), package).names
        modules = {m[0] for name in named if (m := SOURCES.module(name))}
        found[dotted] = modules - {dotted, "lecturelib"}
    return found


def test_no_import_points_upward():
    upward = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if module != "lecturelib" and level(other) > level(module)
    ]
    assert upward == []


def test_no_chapter_imports_another():
    crossing = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if module.startswith("lecturelib.chapters.")
        and other.startswith("lecturelib.chapters.")
        and module.split(".")[2] != other.split(".")[2]
    ]
    assert crossing == []


def test_no_imports_in_a_circle():
    """Between rooms: within one, a package and its modules name each other."""
    rooms: dict[str, set[str]] = {}
    for module, others in imports().items():
        if "." in module:
            room = module.split(".")[1]
            rooms.setdefault(room, set()).update(o.split(".")[1] for o in others if "." in o)
            rooms[room].discard(room)
    tuple(graphlib.TopologicalSorter(rooms).static_order())  # raises CycleError
