"""Dropout against PyTorch's: the same numbers from the same seed, in all its modes."""

from __future__ import annotations

import copy
import io
import itertools
import pickle

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.regularizers import Dropout, Dropout2d, dropout, dropout2d

FUNCTIONS = {"dropout": (dropout, F.dropout), "dropout2d": (dropout2d, F.dropout2d)}
MODULES = {"dropout": (Dropout, nn.Dropout), "dropout2d": (Dropout2d, nn.Dropout2d)}
SHAPES = {
    "dropout": [(), (7,), (6, 5), (0, 3), (2, 0, 4), (3, 4, 5, 6), (200, 300)],
    "dropout2d": [(3, 4, 5, 6), (0, 4, 5, 6), (3, 4, 0, 6), (60, 40, 3, 3)],
}
CASES = [(name, shape) for name, shapes in SHAPES.items() for shape in shapes]
DTYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]


def seeded(function, *args, seed=3, **options):
    """The result, and a number that tells how far the global stream went."""
    torch.manual_seed(seed)
    result = function(*args, **options)
    return result, torch.rand(1)


def randn(*shape, dtype=torch.float32, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("p", [0, 0.2, 0.5, 1.0])
@pytest.mark.parametrize(("name", "shape"), CASES)
def test_values_gradients_and_stream_are_pytorch_s(name, shape, p, training, inplace):
    for dtype in DTYPES:
        results = []
        for function in FUNCTIONS[name]:
            leaf = randn(*shape, dtype=dtype).requires_grad_()
            x = leaf * 1  # a leaf may not be changed in place
            y, after = seeded(function, x, p, training, inplace)
            (grad,) = torch.autograd.grad(y, leaf, randn(*shape, dtype=dtype, seed=1))
            same = y is x
            results.append((y.detach(), grad, after, x.detach() if inplace else after, same))
        ours, theirs = results
        assert ours[0].dtype == dtype
        for a, b in zip(ours[:4], theirs[:4], strict=True):
            assert torch.equal(a, b)
        assert ours[4] == theirs[4]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    "arrange",
    [
        lambda x: x.to(memory_format=torch.channels_last),
        lambda x: x.transpose(0, 1),
        lambda x: x[:, :, ::2],
        lambda x: x[:1].expand(5, -1, -1, -1),
    ],
)
def test_tensors_with_other_strides(name, arrange):
    x = arrange(randn(6, 4, 6, 8))
    ours, theirs = (seeded(function, x, 0.3)[0] for function in FUNCTIONS[name])
    assert torch.equal(ours, theirs)
    assert ours.stride() == theirs.stride()


@pytest.mark.filterwarnings("ignore:dropout2d. Received a 3D input")
def test_channels_of_sequences():
    x = randn(5, 40, 7)
    ours, theirs = (seeded(function, x)[0] for function in FUNCTIONS["dropout2d"])
    assert torch.equal(ours, theirs)
    assert set((ours != 0).sum(-1).flatten().tolist()) == {0, 7}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_generator_gives_the_same_numbers_and_leaves_the_global_one_alone(name):
    ours, theirs = FUNCTIONS[name]
    x = randn(8, 9, 3, 3)
    expected, _ = seeded(theirs, x, 0.4, seed=11)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    source = torch.Generator().manual_seed(11)
    assert torch.equal(ours(x, 0.4, generator=source), expected)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(ours(x, 0.4, generator=source), expected)  # it has moved on


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_mean_and_variance(p):
    """Of x d/(1-p): mean x, variance x² p/(1-p). Margin: five standard errors over 1e6 draws."""
    n = 1_000_000
    x = torch.tensor(3.0, dtype=torch.float64)
    y = dropout(x.expand(n), p, generator=torch.Generator().manual_seed(0))
    variance = x**2 * p / (1 - p)
    assert abs(y.mean() - x) < 5 * (variance / n) ** 0.5
    fourth = (y - x).pow(4).mean()
    margin = 5 * ((fourth - variance**2) / n) ** 0.5 + 25 * variance / n  # the mean's share
    assert abs(y.var() - variance) < margin


def test_channels_drop_together_and_independently():
    y = dropout2d(torch.ones(2000, 2, 3, 3), 0.5, generator=torch.Generator().manual_seed(0))
    kept = (y != 0).flatten(2)
    assert (kept.all(-1) | ~kept.any(-1)).all()
    a, b = kept[..., 0].double().T
    assert abs(torch.corrcoef(torch.stack([a, b]))[0, 1]) < 5 / 2000**0.5


def test_nan_and_infinity_as_in_pytorch():
    x = torch.tensor([float("nan"), float("inf"), -float("inf"), 1.0]).repeat(20)
    for p in (0.0, 0.5, 1.0):
        ours, theirs = (seeded(f, x, p)[0] for f in FUNCTIONS["dropout"])
        assert torch.equal(ours.nan_to_num(7, 8, 9), theirs.nan_to_num(7, 8, 9))


