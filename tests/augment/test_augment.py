"""Augmentations against scipy.ndimage and torch, image by image; and their random forms."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import ndimage, stats

from lecturelib import augment

# Our names, which are those of torch.nn.functional.pad, and SciPy's.
MODES = {
    "constant": "grid-constant",
    "replicate": "nearest",
    "reflect": "mirror",
    "circular": "grid-wrap",
}
modes = pytest.mark.parametrize("mode", MODES)
sizes = pytest.mark.parametrize("size", [(7, 7), (6, 9), (5, 2), (1, 4), (1, 1)])
HALF = [torch.float16, torch.bfloat16]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def randn(*shape, dtype=torch.float64, seed=0):
    return torch.randn(shape, generator=generator(seed), dtype=torch.float64).to(dtype)


def each(function, images, *parameters):
    """A function of SciPy's on every channel of every image, with its own parameters."""
    result = [
        [function(channel, *own) for channel in image]
        for image, *own in zip(images.numpy(), *(p.tolist() for p in parameters), strict=True)
    ]
    return torch.from_numpy(np.array(result))


@modes
@sizes
def test_shift_is_scipy_s(mode, size):
    x = randn(3, 2, *size)
    d, e = torch.tensor([1.3, -2.0, 0.0]), torch.tensor([-0.7, 0.25, 3.0])
    expected = each(
        lambda c, d, e: ndimage.shift(c, (d, e), order=1, mode=MODES[mode], cval=0.5),
        x,
        d.double(),
        e.double(),
    )
    found = augment.shift(x, d.double(), e.double(), padding_mode=mode, value=0.5)
    torch.testing.assert_close(found, expected)
    one = augment.shift(x, 1.25, -0.5, padding_mode=mode, value=0.5)
    all_alike = torch.full((3,), 1.25).double(), torch.full((3,), -0.5).double()
    torch.testing.assert_close(
        one, augment.shift(x, *all_alike, padding_mode=mode, value=0.5), rtol=0, atol=0
    )


def affine(channel, matrix, mode):
    """SciPy's general map about the centre: the value at o is that at centre + M(o − centre)."""
    centre = (np.array(channel.shape) - 1) / 2
    offset = centre - matrix @ centre
    return ndimage.affine_transform(channel, matrix, offset, order=1, mode=mode, cval=0.5)


@modes
@sizes
def test_rotate_is_scipy_s(mode, size):
    x = randn(3, 2, *size)
    degrees = torch.tensor([30.0, -100.0, 17.5], dtype=torch.float64)

    def turned(channel, a):
        a = math.radians(a)
        matrix = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
        return affine(channel, matrix, MODES[mode])

    found = augment.rotate(x, degrees, padding_mode=mode, value=0.5)
    torch.testing.assert_close(found, each(turned, x, degrees))
    if mode == "constant":
        by_name = partial(ndimage.rotate, reshape=False, order=1, mode="grid-constant", cval=0.5)
        torch.testing.assert_close(found, each(by_name, x, degrees))


@modes
@sizes
def test_scale_is_scipy_s(mode, size):
    x = randn(3, 2, *size)
    factors = torch.tensor([1.0, 0.6, 2.3], dtype=torch.float64)
    expected = each(lambda c, s: affine(c, np.eye(2) / s, MODES[mode]), x, factors)
    torch.testing.assert_close(augment.scale(x, factors, padding_mode=mode, value=0.5), expected)


@modes
@sizes
@pytest.mark.parametrize("truncate", [4.0, 2.0])
def test_blur_is_scipy_s(mode, size, truncate):
    x = randn(3, 2, *size)
    std = torch.tensor([0.0, 0.7, 1.9], dtype=torch.float64)
    blurred = partial(
        ndimage.gaussian_filter, mode=MODES[mode].replace("grid-", ""), cval=0.5, truncate=truncate
    )
    found = augment.blur(x, std, truncate=truncate, padding_mode=mode, value=0.5)
    torch.testing.assert_close(found, each(blurred, x, std))
    assert torch.equal(found[0], x[0])


