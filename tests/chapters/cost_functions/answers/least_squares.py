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


RIGHT = [normal_equations, with_numpy, centred]


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
}

UNLISTED = [
    (lambda X, y: (2 * normal_equations(X, y)[0], 0.0), "different", "the mean"),
    (
        lambda X, y: (torch.zeros(X.shape[1]), y.mean()),
        "all-zero",
        "is zero everywhere",
    ),
    (with_bias(lambda X, y, w: y.median()), "different", "The weight is right"),
    (lambda X, y: torch.linalg.solve(X, y), "exception", "stopped with"),
]
