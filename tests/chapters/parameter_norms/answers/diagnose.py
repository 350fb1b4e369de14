"""parameter-norms-diagnose."""

import torch

from lecturelib.exercises import given

SLUG = "parameter-norms-diagnose"
DATA = given(SLUG)


def by_looking():
    X, y, names = DATA["X"], DATA["y"], {}
    for letter in "abcde":
        w = DATA[letter]
        g = X.T @ (X @ w - y) / len(X)
        sizes = w.abs()
        if (w == 0).any():
            names[letter] = "l1"
        elif ((sizes - sizes.max()).abs() < 1e-6).sum() > 1:
            names[letter] = "ball"
        elif g.norm() < 1e-6:
            names[letter] = "none"
        else:
            cosine = torch.cosine_similarity(g, w, dim=0)
            names[letter] = "l2" if cosine < -0.9999 else "stopped"
    return names


FOUND = by_looking()
ROW = [FOUND[letter] for letter in "abcde"]


def exchanged(one, other):
    swap = {one: other, other: one}
    return [swap.get(name, name) for name in ROW]


RIGHT = [FOUND, ROW, ", ".join(ROW), tuple(name.upper() for name in ROW)]

WRONG = {
    "two-exchanged": exchanged("l2", "stopped"),
    "several-wrong": ROW[1:] + ROW[:1],
    "one-twice": [ROW[0], ROW[0], *ROW[2:]],
    "not-names": ["l1"],
}

UNLISTED = [
    (exchanged("l1", "ball"), "two-exchanged", "zeros"),
    (exchanged("none", "stopped"), "two-exchanged", "gradient of the loss is 0"),
    (exchanged("l1", "l2"), "two-exchanged", "equal sizes"),
    (7, "not-names", "five names"),
]
