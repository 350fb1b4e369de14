"""Pictures of computational graphs, laid out in layers, as SVG that follows the page's colours."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from lecturelib.autodiff.engine import GraphError, Node, Tensor

HEIGHT, GAP, LAYER, CHARACTER = 34, 18, 62, 7.6  # of a box, between boxes, between layers; pixels


class Drawing:
    """A graph as a picture in a notebook, and as a list of operations in plain text.

    Attributes:
        svg: The picture, for a page or a file.
        operations: A line for each node, inputs first.
    """

    def __init__(self, svg: str, operations: list[str]) -> None:
        self.svg, self.operations = svg, operations

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return "\n".join(self.operations)


def draw(tensor: Tensor, names: Mapping[str, Tensor] | None = None) -> Drawing:
    """Draw the graph that led to a tensor: leaves on top, the tensor at the bottom.

    Every box is a node with its operation and shape, every arrow an edge along which backward will
    carry a gradient. Inputs that need no gradient are not part of the graph.

    Args:
        tensor: A recorded result whose graph has not been freed.
        names: Names for tensors of the graph.

    Returns:
        A `Drawing`: an SVG picture, whose repr is a list of the operations.

    Raises:
        GraphError: If there is no graph, or backward has freed it.

    Example:
        >>> w, b = Tensor([2.0], requires_grad=True), Tensor([1.0], requires_grad=True)
        >>> draw((w * 3 + b).tanh(), {"w": w, "b": b})
        0: w (1,)
        1: b (1,)
        2: × (1,) of 0
        3: + (1,) of 2, 1
        4: tanh (1,) of 3

    Source: the layers and the order within them are those of Sugiyama et al. (1981), Methods for
    Visual Understanding of Hierarchical System Structures, with one sweep of barycentres.
    Chapter: backprop.
    """
    nodes = _nodes(tensor)
    number = {node: i for i, node in enumerate(nodes)}
    known = {x.node: name for name, x in (names or {}).items() if x.node is not None}
    parents = [[number[edge[0]] for edge in node.edges or ()] for node in nodes]
    labels = [(known.get(node, node.operation), str(node.shape)) for node in nodes]
    operations = [
        f"{i}: {label} {shape}" + (f" of {', '.join(map(str, p))}" if p else "")
        for i, ((label, shape), p) in enumerate(zip(labels, parents, strict=True))
    ]
    return Drawing(_svg(labels, parents), operations)


def _nodes(tensor: Tensor) -> list[Node]:
    """Return the nodes of the graph in the order of their creation."""
    if tensor.node is None:
        raise GraphError("draw: no input of this tensor requires a gradient")
    reached, stack = {tensor.node}, [tensor.node]
    while stack:
        edges = stack.pop().edges
        if edges is None:
            raise GraphError("draw: backward has freed the graph; draw before, or retain_graph")
        new = {edge[0] for edge in edges} - reached
        reached |= new
        stack += new
    return sorted(reached, key=lambda node: node.number)


def _svg(labels: list[tuple[str, str]], parents: list[list[int]]) -> str:
    """Place each node in a layer below its parents, near their mean, and draw boxes and arrows."""
    layer, position = [0] * len(labels), [0.0] * len(labels)
    for i, p in enumerate(parents):
        layer[i] = 1 + max((layer[j] for j in p), default=-1)
    for i in reversed(range(len(labels))):  # an input moves down to just above its first use
        uses = [layer[k] for k in range(i + 1, len(labels)) if i in parents[k]]
        layer[i] = min(uses) - 1 if uses and not parents[i] else layer[i]
    widths = [16 + CHARACTER * max(map(len, label)) for label in labels]
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for i, row in enumerate(layer):
        rows[row].append(i)
    for members in rows:
        wish = {i: _mean([position[j] for j in parents[i]], position[i]) for i in members}
        right = 0.0
        for i in sorted(members, key=lambda i: wish[i]):
            position[i] = max(wish[i], right + widths[i] / 2)
            right = position[i] + widths[i] / 2 + GAP
    width = max(x + w / 2 for x, w in zip(position, widths, strict=True)) + GAP
    height = LAYER * (len(rows) - 1) + HEIGHT + 2 * GAP
    top = [GAP + LAYER * row for row in layer]
    shapes = []
    for i, p in enumerate(parents):
        for j in p:
            x, y, u, v = position[j] + GAP / 2, top[j] + HEIGHT, position[i] + GAP / 2, top[i]
            shapes.append(
                f'<path d="M{x:.1f} {y}C{x:.1f} {y + 18} {u:.1f} {v - 22} {u:.1f} {v - 5}" '
                f'fill="none" stroke="currentColor"/>'
                f'<path d="M{u:.1f} {v}l-4 -7h8z" fill="currentColor"/>'
            )
    for (label, shape), x, y, w, p in zip(labels, position, top, widths, parents, strict=True):
        left, rounded = x - w / 2 + GAP / 2, 3 if p else HEIGHT // 2
        shapes.append(
            f'<rect x="{left:.1f}" y="{y}" width="{w:.1f}" height="{HEIGHT}" rx="{rounded}" '
            f'fill="none" stroke="currentColor"/>'
            f'<text x="{x + GAP / 2:.1f}" y="{y + 14}" font-weight="bold">{escape(label)}</text>'
            f'<text x="{x + GAP / 2:.1f}" y="{y + 28}" opacity="0.8">{escape(shape)}</text>'
        )
    leaves = [label for (label, _), p in zip(labels, parents, strict=True) if not p]
    title = f"Computational graph from {', '.join(leaves)} to {labels[-1][0]}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{escape(title)}" color="currentColor" font-family="monospace" font-size="12" '
        f'text-anchor="middle"><title>{escape(title)}</title>'
        f'<g fill="currentColor">{"".join(shapes)}</g></svg>'
    )


def _mean(values: list[float], default: Any) -> float:
    return sum(values) / len(values) if values else default
