"""batch-norm-split-batch."""

import numpy as np

from tests.exercises.styles import as_object, in_float32

SLUG = "batch-norm-split-batch"


def within_and_between(means, variances, counts):
    share = (counts / counts.sum())[:, None]
    mean = (share * means).sum(0)
    return mean, (share * (variances + (means - mean) ** 2)).sum(0)


def by_moments(means, variances, counts):
    w = np.asarray(counts) / np.sum(counts)
    mean = w @ means
    return mean, w @ (variances + means**2) - mean**2


def one_after_the_other(means, variances, counts):
    """Merges the parts pair by pair."""
    n, mean, square = counts[0], means[0], counts[0] * variances[0]
    for k in range(1, len(counts)):
        gap, total = means[k] - mean, n + counts[k]
        square = square + counts[k] * variances[k] + gap**2 * n * counts[k] / total
        mean, n = mean + gap * counts[k] / total, total
    return {"mean": mean, "variance": square / n}


RIGHT = [
    within_and_between,
    by_moments,
    one_after_the_other,
    in_float32(within_and_between),
    as_object(within_and_between),
]


def variant(mean=True, within=True, between=True, of=lambda v: v, sign=1.0, about=True):
    """The right answer with some weights left out, or a term changed."""

    def answer(means, variances, counts):
        share = (counts / counts.sum())[:, None]
        level = 0 * share + 1 / len(counts)
        middle = ((share if mean else level) * means).sum(0)
        inner = ((share if within else level) * of(variances)).sum(0)
        gaps = (means - middle) ** 2 if about else means**2
        return middle, inner + sign * ((share if between else level) * gaps).sum(0)

    return answer


def deviations(means, variances, counts):
    share = (counts / counts.sum())[:, None]
    mean, variance = within_and_between(means, 0 * variances, counts)
    return mean, variance + (share * variances**0.5).sum(0) ** 2


def unbiased(means, variances, counts):
    mean, variance = within_and_between(means, variances, counts)
    return mean, variance * counts.sum() / (counts.sum() - 1)


WRONG = {
    "between-missing": variant(sign=0.0),
    "within-missing": variant(of=lambda v: 0 * v),
    "variances-not-weighted": variant(within=False),
    "distances-not-weighted": variant(between=False),
    "variances-not-weighted-twice": variant(within=False, between=False),
    "counts-ignored": variant(mean=False, within=False, between=False),
    "deviations-averaged": deviations,
    "second-moment": variant(about=False),
    "between-subtracted": variant(sign=-1.0),
    "unbiased": unbiased,
    "order": lambda *a: within_and_between(*a)[::-1],
    "wrong-number-of-values": lambda *a: within_and_between(*a)[0],
}


def spread_of_means(means, variances, counts):
    """The means' own variance, over one less than their number: with one part there is none."""
    mean, _ = within_and_between(means, variances, counts)
    share = (counts / counts.sum())[:, None]
    gaps = means - means.mean(0)
    return mean, (share * variances).sum(0) + (gaps**2).sum(0) / (len(means) - 1)


UNLISTED = [
    (spread_of_means, "not-finite", "as well: begin there"),
    (lambda m, v, n: (m.mean(0), within_and_between(m, v, n)[1]), "mean-not-weighted", "mean"),
    (variant(sign=2.0), "only-sometimes", "The mean is right"),
    (lambda m, v, n: within_and_between(m, v**2, n), "only-sometimes", "The mean is right"),
]
