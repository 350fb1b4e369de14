"""BatchNorm1d and BatchNorm2d against PyTorch's: outputs, buffers, state_dict, modes."""

import copy

import pytest
import torch
from torch import nn

from lecturelib.normalization import BatchNorm1d, BatchNorm2d

PAIRS = {
    "1d": (BatchNorm1d, nn.BatchNorm1d, (6, 3)),
    "1d sequence": (BatchNorm1d, nn.BatchNorm1d, (4, 3, 5)),
    "2d": (BatchNorm2d, nn.BatchNorm2d, (4, 3, 2, 5)),
}
OPTIONS = {
    "default": {},
    "options": {"eps": 0.1, "momentum": 0.5},
    "cumulative": {"momentum": None},
    "no affine": {"affine": False},
    "no tracking": {"track_running_stats": False},
    "bare": {"affine": False, "track_running_stats": False},
    "float32": {"dtype": torch.float32},
}


def make(pair, **options):
    ours, theirs, shape = PAIRS[pair]
    options = {"dtype": torch.float64, **options}
    return ours(3, **options), theirs(3, **options), shape


def assert_same_state(ours, theirs):
    state, expected = ours.state_dict(), theirs.state_dict()
    assert list(state) == list(expected)
    for name, value in expected.items():
        assert state[name].dtype == value.dtype
        torch.testing.assert_close(state[name], value)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("pair", PAIRS)
def test_trains_and_predicts_as_torch_does(pair, options, rng):
    """Ten steps of SGD and, after each, inference."""
    ours, theirs, shape = make(pair, **OPTIONS[options])
    dtype = OPTIONS[options].get("dtype", torch.float64)
    assert_same_state(ours, theirs)
    for _ in range(10):
        x, g = (torch.randn(shape, generator=rng, dtype=dtype) * 3 + 1 for _ in range(2))
        outputs = []
        for module in (ours, theirs):
            module.train()
            leaf = x.clone().requires_grad_()
            y = module(leaf)
            module.zero_grad()
            y.backward(g)
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter -= 0.01 * parameter.grad
            module.eval()
            outputs.append((y.detach(), leaf.grad, module(x).detach()))
        for a, b in zip(*outputs, strict=True):
            torch.testing.assert_close(a, b)
        assert_same_state(ours, theirs)


@pytest.mark.parametrize("options", ["default", "cumulative", "no affine", "no tracking"])
@pytest.mark.parametrize("pair", PAIRS)
def test_state_dict_moves_both_ways(pair, options, rng):
    ours, theirs, shape = make(pair, **OPTIONS[options])
    x = torch.randn(shape, generator=rng, dtype=torch.float64)
    ours(x)
    theirs.load_state_dict(ours.state_dict())
    assert_same_state(ours, theirs)
    theirs(x + 1)
    ours.load_state_dict(theirs.state_dict())
    assert_same_state(ours, theirs)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))


def test_state_dict_moves_into_a_network_saved_by_torch(tmp_path):
    theirs = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    theirs(torch.randn(5, 4, generator=torch.Generator().manual_seed(0)))
    torch.save(theirs.state_dict(), tmp_path / "model.pt")
    ours = nn.Sequential(nn.Linear(4, 3), BatchNorm1d(3))
    ours.load_state_dict(torch.load(tmp_path / "model.pt", weights_only=True))
    assert_same_state(ours, theirs)
    assert ours[1].num_batches_tracked.item() == 1


def test_bias_alone_may_be_left_out():
    bn = BatchNorm1d(3, bias=False)
    assert bn.bias is None
    assert [name for name, _ in bn.named_parameters()] == ["weight"]


def test_cumulative_average_is_the_mean_over_batches(rng):
    x = torch.randn(5, 8, 2, generator=rng, dtype=torch.float64)
    bn = BatchNorm1d(2, momentum=None, dtype=torch.float64)
    for batch in x:
        bn(batch)
    torch.testing.assert_close(bn.running_mean, x.mean((0, 1)))
    torch.testing.assert_close(bn.running_var, x.var(1).mean(0))
    assert bn.num_batches_tracked.item() == 5


