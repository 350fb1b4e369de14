"""cost-functions-least-squares."""

import numpy as np
import torch

SLUG = "cost-functions-least-squares"


def ones(X):
    return torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], 1)


def normal_equations(X, y, scale, power=-2):
    A, v = ones(X), scale**power
    theta = torch.linalg.solve((A.T * v) @ A, (A.T * v) @ y)
    return theta[:-1], theta[-1]


def with_numpy(X, y, scale):
    A = np.column_stack([np.ones(len(X)), X]) / np.reshape(scale, (-1, 1))
    theta = np.linalg.lstsq(A, y / scale, rcond=None)[0]
    return theta[1:], theta[0]


class WithPseudoinverse:
    def __call__(self, X, y, scale):
        W = np.diag(1 / np.asarray(scale))
        theta = np.linalg.pinv(W @ np.c_[X, np.ones(len(X))]) @ W @ y
        return {"bias": theta[-1], "weight": theta[:-1]}


def in_float32(X, y, scale):
    A, s = ones(X.float()), scale.float()[:, None]
    theta = torch.linalg.lstsq(A / s, y.float()[:, None] / s).solution[:, 0]
    return theta[:-1], theta[-1]


RIGHT = [normal_equations, with_numpy, WithPseudoinverse(), in_float32]


def with_bias(bias):
    def answer(X, y, scale):
        weight, right = normal_equations(X, y, scale)
        return weight, bias(X, y, weight, right)

    return answer


def with_power(power):
    return lambda X, y, scale: normal_equations(X, y, scale, power)


def rows(columns=True, one=True, target=True):
    """Rows of which only some entries are divided by the noise."""

    def answer(X, y, scale):
        s = scale[:, None]
        unit = torch.ones_like(s)
        A = torch.cat([X / s if columns else X, unit / s if one else unit], 1)
        theta = torch.linalg.lstsq(A, (y / scale if target else y)[:, None]).solution[:, 0]
        return theta[:-1], theta[-1]

    return answer


def plain_means(X, y, scale):
    A, v = X - X.mean(0), scale**-2
    weight = torch.linalg.solve((A.T * v) @ A, (A.T * v) @ (y - y.mean()))
    return weight, y.mean() - X.mean(0) @ weight


def ridge(penalty):
    def answer(X, y, scale):
        A = ones(X) / scale[:, None]
        gram = A.T @ A + penalty * torch.eye(A.shape[1], dtype=X.dtype)
        theta = torch.linalg.solve(gram, A.T @ (y / scale))
        return theta[:-1], theta[-1]

    return answer


def cut_off(X, y, scale):
    A = np.c_[X, np.ones(len(X))] / np.reshape(scale, (-1, 1))
    theta = np.linalg.lstsq(A, y / scale, rcond=1e-4)[0]
    return theta[:-1], theta[-1]


WRONG = {
    "noise-ignored": with_power(0),
    "weighted-by-the-deviation": with_power(-1),
    "weighted-fourfold": with_power(-4),
    "noisy-ones-count-more": with_power(2),
    "ones-not-divided": rows(one=False),
    "target-not-divided": rows(target=False),
    "target-alone-divided": rows(columns=False, one=False),
    "plain-means": plain_means,
    "bias-from-plain-means": with_bias(lambda X, y, w, b: (y - X @ w).mean()),
    "bias-zero": with_bias(lambda X, y, w, b: 0.0),
    "bias-negative": with_bias(lambda X, y, w, b: -b),
    "order": lambda *a: normal_equations(*a)[::-1],
    "wrong-number-of-values": lambda *a: normal_equations(*a)[0],
    "penalty-0.001": ridge(1e-3),
    "penalty-1e-05": ridge(1e-5),
}

UNLISTED = [
    (cut_off, "only-sometimes", "1e-5"),
    (lambda *a: (2 * normal_equations(*a)[0], 0.0), "factor", "a fixed 2"),
    (with_bias(lambda X, y, w, b: y.median()), "different", "The weight is right"),
    (with_power(-3), "only-sometimes", "at the minimum it is 0"),
]
