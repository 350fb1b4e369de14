"""backprop-order."""

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


RIGHT = [depth_first, by_counting, lambda inputs, output: tuple(depth_first(inputs, output))]


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

UNLISTED = [
    (lambda inputs, output: [output], "node-missing", "depends on"),
    (lambda inputs, output: list(inputs)[::-1], "forward-order", "starts at"),
    (lambda inputs, output: 7, "not-a-list", "list"),
]
