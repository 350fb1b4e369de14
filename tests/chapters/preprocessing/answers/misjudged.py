"""preprocessing-misjudged."""

import math

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "preprocessing-misjudged"


def _raw(kappa, c, share):
    factor = max(abs(1 - c), abs(1 - c / kappa))
    return math.inf if factor >= 1 else math.log(share) / math.log(factor)


def _up(value):
    return value if value == math.inf else math.ceil(value)


def steps(kappa, c, share):
    return _up(_raw(kappa, c, share))


def by_counting(kappa, c, share):
    factor = max(abs(1 - c), abs(1 - c / kappa))
    if factor >= 1:
        return float("inf")
    t, error = 0, 1.0
    while error > share:
        t, error = t + 1, error * factor
    return t


def _small(kappa, c, share):
    return math.inf if c >= 2 else _up(math.log(share) / math.log(1 - c / kappa))


def _large(kappa, c, share):
    factor = abs(1 - c)
    return math.inf if factor >= 1 else 1 if not factor else _up(math.log(share) / math.log(factor))


def _thumb(kappa, c, share):
    return math.inf if c >= 2 else math.ceil(-kappa / c * math.log(share))


RIGHT = [steps, by_counting, in_float32(steps), as_object(steps), in_numpy(steps), in_torch(steps)]

WRONG = {
    "smallest-curvature-only": _small,
    "largest-curvature-only": _large,
    "stops-at-one": lambda kappa, c, share: math.inf if c > 1 else steps(kappa, c, share),
    "rounded-down": lambda kappa, c, share: (
        r if (r := _raw(kappa, c, share)) == math.inf else math.floor(r)
    ),
    "not-whole": _raw,
    "rule-of-thumb": _thumb,
    "loss": lambda kappa, c, share: steps(kappa, c, math.sqrt(share)),
    "inverse": lambda kappa, c, share: steps(kappa, 1 / c, share),
    "sign-of-the-rate": lambda kappa, c, share: steps(kappa, abs(c), share),
    "zero-for-never": lambda kappa, c, share: steps(kappa, c, share) if c < 2 else 0,
}

UNLISTED = [
    (lambda kappa, c, share: steps(kappa, c, share) + 3, "different", "steps the share"),
    (lambda kappa, c, share: kappa / share, "different", "is left"),
    (lambda kappa, c, share: steps(kappa, c, share) if c < 2 else -1, "only-sometimes", "bound"),
]