def test_second_derivative():
    x = randn(4, 5, dtype=torch.float64).requires_grad_()

    def f(x):
        return dropout(x, 0.3, generator=torch.Generator().manual_seed(2)).pow(3)

    assert torch.autograd.gradgradcheck(f, x)


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_pytorch_s_in_both_modes(name):
    x = randn(6, 4, 5, 5)
    for p, inplace, training in itertools.product((0.0, 0.3, 1.0), (False, True), (True, False)):
        ours, theirs = (kind(p, inplace).train(training) for kind in MODULES[name])
        assert torch.equal(seeded(ours, x.clone())[0], seeded(theirs, x.clone())[0])
        assert repr(ours) == repr(theirs)
        assert isinstance(ours, type(theirs))  # by which PyTorch's tools know it
        assert ours.state_dict() == {}
    assert MODULES[name][0]().p == 0.5


@pytest.mark.parametrize("name", MODULES)
def test_a_module_s_own_generator(name):
    x = randn(6, 4, 5, 5)
    layer = MODULES[name][0](0.3, generator=torch.Generator().manual_seed(3))
    expected, _ = seeded(FUNCTIONS[name][1], x, 0.3)
    twin = copy.deepcopy(layer)
    assert torch.equal(layer(x), expected)
    assert torch.equal(twin(x), expected)
    assert not torch.equal(layer(x), expected)


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_saved_as_pytorch_s(name):
    layer = MODULES[name][0](0.3)
    file = io.BytesIO()
    torch.save(nn.Sequential(nn.Linear(2, 2), layer).state_dict(), file)
    file.seek(0)
    nn.Sequential(nn.Linear(2, 2), MODULES[name][1](0.3)).load_state_dict(torch.load(file))
    assert pickle.loads(pickle.dumps(layer)).p == 0.3


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")  # by torch.func.jvp
def test_transforms_of_torch_func():
    x, v = randn(4, 6), randn(4, 6, seed=1)
    for f in FUNCTIONS["dropout"]:
        y, tangent = torch.func.jvp(lambda x, f=f: seeded(f, x, 0.5)[0], (x,), (v,))
        torch.testing.assert_close(tangent, torch.where(y == 0, 0, 2 * v))
    rows = torch.func.vmap(lambda x: dropout(x, 0.5), randomness="different")
    result = seeded(rows, x)[0]
    assert torch.equal(result, torch.where(result == 0, 0, 2 * x))
    assert len(set((result == 0).int().unbind())) == 4


@pytest.mark.parametrize("name", FUNCTIONS)
def test_autocast_changes_nothing(name):
    for dtype in DTYPES:
        x = randn(3, 4, 5, 5, dtype=dtype)
        with torch.autocast("cpu", torch.bfloat16):
            ours, theirs = (seeded(f, x)[0] for f in FUNCTIONS[name])
        assert ours.dtype == theirs.dtype == dtype
        assert torch.equal(ours, theirs)


ERRORS = [
    (dropout, (torch.ones(2, dtype=torch.int64),), TypeError, "dropout: input has to be floating"),
    (dropout, ([1.0],), TypeError, "dropout: input has to be a tensor, not list"),
    (dropout, (torch.ones(2), 1.1), ValueError, r"dropout: p must lie in \[0, 1\], got 1.1"),
    (dropout, (torch.ones(2), -0.1), ValueError, r"dropout: p must lie in \[0, 1\], got -0.1"),
    (dropout2d, (torch.ones(2, 3), 0.5), ValueError, r"dropout2d: input must have .* \(2, 3\)"),
    (dropout2d, (torch.ones(1, 1, 1, 1, 1),), ValueError, "dropout2d: input must have shape"),
    (dropout2d, (torch.ones(1, 1, 1, 1), 2), ValueError, r"dropout2d: p must lie in \[0, 1\]"),
    (dropout2d, (torch.ones(1, 1, 1, 1).bool(),), TypeError, "dropout2d: input has to be float"),
    (Dropout, (float("nan"),), ValueError, r"Dropout: p must lie in \[0, 1\], got nan"),
    (Dropout2d, (-1,), ValueError, r"Dropout2d: p must lie in \[0, 1\], got -1"),
]


@pytest.mark.parametrize(("call", "args", "kind", "message"), ERRORS)
def test_errors(call, args, kind, message):
    with pytest.raises(kind, match=f"^{message}"):
        call(*args)


def test_a_leaf_may_not_be_changed_in_place():
    with pytest.raises(RuntimeError, match="leaf Variable"):
        dropout(torch.ones(3, requires_grad=True), inplace=True)
