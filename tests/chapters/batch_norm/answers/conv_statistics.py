"""batch-norm-conv-statistics."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "batch-norm-conv-statistics"


def axes(x):
    return x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0), x.numel() // x.shape[1]


def kept(x):
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    return mean, ((x - mean) ** 2).mean(dim=(0, 2, 3), keepdim=True), x[:, 0].numel()


def flattened(x):
    mean, variance, n = kept(x)
    return mean.flatten(), variance.squeeze((0, 2, 3)), n


def samples(x):
    rows = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    return rows.mean(0), np.var(rows, axis=0), len(rows)


def loops(x):
    channels = [x[:, c].flatten().tolist() for c in range(x.shape[1])]
    means = [sum(values) / len(values) for values in channels]
    variances = [
        sum((v - mean) ** 2 for v in values) / len(values)
        for values, mean in zip(channels, means, strict=True)
    ]
    return means, variances, len(channels[0])


def named(x):
    mean, variance, n = axes(x)
    return {"mu": mean, "sigma2": variance, "n": n}


RIGHT = [axes, flattened, named, samples, loops, in_float32(axes), as_object(axes)]


def with_variance(variance):
    return lambda x: (x.mean((0, 2, 3)), variance(x), x.numel() // x.shape[1])


def over(*dims):
    return lambda x: (
        x.mean(dims),
        x.var(dims, correction=0),
        torch.tensor([x.shape[d] for d in dims]).prod(),
    )


def with_count(count):
    return lambda x: (*axes(x)[:2], count(x))


WRONG = {
    "over-the-batch-alone": over(0),
    "over-the-image-alone": over(2, 3),
    "channels-last": over(0, 1, 2),
    "over-the-channels": over(1, 2, 3),
    "over-everything": lambda x: (x.mean(), x.var(correction=0), x.numel()),
    "variance-of-image-means": with_variance(lambda x: x.mean((2, 3)).var(0, correction=0)),
    "variance-within-images": with_variance(lambda x: x.var((2, 3), correction=0).mean(0)),
    "variance-within-places": with_variance(lambda x: x.var(0, correction=0).mean((1, 2))),
    "unbiased-variance": with_variance(lambda x: x.var((0, 2, 3))),
    "deviation-returned": with_variance(lambda x: x.std((0, 2, 3), correction=0)),
    "variance-not-centred": with_variance(lambda x: (x**2).mean((0, 2, 3))),
    "count-of-samples": with_count(len),
    "count-of-pixels": with_count(lambda x: x[0, 0].numel()),
    "count-of-everything": with_count(lambda x: x.numel()),
    "unbiased-variance+count-of-samples": lambda x: (
        x.mean((0, 2, 3)),
        x.var((0, 2, 3), correction=1),
        len(x),
    ),
    "count-less-one": with_count(lambda x: x[:, 0].numel() - 1),
    "count-of-one-sample": with_count(lambda x: x[0].numel()),
    "count-of-square-images": with_count(lambda x: len(x) * x.shape[2] ** 2),
    "count-of-channels-last": with_count(lambda x: len(x) * x.shape[1] * x.shape[2]),
}

UNLISTED = [
    (kept, "wrong-shape", "as many entries"),
    (
        with_variance(lambda x: x.amax((0, 2, 3)) - x.amin((0, 2, 3))),
        "different",
        "too high in every channel",
    ),
    (with_variance(lambda x: axes(x)[1] ** 2), "different", "differs from the definition"),
    (over(0, 2), "wrong-shape", "Over which axes"),
    (with_variance(lambda x: 2 * axes(x)[1]), "factor", "The mean and the count are right"),
    (
        with_variance(lambda x: x.amax((2, 3)).var(0, correction=0)),
        "only-sometimes",
        "The mean and the count are right. The variance is right with images of one pixel",
    ),
]
