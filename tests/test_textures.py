"""The textures: shape, shares, reproducibility, and how hard they are for a linear model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from lecturelib.data import textures
from lecturelib.data.textures import KINDS, Plane, _patterns, _plane


def test_shape_type_and_shares_of_the_classes():
    data = textures(train_size=1500, test_size=200)
    assert [tuple(t.shape) for t in data] == [(1500, 3, 32, 32), (1500,), (200, 3, 32, 32), (200,)]
    assert data.x_train.dtype == torch.float32
    assert data.y_train.dtype == torch.int64
    assert data.x_train.min() >= 0
    assert data.x_train.max() <= 1
    assert data.y_train[:1000].bincount().tolist() == [100] * 10


def test_the_defaults_are_those_of_cifar():
    """The whole set would take seconds here; its size is read from the signature."""
    import inspect

    defaults = {k: p.default for k, p in inspect.signature(textures).parameters.items()}
    assert (defaults["train_size"], defaults["test_size"]) == (50_000, 10_000)
    assert (defaults["size"], defaults["classes"]) == (32, 10)


def test_bytes_are_the_same_pixels():
    small = {"train_size": 50, "test_size": 10}
    bytes_, floats = textures(dtype=torch.uint8, **small), textures(dtype=torch.float64, **small)
    assert bytes_.x_train.dtype == torch.uint8
    assert torch.equal(bytes_.x_train.double() / 255, floats.x_train)


def test_a_small_set_is_the_beginning_of_a_large_one():
    small, large = (textures(train_size=n, test_size=n) for n in (30, 1020))
    for a, b in zip(small, large, strict=True):
        assert torch.equal(a, b[:30])


def test_the_seed_decides_and_the_parts_are_drawn_apart():
    small = {"train_size": 100, "test_size": 100}
    first, again, other = (textures(seed=s, **small) for s in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first.x_train, other.x_train)
    assert not torch.equal(first.x_train, first.x_test)


def test_neither_reads_nor_sets_the_global_seeds():
    states = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    textures(train_size=20, test_size=20)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002


def test_standardized_channels_have_mean_zero_and_variance_one_in_training():
    raw = textures(train_size=300, test_size=50, dtype=torch.float64)
    data = textures(train_size=300, test_size=50, dtype=torch.float64, standardize=True)
    std, mean = torch.std_mean(raw.x_train, (0, 2, 3), correction=0, keepdim=True)
    torch.testing.assert_close(data.x_train, (raw.x_train - mean) / std)
    torch.testing.assert_close(data.x_test, (raw.x_test - mean) / std)


@pytest.mark.parametrize("size", [8, 48])
def test_other_sizes_and_fewer_classes(size):
    data = textures(size, 4, train_size=40, test_size=8)
    assert data.x_train.shape == (40, 3, size, size)
    assert sorted(set(data.y_train.tolist())) == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", KINDS)
def test_contrast_does_not_tell_the_class(kind):
    """Mean 0 and the standard deviation of a cosine; exactly so for sums of cosines."""
    labels = np.full(300, list(KINDS).index(kind))
    patterns = _patterns(labels, 32, np.random.default_rng(0))
    assert patterns.dtype == np.float32
    assert abs(patterns.mean()) < 0.05
    assert patterns.std() == pytest.approx(0.5**0.5, rel=0.04)


@pytest.mark.parametrize(("kind", "waves"), [("stripes", 1), ("grid", 2), ("honeycomb", 3)])
def test_sums_of_waves_have_their_waves_in_the_spectrum(kind, waves):
    """Oracle: the discrete Fourier transform, at a period that fits the image along u and v."""
    y, x = np.mgrid[:64, :64].astype(np.float32).reshape(2, 1, -1) * np.float32(2 * np.pi / 8)
    stretch = np.float32(np.sqrt(3) / 2) if kind == "honeycomb" else np.float32(1)
    plane = Plane(x * 2 if kind == "honeycomb" else x, y / stretch, np.random.default_rng(0))
    power = np.abs(np.fft.rfft2(KINDS[kind](plane).reshape(64, 64))) ** 2
    power[0, 0] = 0
    share = power / power.sum()
    # a wave along v alone lies in the first column twice, as k and -k
    peaks = sorted({(min(i, 64 - i), j) if j == 0 else (i, j) for i, j in np.argwhere(share > 0.1)})
    assert len(peaks) == waves


def test_periods_and_directions_are_those_that_are_said():
    plane = _plane(4_000, 32, np.random.default_rng(0))
    du, dv = plane.u[:, 1] - plane.u[:, 0], plane.v[:, 1] - plane.v[:, 0]
    periods = 2 * np.pi / np.hypot(du, dv)
    assert periods.min() >= 3.99
    assert periods.max() <= 12.01
    assert abs(periods.mean() - 8) < 5 * (8 / np.sqrt(12)) / np.sqrt(4_000)
    turned = np.arctan2(dv, du)
    assert abs(np.exp(1j * turned).mean()) < 5 / np.sqrt(4_000)


def test_a_linear_model_stays_below_sixty_percent():
    """Fisher's discriminant on 4 x 4 block means, fitted to 4,000 images: colours say a little."""
    data = textures(train_size=4_000, test_size=1_000)
    x, x_test = (
        torch.nn.functional.avg_pool2d(images, 8).flatten(1).numpy()
        for images in (data.x_train, data.x_test)
    )
    model = LinearDiscriminantAnalysis().fit(x, data.y_train.numpy())
    accuracy = model.score(x_test, data.y_test.numpy())
    assert 0.15 < accuracy < 0.6


ERRORS = {
    "size": (ValueError, {"size": 7}, "size must be at least 8, got 7"),
    "classes": (ValueError, {"classes": 11}, r"classes must lie in \[2, 10\], got 11"),
    "count": (ValueError, {"train_size": 0}, "train_size and test_size must be at least 1"),
    "seed": (ValueError, {"seed": -1}, "seed at least 0"),
    "type": (TypeError, {"dtype": torch.int64}, "floating point or torch.uint8, got torch.int64"),
    "bytes": (TypeError, {"dtype": torch.uint8, "standardize": True}, "pixels are not bytes"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, options, message = ERRORS[case]
    with pytest.raises(error, match=f"^textures: .*{message}"):
        textures(**options)
