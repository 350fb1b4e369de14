"""initialization-clip."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "initialization-clip"


def clip(dw, db, c):
    norm = torch.cat([dw.flatten(), db]).norm()
    factor = min(1.0, c / norm)
    return factor * dw, factor * db


def with_numpy(dw, db, c):
    norm = np.sqrt((dw**2).sum() + (db**2).sum())
    if norm > c:
        return dw * c / norm, db * c / norm
    return dw.copy(), db.copy()


def _by(norm, always=False):
    def answer(dw, db, c):
        factors = [c / n for n in norm(dw, db)]
        factors = factors if always else [min(1.0, f) for f in factors]
        return dw * factors[0], db * factors[1]

    return answer


def _all(dw, db):
    return (dw.square().sum() + db.square().sum()).sqrt()


RIGHT = [clip, with_numpy, in_float32(clip), as_object(clip)]

WRONG = {
    "each-by-itself": _by(lambda dw, db: (dw.norm(), db.norm())),
    "always": _by(lambda dw, db: (_all(dw, db),) * 2, always=True),
    "by-value": lambda dw, db, c: (dw.clamp(-c, c), db.clamp(-c, c)),
    "norms-added": _by(lambda dw, db: (dw.norm() + db.norm(),) * 2),
    "bias-not-counted": _by(lambda dw, db: (dw.norm(),) * 2),
    "largest-entry": _by(lambda dw, db: (max(dw.abs().max(), db.abs().max()),) * 2),
    "root-lost": _by(lambda dw, db: (_all(dw, db) ** 2,) * 2),
    "longer-norm": _by(lambda dw, db: (torch.maximum(dw.norm(), db.norm()),) * 2),
    "weights-not-counted": _by(lambda dw, db: (db.norm(),) * 2),
    "sum-of-sizes": _by(lambda dw, db: (dw.abs().sum() + db.abs().sum(),) * 2),
    "root-mean-square": _by(lambda dw, db: (_all(dw, db) / (dw.numel() + len(db)) ** 0.5,) * 2),
    "spectral-norm": _by(
        lambda dw, db: ((torch.linalg.matrix_norm(dw, 2) ** 2 + db.square().sum()).sqrt(),) * 2
    ),
    "bias-not-clipped": lambda dw, db, c: (clip(dw, db, c)[0], db),
    "not-clipped": lambda dw, db, c: (dw, db),
    "zero-gradients": lambda dw, db, c: tuple(
        g * torch.minimum(_all(dw, db), torch.tensor(c)) / _all(dw, db) for g in (dw, db)
    ),
}

UNLISTED = [
    (
        lambda dw, db, c: (clip(dw, db, c)[0], db + 1),
        "different",
        "The weights' gradient is right",
    ),
    (
        _by(lambda dw, db: ((dw**4).sum() ** 0.25 + db.norm(),) * 2),
        "only-sometimes",
        "right with short gradients",
    ),
    (
        _by(lambda dw, db: (_all(dw, db) + 1e-2,) * 2),
        "only-sometimes",
        "wrong with long gradients",
    ),
]
