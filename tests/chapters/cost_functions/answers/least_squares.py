"""cost-functions-least-squares."""

import numpy as np
import torch

SLUG = "cost-functions-least-squares"


def ones(X):
    return torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], 1)


def normal_equations(X, y):
    A = ones(X)
    theta = torch.linalg.solve(A.T @ A, A.T @ y)
    return theta[:-1], theta[-1]


def with_numpy(X, y):
    theta = np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y, rcond=None)[0]
    return theta[1:], theta[0]


def centred(X, y):
    weight = torch.linalg.pinv(X - X.mean(0)) @ (y - y.mean())
    return weight, (y - X @ weight).mean()


class WithPseudoinverse:
    def __call__(self, X, y):
        theta = np.linalg.pinv(np.c_[X, np.ones(len(X))]) @ y
        return {"bias": theta[-1], "weight": theta[:-1]}


def in_float32(X, y):
    theta = torch.linalg.lstsq(ones(X.float()), y.float()[:, None]).solution[:, 0]
    return theta[:-1], theta[-1]


RIGHT = [normal_equations, with_numpy, centred, WithPseudoinverse(), in_float32]


def with_bias(bias):
    def answer(X, y):
        weight, _ = normal_equations(X, y)
        return weight, bias(X, y, weight)

    return answer


def through_origin(X, y):
    return torch.linalg.solve(X.T @ X, X.T @ y), 0.0


def bias_too_late(X, y):
    weight = torch.linalg.solve(X.T @ X, X.T @ y)
    return weight, y.mean() - X.mean(0) @ weight


def not_inverted(X, y):
    weight = (X - X.mean(0)).T @ (y - y.mean())
    return weight, y.mean() - X.mean(0) @ weight


def covariance_on_one_side(X, y):
    A = X - X.mean(0)
    weight = torch.linalg.solve(A.T @ A / len(X), A.T @ (y - y.mean()))
    return weight, y.mean() - X.mean(0) @ weight


def each_alone(X, y):
    A = X - X.mean(0)
    weight = (A * (y - y.mean())[:, None]).sum(0) / (A**2).sum(0)
    return weight, y.mean() - X.mean(0) @ weight


def standardized(X, y):
    weight, _ = normal_equations(X, y)
    weight = weight * X.std(0, correction=0)
    return weight, y.mean() - X.mean(0) @ weight


def ridge(penalty):
    def answer(X, y):
        A = ones(X)
        gram = A.T @ A + penalty * torch.eye(A.shape[1], dtype=X.dtype)
        theta = torch.linalg.solve(gram, A.T @ y)
        return theta[:-1], theta[-1]

    return answer


def descended(X, y):
    """Two hundred steps of gradient descent."""
    w, b = torch.zeros_like(X[0]), torch.zeros_like(y[0])
    for _ in range(200):
        r = X @ w + b - y
        w, b = w - 0.05 * X.T @ r / len(y), b - 0.05 * r.mean()
    return w, b


def cut_off(X, y):
    theta = np.linalg.lstsq(np.c_[X, np.ones(len(X))], y, rcond=1e-3)[0]
    return theta[:-1], theta[-1]


WRONG = {
    "no-intercept": through_origin,
    "weight-not-centred": bias_too_late,
    "bias-zero": with_bias(lambda X, y, w: 0.0),
    "bias-is-mean": with_bias(lambda X, y, w: y.mean()),
    "bias-negative": with_bias(lambda X, y, w: X.mean(0) @ w - y.mean()),
    "bias-added": with_bias(lambda X, y, w: X.mean(0) @ w + y.mean()),
    "not-inverted": not_inverted,
    "averaged-on-one-side": covariance_on_one_side,
    "order": lambda X, y: normal_equations(X, y)[::-1],
    "wrong-number-of-values": lambda X, y: normal_equations(X, y)[0],
    "each-feature-alone": each_alone,
    "weight-of-standardized": standardized,
    "bias-from-one-sample": with_bias(lambda X, y, w: y[0] - X[0] @ w),
    "bias-median": with_bias(lambda X, y, w: (y - X @ w).median()),
    "penalty-0.001": ridge(1e-3),
    "penalty-1e-05": ridge(1e-5),
}

UNLISTED = [
    (cut_off, "only-sometimes", "1e-5"),
    (lambda X, y: (2 * normal_equations(X, y)[0], 0.0), "factor", "a fixed 2"),
    (
        lambda X, y: (torch.zeros(X.shape[1]), y.mean()),
        "all-zero",
        "is zero everywhere",
    ),
    (with_bias(lambda X, y, w: y.median()), "different", "The weight is right"),
    (descended, "different", "at the minimum it is 0"),
    (lambda X, y: torch.linalg.solve(X, y), "exception", "stopped with"),
]
