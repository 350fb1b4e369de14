"""backprop-order."""

import graphlib
from collections import deque

import numpy as np

SLUG = "backprop-order"


def depth_first(inputs, output):
    order = []

    def visit(node):
        if node not in order:
            for parent in inputs[node]:
                visit(parent)
            order.append(node)

    visit(output)
    return order[::-1]


def by_counting(inputs, output):
    """Kahn's algorithm: a node's turn comes when no user of it is left."""
    needed = set(depth_first(inputs, output))
    users = {n: sum(inputs[m].count(n) for m in needed) for n in needed}
    order, ready = [], [output]
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in inputs[node]:
            users[parent] -= 1
            if not users[parent]:
                ready.append(parent)
    return order


class WithGraphlib:
    def __call__(self, inputs, output):
        needed = set(depth_first(inputs, output))
        sorter = graphlib.TopologicalSorter({node: inputs[node] for node in needed})
        return list(sorter.static_order())[::-1]


def by_depth(inputs, output):
    """How long the longest way to an input is settles the turn; how near the output is does not."""
    depth = {}

    def measure(node):
        if node not in depth:
            depth[node] = 1 + max((measure(parent) for parent in inputs[node]), default=0)
        return depth[node]

    measure(output)
    return deque(sorted(depth, key=lambda node: -depth[node]))


RIGHT = [
    depth_first,
    by_counting,
    lambda inputs, output: tuple(depth_first(inputs, output)),
    WithGraphlib(),
    by_depth,
    lambda inputs, output: dict.fromkeys(depth_first(inputs, output)).keys(),
    lambda inputs, output: np.array(depth_first(inputs, output)),
]


def breadth_first(inputs, output):
    order = [output]
    for node in order:
        order += [p for p in dict.fromkeys(inputs[node]) if p not in order]
    return order


def every_edge(inputs, output):
    order = [output]
    for node in order:
        order += inputs[node]
    return order


WRONG = {
    "visited-too-early": breadth_first,
    "forward-order": lambda inputs, output: depth_first(inputs, output)[::-1],
    "visited-twice": every_edge,
    "node-missing": lambda inputs, output: [n for n in depth_first(inputs, output) if inputs[n]],
    "unneeded-node": lambda inputs, output: by_counting({**inputs, "": list(inputs)}, "")[1:],
    "not-a-list": lambda inputs, output: output,
    "unknown-node": lambda inputs, output: list(range(len(inputs))),
}


def of_the_whole_graph(inputs, output):
    """Counts the uses by nodes, too, on which the output does not depend."""
    uses = {n: sum(inputs[m].count(n) for m in inputs) for n in inputs}
    order = [output]
    for node in order:
        for parent in inputs[node]:
            uses[parent] -= 1
            if not uses[parent]:
                order.append(parent)
    return order


def users_against_edges(inputs, output):
    """Counts a node's users, and takes one off for each edge."""
    needed = set(depth_first(inputs, output))
    uses = {n: sum(n in inputs[m] for m in needed) for n in needed}
    order = [output]
    for node in order:
        for parent in inputs[node]:
            uses[parent] -= 1
            if not uses[parent]:
                order.append(parent)
    return order


def along_all_paths(inputs, output):
    def walk(node):
        return [node] + [n for parent in inputs[node] for n in walk(parent)]

    return list(dict.fromkeys(walk(output)[::-1]))[::-1]


UNLISTED = [
    (of_the_whole_graph, "node-missing", "depends on"),
    (users_against_edges, "visited-too-early", "not complete"),
    (along_all_paths, "too-slow", "still running"),
    (lambda inputs, output: set(depth_first(inputs, output)), "not-a-list", "no order"),
    (lambda inputs, output: [output], "node-missing", "depends on"),
    (lambda inputs, output: list(inputs)[::-1], "forward-order", "starts at"),
    (lambda inputs, output: 7, "not-a-list", "list"),
]
