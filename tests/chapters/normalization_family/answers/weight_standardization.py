"""normalization-family-weight-standardization."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "normalization-family-weight-standardization"


def gradients(grad, v, g):
    d = v - v.mean(1, keepdim=True)
    size = d.norm(dim=1, keepdim=True)
    z = d / size
    inner = (grad * z).sum(1, keepdim=True)
    return g / size * (grad - grad.mean(1, keepdim=True) - z * inner), inner


def in_numpy(grad, v, g):
    grad, v, g = (np.asarray(a) for a in (grad, v, g))
    n = v.shape[1]
    center = np.eye(n) - 1 / n
    d = v @ center
    size = np.linalg.norm(d, axis=1, keepdims=True)
    inner = (grad * d).sum(1, keepdims=True) / size
    return g / size * (grad - d * inner / size) @ center, inner


RIGHT = [gradients, in_numpy, in_float32(gradients), as_object(gradients)]


def with_v(change):
    def answer(grad, v, g):
        d = v - v.mean(1, keepdim=True)
        size = d.norm(dim=1, keepdim=True)
        z = d / size
        inner = (grad * z).sum(1, keepdim=True)
        return change(grad, grad.mean(1, keepdim=True), z, inner, size, g), inner

    return answer


def with_g(change):
    return lambda grad, v, g: (gradients(grad, v, g)[0], change(grad, v))


def weight_norm(grad, v, g):
    size = v.norm(dim=1, keepdim=True)
    inner = (grad * v).sum(1, keepdim=True) / size
    return g / size * (grad - v / size * inner), inner


def by_autograd(grad, v, g):
    leaves = [v.detach().clone().requires_grad_(), g.detach().clone().requires_grad_()]
    d = leaves[0] - leaves[0].mean(1, keepdim=True)
    w = leaves[1] * d / d.norm(dim=1, keepdim=True)
    return torch.autograd.grad(w, leaves, grad)


WRONG = {
    "weight-norm": weight_norm,
    "mean-term-missing": with_v(lambda r, m, z, i, n, g: g / n * (r - z * i)),
    "part-along-missing": with_v(lambda r, m, z, i, n, g: g / n * (r - m)),
    "held-constant": with_v(lambda r, m, z, i, n, g: g / n * r),
    "part-along-doubled": with_v(lambda r, m, z, i, n, g: g / n * (r - m - 2 * z * i)),
    "g-missing": with_v(lambda r, m, z, i, n, g: (r - m - z * i) / n),
    "g-squared": with_v(lambda r, m, z, i, n, g: g**2 * (r - m - z * i) / n),
    "length-missing": with_v(lambda r, m, z, i, n, g: g * (r - m - z * i)),
    "length-squared": with_v(lambda r, m, z, i, n, g: g * (r - m - z * i) / n**2),
    "g-not-divided": with_g(lambda r, v: (r * (v - v.mean(1, keepdim=True))).sum(1, keepdim=True)),
    "g-averaged": with_g(lambda r, v: gradients(r, v, 1.0)[1] / v.shape[1]),
    "automatic-differentiation": by_autograd,
}

UNLISTED = [
    (with_g(lambda r, v: r.sum(1, keepdim=True)), "different", "grad_v"),
    (lambda grad, v, g: grad, "wrong-number-of-values", "2 values"),
    (with_v(lambda r, m, z, i, n, g: 7 * g / n * (r - m - z * i)), "factor", "7"),
]