def test_population_variance_makes_both_modes_agree_on_one_batch(rng):
    x = torch.randn(4, 3, generator=rng, dtype=torch.float64)
    for population in (True, False):
        bn = BatchNorm1d(3, momentum=1.0, unbiased_running_var=not population, dtype=torch.float64)
        y = bn(x)
        z = bn.eval()(x)
        assert torch.allclose(y, z) == population
    # the unbiased one is too large by m / (m - 1) = 4/3
    torch.testing.assert_close(bn.running_var, x.var(0, correction=0) * 4 / 3)


def test_without_running_statistics_inference_uses_its_batch(rng):
    x = torch.randn(4, 3, generator=rng)
    bn = BatchNorm1d(3, track_running_stats=False)
    assert torch.equal(bn(x), bn.eval()(x))
    assert bn.running_mean is None


def test_tracking_can_be_paused_as_in_torch(rng):
    x = torch.randn(4, 3, generator=rng)
    for bn in (BatchNorm1d(3), nn.BatchNorm1d(3)):
        bn.track_running_stats = False
        bn(x)
        assert bn.num_batches_tracked.item() == 0
        assert torch.equal(bn.running_mean, torch.zeros(3))


def test_a_lost_count_leaves_the_rest_working(rng):
    x = torch.randn(4, 3, generator=rng)
    for momentum in (0.1, None):
        results = []
        for bn in (BatchNorm1d(3, momentum=momentum), nn.BatchNorm1d(3, momentum=momentum)):
            bn.num_batches_tracked = None
            bn(x)
            results.append(bn.running_mean)
        torch.testing.assert_close(*results)


def test_reset_gives_a_new_module(rng):
    bn = BatchNorm1d(3)
    fresh = copy.deepcopy(bn.state_dict())
    bn(torch.randn(4, 3, generator=rng))
    with torch.no_grad():
        bn.weight.fill_(7)
        bn.bias.fill_(7)
    bn.reset_parameters()
    for name, value in bn.state_dict().items():
        assert torch.equal(value, fresh[name])
    BatchNorm1d(3, affine=False, track_running_stats=False).reset_parameters()


def test_conversion_of_type_and_device():
    bn = BatchNorm2d(2).to(torch.bfloat16)
    assert {p.dtype for p in (*bn.parameters(), bn.running_mean)} == {torch.bfloat16}
    assert bn.num_batches_tracked.dtype == torch.int64
    assert BatchNorm2d(2, device="meta").running_var.device.type == "meta"


def test_prints_as_torch_does():
    options = "eps=1e-05, momentum=0.1, affine=True, track_running_stats=True"
    assert repr(BatchNorm1d(3)) == f"BatchNorm1d(3, {options})"


ERRORS = {
    "no features": (lambda: BatchNorm1d(0), "num_features must be at least 1, got 0"),
    "momentum": (lambda: BatchNorm1d(2, momentum=-0.1), "momentum must be None or lie in"),
    "eps": (lambda: BatchNorm1d(2, eps=-1), "eps must be at least 0, got -1"),
    "4D": (lambda: BatchNorm1d(2)(torch.zeros(2, 2, 2, 2)), "expected 2D or 3D input"),
    "channels": (lambda: BatchNorm1d(2)(torch.zeros(4, 3)), "expected 2 channels"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    call, message = ERRORS[case]
    with pytest.raises(ValueError, match=f"^BatchNorm1d: {message}"):
        call()


def test_two_dimensional_input_of_an_image_norm():
    with pytest.raises(ValueError, match=r"^BatchNorm2d: expected 4D input, got shape \(4, 3\)"):
        BatchNorm2d(3)(torch.zeros(4, 3))


def test_a_refused_batch_is_not_counted():
    bn = BatchNorm1d(3)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        bn(torch.zeros(1, 3))
    assert bn.num_batches_tracked.item() == 0
    assert bn.eval()(torch.zeros(1, 3)).shape == (1, 3)
