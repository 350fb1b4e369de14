"""The phantom: its numbers are those it was drawn from, and its lesions need more than 8 bits."""

import math

import pytest
import torch

from lecturelib.data import ct_phantom
from lecturelib.preprocessing import quantize, window_level


def test_same_seed_same_image():
    assert all(torch.equal(a, b) for a, b in zip(ct_phantom(64), ct_phantom(64), strict=True))
    assert not torch.equal(ct_phantom(64).image, ct_phantom(64, seed=1).image)


@pytest.mark.parametrize("size", [16, 100, 256])
def test_shapes_and_values(size):
    image, liver, lesions = ct_phantom(size)
    assert image.shape == liver.shape == lesions.shape == (size, size)
    assert image.dtype == torch.float32
    assert torch.equal(image, image.round())
    assert image.min() >= -1024
    assert image.max() <= 3071
    assert not (liver & lesions).any()


def test_statistics_are_those_asked_for():
    image, liver, lesions = ct_phantom(512, noise=8.0, contrast=-20.0, lesions=6)
    n = lesions.sum().item()
    assert image[liver].mean().item() == pytest.approx(60, abs=0.2)
    assert image[liver].std().item() == pytest.approx(8, rel=0.03)
    assert image[lesions].mean().item() == pytest.approx(40, abs=5 * 8 / math.sqrt(n))


def test_no_lesions():
    assert not ct_phantom(64, lesions=0).lesions.any()


@pytest.mark.parametrize("seed", range(5))
def test_eight_bits_over_the_whole_range_cost_contrast_that_a_window_keeps(seed):
    """Bits spent on the window instead of the range: more levels and less error inside it."""
    image, liver, lesions = ct_phantom(128, seed=seed)
    window = {"level": 50.0, "width": 120.0}
    inside = liver | lesions
    squeezed = quantize(image, bits=8, low=-1024, high=3071)
    windowed = 120 * quantize(window_level(image, **window), bits=8, low=0, high=1) - 10
    errors = [(other - image)[inside].square().mean().sqrt() for other in (squeezed, windowed)]
    levels = [other[inside].unique().numel() for other in (squeezed, windowed)]
    assert errors[0] > 10 * errors[1]
    assert levels[1] > 3 * levels[0]


@pytest.mark.parametrize(
    "arguments",
    [{"size": 8}, {"lesions": -1}, {"noise": -1.0}, {"noise": math.inf}, {"contrast": math.nan}],
)
def test_bad_arguments_are_named(arguments):
    with pytest.raises(ValueError, match=r"^ct_phantom: "):
        ct_phantom(**arguments)
