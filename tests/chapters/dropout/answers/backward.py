"""dropout-backward."""

import numpy as np

SLUG = "dropout-backward"


def plain(X, W, D, p, G):
    return D * (G @ W) / (1 - p), G.T @ (D * X / (1 - p))


def by_samples(X, W, D, p, G):
    dX, dW = 0 * X, 0 * W
    for n in range(len(X)):
        factor = D[n] / (1 - p)
        dX[n] = factor * (G[n] @ W)
        for o in range(len(W)):
            dW[o] = dW[o] + G[n, o] * factor * X[n]
    return dX, dW


def with_numpy(X, W, D, p, G):
    seen = np.multiply(D, X) / (1 - p)
    return np.einsum("no,oi,ni->ni", G, W, D) / (1 - p), np.einsum("no,ni->oi", G, seen)


class Vjp:
    def __call__(self, X, W, D, p, G):
        mask = D / (1 - p)
        return {"dW": G.T @ (mask * X), "dX": mask * (G @ W)}


def in_float32(X, W, D, p, G):
    return plain(X.float(), W.float(), D.float(), p, G.float())


RIGHT = [plain, by_samples, with_numpy, Vjp(), in_float32]

WRONG = {
    "mask-forgotten-in-dx": lambda X, W, D, p, G: (G @ W / (1 - p), G.T @ (D * X / (1 - p))),
    "mask-forgotten-in-dw": lambda X, W, D, p, G: (D * (G @ W) / (1 - p), G.T @ X / (1 - p)),
    "factor-forgotten-in-dx": lambda X, W, D, p, G: (D * (G @ W), G.T @ (D * X / (1 - p))),
    "factor-forgotten-in-dw": lambda X, W, D, p, G: (D * (G @ W) / (1 - p), G.T @ (D * X)),
    "factors-forgotten": lambda X, W, D, p, G: (D * (G @ W), G.T @ (D * X)),
    "one-over-p": lambda X, W, D, p, G: (D * (G @ W) / p, G.T @ (D * X) / p),
    "factor-in-place-of-its-inverse": lambda X, W, D, p, G: (
        D * (G @ W) * (1 - p),
        G.T @ (D * X) * (1 - p),
    ),
    "factor-twice": lambda X, W, D, p, G: (
        D * (G @ W) / (1 - p) ** 2,
        G.T @ (D * X / (1 - p)),
    ),
    "averaged": lambda X, W, D, p, G: (
        D * (G @ W) / (1 - p),
        G.T @ (D * X / (1 - p)) / len(X),
    ),
}

UNLISTED = [
    (lambda X, W, D, p, G: D * (G @ W) / (1 - p), "wrong-number-of-values", "dW"),
    (
        lambda X, W, D, p, G: (plain(X, W, D, p, G)[0], plain(X, W, D, p, G)[1].T),
        "wrong-shape",
        "transposed",
    ),
    (
        lambda X, W, D, p, G: (-plain(X, W, D, p, G)[0], plain(X, W, D, p, G)[1]),
        "sign",
        "wrong sign",
    ),
]
