"""batch-norm-folding."""

import copy

import torch
from torch import nn

SLUG = "batch-norm-folding"


def new(weight, bias):
    layer = nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer


def by_formula(bn, linear):
    scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    bias = 0 if linear.bias is None else linear.bias
    return new(linear.weight * scale, linear.weight @ (bn.bias - scale * bn.running_mean) + bias)


@torch.no_grad()
def by_probing(bn, linear):
    """Reads the affine map off the two layers: no formula at all."""
    d = linear.in_features
    values = linear(bn(torch.cat([torch.zeros(1, d), torch.eye(d)]).to(linear.weight)))
    return new((values[1:] - values[0]).T, values[0])


def by_calling(bn, linear):
    """The shift is what the norm gives for 0."""
    shift = bn(torch.zeros(1, len(bn.weight), dtype=torch.float64))
    scale = bn(torch.ones_like(shift)) - shift
    return new((linear.weight * scale).detach(), linear(shift)[0].detach())


def in_float32(bn, linear):
    return by_formula(copy.deepcopy(bn).float(), copy.deepcopy(linear).float())


RIGHT = [by_formula, by_probing, by_calling, in_float32]


def variant(
    scale=lambda bn: bn.weight / torch.sqrt(bn.running_var + bn.eps),
    weight=lambda s, w: w * s,
    bias=lambda s, w, b, mu, beta: w @ (beta - s * mu) + b,
):
    def answer(bn, linear):
        s, w = scale(bn), linear.weight
        b = torch.zeros_like(w[:, 0]) if linear.bias is None else linear.bias
        return new(weight(s, w), bias(s, w, b, bn.running_mean, bn.bias))

    return answer


def in_place(bn, linear):
    folded = by_formula(bn, linear)
    linear.weight.data.copy_(folded.weight)
    return folded


def without_bias(bn, linear):
    layer = nn.Linear(linear.in_features, linear.out_features, bias=False, dtype=torch.float64)
    layer.weight.data.copy_(by_formula(bn, linear).weight)
    return layer


def as_in_the_chapter(bn, linear):
    """The formula for a norm behind the layer."""
    s = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    return new(s[:, None] * linear.weight, s * (linear.bias - bn.running_mean) + bn.bias)


WRONG = {
    "weight-not-scaled": variant(weight=lambda s, w: w),
    "folded-weight-for-the-shift": variant(
        bias=lambda s, w, b, mu, beta: (w * s) @ (beta - s * mu) + b
    ),
    "linear-bias-lost": variant(bias=lambda s, w, b, mu, beta: w @ (beta - s * mu)),
    "mean-missing": variant(bias=lambda s, w, b, mu, beta: w @ beta + b),
    "mean-added": variant(bias=lambda s, w, b, mu, beta: w @ (beta + s * mu) + b),
    "beta-missing": variant(bias=lambda s, w, b, mu, beta: b - w @ (s * mu)),
    "beta-scaled": variant(bias=lambda s, w, b, mu, beta: w @ (s * (beta - mu)) + b),
    "gamma-missing": variant(scale=lambda bn: torch.rsqrt(bn.running_var + bn.eps)),
    "eps-missing": variant(scale=lambda bn: bn.weight / bn.running_var.sqrt()),
    "eps-outside-root": variant(scale=lambda bn: bn.weight / (bn.running_var.sqrt() + bn.eps)),
    "divided-by-variance": variant(scale=lambda bn: bn.weight / (bn.running_var + bn.eps)),
    "not-divided": variant(scale=lambda bn: bn.weight),
    "not-one-layer": lambda bn, linear: nn.Sequential(bn, linear),
    "no-bias": without_bias,
    "argument-changed": in_place,
    "wrong-type": lambda bn, linear: by_formula(bn, linear).weight,
    "gamma-without-sign": variant(
        scale=lambda bn: bn.weight.abs() / (bn.running_var + bn.eps).sqrt()
    ),
    "mean-not-scaled": variant(bias=lambda s, w, b, mu, beta: w @ (beta - mu) + b),
    "eps-fixed": variant(scale=lambda bn: bn.weight / (bn.running_var + 1e-5).sqrt()),
}

UNLISTED = [
    (variant(weight=lambda s, w: -w * s), "sign", "The bias is right"),
    (variant(weight=lambda s, w: w.mean() * w * s), "factor", "The bias is right"),
    (variant(weight=lambda s, w: w * s.roll(1)), "only-sometimes", "The bias is right"),
    (as_in_the_chapter, "exception", "size"),
    (
        lambda bn, linear: new(by_formula(bn, linear).weight, linear.bias.detach()),
        "exception",
        "NoneType",
    ),
]