@pytest.mark.parametrize("turns", [-1, 0, 1, 2, 3])
def test_quarter_turns(turns):
    x = randn(2, 1, 6, 6)
    torch.testing.assert_close(augment.rotate(x, 90.0 * turns), torch.rot90(x, turns, (2, 3)))


def test_whole_pixels_move_as_they_are():
    x = randn(2, 3, 5, 6, dtype=torch.float32)
    assert torch.equal(augment.shift(x, 2, -1)[:, :, 2:, :-1], x[:, :, :-2, 1:])
    rolled = augment.shift(x, 2, -1, padding_mode="circular")
    assert torch.equal(rolled, x.roll((2, -1), (2, 3)))


def test_a_scaled_line_keeps_its_slope():
    x = torch.arange(9.0).expand(1, 1, 9, 9)
    inner = augment.scale(x, 2.0)[0, 0, 4]
    torch.testing.assert_close(inner.diff(), torch.full((8,), 0.5))


def test_grid_sample_gives_the_same_rotation():
    """PyTorch's own sampling, with corners at the centres of the outer pixels."""
    x, a = randn(2, 3, 8, 8), math.radians(25)
    rows = [[math.cos(a), -math.sin(a), 0.0], [math.sin(a), math.cos(a), 0.0]]
    matrix = torch.tensor(rows, dtype=torch.float64)
    places = F.affine_grid(matrix.expand(2, 2, 3), x.shape, align_corners=True)
    torch.testing.assert_close(
        augment.rotate(x, 25.0), F.grid_sample(x, places, align_corners=True)
    )


def test_flip_is_torch_s_on_the_images_that_are_named():
    x = randn(4, 2, 3, 5)
    where = torch.tensor([True, False, False, True])
    for dim in (-1, -2, 2, 3):
        assert torch.equal(augment.flip(x, dim=dim), x.flip(dim))
        expected = [a.flip(dim - 1 if dim > 0 else dim) if w else a for a, w in zip(x, where)]  # noqa: B905
        assert torch.equal(augment.flip(x, where, dim=dim), torch.stack(expected))


@pytest.mark.parametrize("dtype", [torch.float64, torch.uint8])
def test_crop_is_slicing(dtype):
    x = (100 * randn(3, 2, 6, 8)).abs().to(dtype)
    assert torch.equal(augment.crop(x, (4, 5), 1, 3), x[:, :, 1:5, 3:8])
    assert torch.equal(augment.crop(x, 6), x[:, :, :, :6])
    top, left = torch.tensor([0, 2, 1]), torch.tensor([3, 0, 2])
    found = augment.crop(x, (4, 5), top, left)
    for i in range(3):
        rows, columns = slice(top[i], top[i] + 4), slice(left[i], left[i] + 5)
        assert torch.equal(found[i], x[i, :, rows, columns])
    assert found.dtype == dtype


@modes
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64])
def test_random_crop_is_a_window_of_the_padded_image(mode, dtype):
    x = (100 * randn(40, 2, 5, 4)).to(dtype)
    found = augment.random_crop(
        x, (5, 4), padding=2, padding_mode=mode, value=7, generator=generator()
    )
    if mode == "constant":
        padded = F.pad(x, (2, 2, 2, 2), value=7)
    else:
        padded = F.pad(x.float(), (2, 2, 2, 2), mode=mode).to(dtype)
    windows = padded.unfold(2, 5, 1).unfold(3, 4, 1)  # (N, C, 5, 5, 5, 4)
    same = (windows == found[:, :, None, None]).all(dim=(1, 4, 5))
    assert same.flatten(1).any(1).all()
    assert found.dtype == dtype


