"""preprocessing-standardize."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "preprocessing-standardize"


def standardize(train, test):
    mean, std = train.mean(0), train.std(0, correction=0)
    std = torch.where(std == 0, 1.0, std)
    return (train - mean) / std, (test - mean) / std


def with_numpy(train, test):
    mean, std = np.mean(train, axis=0), np.std(train, axis=0)
    std[std == 0] = 1
    return (train - mean) / std, (test - mean) / std


def _by(fitted, test, *, correction=0, power=1.0, centre=1.0):
    std = fitted.std(0, correction=correction)
    scale = torch.where(std == 0, 1.0, std) ** power
    return (test - centre * fitted.mean(0)) / scale


def _pooled(train, test):
    both = torch.cat([train, test])
    return _by(both, train), _by(both, test)


def _no_rule(train, test):
    mean, std = train.mean(0), train.std(0, correction=0)
    return (train - mean) / std, (test - mean) / std


def _erased(train, test):
    keep = (train.std(0) > 0).double()
    return keep * _by(train, train), keep * _by(train, test)


def _rows(train, test):
    return tuple(
        (x - x.mean(1, keepdim=True)) / x.std(1, correction=0, keepdim=True) for x in (train, test)
    )


def _plus(train, test, small):
    std = train.std(0, correction=0) + small
    return (train - train.mean(0)) / std, (test - train.mean(0)) / std


def _above(train, test, least):
    std = train.std(0, correction=0)
    std = torch.where(std < least, 1.0, std)
    return (train - train.mean(0)) / std, (test - train.mean(0)) / std


RIGHT = [standardize, with_numpy, in_float32(standardize), as_object(standardize)]

WRONG = {
    "own-statistics": lambda train, test: (_by(train, train), _by(test, test)),
    "pooled": _pooled,
    "unbiased": lambda train, test: tuple(_by(train, x, correction=1) for x in (train, test)),
    "variance": lambda train, test: tuple(_by(train, x, power=2.0) for x in (train, test)),
    "not-centred": lambda train, test: tuple(_by(train, x, centre=0.0) for x in (train, test)),
    "constant-column": _no_rule,
    "constant-column-erased": _erased,
    "rows": _rows,
    "own-statistics+unbiased": lambda train, test: (
        _by(train, train, correction=1),
        _by(test, test, correction=1),
    ),
    "test-set-left": lambda train, test: (_by(train, train), test),
    "whole-array": lambda train, test: tuple(
        (x - train.mean()) / train.std(correction=0) for x in (train, test)
    ),
    "constant-column-plus-small-number": lambda train, test: _plus(train, test, 1e-8),
    "plus-small-number": lambda train, test: _plus(train, test, 1e-5),
    "small-number-in-the-root": lambda train, test: tuple(
        (x - train.mean(0)) / (train.var(0, correction=0) + 1e-5).sqrt() for x in (train, test)
    ),
    "tiny-deviations-replaced": lambda train, test: tuple(
        (x - train.mean(0))
        / torch.where(train.std(0, correction=0) < 0.01, 1.0, train.std(0, correction=0))
        for x in (train, test)
    ),
}

UNLISTED = [
    (lambda train, test: _above(train, test, 1e-5), "tiny-deviations-replaced", "small deviation"),
    (lambda train, test: (_by(train, test), _by(train, train)), "order", "another order"),
    (lambda train, test: _by(train, test), "wrong-number-of-values", "Wanted are 2 values"),
    (
        lambda train, test: tuple(
            (x - train.amin(0)) / (train.amax(0) - train.amin(0) + 1e-9) for x in (train, test)
        ),
        "different",
        "should have 0 and 1",
    ),
]
