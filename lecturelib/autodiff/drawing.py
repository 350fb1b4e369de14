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

    Source: the layers, the bends of long edges and the order are those of Sugiyama et al. (1981),
    Methods for Visual Understanding of Hierarchical System Structures, in three sweeps.
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
    """Place each node in a layer below its parents, and draw boxes and arrows."""
    layer = _layers(parents)
    widths = [16 + CHARACTER * max(map(len, label)) for label in labels]
    routes, rows, above = _route(layer, parents)
    position = _place(rows, above, widths + [0.0] * (len(above) - len(widths)))
    width = max(x + w / 2 for x, w in zip(position, widths, strict=False)) + GAP
    width = max(width, max(position) + GAP)
    height = LAYER * (len(rows) - 1) + HEIGHT + 2 * GAP
    top = {i: GAP + LAYER * r for r, members in enumerate(rows) for i in members}
    shapes = []
    for k, route in enumerate(routes):
        ends = route[0], route[-1]
        twins = [n for n, other in enumerate(routes) if (other[0], other[-1]) == ends]
        aside = GAP / 2 + 10 * (twins.index(k) - (len(twins) - 1) / 2)  # x * x has two arrows
        x, y = position[route[0]] + aside, top[route[0]] + HEIGHT
        path = f"M{x:.1f} {y}"
        for i in route[1:]:  # a bend is passed straight down, between the boxes of its layer
            u, v = position[i] + aside, top[i] - (5 if i == route[-1] else 0)
            path += f"C{x:.1f} {y + 18} {u:.1f} {v - 17} {u:.1f} {v}"
            x, y = u, v
            if i != route[-1]:
                path += f"V{(y := v + HEIGHT)}"
        shapes.append(
            f'<path d="{path}" fill="none" stroke="currentColor"/>'
            f'<path d="M{x:.1f} {y + 5}l-4 -7h8z" fill="currentColor"/>'
        )
    for i, ((label, shape), w, p) in enumerate(zip(labels, widths, parents, strict=True)):
        x, y, rounded = position[i] + GAP / 2, top[i], 3 if p else HEIGHT // 2
        shapes.append(
            f'<rect x="{x - w / 2:.1f}" y="{y}" width="{w:.1f}" height="{HEIGHT}" rx="{rounded}" '
            f'fill="none" stroke="currentColor"/>'
            f'<text x="{x:.1f}" y="{y + 14}" font-weight="bold">{escape(label)}</text>'
            f'<text x="{x:.1f}" y="{y + 28}" opacity="0.8">{escape(shape)}</text>'
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


def _layers(parents: list[list[int]]) -> list[int]:
    """Return the layer of each node: below all parents; an input just above its first use."""
    layer = [0] * len(parents)
    for i, p in enumerate(parents):
        layer[i] = 1 + max((layer[j] for j in p), default=-1)
    for i in range(len(parents)):
        uses = [layer[k] for k in range(i + 1, len(parents)) if i in parents[k]]
        layer[i] = min(uses) - 1 if uses and not parents[i] else layer[i]
    return layer


def _route(
    layer: list[int], parents: list[list[int]]
) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """Give each edge over several layers a bend in every layer between.

    Returns the route of each edge, the members of each layer, and what is above each member; bends
    are members numbered after the nodes.
    """
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for i, row in enumerate(layer):
        rows[row].append(i)
    above: list[list[int]] = [[] for _ in layer]
    routes = []
    for i, p in enumerate(parents):
        for j in p:
            route = [j]
            for row in range(layer[j] + 1, layer[i]):
                above.append([route[-1]])
                route.append(len(above) - 1)
                rows[row].append(route[-1])
            above[i].append(route[-1])
            routes.append([*route, i])
    return routes, rows, above


def _place(rows: list[list[int]], above: list[list[int]], widths: list[float]) -> list[float]:
    """Return x of each member: near the mean of its neighbours, in sweeps down, up and down."""
    below: list[list[int]] = [[] for _ in above]
    for i, p in enumerate(above):
        for j in p:
            below[j].append(i)
    position = [0.0] * len(above)
    for neighbours, order in ((above, rows), (below, rows[::-1]), (above, rows)):
        for members in order:
            wish = {i: _mean([position[j] for j in neighbours[i]], position[i]) for i in members}
            right, placed = -float("inf"), []
            for i in sorted(members, key=lambda i: wish[i]):
                position[i] = max(wish[i], right + widths[i] / 2)
                right = position[i] + widths[i] / 2 + GAP
                placed.append(i)
            shift = _mean([position[i] - wish[i] for i in placed], 0.0)  # no drift to the right
            for i in placed:
                position[i] -= shift
    left = min(x - w / 2 for x, w in zip(position, widths, strict=True))
    return [x - left for x in position]


def _mean(values: list[float], default: Any) -> float:
    return sum(values) / len(values) if values else default
