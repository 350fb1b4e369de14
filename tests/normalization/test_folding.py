"""fold_batch_norm: one layer equals layer and batch norm, for each kind of layer."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from lecturelib.normalization import BatchNorm1d, BatchNorm2d, fold_batch_norm

LAYERS = {
    "linear": (lambda bias: nn.Linear(4, 6, bias=bias), nn.BatchNorm1d, (5, 4)),
    "conv1d": (lambda bias: nn.Conv1d(4, 6, 3, bias=bias), nn.BatchNorm1d, (5, 4, 7)),
    "conv2d": (
        lambda bias: nn.Conv2d(4, 6, 3, padding=1, stride=2, groups=2, bias=bias),
        nn.BatchNorm2d,
        (5, 4, 7, 7),
    ),
    "conv3d": (lambda bias: nn.Conv3d(4, 6, 2, bias=bias), nn.BatchNorm3d, (2, 4, 3, 3, 3)),
    "transposed 1d": (
        lambda bias: nn.ConvTranspose1d(4, 6, 3, bias=bias),
        nn.BatchNorm1d,
        (5, 4, 7),
    ),
    "transposed 2d": (
        lambda bias: nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2, bias=bias),
        nn.BatchNorm2d,
        (5, 4, 3, 3),
    ),
}


def lived_in(make_bn, rng, **options):
    """Batch norm with parameters and running statistics as after training."""
    bn = make_bn(6, **options).double()
    with torch.no_grad():
        for tensor in (bn.weight, bn.bias, bn.running_mean, bn.running_var):
            if tensor is not None:
                tensor.normal_(generator=rng)
        bn.running_var.abs_()
    return bn.eval()


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", LAYERS)
def test_one_layer_does_the_work_of_two(kind, bias, affine, rng):
    make_layer, make_bn, shape = LAYERS[kind]
    layer = make_layer(bias).double()
    bn = lived_in(make_bn, rng, affine=affine)
    before = copy.deepcopy((layer.state_dict(), bn.state_dict()))
    folded = fold_batch_norm(layer, bn)
    x = torch.randn(shape, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(folded(x), bn(layer(x)), rtol=1e-10, atol=1e-12)
    assert type(folded) is type(layer)
    assert folded.bias is not None
    for state, module in zip(before, (layer, bn), strict=True):
        for name, value in module.state_dict().items():
            assert torch.equal(value, state[name])


@pytest.mark.parametrize("make_bn", [BatchNorm1d, nn.BatchNorm1d, nn.SyncBatchNorm])
def test_any_batch_norm_folds(make_bn, rng):
    layer, bn = nn.Linear(4, 6).double(), lived_in(make_bn, rng)
    x = torch.randn(5, 4, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(fold_batch_norm(layer, bn)(x), bn(layer(x)))


def test_folding_into_a_convolution_of_ours(rng):
    layer, bn = nn.Conv2d(4, 6, 3).double(), lived_in(BatchNorm2d, rng)
    x = torch.randn(5, 4, 6, 6, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(fold_batch_norm(layer, bn)(x), bn(layer(x)))


def test_the_new_layer_is_independent_and_trainable(rng):
    layer, bn = nn.Linear(4, 6), lived_in(BatchNorm1d, rng).float()
    folded = fold_batch_norm(layer, bn)
    with torch.no_grad():
        folded.weight.zero_()
    assert layer.weight.abs().min() > 0
    assert all(p.is_leaf and p.requires_grad for p in folded.parameters())
    layer.requires_grad_(False)
    assert not any(p.requires_grad for p in fold_batch_norm(layer, bn).parameters())


def test_dtype_is_that_of_the_layer(rng):
    folded = fold_batch_norm(nn.Linear(4, 6).bfloat16(), lived_in(BatchNorm1d, rng).float())
    assert {p.dtype for p in folded.parameters()} == {torch.bfloat16}


LAYER, BN = nn.Linear(4, 6), nn.BatchNorm1d(6)
ERRORS = {
    "embedding": (
        TypeError,
        "Linear, Conv or ConvTranspose, got Embedding",
        nn.Embedding(4, 6),
        BN,
    ),
    "layer norm": (TypeError, "bn must be batch norm, got LayerNorm", LAYER, nn.LayerNorm(6)),
    "instance norm": (TypeError, "got InstanceNorm1d", LAYER, nn.InstanceNorm1d(6)),
    "training": (ValueError, r"call bn.eval\(\) first", LAYER, BN),
    "no statistics": (
        ValueError,
        "no running statistics",
        LAYER,
        nn.BatchNorm1d(6, track_running_stats=False).eval(),
    ),
    "channels": (ValueError, "gives 6 channels, bn takes 5", LAYER, nn.BatchNorm1d(5).eval()),
    "parametrized": (
        ValueError,
        "remove_parametrizations",
        nn.utils.parametrizations.weight_norm(nn.Linear(4, 6)),
        nn.BatchNorm1d(6).eval(),
    ),
    "pruned": (
        ValueError,
        "weight of Linear is computed at each call, from weight_orig and weight_mask.*prune.remove",
        prune.l1_unstructured(nn.Linear(4, 6), "weight", amount=3),
        nn.BatchNorm1d(6).eval(),
    ),
    "pruned bias": (
        ValueError,
        "bias of Linear is computed",
        prune.l1_unstructured(nn.Linear(4, 6), "bias", amount=3),
        nn.BatchNorm1d(6).eval(),
    ),
    "spectral norm": (
        ValueError,
        "weight of Linear is computed at each call, from weight_orig.*remove_spectral_norm",
        nn.utils.spectral_norm(nn.Linear(4, 6)),
        nn.BatchNorm1d(6).eval(),
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, layer, bn = ERRORS[case]
    with pytest.raises(error, match=f"^fold_batch_norm: .*{message}"):
        fold_batch_norm(layer, bn)


def test_a_pruned_layer_folds_when_pruning_is_made_permanent(rng):
    layer = prune.l1_unstructured(nn.Linear(4, 6).double(), "weight", amount=9)
    bn, x = lived_in(nn.BatchNorm1d, rng).eval(), torch.randn(5, 4, generator=rng).double()
    expected = bn(layer(x))
    prune.remove(layer, "weight")
    torch.testing.assert_close(fold_batch_norm(layer, bn)(x), expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_folded_in_float32(dtype, rng):
    """A variance of 1e-9 is 0 in float16, and its root is not."""
    layer, bn = nn.Linear(4, 6).to(dtype), nn.BatchNorm1d(6, eps=1e-7).eval()
    bn.running_var.fill_(1e-9)
    wide = fold_batch_norm(copy.deepcopy(layer).float(), bn)
    folded = fold_batch_norm(layer, bn)
    assert torch.equal(folded.weight, wide.weight.to(dtype))
    assert torch.equal(folded.bias, wide.bias.to(dtype))
