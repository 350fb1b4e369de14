"""recalibrate_batch_norm against direct averages and torch's update_bn."""

import copy

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import update_bn

from lecturelib.normalization import (
    BatchNorm1d,
    LpNorm,
    MeanOnlyBatchNorm,
    recalibrate_batch_norm,
)


def network(norm):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), norm(4), nn.ReLU(), nn.Linear(4, 2), norm(2)).double()


@pytest.fixture
def loader(rng):
    return list(torch.randn(5, 8, 3, generator=rng, dtype=torch.float64))


def statistics(model):
    return {k: v.clone() for k, v in model.state_dict().items() if "running" in k or "num" in k}


def assert_statistics(model, expected):
    for name, value in statistics(model).items():
        torch.testing.assert_close(value, expected[name])


@pytest.mark.parametrize("norm", [BatchNorm1d, nn.BatchNorm1d])
def test_first_layer_holds_the_plain_mean_over_batches(norm, loader):
    model = network(norm)
    returned = recalibrate_batch_norm(model, loader)
    assert returned is model
    with torch.no_grad():
        hidden = [model[0](x) for x in loader]
    torch.testing.assert_close(
        model[1].running_mean, torch.stack([h.mean(0) for h in hidden]).mean(0)
    )
    torch.testing.assert_close(
        model[1].running_var, torch.stack([h.var(0) for h in hidden]).mean(0)
    )
    assert model[1].num_batches_tracked.item() == len(loader)


@pytest.mark.parametrize("norm", [BatchNorm1d, nn.BatchNorm1d])
def test_equals_update_bn_of_torch(norm, loader):
    """On ours and on theirs."""
    model, theirs = network(norm), network(nn.BatchNorm1d)
    update_bn(loader, theirs)
    recalibrate_batch_norm(model, loader)
    assert_statistics(model, statistics(theirs))


@pytest.mark.parametrize("p", [1.0, 2.0])
def test_lp_norm_and_mean_only_norm_take_the_plain_mean_too(p, loader):
    """Direct means; they keep no count, and update_bn does not know them."""
    model = nn.Sequential(LpNorm(3, p=p, momentum=0.7), MeanOnlyBatchNorm(3, 0.3)).double()
    model[0].running_size[:] = torch.nan  # of no consequence
    recalibrate_batch_norm(model, loader)
    mean = torch.stack([x.mean(0) for x in loader]).mean(0)
    size = torch.stack([(x.abs() ** p).mean(0) ** (1 / p) for x in loader]).mean(0)
    torch.testing.assert_close(model[0].running_mean, mean)
    torch.testing.assert_close(model[0].running_size, size)
    second = torch.stack([model[0].eval()(x).mean(0) for x in loader]).mean(0)
    torch.testing.assert_close(model[1].running_mean, second)
    assert (model[0].momentum, model[1].momentum) == (0.7, 0.3)


@pytest.mark.parametrize("wrap", [tuple, list])
def test_batches_may_carry_targets(wrap, loader):
    plain, model = network(BatchNorm1d), network(BatchNorm1d)
    recalibrate_batch_norm(plain, loader)
    recalibrate_batch_norm(model, (wrap([x, "target"]) for x in loader))
    assert_statistics(model, statistics(plain))


@pytest.mark.parametrize("momentum", [0.3, None])
def test_momentum_modes_and_parameters_are_left(momentum, loader):
    model = network(BatchNorm1d)
    model[1].momentum = momentum
    model[1].eval()  # frozen, within a model in training mode
    modes = [m.training for m in model.modules()]
    parameters = copy.deepcopy(list(model.parameters()))
    recalibrate_batch_norm(model, loader)
    assert [m.training for m in model.modules()] == modes
    assert model[1].momentum == momentum
    for before, after in zip(parameters, model.parameters(), strict=True):
        assert torch.equal(before, after)
        assert after.grad is None


def test_dropout_works_as_at_inference(rng):
    """Dropout before batch norm: recalibrated, the variance is that of inference (N(0,1): 1)."""
    model = nn.Sequential(nn.Dropout(0.5), BatchNorm1d(2, momentum=None))
    x = torch.randn(20, 500, 2, generator=rng)
    torch.manual_seed(0)
    for batch in x:
        model(batch)
    trained = model[1].running_var.mean().item()
    recalibrate_batch_norm(model, x)
    assert model.training
    torch.testing.assert_close(model[1].running_var, x.var(1).mean(0))
    # Li et al. (2018): 1 / keep = 2. Margin of 5 standard errors: Var(S²) = (E y⁴ − 2²) / n, and
    # y⁴ = 2⁴ x⁴ half of the time, so that E y⁴ = 24.
    assert abs(trained - 2) < 5 * (20 / 2e4) ** 0.5


def test_frozen_norms_without_statistics_and_networks_without_norm_are_fine(loader):
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4, track_running_stats=False)).double()
    assert recalibrate_batch_norm(model, loader) is model
    assert model[1].running_mean is None


def test_an_empty_loader_changes_nothing(loader):
    model = network(BatchNorm1d)
    model(loader[0])
    before = statistics(model)
    with pytest.raises(ValueError, match=r"^recalibrate_batch_norm: the loader gave no batch"):
        recalibrate_batch_norm(model, [])
    assert_statistics(model, before)


def test_an_error_on_the_way_changes_nothing(loader):
    model = network(nn.BatchNorm1d)
    model(loader[0])
    before = statistics(model)
    with pytest.raises(RuntimeError):
        recalibrate_batch_norm(model, [*loader, torch.zeros(2, 99, dtype=torch.float64)])
    assert_statistics(model, before)
    assert model.training
    assert model[1].momentum == 0.1
