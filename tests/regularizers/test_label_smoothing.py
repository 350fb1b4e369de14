"""smooth_labels against PyTorch's cross-entropy with its own smoothing."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from lecturelib.regularizers import smooth_labels

SHAPES = [(), (6,), (5, 4), (2, 3, 4), (0,), (0, 3)]


def rng():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8])
def test_cross_entropy_with_smoothed_classes_is_the_smoothed_cross_entropy(shape, epsilon, dtype):
    classes = torch.randint(7, shape, generator=rng())
    scores = torch.randn(*shape[:1], 7, *shape[1:], generator=rng(), dtype=torch.float64)
    targets = smooth_labels(classes.to(dtype), epsilon, num_classes=7, dtype=torch.float64)
    assert targets.shape == scores.shape
    losses = [
        F.cross_entropy(scores, target, reduction="sum", label_smoothing=smoothing)
        for target, smoothing in ((targets, 0.0), (classes, epsilon))
    ]
    torch.testing.assert_close(*losses)


@pytest.mark.parametrize("shape", [(7,), (5, 7), (2, 7, 3), (0, 7)])
def test_probabilities(shape):
    p = torch.rand(shape, generator=rng(), dtype=torch.float64).softmax(min(1, len(shape) - 1))
    scores = torch.randn(shape, generator=rng(), dtype=torch.float64)
    expected = F.cross_entropy(scores, p, reduction="sum", label_smoothing=0.2)
    for num_classes in (None, 7):
        smoothed = smooth_labels(p, 0.2, num_classes=num_classes)
        torch.testing.assert_close(F.cross_entropy(scores, smoothed, reduction="sum"), expected)


def test_dtype_is_the_default_the_one_asked_for_or_the_one_given():
    classes = torch.tensor([1, 0])
    assert smooth_labels(classes, num_classes=2).dtype == torch.float32
    half = smooth_labels(classes, 0.1, num_classes=3, dtype=torch.bfloat16)
    exact = smooth_labels(classes, 0.1, num_classes=3, dtype=torch.float64)
    assert torch.equal(half, exact.float().bfloat16())  # rounded once
    assert smooth_labels(half).dtype == torch.bfloat16


def test_gradient_reaches_probabilities():
    p = torch.rand(3, 4, generator=rng(), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda p: smooth_labels(p, 0.3), p)


def test_meta_tensors_are_not_looked_at():
    meta = torch.zeros(3, dtype=torch.int64, device="meta")
    assert smooth_labels(meta, num_classes=4).shape == (3, 4)
    assert smooth_labels(torch.zeros(3, 4, device="meta")).device.type == "meta"


ERRORS = [
    ((torch.tensor([0]), 1.5), {"num_classes": 2}, ValueError, r"label_smoothing must lie in \[0"),
    ((torch.tensor([0]), math.nan), {"num_classes": 2}, ValueError, "label_smoothing must lie in"),
    ((torch.tensor([0]),), {}, ValueError, "classes as integers need num_classes"),
    ((torch.tensor([0]),), {"num_classes": 0}, ValueError, "num_classes must be a whole number"),
    (
        (torch.tensor([0, 2]),),
        {"num_classes": 2},
        ValueError,
        "classes must lie from 0 to 1, got 0",
    ),
    ((torch.tensor([-1]),), {"num_classes": 2}, ValueError, "classes must lie from 0 to 1, got -1"),
    (
        (torch.tensor([0.5, 1.5]),),
        {},
        ValueError,
        r"probabilities must lie in \[0, 1\], got 0.5 to",
    ),
    ((torch.tensor([math.nan]),), {}, ValueError, r"probabilities must lie in \[0, 1\], got nan"),
    (
        (torch.rand(3, 4),),
        {"num_classes": 5},
        ValueError,
        r"probabilities .* 5 classes, got \(3, 4",
    ),
    ((torch.tensor(0.5),), {}, ValueError, r"probabilities must have shape .* got \(\)"),
    ((torch.tensor([True]),), {"num_classes": 2}, TypeError, "target must be a tensor of .*bool"),
    (([1, 2],), {"num_classes": 3}, TypeError, "target must be a tensor of classes .* got list"),
    ((torch.tensor([0]),), {"num_classes": 2, "dtype": torch.int32}, TypeError, "dtype must be fl"),
]


@pytest.mark.parametrize(("args", "options", "kind", "message"), ERRORS)
def test_errors(args, options, kind, message):
    with pytest.raises(kind, match=f"^smooth_labels: {message}"):
        smooth_labels(*args, **options)
