"""vgg and resnet: published numbers of parameters, shapes, and blocks against PyTorch's layers."""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.models import ResidualBlock, mlp, resnet, vgg
from lecturelib.normalization import BatchNorm2d


def parameters(model):
    return sum(p.numel() for p in model.parameters())


# He et al. (2016), table 6, in millions; and the exact numbers for shortcuts without parameters.
PUBLISHED = {
    20: (0.27, 269_722),
    32: (0.46, 464_154),
    44: (0.66, 658_586),
    56: (0.85, 853_018),
    110: (1.7, 1_727_962),
}


@pytest.mark.parametrize("depth", PUBLISHED)
def test_a_resnet_has_the_published_number_of_parameters(depth):
    millions, exact = PUBLISHED[depth]
    assert parameters(resnet(depth)) == exact
    assert round(exact / 1e6, 2 if millions < 1 else 1) == millions


@pytest.mark.parametrize("depth", [8, 20, 56])
def test_a_resnet_has_as_many_layers_with_weights_as_its_depth_says(depth):
    layers = [m for m in resnet(depth, width=2).modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == depth


def test_skip_connections_have_no_parameters_and_change_no_draw():
    with_skip = resnet(20, width=4, generator=torch.Generator().manual_seed(1))
    without = resnet(20, width=4, skip=False, generator=torch.Generator().manual_seed(1))
    for a, b in zip(with_skip.parameters(), without.parameters(), strict=True):
        assert torch.equal(a, b)
    x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    assert not torch.allclose(with_skip(x), without(x))


# Simonyan and Zisserman (2015), table 1: convolutions of configurations A, B, D and E. Convolutions
# of D with biases have 14,714,688 parameters, as in every copy of VGG-16 without its dense layers.
CONVOLUTIONS = {11: 8, 13: 10, 16: 13, 19: 16}


@pytest.mark.parametrize("depth", CONVOLUTIONS)
def test_vgg_has_the_convolutions_of_the_paper(depth):
    convs = [m for m in vgg(depth, width=2).modules() if isinstance(m, nn.Conv2d)]
    assert len(convs) == CONVOLUTIONS[depth] == depth - 3


def test_vgg_16_has_the_published_number_of_parameters():
    model = vgg(16)
    assert parameters(model) - parameters(model.output) == 14_714_688
    assert parameters(model.output) == 5_130
    # with batch norm: a scale and a shift for each channel instead of a bias
    channels = 2 * 64 + 2 * 128 + 3 * 256 + 6 * 512
    assert parameters(vgg(16, norm="batch")) == parameters(model) + channels


SMALL = {"vgg": partial(vgg, 11, 7, width=2), "resnet": partial(resnet, 8, 7, width=2)}


@pytest.mark.parametrize("norm", [None, "batch", "group", "instance", "layer"])
@pytest.mark.parametrize("make", SMALL.values(), ids=SMALL)
def test_images_go_in_and_scores_come_out(make, norm, rng):
    x = torch.randn(3, 3, 32, 32, generator=rng)
    scores = make(norm=norm, activation="tanh")(x)
    assert scores.shape == (3, 7)
    scores.square().sum().backward()


def test_stages_of_vgg_halve_the_image():
    x = torch.zeros(1, 3, 32, 32)
    sizes = []
    for name, layer in vgg(13, width=2).named_children():
        x = layer(x)
        if name.startswith("pool"):
            sizes.append(x.shape[1:])
    expected = [(2, 16), (4, 8), (8, 4), (16, 2), (16, 1), (16, 1)]
    assert sizes == [(c, n, n) for c, n in expected]


def test_stages_of_resnet_halve_the_image_twice():
    x = torch.zeros(1, 3, 32, 32)
    sizes = {}
    for name, layer in resnet(14, width=2).named_children():
        x = layer(x)
        sizes[name] = tuple(x.shape[1:])
    assert sizes["stage1_block2"] == (2, 32, 32)
    assert sizes["stage2_block1"] == sizes["stage2_block2"] == (4, 16, 16)
    assert sizes["stage3_block1"] == (8, 8, 8)


@pytest.mark.parametrize("norm", [None, "batch", "group", "instance", "layer"])
@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize(("stride", "channels"), [(1, 3), (2, 6), (2, 3), (1, 5)])
def test_a_block_computes_its_formula(norm, skip, stride, channels, rng):
    x = torch.randn(4, 3, 6, 6, generator=rng)
    block = ResidualBlock(3, channels, stride=stride, skip=skip, norm=norm, generator=rng)
    normalize = {
        None: lambda t: t,
        "batch": lambda t: F.batch_norm(t, None, None, training=True),
        "group": lambda t: F.group_norm(t, 1),  # fewer than eight channels: one group
        "instance": F.instance_norm,
        "layer": lambda t: F.layer_norm(t, t.shape[1:]),
    }[norm]
    h = F.conv2d(x, block.conv1.weight, block.conv1.bias, stride, padding=1)
    h = F.conv2d(F.relu(normalize(h)), block.conv2.weight, block.conv2.bias, padding=1)
    expected = normalize(h)
    if skip:
        small = F.max_pool2d(x, 1, stride=stride)  # every stride-th place
        expected[:, :3] = expected[:, :3] + small
    torch.testing.assert_close(block(x), F.relu(expected), atol=1e-5, rtol=1e-5)


def test_a_block_whose_convolutions_are_zero_is_the_identity_for_positive_inputs():
    """He et al.: an identity is easy to learn for a residual block, its residual is 0."""
    block = ResidualBlock(2, 2, norm=None)
    nn.init.zeros_(block.conv2.weight)
    x = torch.rand(1, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(x), x)
    assert not ResidualBlock(2, 2, norm=None, skip=False).conv2.bias.any()


def test_biases_before_batch_norm_are_left_out():
    for model in (resnet(8, width=2), vgg(11, width=2, norm="batch")):
        convs = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
        assert all(conv.bias is None for conv in convs)
        assert any(isinstance(m, BatchNorm2d) for m in model.modules())
    after = vgg(11, width=2, norm="batch", norm_position="after")
    assert after.conv1.bias is not None
    assert [n for n, _ in after.named_children()][:3] == ["conv1", "activation1", "norm1"]


GROUPS = {2: 1, 6: 1, 8: 2, 16: 4, 18: 3, 64: 16, 128: 32, 256: 32, 512: 32}


@pytest.mark.parametrize("channels", GROUPS)
def test_groups_have_four_channels_or_more_and_are_at_most_32(channels, rng):
    x = torch.randn(2, channels, 3, 3, generator=rng)
    norm = ResidualBlock(channels, channels, norm="group").norm1
    torch.testing.assert_close(norm(x), F.group_norm(x, GROUPS[channels]), atol=1e-5, rtol=1e-5)


def test_instance_norm_makes_a_bias_redundant_and_group_norm_does_not():
    assert ResidualBlock(8, 8, norm="instance").conv1.bias is None
    assert ResidualBlock(8, 8, norm=nn.InstanceNorm2d).conv1.bias is None
    assert ResidualBlock(8, 8, norm="group").conv1.bias is not None


def test_features_have_group_and_rms_norm(rng):
    x = torch.randn(5, 4, generator=rng)
    h = mlp(4, [8], 2, norm="rms").norm1
    y = torch.randn(5, 8, generator=rng)
    torch.testing.assert_close(h(y), F.rms_norm(y, [8]))
    model = mlp(4, [8], 2, norm="group")
    torch.testing.assert_close(model.norm1(y), F.group_norm(y, 2), atol=1e-5, rtol=1e-5)
    assert model(x).shape == (5, 2)


def test_dropout_of_vgg_stands_after_each_activation():
    model = vgg(11, width=2, dropout=0.3)
    assert sum(isinstance(m, nn.Dropout) for m in model.modules()) == 8


@pytest.mark.parametrize("make", SMALL.values(), ids=SMALL)
def test_the_generator_decides_and_the_global_seed_is_left_alone(make):
    torch.manual_seed(0)
    first = make(generator=torch.Generator().manual_seed(1))
    torch.manual_seed(5)
    again, other = (make(generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    for a, b in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first.output.weight, other.output.weight)


ERRORS = {
    "vgg depth": (lambda: vgg(12), r"^vgg: depth must be one of \[11, 13, 16, 19\], got 12"),
    "vgg width": (lambda: vgg(11, width=0), r"^vgg: all sizes must be at least 1"),
    "vgg norm": (lambda: vgg(11, norm="bach"), r"^vgg: norm must be one of .*'bach'"),
    "resnet depth": (lambda: resnet(21), r"^resnet: depth must be 6n \+ 2 and at least 8, got 21"),
    "resnet low": (lambda: resnet(2), r"^resnet: depth"),
    "resnet norm": (lambda: resnet(8, norm="bach"), r"^resnet: norm must be one of .*'bach'"),
    "resnet out": (lambda: resnet(8, 0), r"^resnet: all sizes must be at least 1"),
    "block": (lambda: ResidualBlock(4, 2), r"^ResidualBlock: out_channels must be at least"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    call, message = ERRORS[case]
    with pytest.raises(ValueError, match=message):
        call()
