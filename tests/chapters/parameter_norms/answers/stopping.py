"""parameter-norms-stopping."""

import math

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "parameter-norms-stopping"


def stop(losses, patience, min_delta):
    best, best_epoch, epoch = math.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if best - loss > min_delta:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            break
    return best_epoch, epoch


def with_numpy(losses, patience, min_delta):
    losses, best = np.asarray(losses), 0
    for epoch in range(len(losses)):
        if losses[best] - losses[epoch] > min_delta:
            best = epoch
        if epoch - best >= patience:
            return np.int64(best), np.int64(epoch)
    return best, len(losses) - 1


def with_torch(losses, patience, min_delta):
    return torch.tensor(stop(torch.as_tensor(losses).float().tolist(), patience, min_delta))


def previous(losses, patience, min_delta):
    bad, best_epoch, epoch = 0, 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0 or losses[epoch - 1] - loss > min_delta:
            best_epoch, bad = epoch, 0
        else:
            bad += 1
        if bad >= patience:
            break
    return best_epoch, epoch


def no_reset(losses, patience, min_delta):
    best, best_epoch, bad, epoch = math.inf, 0, 0, 0
    for epoch, loss in enumerate(losses):
        if best - loss > min_delta:
            best, best_epoch = loss, epoch
        else:
            bad += 1
        if bad >= patience:
            break
    return best_epoch, epoch


def ties(losses, patience, min_delta):
    best, best_epoch, epoch = math.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if best - loss >= min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            break
    return best_epoch, epoch


RIGHT = [stop, with_numpy, with_torch, as_object(stop)]

WRONG = {
    "previous": previous,
    "no-reset": no_reset,
    "ties": ties,
    "one-late": lambda v, p, d: stop(v, p + 1, d),
    "one-early": lambda v, p, d: stop(v, max(p - 1, 0), d),
    "no-delta": lambda v, p, d: stop(v, p, 0.0),
    "keeps-the-last": lambda v, p, d: (stop(v, p, d)[1],) * 2,
    "smallest-of-all": lambda v, p, d: (int(np.argmin(v)), stop(v, p, d)[1]),
    "smallest-without-delta": lambda v, p, d: (
        int(np.argmin(v[: stop(v, p, d)[1] + 1])),
        stop(v, p, d)[1],
    ),
}

UNLISTED = [
    (lambda v, p, d: stop(v, p, d)[::-1], "order", "another order"),
    (lambda v, p, d: (stop(v, p, d)[0] + 1, stop(v, p, d)[1] + 1), "different", "differs"),
    (lambda v, p, d: stop(v, p, d)[0], "wrong-number-of-values", "Wanted are 2 values"),
]
