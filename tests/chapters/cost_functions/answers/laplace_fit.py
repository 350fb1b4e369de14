"""cost-functions-laplace-fit."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "cost-functions-laplace-fit"
Y = given(SLUG)["y"]
MEDIAN, MEAN = Y.median(), Y.mean()
SCALE = (Y - MEDIAN).abs().mean()

RIGHT = [
    (MEDIAN, SCALE),
    (float(np.median(Y.numpy())), float(np.mean(np.abs(Y.numpy() - np.median(Y.numpy()))))),
    {"location": round(MEDIAN.item(), 2), "scale": round(SCALE.item(), 3)},
    torch.stack([MEDIAN, SCALE]),
    np.array([MEDIAN, SCALE], dtype=np.float32),
    {"scale": SCALE, "location": MEDIAN},
    [round(MEDIAN.item(), 2), round(SCALE.item(), 2)],
]

WRONG = {
    "location-mean": (MEAN, SCALE),
    "location-midrange": ((Y.max() + Y.min()) / 2, SCALE),
    "location-unsorted": (Y[4], SCALE),
    "scale-standard-deviation": (MEDIAN, Y.std(correction=0)),
    "scale-unbiased-deviation": (MEDIAN, Y.std()),
    "scale-median-deviation": (MEDIAN, (Y - MEDIAN).abs().median()),
    "scale-about-the-mean": (MEDIAN, (Y - MEAN).abs().mean()),
    "scale-summed": (MEDIAN, (Y - MEDIAN).abs().sum()),
    "scale-squared": (MEDIAN, (Y - MEDIAN).square().mean().sqrt()),
    "scale-halved": (MEDIAN, SCALE / 2),
    "scale-from-variance": (MEDIAN, Y.std(correction=0) / 2**0.5),
    "location-mean+scale-standard-deviation": (MEAN, Y.std(correction=0)),
    "swapped": (SCALE, MEDIAN),
    "not-positive": (MEDIAN, -SCALE),
    "not-two-numbers": MEDIAN,
    "scale-divided-by-less": (MEDIAN, (Y - MEDIAN).abs().sum() / 8),
    "scale-normal-consistent": (MEDIAN, 1.4826 * (Y - MEDIAN).abs().median()),
    "scale-inverted": (MEDIAN, 1 / SCALE),
    "scale-doubled": (MEDIAN, 2 * SCALE),
    "scale-of-values": (MEDIAN, Y.abs().mean()),
}

UNLISTED = [
    ((MEDIAN + 0.7, SCALE), "location-wrong", "lie below this location"),
    ((MEDIAN, SCALE + 0.3), "scale-wrong", "The other number is right"),
    ((-3.0, 0.01), "location-wrong+scale-wrong", "lie below this location"),
    (("2", "1"), "not-two-numbers", "two numbers"),
]
