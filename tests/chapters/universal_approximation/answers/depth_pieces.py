"""universal-approximation-depth-pieces."""

SLUG = "universal-approximation-depth-pieces"


def powers(w, n):
    return w**n, w * n + 1, w**n - 1


def folded(width, layers):
    pieces = 1
    for _ in range(layers):
        pieces *= width
    return [pieces, sum([width] * layers) + 1, pieces - 1]


RIGHT = [powers, folded]

WRONG = {
    "added-not-multiplied": lambda w, n: (w * n, w * n + 1, w * n - 1),
    "base-and-exponent": lambda w, n: (n**w, w * n + 1, n**w - 1),
    "one-fold-too-many": lambda w, n: ((w + 1) ** n, w * n + 1, (w + 1) ** n - 1),
    "always-two": lambda w, n: (2**n, w * n + 1, 2**n - 1),
    "one-layer-too-few": lambda w, n: (w ** (n - 1), w * n + 1, w ** (n - 1) - 1),
    "bends-not-pieces": lambda w, n: (w**n, w * n, w**n - 1),
    "one-layer-only": lambda w, n: (w**n, w + 1, w**n - 1),
    "pieces-for-units": lambda w, n: (w**n, w * n + 1, w**n),
}

UNLISTED = [
    (lambda w, n: (w**n, w * n + 1), "wrong-number-of-values", "3 values"),
    (lambda w, n: (w**n, w**n - 1, w * n + 1), "order", "another order"),
    (lambda w, n: (w**n, w * n + 1, 7), "different", "The deep pieces and the shallow pieces are"),
]
