"""fold_batch_norm: one layer equals layer and batch norm, for each kind of layer."""

import copy

import pytest
import torch
from torch import nn

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
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, layer, bn = ERRORS[case]
    with pytest.raises(error, match=f"^fold_batch_norm: .*{message}"):
        fold_batch_norm(layer, bn)