def place_of(image):
    """Row and column of the one pixel that is not 0, for each image."""
    flat = image.flatten(1).argmax(1)
    return torch.stack([flat // image.shape[3], flat % image.shape[3]], 1)


def test_random_places_are_equally_likely():
    """χ² tests at a level of 1e-6, over 9 shifts and 25 windows."""
    dot = torch.zeros(9000, 1, 9, 9)
    dot[:, :, 4, 4] = 1
    for moved, count in (
        (augment.random_shift(dot, 1, generator=generator()), 9),
        (augment.random_crop(dot, 5, generator=generator()), 25),
    ):
        _, counts = place_of(moved).unique(dim=0, return_counts=True)
        assert len(counts) == count
        assert stats.chisquare(counts.numpy()).pvalue > 1e-6


def test_random_flip_has_its_probability():
    x = torch.tensor([1.0, 2.0]).expand(10_000, 1, 1, 2)
    share = (augment.random_flip(x, 0.3, generator=generator())[..., 0] == 2).double().mean()
    assert abs(share - 0.3) < 5 * (0.21 / 10_000) ** 0.5
    assert torch.equal(augment.random_flip(x, 0.0), x)
    assert torch.equal(augment.random_flip(x, 1.0), x.flip(-1))


# name: (random form, deterministic form with one parameter an image, draws from a generator)
RANDOM = {
    "shift": (
        lambda x, g: augment.random_shift(x, 2, generator=g),
        lambda x, a, b: augment.shift(x, a, b),
        lambda n, g: [torch.randint(-2, 3, (n,), generator=g) for _ in range(2)],
    ),
    "shift, subpixel": (
        lambda x, g: augment.random_shift(x, 2, subpixel=True, generator=g),
        lambda x, a, b: augment.shift(x, a, b),
        lambda n, g: [4 * torch.rand(n, generator=g) - 2 for _ in range(2)],
    ),
    "rotate": (
        lambda x, g: augment.random_rotate(x, (-10, 30), generator=g),
        augment.rotate,
        lambda n, g: [40 * torch.rand(n, generator=g) - 10],
    ),
    "scale": (
        lambda x, g: augment.random_scale(x, (0.5, 2.0), generator=g),
        augment.scale,
        lambda n, g: [1.5 * torch.rand(n, generator=g) + 0.5],
    ),
    "blur": (
        lambda x, g: augment.random_blur(x, (0, 2), generator=g),
        augment.blur,
        lambda n, g: [2 * torch.rand(n, generator=g)],
    ),
    "noise": (
        lambda x, g: augment.random_noise(x, (0.1, 0.3), generator=g),
        lambda x, s, noise: x + s.view(-1, 1, 1, 1) * noise,
        lambda n, g: [
            0.1 + 0.2 * torch.rand(n, generator=g),
            torch.randn(n, 2, 6, 7, generator=g),
        ],
    ),
    "flip": (
        lambda x, g: augment.random_flip(x, 0.4, generator=g),
        augment.flip,
        lambda n, g: [torch.rand(n, generator=g) < 0.4],
    ),
    "crop": (
        lambda x, g: augment.random_crop(x, (3, 5), generator=g),
        lambda x, t, l: augment.crop(x, (3, 5), t, l),
        lambda n, g: [torch.randint(most + 1, (n,), generator=g) for most in (3, 2)],
    ),
}
randoms = pytest.mark.parametrize("name", RANDOM)


@randoms
def test_random_forms_draw_one_parameter_an_image_from_their_generator(name):
    at_random, given, draw = RANDOM[name]
    x = randn(5, 2, 6, 7, dtype=torch.float32)
    source = generator(3)
    before = torch.get_rng_state()
    found = at_random(x, source)
    assert torch.equal(torch.get_rng_state(), before)
    torch.testing.assert_close(found, given(x, *draw(5, generator(3))))
    assert not torch.equal(at_random(x, source), found)
    torch.manual_seed(3)
    torch.testing.assert_close(at_random(x, None), found)


@randoms
@pytest.mark.parametrize("shape", [(0, 2, 6, 7), (3, 0, 6, 7), (1, 1, 6, 7)])
def test_empty_batches(name, shape):
    found = RANDOM[name][0](torch.zeros(shape), generator())
    assert found.shape[:2] == shape[:2]


@modes
def test_images_without_pixels(mode):
    x = torch.zeros(2, 3, 0, 4)
    for f in (
        lambda x: augment.shift(x, 1, 1, padding_mode=mode),
        lambda x: augment.rotate(x, 10, padding_mode=mode),
        lambda x: augment.scale(x, 2, padding_mode=mode),
        lambda x: augment.blur(x, 1, padding_mode=mode),
    ):
        assert f(x).shape == x.shape
        assert f(x.mT).shape == x.mT.shape


@randoms
@pytest.mark.parametrize("dtype", HALF)
@pytest.mark.parametrize("autocast", [False, True])
def test_half_precision_is_computed_in_float32(name, dtype, autocast):
    at_random, x = RANDOM[name][0], randn(4, 2, 6, 7).to(dtype)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        found = at_random(x, generator())
    assert torch.equal(found, at_random(x.float(), generator()).to(dtype))


@randoms
@pytest.mark.parametrize("given", [None, "cpu"])
def test_stays_on_its_device(name, given):
    """On meta tensors a number from elsewhere would be an error."""
    x = torch.zeros(4, 2, 6, 7, device="meta", requires_grad=True)
    y = RANDOM[name][0](x, None if given is None else generator())
    y.sum().backward()
    assert y.device.type == x.grad.device.type == "meta"


@randoms
def test_a_default_device_changes_nothing(name):
    x = randn(4, 2, 6, 7)
    expected = RANDOM[name][0](x, generator())
    with torch.device("meta"):
        source = torch.Generator().manual_seed(0)
        found = RANDOM[name][0](x, source)
    assert torch.equal(found, expected)


PARAMETERS = {
    "shift": (augment.shift, [(0.3, -1.6), (0.45, 2.2)]),
    "rotate": (augment.rotate, [(12.0, -40.0)]),
    "scale": (augment.scale, [(0.8, 1.7)]),
    "blur": (augment.blur, [(0.6, 1.3)]),
}


@modes
@pytest.mark.parametrize("name", PARAMETERS)
def test_gradients_reach_images_and_parameters(name, mode):
    function, parameters = PARAMETERS[name]
    tensors = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in parameters]
    x = randn(2, 1, 4, 5).requires_grad_()
    assert torch.autograd.gradcheck(partial(function, padding_mode=mode), (x, *tensors))


def test_images_are_left_as_they_were():
    x = randn(3, 1, 4, 4)
    before = x.clone()
    for name, (at_random, _, _) in RANDOM.items():
        if name not in ("crop", "noise"):
            at_random(x, generator())
            assert torch.equal(x, before)


X = torch.zeros(3, 1, 4, 5)
N = torch.ones
ERRORS = [
    ("shift", (X[0], 1), {}, ValueError, r"images must have shape \(N, C, H, W\), got \(1, 4, 5\)"),
    ("shift", (X.byte(), 1), {}, TypeError, "images has to be floating point, not torch.uint8"),
    ("shift", (X.numpy(), 1), {}, TypeError, "images has to be a tensor, not ndarray"),
    ("shift", (X, math.nan), {}, ValueError, "down must be finite, got nan"),
    ("shift", (X, 0, N(2)), {}, ValueError, r"right must be a number or have shape \(3,\), one an"),
    (
        "shift",
        (X, N(3, device="meta")),
        {},
        ValueError,
        "down must be on cpu like images, got meta",
    ),
    ("shift", (X,), {"padding_mode": "zeros"}, ValueError, "padding_mode must be one of .*'zeros'"),
    ("rotate", (X, math.inf), {}, ValueError, "degrees must be finite, got inf"),
    ("rotate", (X, 1), {"padding_mode": "wrap"}, ValueError, "padding_mode must be one of"),
    ("scale", (X, 0), {}, ValueError, "factor must be finite, above 0, got 0"),
    (
        "scale",
        (X, torch.tensor([1.0, -1.0, 1.0])),
        {},
        ValueError,
        "factor must be finite, above 0",
    ),
    ("scale", (X, 1), {"padding_mode": ""}, ValueError, "padding_mode must be one of"),
    ("blur", (X, -0.1), {}, ValueError, "std must be finite, at least 0, got -0.1"),
    ("blur", (X, 1), {"truncate": 0}, ValueError, "truncate must be above 0 and finite, got 0"),
    ("blur", (X, 1), {"padding_mode": "edge"}, ValueError, "padding_mode must be one of"),
    ("flip", (X, N(3)), {}, TypeError, "where must be a mask of torch.bool, got torch.float32"),
    ("flip", (X, N(2).bool()), {}, ValueError, r"where must have shape \(3,\), one an image, got"),
    ("flip", (X, [True] * 3), {}, TypeError, "where must be a mask of torch.bool, got list"),
    ("flip", (X, N(3, device="meta").bool()), {}, ValueError, "where must be on cpu like images"),
    ("flip", (X,), {"dim": 1}, ValueError, r"dim must be -1 \(left, right\) or -2 .*, got 1"),
    ("flip", ([1],), {}, TypeError, "images has to be a tensor, not list"),
    (
        "crop",
        (X, 5),
        {},
        ValueError,
        "height of the window must be a whole number from 1 to 4, got",
    ),
    ("crop", (X, (4, 0)), {}, ValueError, "width of the window must be a whole number from 1 to 5"),
    ("crop", (X, (1, 2, 3)), {}, ValueError, r"size must be one number or \(height, width\), got"),
    ("crop", (X, 3, 2), {}, ValueError, "top must be a whole number from 0 to 1, got 2"),
    ("crop", (X, 3, 0, N(3)), {}, TypeError, "left must be integers, got torch.float32"),
    (
        "crop",
        (X, 3, N(2).int()),
        {},
        ValueError,
        r"top must have shape \(3,\), one an image, on cpu",
    ),
    ("crop", (X, 3, 2 * N(3).int()), {}, ValueError, r"top must lie from 0 to 1, got \[2, 2, 2\]"),
    ("random_shift", (X, 0.5), {}, ValueError, "most must be a whole number of at least 0, got 0."),
    ("random_shift", (X, 1), {"padding_mode": "zeros"}, ValueError, "padding_mode must be one of"),
    (
        "random_rotate",
        (X, 5),
        {},
        ValueError,
        r"degrees must be a pair \(low, high\) with .* got 5",
    ),
    ("random_rotate", (X, (3, 1)), {}, ValueError, r"degrees must be a pair .* got \(3, 1\)"),
    ("random_scale", (X, (0, 1)), {}, ValueError, "factor must be a pair"),
    ("random_blur", (X, (-1, 1)), {}, ValueError, "std must be a pair"),
    ("random_noise", (X, (0, math.inf)), {}, ValueError, "std must be a pair"),
    ("random_noise", (X[0], (0, 1)), {}, ValueError, "images must have shape"),
    ("random_flip", (X, 1.5), {}, ValueError, r"p must lie in \[0, 1\], got 1.5"),
    ("random_flip", (X,), {"dim": 0}, ValueError, r"dim must be -1 \(left, right\)"),
    (
        "random_crop",
        (X, 9),
        {"padding": 2},
        ValueError,
        "height of the window must .* 1 to 8, got 9",
    ),
    (
        "random_crop",
        (X, 2),
        {"padding": -1},
        ValueError,
        "padding must be a whole number of at lea",
    ),
    ("random_crop", (X, 2), {"padding_mode": "zero"}, ValueError, "padding_mode must be one of"),
]


@pytest.mark.parametrize(("name", "args", "options", "kind", "message"), ERRORS)
def test_errors(name, args, options, kind, message):
    with pytest.raises(kind, match=f"^{name}: {message}"):
        getattr(augment, name)(*args, **options)


def test_crop_on_meta_takes_places_of_meta():
    places = torch.zeros(3, dtype=torch.int64, device="meta")
    assert augment.crop(X.to("meta"), 2, places, 1).shape == (3, 1, 2, 2)
