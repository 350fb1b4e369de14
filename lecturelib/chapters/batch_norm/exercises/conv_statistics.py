"""batch-norm-conv-statistics: over which axes a convolutional layer's statistics run."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the mean", "the variance", "the count")


def oracle(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What PyTorch's BatchNorm2d stores after one step with momentum 1, its N − 1 taken back."""
    n = torch.tensor(float(x.shape[0] * x.shape[2] * x.shape[3]), dtype=torch.float64)
    layer = nn.BatchNorm2d(x.shape[1], momentum=1.0, dtype=torch.float64)
    layer(x)
    mean, var = layer.get_buffer("running_mean"), layer.get_buffer("running_var")
    return mean, var * (n - 1) / n, n


def formula(
    x: Tensor, *, dims: tuple[int, ...] = (0, 2, 3), spread: str = "all", count: str = "right"
) -> tuple[Tensor, Tensor, Tensor]:
    """The statistics with an argument for each way to get them wrong."""
    mean = x.mean(dims)
    n = x.numel() // max(mean.numel(), 1)
    var = {
        "all": x.var(dims, correction=0),
        "unbiased": x.var(dims),
        "deviation": x.std(dims, correction=0),
        "of image means": x.mean((2, 3)).var(0, correction=0),
        "of image means, unbiased": x.mean((2, 3)).var(0),
        "within images": x.var((2, 3), correction=0).mean(0),
        "over the batch, averaged": x.var(0, correction=0).mean((1, 2)),
        "moment": (x**2).mean(dims),
    }[spread]
    counts = {
        "batch": x.shape[0],
        "pixels": x.shape[2] * x.shape[3],
        "channels": x.shape[1],
        "all": x.numel(),
        "less": n - 1,
        "features": x[0].numel(),
        "square": x.shape[0] * x.shape[2] ** 2,
        "channels last": x.shape[0] * x.shape[1] * x.shape[2],
    }
    return mean, var, torch.tensor(float(counts.get(count, n)))


SLIPS = (
    Slip(
        "over-the-batch-alone",
        "You average over the batch alone and keep height and width: each pixel gets statistics of "
        "its own. A convolution has the same weights at every place, so all places of a channel "
        "share them.",
        {"dims": (0,)},
    ),
    Slip(
        "over-the-image-alone",
        "You average over height and width alone: each image gets statistics of its own. That is "
        "instance normalization.",
        {"dims": (2, 3)},
    ),
    Slip(
        "channels-last",
        "Your axes fit arrays with the channels last. Here they are in axis 1: (N, C, H, W).",
        {"dims": (0, 1, 2)},
    ),
    Slip(
        "over-the-channels",
        "You average over channels, height and width: one mean for each sample, as in layer "
        "normalization.",
        {"dims": (1, 2, 3)},
    ),
    Slip(
        "over-everything",
        "You take one mean and one variance of the whole array. Each channel has its own.",
        {"dims": (0, 1, 2, 3)},
    ),
    Slip(
        "variance-of-image-means",
        "Your variance is that of the image means: you averaged over height and width first, and"
        " what varies inside an image is lost.",
        {"spread": "of image means"},
    ),
    Slip(
        "variance-of-image-means-unbiased",
        "Your variance is that of the image means, with N − 1: what varies inside an image is"
        " lost.",
        {"spread": "of image means, unbiased"},
    ),
    Slip(
        "variance-within-images",
        "Your variance is the mean of the variances inside the images: how the images differ from "
        "each other is lost.",
        {"spread": "within images"},
    ),
    Slip(
        "variance-within-places",
        "Your variance is taken over the batch at each place and averaged over the places: how the "
        "places differ from each other is lost.",
        {"spread": "over the batch, averaged"},
    ),
    Slip(
        "unbiased-variance",
        "Your variance divides by one less than the count. Normalization uses the count itself.",
        {"spread": "unbiased"},
    ),
    Slip("deviation-returned", "You return the standard deviation.", {"spread": "deviation"}),
    Slip(
        "variance-not-centred", "You average squares, not squared deviations.", {"spread": "moment"}
    ),
    Slip(
        "count-of-samples",
        "The count is the batch size. How many numbers are averaged for one channel's mean?",
        {"count": "batch"},
    ),
    Slip(
        "count-of-pixels",
        "The count is that of one image's pixels. How many images share the mean?",
        {"count": "pixels"},
    ),
    Slip(
        "count-of-everything",
        "The count includes all channels. The statistics of one channel see that channel alone.",
        {"count": "all"},
    ),
    Slip("count-of-channels", "The count is the number of channels.", {"count": "channels"}),
    Slip(
        "count-less-one",
        "Your count is one too small. It is how many numbers each mean is taken over.",
        {"count": "less"},
    ),
    Slip(
        "count-of-one-sample",
        "The count is that of the numbers of one image, all its channels included.",
        {"count": "features"},
    ),
    Slip(
        "count-of-square-images",
        "You take the images to be square. They have H times W places.",
        {"count": "square"},
    ),
    Slip(
        "count-of-channels-last",
        "Your count multiplies N, C and H. The means run over N, H and W.",
        {"count": "channels last"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """Whether the variance is too low or too high everywhere."""
    if (got[1] < wanted[1] - 1e-3).all():
        return (
            "Your variance is too low in every channel: some of what varies is averaged away first."
        )
    if (got[1] > wanted[1] + 1e-3).all():
        return "Your variance is too high in every channel."
    return ""


def _cases(trial: Trial) -> list[Case]:
    def case(special: str, *shape: int) -> Case:
        n, c, h, w = shape
        # Images and places that differ from each other, so that averaging one of them away shows.
        x = trial.draws.normal(*shape) + trial.draws.normal(n, c, 1, 1)
        return Case(special, {"x": (x + trial.draws.normal(1, c, h, w)).round(decimals=4)})

    return [
        case("all four sizes different", 3, 2, 4, 5),
        case("as many channels as columns", 2, 3, 2, 3),
        case("images of one pixel", 5, 3, 1, 1),
    ]


def _edges(trial: Trial) -> list[Case]:
    draws = trial.draws
    scales = torch.tensor([1e3, 1e-3], dtype=torch.float64)[:, None, None]
    return [
        Case("a single image", {"x": draws.normal(1, 2, 3, 4)}),
        Case("a single channel", {"x": draws.normal(3, 1, 2, 5, mean=1.0)}),
        Case("channels of very different scale", {"x": draws.normal(2, 2, 4, 3) * scales}),
        Case("a row of pixels", {"x": draws.normal(4, 3, 1, 6)}),
    ]


def examine(trial: Trial) -> None:
    for cases in (_cases(trial), _edges(trial)):
        judge(
            trial,
            cases,
            oracle,
            parts=PARTS,
            formula=formula,
            slips=SLIPS,
            look=look,
            exact=PARTS[2:],
        )


EXERCISE = Exercise(
    slug="batch-norm-conv-statistics",
    title="Statistics of a convolutional layer",
    chapter="batch_norm",
    kind="code",
    difficulty=1,
    minutes=10,
    wants=(
        "a function conv_statistics(x) that returns (mean, variance, count) for x of shape (N, C,"
        " H, W)"
    ),
    hints=(
        (
            "A convolution uses the same weights at every place of an image. Should two places of"
            " one channel be normalized differently?"
        ),
        "Think of every place of every image as a sample with C features.",
        "The mean has shape (C,). The count is how many numbers go into each of its entries.",
    ),
    examine=examine,
)
