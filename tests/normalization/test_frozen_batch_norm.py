"""FrozenBatchNorm against PyTorch's batch norm in eval mode."""

import pytest
import torch
from torch import nn

from lecturelib.normalization import BatchNorm1d, FrozenBatchNorm

MAKERS = {
    "ours": (BatchNorm1d, (8, 3)),
    "torch's": (nn.BatchNorm1d, (8, 3)),
    "sequence": (nn.BatchNorm1d, (8, 3, 5)),
    "images": (nn.BatchNorm2d, (8, 3, 4, 2)),
}


def trained(maker, shape, rng, **options):
    bn = maker(3, eps=0.1, dtype=torch.float64, **options)
    bn(1 + torch.randn(shape, generator=rng, dtype=torch.float64))
    with torch.no_grad():
        for p in bn.parameters():
            p.normal_(generator=rng)
    return bn


@pytest.mark.parametrize("learn_affine", [True, False])
@pytest.mark.parametrize("maker", MAKERS)
def test_does_in_both_modes_what_batch_norm_does_in_eval_mode(maker, learn_affine, rng):
    make, shape = MAKERS[maker]
    bn = trained(make, shape, rng)
    frozen = FrozenBatchNorm.from_batch_norm(bn, learn_affine=learn_affine)
    before = {name: value.clone() for name, value in frozen.state_dict().items()}
    x, cotangent = torch.randn(2, *shape, generator=rng, dtype=torch.float64)
    bn.eval()
    for mode in (True, False):
        frozen.train(mode)
        results = []
        for module in (frozen, bn):
            leaf = x.clone().requires_grad_()
            module.zero_grad()
            y = module(leaf)
            y.backward(cotangent)
            results.append([y.detach(), leaf.grad, *[p.grad for p in module.parameters()]])
        assert len(results[0]) == (4 if learn_affine else 2)
        for ours, theirs in zip(*results, strict=False):
            torch.testing.assert_close(ours, theirs)
    for name, value in frozen.state_dict().items():
        assert torch.equal(value, before[name])  # nothing was updated
    assert bn.running_mean.data_ptr() != frozen.running_mean.data_ptr()


def test_a_sample_does_not_depend_on_its_batch(rng):
    frozen = FrozenBatchNorm.from_batch_norm(trained(nn.BatchNorm1d, (8, 3), rng)).train()
    x = torch.randn(4, 3, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(frozen(x)[:1], frozen(x[:1]))


@pytest.mark.parametrize("learn_affine", [True, False])
def test_state_has_the_same_names_and_takes_batch_norms(learn_affine, rng):
    bn = trained(nn.BatchNorm1d, (8, 3), rng)
    net = nn.Sequential(FrozenBatchNorm(3, 0.1, dtype=torch.float64, learn_affine=learn_affine))
    names = {"0.weight", "0.bias", "0.running_mean", "0.running_var"}
    assert set(net.state_dict()) == names
    net.load_state_dict(nn.Sequential(bn).state_dict())  # with num_batches_tracked
    x = torch.randn(4, 3, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(net(x), bn.eval()(x))
    assert len(list(net.parameters())) == (2 if learn_affine else 0)


def test_batch_norm_without_affine(rng):
    bn = trained(nn.BatchNorm1d, (8, 3), rng, affine=False)
    frozen = FrozenBatchNorm.from_batch_norm(bn)
    x = torch.randn(4, 3, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(frozen(x), bn.eval()(x))


def test_a_new_one_changes_nothing_but_for_eps(rng):
    x = torch.randn(4, 3, generator=rng)
    torch.testing.assert_close(FrozenBatchNorm(3, eps=0.0)(x), x)
    assert repr(FrozenBatchNorm(3)) == "FrozenBatchNorm(3, eps=1e-05, learn_affine=False)"


ERRORS = {
    "features": (lambda: FrozenBatchNorm(0), "FrozenBatchNorm: num_features must be at least 1"),
    "eps": (lambda: FrozenBatchNorm(3, eps=-1), "FrozenBatchNorm: eps must be at least 0, got -1"),
    "channels": (lambda: FrozenBatchNorm(3)(torch.zeros(2, 4)), "FrozenBatchNorm: expected 3"),
    "statistics": (
        lambda: FrozenBatchNorm.from_batch_norm(nn.BatchNorm1d(3, track_running_stats=False)),
        "FrozenBatchNorm.from_batch_norm: bn has no running statistics",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    call, message = ERRORS[case]
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


def test_only_batch_norm_can_be_frozen():
    with pytest.raises(TypeError, match=r"bn must be batch norm, got LayerNorm"):
        FrozenBatchNorm.from_batch_norm(nn.LayerNorm(3))
