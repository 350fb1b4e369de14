"""All instruments in float32 and float64, on each device there is. Oracle: float64 on the CPU."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F

from lecturelib import instruments as i

from .networks import data, network, unchanged

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def measure(model, x, y):
    """Every instrument once; what it gives, by name."""
    parameters = list(model.parameters())
    layers = [[model.linear1.weight], [model.linear2.weight], [model.output.weight]]
    after = [[p.detach() * 1.1 for p in layer] for layer in layers]
    seed = torch.Generator().manual_seed(0)
    d1, d2 = ([d.sign() for d in ds] for ds in i.random_directions(parameters, generator=seed))

    def loss():
        return F.cross_entropy(model(x), y)

    steps = [0.1, 0.5]
    values, vectors = i.top_eigenvalues(loss, parameters, k=2, tol=1e-4)
    density = i.spectral_density(loss, parameters, probes=2, steps=5, width=0.1)
    return {
        "walk": i.gradient_walk(loss, parameters, steps=steps).losses,
        "variation": i.loss_variation(loss, parameters, steps=steps),
        "change": i.gradient_predictiveness(loss, parameters, steps=steps),
        "smoothness": i.effective_smoothness(loss, parameters, steps=steps, equal_length=True),
        "shift": i.internal_covariate_shift(loss, layers, after=after).norm,
        "norms": i.gradient_norms(loss, [model.linear1, model.output]),
        "moments": i.activation_moments(lambda: model(x), [model.activation2])[0].variance,
        "line": i.loss_line(model, loss, direction=d1, steps=steps),
        "plane": i.loss_plane(model, loss, directions=[d1, d2], points=3, radius=0.5).loss,
        "values": values,
        "overlap": i.subspace_overlap(vectors, vectors[:, :1]),
        "product": i.hessian_product(loss, parameters)(torch.ones_like(vectors[:, 0])),
        "targeted": i.targeted_perturbation(loss, parameters)[0],
        "random": i.random_perturbation(parameters)[0].norm(),
        "trace": i.trace(loss, parameters, products=1000).value,
        "density": density.weights.sum(1),
        "dependence": i.layer_dependence(loss, layers, probes=4).norms,
        "turns": (i.gradient_dependence(loss, layers, draws=2).change >= 0).to(x),
    }


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("norm", [None, "batch"])
def test_each_instrument_gives_what_float64_on_the_cpu_gives(rng, device, dtype, norm):
    x, y = data(rng)
    model = network(rng, norm)
    wanted = measure(copy.deepcopy(model), x, y)
    moved = copy.deepcopy(model).to(device, dtype)
    with unchanged(moved):
        found = measure(moved, x.to(device, dtype), y.to(device))
    for name, value in found.items():
        assert value.dtype == dtype, name
        assert value.device.type == device, name
        torch.testing.assert_close(
            value.cpu().double(), wanted[name].double(), rtol=1e-4, atol=1e-5, msg=name
        )
