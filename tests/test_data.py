"""The digits, their split and preparation, and batches."""

import numpy as np
import pytest
import sklearn.datasets
import torch

from lecturelib.data import batches, load_digits

PIXELS, CLASSES = sklearn.datasets.load_digits(return_X_y=True)


def as_set(x):
    return {tuple(row) for row in np.round(x.double().numpy() * 16).reshape(len(x), -1)}


def test_the_split_is_a_partition_of_the_data():
    d = load_digits()
    assert [tuple(t.shape) for t in d] == [(1437, 64), (1437,), (360, 64), (360,)]
    assert d.x_train.dtype == torch.float32
    assert d.y_train.dtype == torch.int64
    pairs = [
        (*row, label)
        for x, y in ((d.x_train, d.y_train), (d.x_test, d.y_test))
        for row, label in zip((x * 16).int().tolist(), y.tolist(), strict=True)
    ]
    expected = [
        (*row, label) for row, label in zip(PIXELS.astype(int).tolist(), CLASSES, strict=True)
    ]
    assert sorted(pairs) == sorted(expected)


def test_pixels_lie_between_0_and_1():
    d = load_digits()
    assert d.x_train.min() == 0
    assert d.x_train.max() == 1


@pytest.mark.parametrize("test_size", [360, 10, 1787])
def test_each_class_has_its_share(test_size):
    d = load_digits(test_size=test_size)
    expected = np.bincount(CLASSES) * test_size / 1797
    assert len(d.y_test) == test_size
    assert np.all(np.abs(np.bincount(d.y_test, minlength=10) - expected) < 1)


def test_the_seed_decides():
    first, again, other = load_digits(seed=3), load_digits(seed=3), load_digits(seed=4)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first.x_train, other.x_train)


def test_neither_reads_nor_sets_the_global_seeds():
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    states = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    load_digits(flip_labels=0.5)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002


def test_standardizing_uses_the_training_data_alone():
    raw, d = load_digits(dtype=torch.float64), load_digits(standardize=True, dtype=torch.float64)
    mean, std = raw.x_train.mean(0), raw.x_train.std(0, correction=0)
    constant = std == 0
    assert constant.any()
    torch.testing.assert_close(d.x_train.mean(0), torch.zeros(64).double(), atol=1e-12, rtol=0)
    spread = d.x_train.std(0, correction=0)
    torch.testing.assert_close(spread, (~constant).double())
    torch.testing.assert_close(d.x_test, (raw.x_test - mean) / torch.where(constant, 1, std))


def test_images_are_the_same_pixels():
    d, images = load_digits(), load_digits(as_images=True)
    assert images.x_test.shape == (360, 1, 8, 8)
    assert torch.equal(images.x_train.flatten(1), d.x_train)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_flipped_labels_are_as_many_as_asked_and_all_wrong(share):
    clean, noisy = load_digits(), load_digits(flip_labels=share)
    assert (clean.y_train != noisy.y_train).sum() == round(share * 1437)
    assert torch.equal(clean.x_train, noisy.x_train)
    assert torch.equal(clean.y_test, noisy.y_test)
    assert noisy.y_train.min() >= 0
    assert noisy.y_train.max() <= 9


def test_flipped_labels_are_evenly_spread():
    """Each of the nine steps is as likely: χ² with 8 degrees of freedom, p = 0.001 at 26.1."""
    clean, noisy = load_digits(), load_digits(flip_labels=1.0)
    counts = torch.bincount((noisy.y_train - clean.y_train) % 10, minlength=10)[1:]
    expected = 1437 / 9
    assert ((counts - expected) ** 2 / expected).sum() < 26.1


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_type_and_device(dtype):
    d = load_digits(dtype=dtype, device="meta")
    assert d.x_train.dtype == d.x_test.dtype == dtype
    assert {t.device.type for t in d} == {"meta"}


def test_a_caller_cannot_spoil_the_data_for_the_next():
    load_digits().x_train.zero_()
    assert load_digits().x_train.max() == 1


ERRORS = {
    "small": (ValueError, r"test_size must lie in \[10, 1787\], got 9", {"test_size": 9}),
    "large": (ValueError, "test_size", {"test_size": 1788}),
    "flip": (ValueError, r"flip_labels must lie in \[0, 1\], got 1.1", {"flip_labels": 1.1}),
    "type": (TypeError, "floating point, got torch.int64", {"dtype": torch.int64}),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, options = ERRORS[case]
    with pytest.raises(error, match=f"^load_digits: .*{message}"):
        load_digits(**options)


# ---------------------------------------------------------------- batches


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("n", [0, 3, 4, 12, 13])
def test_each_sample_comes_once_with_its_target(n, drop_last):
    x = torch.arange(n)
    parts = list(batches(x, 10 * x, 4, generator=generator(), drop_last=drop_last))
    sizes = [len(a) for a, _ in parts]
    rest = [n % 4] if n % 4 and not drop_last else []
    assert sizes == [4] * (n // 4) + rest
    for a, b in parts:
        assert torch.equal(b, 10 * a)
    seen = [i for a, _ in parts for i in a.tolist()]
    assert len(set(seen)) == len(seen) == sum(sizes)


def test_the_generator_shuffles_and_none_keeps_the_order():
    x = torch.arange(20)

    def order(g):
        return torch.cat([a for a, _ in batches(x, x, 6, generator=g)]).tolist()

    assert order(None) == list(range(20))
    assert order(generator(1)) == order(generator(1)) != order(generator(2))
    g = generator(1)
    assert order(g) != order(g)  # the next epoch has another order


@pytest.mark.parametrize("size", [0, -1])
def test_batch_size_is_checked_at_once(size):
    with pytest.raises(ValueError, match=rf"^batches: batch_size must be at least 1, got {size}"):
        batches(torch.zeros(3), torch.zeros(3), size, generator=None)


def test_numbers_must_agree():
    with pytest.raises(ValueError, match=r"^batches: as many inputs as targets, got 3 and 2"):
        batches(torch.zeros(3), torch.zeros(2), 1, generator=None)
