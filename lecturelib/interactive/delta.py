"""Many frames as one template and the choices that tell them apart.

All frames are laid over each other. Where they agree, the template has what they share; where they
do not, there is a *slot*: an attribute (or the inside of an element), its distinct values, and for
each frame the number of its value. To show a frame is to write its value into every slot that holds
another one, so frames can come in any order and nothing has to be undone.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lecturelib.interactive.svg import Node


@dataclass(frozen=True)
class Slot:
    """``values[choice[k]]`` stands at ``path`` in frame k; ``name`` "" is the element's inside.

    ``path`` counts child elements from the root; the value None says that the attribute is absent.
    """

    path: tuple[int, ...]
    name: str
    values: tuple[str | None, ...]
    choice: tuple[int, ...]


def _slot(path: tuple[int, ...], name: str, values: Sequence[str | None]) -> Slot:
    distinct = list(dict.fromkeys(values))
    number = {value: i for i, value in enumerate(distinct)}
    return Slot(path, name, tuple(distinct), tuple(number[v] for v in values))


def _keys(node: Node) -> list[str]:
    """Names of the children that are unique and keep their order: n-th tick, n-th line, ..."""
    seen: dict[str, int] = {}
    keys = []
    for child in node.children:
        seen[child.key] = seen.get(child.key, 0) + 1
        keys.append(f"{child.key}:{seen[child.key]}")
    return keys


def _merge(sequences: Sequence[list[str]]) -> list[str] | None:
    """One sequence that holds each of ``sequences`` in its order, or None where that clashes.

    >>> _merge([["a", "c"], ["a", "b", "c"]])
    ['a', 'b', 'c']
    >>> _merge([["a", "b"], ["b", "a"]]) is None
    True
    """
    merged = list(sequences[0])
    for sequence in sequences[1:]:
        at = 0
        for key in sequence:
            if key in merged[at:]:
                at = merged.index(key, at) + 1
            elif key in merged:
                return None
            else:
                merged.insert(at, key)
                at += 1
    return merged


def encode(frames: Sequence[Node], shown: int = 0) -> tuple[Node, list[Slot]]:
    """The template, which shows frame ``shown``, and the slots.

    >>> paths = [Node("path", {"d": d, "fill": "none"}) for d in ("M0 0", "M1 1")]
    >>> frames = [Node("svg", {}, [path]) for path in paths]
    >>> template, slots = encode(frames)
    >>> template.markup()
    '<svg><path d="M0 0" fill="none"/></svg>'
    >>> slots
    [Slot(path=(0,), name='d', values=('M0 0', 'M1 1'), choice=(0, 1))]
    """
    slots: list[Slot] = []
    return _align(list(frames), shown, (), slots), slots


def _align(nodes: list[Node], shown: int, path: tuple[int, ...], slots: list[Slot]) -> Node:
    template = Node(nodes[0].tag, dict(nodes[shown].attributes), [], nodes[shown].text)
    for name in dict.fromkeys(name for node in nodes for name in node.attributes):
        values = [node.attributes.get(name) for node in nodes]
        if any(v != values[0] for v in values):
            slots.append(_slot(path, name, values))

    keys = [_keys(node) for node in nodes]
    merged = keys[0] if all(k == keys[0] for k in keys) else _merge_groups(nodes, keys)
    if merged is None or any(node.text != nodes[0].text for node in nodes):
        slots.append(_slot(path, "", [node.inner() for node in nodes]))
        template.children = copy.deepcopy(nodes[shown].children)
        return template

    by_key = [dict(zip(k, node.children, strict=True)) for k, node in zip(keys, nodes, strict=True)]
    for i, key in enumerate(merged):
        found = [children.get(key) for children in by_key]
        present = [child for child in found if child is not None]
        if len(present) == len(nodes):
            template.children.append(_align(present, shown, (*path, i), slots))
            continue
        # Absent from some frames: its place is kept by an empty group, which draws nothing.
        values = [child.markup() if child else "" for child in found]
        slots.append(_slot((*path, i), "", values))
        now = found[shown]
        template.children.append(Node("g", {}, [copy.deepcopy(now)] if now else []))
    return template


def _merge_groups(nodes: list[Node], keys: list[list[str]]) -> list[str] | None:
    """Merged keys where matplotlib's groups (ticks, lines, texts) come and go; else None.

    Glyphs of a text and points of a line have no names of their own: those are replaced as a whole.
    """
    if not any(child.tag == "g" for node in nodes for child in node.children):
        return None
    return _merge(keys)


def decode(template: Node, slots: Sequence[Slot], frame: int) -> str:
    """The markup that the page shows for ``frame``: the reference for the player in JavaScript."""
    root = copy.deepcopy(template)
    inside: dict[int, str] = {}
    for slot in slots:
        node = root
        for i in slot.path:
            node = node.children[i]
        value = slot.values[slot.choice[frame]]
        if not slot.name:
            inside[id(node)] = value or ""
        elif value is None:
            node.attributes.pop(slot.name, None)
        else:
            node.attributes[slot.name] = value

    def build(node: Node) -> Node:
        if id(node) not in inside:
            return Node(node.tag, node.attributes, [build(c) for c in node.children], node.text)
        mark = f"\0{id(node)}\0"
        return Node(node.tag, node.attributes, [], mark)

    markup = build(root).markup()
    for key, value in inside.items():
        markup = markup.replace(f"\0{key}\0", value)
    return markup


def payload(slots: Sequence[Slot]) -> dict[str, Any]:
    """The slots as the player reads them: ``choices`` are shared, as many slots move alike."""
    choices: dict[tuple[int, ...], int] = {}
    rows = []
    for slot in slots:
        number = choices.setdefault(slot.choice, len(choices))
        rows.append([list(slot.path), slot.name, list(slot.values), number])
    return {"slots": rows, "choices": [list(choice) for choice in choices]}
