"""batch-norm-folding."""

import copy

import torch
from torch import nn

SLUG = "batch-norm-folding"


def new(weight, bias):
    layer = nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer


def by_formula(linear, bn):
    scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    bias = 0 if linear.bias is None else linear.bias
    return new(scale[:, None] * linear.weight, scale * (bias - bn.running_mean) + bn.bias)


@torch.no_grad()
def by_probing(linear, bn):
    """Reads the affine map off the two layers: no formula at all."""
    d = linear.in_features
    values = bn(linear(torch.cat([torch.zeros(1, d), torch.eye(d)]).to(linear.weight)))
    return new((values[1:] - values[0]).T, values[0])


def with_torch(linear, bn):
    return torch.nn.utils.fusion.fuse_linear_bn_eval(linear, bn)


def in_float32(linear, bn):
    return by_formula(copy.deepcopy(linear).float(), copy.deepcopy(bn).float())


RIGHT = [by_formula, by_probing, with_torch, in_float32]


def variant(
    scale=lambda bn: bn.weight / torch.sqrt(bn.running_var + bn.eps),
    weight=lambda s, w: s[:, None] * w,
    bias=lambda s, b, mu, beta: s * (b - mu) + beta,
):
    def answer(linear, bn):
        s = scale(bn)
        b = torch.zeros_like(bn.bias) if linear.bias is None else linear.bias
        return new(weight(s, linear.weight), bias(s, b, bn.running_mean, bn.bias))

    return answer


def in_place(linear, bn):
    folded = by_formula(linear, bn)
    linear.weight.data.copy_(folded.weight)
    return folded


def without_bias(linear, bn):
    layer = nn.Linear(linear.in_features, linear.out_features, bias=False, dtype=torch.float64)
    layer.weight.data.copy_(by_formula(linear, bn).weight)
    return layer


WRONG = {
    "weight-not-scaled": variant(weight=lambda s, w: w),
    "linear-bias-lost": variant(bias=lambda s, b, mu, beta: beta - s * mu),
    "linear-bias-not-scaled": variant(bias=lambda s, b, mu, beta: b - s * mu + beta),
    "mean-missing": variant(bias=lambda s, b, mu, beta: s * b + beta),
    "mean-added": variant(bias=lambda s, b, mu, beta: s * (b + mu) + beta),
    "beta-missing": variant(bias=lambda s, b, mu, beta: s * (b - mu)),
    "beta-scaled": variant(bias=lambda s, b, mu, beta: s * (b - mu + beta)),
    "gamma-missing": variant(scale=lambda bn: torch.rsqrt(bn.running_var + bn.eps)),
    "eps-missing": variant(scale=lambda bn: bn.weight / bn.running_var.sqrt()),
    "eps-outside-root": variant(scale=lambda bn: bn.weight / (bn.running_var.sqrt() + bn.eps)),
    "divided-by-variance": variant(scale=lambda bn: bn.weight / (bn.running_var + bn.eps)),
    "not-divided": variant(scale=lambda bn: bn.weight),
    "not-one-layer": lambda linear, bn: nn.Sequential(linear, bn),
    "no-bias": without_bias,
    "argument-changed": in_place,
    "wrong-type": lambda linear, bn: by_formula(linear, bn).weight,
    "mean-missing+beta-missing": variant(bias=lambda s, b, mu, beta: s * b),
    "gamma-without-sign": variant(
        scale=lambda bn: bn.weight.abs() / (bn.running_var + bn.eps).sqrt()
    ),
    "mean-not-scaled": variant(bias=lambda s, b, mu, beta: s * b - mu + beta),
    "eps-fixed": variant(scale=lambda bn: bn.weight / (bn.running_var + 1e-5).sqrt()),
    "eps-as-a-floor": variant(scale=lambda bn: bn.weight / bn.running_var.clamp(min=bn.eps).sqrt()),
}

UNLISTED = [
    (variant(weight=lambda s, w: s[:, None] * w**2), "different", "The bias is right"),
    (variant(weight=lambda s, w: -s[:, None] * w), "sign", "The bias is right"),
    (variant(weight=lambda s, w: w.mean() * s[:, None] * w), "factor", "The bias is right"),
    (variant(scale=lambda bn: bn.weight / bn.running_mean), "different", "wrong length"),
    (
        lambda linear, bn: new(by_formula(linear, bn).weight, linear.bias.detach()),
        "exception",
        "NoneType",
    ),
    (variant(weight=lambda s, w: s * w.T[: len(s)]), "exception", "size"),
]
