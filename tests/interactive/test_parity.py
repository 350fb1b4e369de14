"""The widgets compute what lecturelib and PyTorch do: node runs the module, Python checks it."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.figures.palette import PALETTE
from lecturelib.interactive.numbers import number
from lecturelib.interactive.widgets import PROGRAMS
from lecturelib.models import mlp
from lecturelib.normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
)
from lecturelib.regularizers import project_to_ball, soft_threshold
from tests.interactive.conftest import needs_node

pytestmark = needs_node

TOLERANCE = {"rtol": 1e-10, "atol": 1e-10}
SEEDS = range(40)


def node(widget: str, code: str, data: object) -> list:
    """Run ``code`` over ``data``, with the widget's module as ``m``, and return what it returns."""
    module = files("lecturelib.interactive").joinpath(f"modules/{widget}.mjs")
    script = (
        f'import * as m from "file://{module}";\n'
        'import {readFileSync} from "node:fs";\n'
        'const data = JSON.parse(readFileSync(0, "utf8"));\n'
        f"const run = (c) => {{ {code} }};\n"
        "process.stdout.write(JSON.stringify(data.map(run)));"
    )
    done = subprocess.run(
        [shutil.which("node") or "node", "--input-type=module", "--eval", script],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def close(found, expected) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(expected, float), **TOLERANCE)


# --- optimizer paths -----------------------------------------------------------------------------

SURFACES = {
    "round bowl": lambda x, y: 0.5 * (x**2 + y**2),
    "narrow valley": lambda x, y: 0.25 * x**2 + 5 * y**2,
    "banana (Rosenbrock)": lambda x, y: (1 - x) ** 2 + 10 * (y - x**2) ** 2,
    "saddle": lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 20,
    "two depths": lambda x, y: x**4 / 10 - x**2 + x / 2 + y**2,
}

OPTIMIZERS = {
    "SGD": lambda p, lr, mu: torch.optim.SGD(p, lr=lr),
    "momentum": lambda p, lr, mu: torch.optim.SGD(p, lr=lr, momentum=mu),
    "Nesterov": lambda p, lr, mu: torch.optim.SGD(p, lr=lr, momentum=mu, nesterov=mu > 0),
    "RMSProp": lambda p, lr, mu: torch.optim.RMSprop(p, lr=lr),
    "Adam": lambda p, lr, mu: torch.optim.Adam(p, lr=lr),
}


def torch_path(case: dict) -> list[list[float]]:
    p = torch.tensor(case["start"], dtype=torch.float64, requires_grad=True)
    optimizer = OPTIMIZERS[case["method"]]([p], case["learning_rate"], case["momentum"])
    points = [p.tolist()]
    for noise in case["noise"]:
        optimizer.zero_grad()
        SURFACES[case["surface"]](*p).backward()
        assert p.grad is not None
        p.grad += torch.tensor(noise, dtype=torch.float64)
        optimizer.step()
        points.append(p.tolist())
    return points


def test_paths_are_those_of_torch():
    cases = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        for method in OPTIMIZERS:
            case = {
                "surface": list(SURFACES)[seed % len(SURFACES)],
                "method": method,
                "learning_rate": 10 ** rng.uniform(-4, -2),
                "momentum": float(rng.choice([0, 0.5, 0.9, 0.99])),
                "start": rng.uniform(-1.5, 1.5, 2).tolist(),
                "steps": 50,
                "noise": rng.normal(size=(50, 2)).tolist(),
            }
            cases.append(case)
    code = "return m.trace(c, (t) => c.noise[t - 1]);"
    for case, found in zip(cases, node("optimizer_paths", code, cases), strict=True):
        close(found, torch_path(case))


def test_surfaces_and_their_minima():
    rng = np.random.default_rng(0)
    cases = [
        {"surface": name, "at": rng.uniform(-3, 3, 2).tolist()}
        for name in SURFACES
        for _ in range(5)
    ]
    code = "const s = m.SURFACES[c.surface]; return [s.loss(...c.at), ...s.gradient(...c.at)];"
    for case, found in zip(cases, node("optimizer_paths", code, cases), strict=True):
        p = torch.tensor(case["at"], dtype=torch.float64, requires_grad=True)
        loss = SURFACES[case["surface"]](*p)
        loss.backward()
        assert p.grad is not None
        close(found, [loss.item(), *p.grad.tolist()])
    minima = node("optimizer_paths", "return m.SURFACES[c].minima;", list(SURFACES))
    for name, points in zip(SURFACES, minima, strict=True):
        for point in points:
            p = torch.tensor(point, dtype=torch.float64)
            loss = lambda q, f=SURFACES[name]: f(*q)  # noqa: E731
            gradient = torch.autograd.functional.jacobian(loss, p)
            hessian = torch.autograd.functional.hessian(loss, p)
            assert gradient.abs().max() < 1e-6
            assert torch.linalg.eigvalsh(hessian).min() > 0


def test_divergence_ends_the_path():
    case = {
        "surface": "narrow valley", "method": "SGD", "learning_rate": 10.0, "momentum": 0.0,
        "start": [1.0, 1.0], "steps": 500,
    }  # fmt: skip
    (points,) = node("optimizer_paths", "return m.trace(c);", [case])
    assert len(points) < 20
    assert np.isfinite(points).all()


def test_contours_lie_on_their_level():
    code = (
        "const {loss, x, y} = m.SURFACES[c]; const levels = [1, 3, 9];"
        "return m.contours(loss, x, y, levels, 200).map((ends, k) => ends.flat()"
        ".map(([a, b]) => [levels[k], loss(a, b)]));"
    )
    for levels in node("optimizer_paths", code, ["round bowl", "narrow valley", "saddle"]):
        for pairs in levels:
            assert len(pairs) > 10
            level, found = np.transpose(pairs)
            np.testing.assert_allclose(found, level, rtol=0.02)


# --- activation zoo ------------------------------------------------------------------------------

ACTIVATIONS = {
    "sigmoid": lambda x, a: torch.sigmoid(x),
    "tanh": lambda x, a: torch.tanh(x),
    "LeCun tanh": lambda x, a: 1.7159 * torch.tanh(2 / 3 * x),
    "relu": lambda x, a: F.relu(x),
    "leaky relu": lambda x, a: F.leaky_relu(x, a),
    "elu": lambda x, a: F.elu(x, a),
    "selu": lambda x, a: F.selu(x),
    "softplus": lambda x, a: F.softplus(x, a, threshold=1e9),
    "silu": lambda x, a: F.silu(x),
    "gelu": lambda x, a: F.gelu(x),
    "mish": lambda x, a: F.mish(x),
    "identity": lambda x, a: x,
}


def test_activations_and_derivatives_are_those_of_torch():
    inputs = np.concatenate([np.linspace(-30, 30, 601), np.random.default_rng(0).normal(size=400)])
    inputs = inputs[inputs != 0]  # where the ReLUs have no derivative
    cases = [
        {"name": n, "a": a, "x": inputs.tolist()} for n in ACTIVATIONS for a in (0.1, 0.5, 2.0)
    ]
    code = "const {f, d} = m.ACTIVATIONS[c.name]; return c.x.map((x) => [f(x, c.a), d(x, c.a)]);"
    assert node("activation_zoo", "return Object.keys(m.ACTIVATIONS);", [0]) == [list(ACTIVATIONS)]
    for case, found in zip(cases, node("activation_zoo", code, cases), strict=True):
        x = torch.tensor(case["x"], dtype=torch.float64, requires_grad=True)
        y = ACTIVATIONS[case["name"]](x, case["a"])
        (gradient,) = torch.autograd.grad(y.sum(), x)
        value, slope = np.transpose(found)
        close(value, y.detach())
        close(slope, gradient)


@settings(deadline=None, max_examples=5)
@given(st.lists(st.floats(-8, 8), min_size=50, max_size=50))
def test_error_function(values):
    (found,) = node("activation_zoo", "return c.map(m.erf);", [values])
    close(found, torch.special.erf(torch.tensor(values, dtype=torch.float64)))


def test_saturation_is_where_the_derivative_is_small():
    code = "return m.saturated(c, 0.1, [-6, 6]);"
    sigmoid, relu, identity, gelu = node(
        "activation_zoo", code, ["sigmoid", "relu", "identity", "gelu"]
    )
    # The derivative s(1 - s) is 0.05 at ±log((1 + √0.8) / (1 − √0.8)).
    edge = np.log((1 + np.sqrt(0.8)) / (1 - np.sqrt(0.8)))
    np.testing.assert_allclose(sigmoid, [[-6, -edge], [edge, 6]], atol=0.04)
    np.testing.assert_allclose(relu, [[-6, 0]], atol=0.04)
    assert identity == []
    assert all(high < 0.1 for _, high in gelu)


# --- norm balls ----------------------------------------------------------------------------------

ORDERS = {"L1": 1.0, "L2": 2.0, "L4": 4.0, "L∞": np.inf}


def ball_cases(seeds=SEEDS) -> list[dict]:
    """Random bowls and radii, for each norm; the radius is a share of the minimum's norm."""
    cases = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        for name, p in ORDERS.items():
            minimum = rng.normal(size=2) * 10 ** rng.uniform(-1, 1)
            cases.append(
                {
                    "norm": name,
                    "curvature": 10 ** rng.uniform(0, 1.5),
                    "angle": rng.uniform(-90, 90),
                    "minimum": minimum.tolist(),
                    "radius": rng.uniform(0.02, 0.98) * float(np.linalg.norm(minimum, p)),
                }
            )
    return cases


def bowl(case: dict) -> tuple[np.ndarray, np.ndarray]:
    """Hessian from its eigenvectors, and the minimum."""
    angle = np.deg2rad(case["angle"])
    along, across = [np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]
    axes = np.array([along, across])
    return axes.T @ np.diag([1 / case["curvature"], 1]) @ axes, np.array(case["minimum"])


SOLVE = (
    "const q = {H: m.hessian(c), minimum: c.minimum, p: m.NORMS[c.norm], radius: c.radius};"
    "const w = m.constrained(q), strength = m.strength(q);"
    "return {w, strength, back: m.radiusOf(q, strength), loss: m.loss(q.H, q.minimum, w)};"
)


def test_contour_and_ball_touch_where_projected_gradient_descent_stays():
    """w = Π(w − ∇J(w)) holds at the constrained minimum and nowhere else."""
    cases = [case for case in ball_cases() if case["norm"] != "L4"]
    for case, found in zip(cases, node("norm_balls", SOLVE, cases), strict=True):
        h, minimum = bowl(case)
        w = torch.tensor(found["w"], dtype=torch.float64)
        moved = w - torch.from_numpy(h @ (w.numpy() - minimum))
        scale = np.abs(minimum).max()
        close(project_to_ball(moved, case["radius"], p=ORDERS[case["norm"]]) / scale, w / scale)
        away = w.numpy() - minimum
        close(found["loss"] / scale**2, away @ h @ away / 2 / scale**2)


def test_the_penalty_of_the_same_minimum():
    """L1: a proximal step stays. L2: ridge. All: no neighbour has a smaller J + λΩ."""
    rng = np.random.default_rng(0)
    for case, found in zip(ball_cases(), node("norm_balls", SOLVE, ball_cases()), strict=True):
        h, minimum = bowl(case)
        w, strength, p = np.array(found["w"]), found["strength"], ORDERS[case["norm"]]
        assert strength > 0
        assert found["back"] == pytest.approx(case["radius"], rel=1e-6)
        if p == 1:
            step = torch.from_numpy(w - h @ (w - minimum))
            scale = np.abs(minimum).max()
            close(soft_threshold(step, strength) / scale, w / scale)
        if p == 2:
            ridge = np.linalg.solve(h + 2 * strength * np.eye(2), h @ minimum)
            np.testing.assert_allclose(w, ridge, rtol=1e-6, atol=1e-9)

        def cost(v, h=h, minimum=minimum, strength=strength, p=p):
            penalty = np.linalg.norm(v, p, axis=-1) ** (2 if p == 2 else 1)
            return ((v - minimum) @ h * (v - minimum)).sum(-1) / 2 + strength * penalty

        near = w + rng.normal(size=(500, 2)) * 10 ** rng.uniform(-4, 0, (500, 1)) * np.abs(w).max()
        assert (cost(near) >= cost(w) * (1 - 1e-12)).all()


def test_a_ball_around_the_minimum_is_idle():
    cases = [{**case, "radius": 1.01 * case["radius"] / 0.02} for case in ball_cases(range(5))]
    cases = [c for c in cases if np.linalg.norm(c["minimum"], ORDERS[c["norm"]]) <= c["radius"]]
    assert len(cases) > 5
    for case, found in zip(cases, node("norm_balls", SOLVE, cases), strict=True):
        assert found["w"] == case["minimum"]
        assert found["strength"] == 0


def test_a_corner_of_the_l1_ball_gives_an_exact_zero_and_a_large_strength_two():
    case = {**PROGRAMS["norm_balls"].values}
    (found,) = node("norm_balls", SOLVE, [case])
    assert found["w"] == [1, 0]
    assert found["strength"] == pytest.approx(case["strength"], abs=1e-5)
    code = "return m.radiusOf({H: m.hessian(c), minimum: c.minimum, p: 1}, c.strength);"
    h, minimum = bowl(case)
    largest = np.abs(h @ minimum).max()
    radii = node("norm_balls", code, [{**case, "strength": f * largest} for f in (0.0, 0.99, 1.01)])
    assert radii[0] == pytest.approx(np.abs(minimum).sum())
    assert 0 < radii[1] < 0.1
    assert radii[2] == 0


# --- batch norm microscope -----------------------------------------------------------------------


def test_microscope_is_lecturelibs_batch_norm():
    cases = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        cases.append(
            {
                "values": (
                    rng.normal(size=rng.integers(2, 17)) * 10 ** rng.uniform(-2, 2)
                ).tolist(),
                "gamma": rng.uniform(-2, 2),
                "beta": rng.uniform(-2, 2),
                "momentum": rng.uniform(0, 1),
                "running": {"mean": rng.normal(), "variance": rng.uniform(0.1, 3)},
            }
        )
    code = (
        "const running = m.remember(c.running, c.values, c.momentum);"
        "return [m.normalize(c.values, m.statistics(c.values), c.gamma, c.beta),"
        " m.normalize(c.values, c.running, c.gamma, c.beta), [running.mean, running.variance]];"
    )
    for case, found in zip(cases, node("batch_norm_microscope", code, cases), strict=True):
        double = {"dtype": torch.float64}
        x = torch.tensor(case["values"], **double)[:, None]
        mean = torch.tensor([case["running"]["mean"]], **double)
        variance = torch.tensor([case["running"]["variance"]], **double)
        gamma, beta = (
            torch.tensor([case["gamma"]], **double),
            torch.tensor([case["beta"]], **double),
        )
        inference = batch_norm(x, mean, variance, gamma, beta)
        momentum = case["momentum"]
        training = batch_norm(x, mean, variance, gamma, beta, training=True, momentum=momentum)
        close(found[0], training[:, 0])
        close(found[1], inference[:, 0])
        close(found[2], torch.stack([mean, variance])[:, 0])


# --- who averages over what ----------------------------------------------------------------------

FAMILY = {
    "batch norm": lambda x, groups: batch_norm(x, None, None, training=True),
    "layer norm": lambda x, groups: layer_norm(x, x.shape[1:]),
    "layer norm, place by place": lambda x, groups: layer_norm(x.mT, x.shape[1:2]).mT,
    "instance norm": lambda x, groups: instance_norm(x),
    "group norm": lambda x, groups: group_norm(x, groups),
    "RMS norm": lambda x, groups: rms_norm(x, x.shape[1:], eps=1e-5),
}


def test_who_averages_is_the_librarys_norms():
    cases = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        shape = [int(rng.integers(2, 5)), 2 ** int(rng.integers(1, 4)), int(rng.integers(2, 5))]
        for norm in FAMILY:
            cases.append(
                {
                    "norm": norm,
                    "shape": shape,
                    "groups": int(rng.choice([g for g in (1, 2, 4, 8) if g <= shape[1]])),
                    "values": (3 + 2 * rng.normal(size=np.prod(shape))).tolist(),
                }
            )
    assert node("who_averages", "return Object.keys(m.NORMS);", [0]) == [list(FAMILY)]
    code = (
        "return [m.normalize(c.norm, c.shape, c.groups, c.values),"
        " m.indices(c.shape).map((i) => m.indices(c.shape)"
        ".map((j) => +m.together(c.norm, c.shape, c.groups, i, j)))];"
    )
    for case, found in zip(cases, node("who_averages", code, cases), strict=True):
        x = torch.tensor(case["values"], dtype=torch.float64).view(case["shape"])
        wanted = FAMILY[case["norm"]](x, case["groups"])
        close(found[0], wanted.flatten())
        # A value depends on those that share its statistic, and on no others.
        jacobian = torch.func.jacrev(lambda v, c=case: FAMILY[c["norm"]](v, c["groups"]))(x)
        reached = jacobian.reshape(x.numel(), x.numel()).abs() > 1e-9
        assert (reached.numpy() <= np.array(found[1], bool)).all()
        assert reached.double().mean() > 0.9 * np.mean(found[1])


# --- loss slice ----------------------------------------------------------------------------------

SLICES = {
    "quadratic": lambda x, d: x**2 / 2,
    "sin θ cos 4θ": lambda x, d: torch.sin(x) * torch.cos(4 * x),
    "deep linear network": lambda x, d: (x**d - 1) ** 2 / 2,
    "one ReLU": lambda x, d: (torch.relu(x) - 1) ** 2 / 2,
}


def slope_of(case: dict, places: torch.Tensor) -> torch.Tensor:
    """The derivative of a case's loss at some places, by automatic differentiation."""
    x = places.clone().requires_grad_()
    (slope,) = torch.autograd.grad(SLICES[case["loss"]](x, case["depth"]).sum(), x)
    return slope


def slice_cases() -> list[dict]:
    cases = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        cases += [
            {
                "loss": loss,
                "depth": int(rng.integers(1, 9)),
                "position": rng.uniform(-1.2, 1.2),
                "rate": 10 ** rng.uniform(-2, 0.3),
                "reach": rng.uniform(0.05, 1.5),
                "steps": 2,
            }
            for loss in SLICES
        ]
    return cases


def test_a_step_on_a_slice_is_gradient_descents():
    code = "return {...m.step(c), places: m.walk(c)};"
    assert node("loss_slice", "return Object.keys(m.LOSSES);", [0]) == [list(SLICES)]
    for case, found in zip(slice_cases(), node("loss_slice", code, slice_cases()), strict=True):
        places = [torch.tensor(case["position"], dtype=torch.float64)]
        for _ in range(case["steps"]):
            places.append(places[-1] - case["rate"] * slope_of(case, places[-1]))
        close(found["places"], torch.stack(places))
        close(found["g"], slope_of(case, places[0]))
        for name, place in (("before", places[0]), ("after", places[1])):
            close(found[name], SLICES[case["loss"]](place, case["depth"]))


def test_the_smoothness_of_a_slice_is_the_largest_quotient_and_its_promise_is_kept():
    promised = 0
    for case, found in zip(
        slice_cases(), node("loss_slice", "return m.step(c);", slice_cases()), strict=True
    ):
        here = torch.tensor(case["position"], dtype=torch.float64)
        slope = slope_of(case, here)
        if slope == 0:
            assert found["K"] is None  # not a number
            assert not found["promised"]
            continue
        t = torch.linspace(0, case["reach"], 201, dtype=torch.float64)[1:]
        change = (slope_of(case, here - slope.sign() * t) - slope).abs()
        close(found["K"], (change / t).max())
        if found["promised"]:
            promised += 1
            assert found["after"] < found["before"]
            # The whole way lies under the parabola.
            way = here - slope.sign() * t
            bound = found["before"] - slope.abs() * t + found["K"] * t**2 / 2
            assert (
                SLICES[case["loss"]](way, case["depth"]) <= bound + 1e-4 * (1 + bound.abs())
            ).all()
    assert promised > 30


def test_the_lectures_slice_has_the_smoothness_17():
    """sup |f″| of sin θ cos 4θ is 17, at 0 mod π/2; the quotient there tends to it."""
    case = {
        "loss": "sin θ cos 4θ",
        "depth": 1,
        "position": np.pi / 2 - 0.01,
        "rate": 0.1,
        "reach": 0.02,
        "steps": 1,
    }
    (found,) = node("loss_slice", "return m.step(c);", [case])
    assert found["K"] == pytest.approx(17, rel=0.01)


# --- network playground --------------------------------------------------------------------------


def network_in_torch(layers: list[dict], activation: str, normalize: bool) -> torch.nn.Sequential:
    """lecturelib's MLP with the weights of the page's network."""
    hidden = [len(layer["W"]) for layer in layers[:-1]]
    function = {"relu": "relu", "identity": "identity"}.get(activation)
    norm = "batch" if normalize else None
    net = mlp(2, hidden, 1, norm=norm, activation=function or getattr(torch, activation)).double()
    linears = [m for m in net.modules() if isinstance(m, torch.nn.Linear)]
    norms = [m for m in net.modules() if hasattr(m, "running_mean")]
    assert len(linears) == len(layers)
    assert len(norms) == (len(layers) - 1 if normalize else 0)
    with torch.no_grad():
        for linear, layer in zip(linears, layers, strict=True):
            linear.weight.copy_(torch.tensor(layer["W"], dtype=torch.float64))
            assert (linear.bias is None) == ("b" not in layer)
            if linear.bias is not None:
                linear.bias.copy_(torch.tensor(layer["b"], dtype=torch.float64))
    return net


def test_playground_trains_as_lecturelibs_mlp_does():
    cases = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        cases.append(
            {
                "depth": int(rng.integers(0, 5)),
                "width": int(rng.integers(1, 9)),
                "activation": ["relu", "tanh", "sigmoid", "identity"][seed % 4],
                "normalize": bool(seed // 4 % 2),
                "learning_rate": rng.uniform(0.01, 0.3),
                "data": "two moons",
                "noise": 0.2,
                "seed": seed,
            }
        )
    code = (
        "const net = m.network(c), start = structuredClone(net.layers), {X, y} = m.points(c, 24);"
        "const losses = [0, 1, 2].map(() => m.step(net, X, y, c.learning_rate));"
        "return {start, X, y, losses, layers: net.layers,"
        " logits: m.forward(net, X).at(-1).Z.map(([z]) => z)};"
    )
    for case, found in zip(cases, node("network_playground", code, cases), strict=True):
        net = network_in_torch(found["start"], case["activation"], case["normalize"])
        X = torch.tensor(found["X"], dtype=torch.float64)
        y = torch.tensor(found["y"], dtype=torch.float64)
        optimizer = torch.optim.SGD(net.parameters(), lr=case["learning_rate"])
        losses = []
        for _ in range(3):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X)[:, 0], y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        close(found["losses"], losses)
        close(found["logits"], net.eval()(X)[:, 0].detach())
        state = net.state_dict()
        ours = [v for k, v in state.items() if k.endswith("weight") and v.ndim == 2]
        for layer, weight in zip(found["layers"], ours, strict=True):
            close(layer["W"], weight)
        if case["normalize"]:
            variances = [v for k, v in state.items() if k.endswith("running_var")]
            for layer, variance in zip(found["layers"], variances, strict=False):
                close(layer["variance"], variance)


def test_network_without_hidden_layers_is_logistic_regression():
    case = {"depth": 0, "width": 3, "activation": "tanh", "normalize": True, "seed": 0}
    (layers,) = node("network_playground", "return m.network(c).layers;", [case])
    assert [np.shape(layer["W"]) for layer in layers] == [(1, 2)]
    assert "gamma" not in layers[0]


@pytest.mark.parametrize("data", ["two moons", "rings", "XOR", "spirals", "two blobs"])
def test_playground_data_is_balanced_seeded_and_learnable(data):
    case = {"data": data, "noise": 0.0, "seed": 3}
    code = "return [m.points(c), m.points(c)];"
    ((first, again),) = node("network_playground", code, [case])
    assert first == again
    X, y = np.asarray(first["X"]), np.asarray(first["y"])
    assert np.abs(X).max() <= 1.25
    assert y.mean() == 0.5
    distance = np.linalg.norm(X[:, None] - X[None], axis=-1) + 9 * np.eye(len(X))
    assert (y[distance.argmin(1)] == y).mean() > 0.95  # the nearest point is of the same class


# --- what all of them share ----------------------------------------------------------------------


def test_numbers_have_one_form_in_captions_and_programs():
    values = [0, 1, -1, 0.5, 0.001, 0.00099999, 9.66e-5, 7.86e-10, 1e-10, -2.5e-7, 999_999, 1e6]
    values += [123_456, 1_234_567, -3.14159, 100, 99.96, 0.1 + 0.2, *10.0 ** np.arange(-12, 12)]
    for digits in (2, 3, 6):
        found = node("kit", f"return m.show(c, {digits})", [float(v) for v in values])
        assert found == [number(float(v), digits) for v in values]


def test_programs_have_the_palette_of_the_figures():
    (found,) = node("kit", "return m.COLORS", [None])
    assert found == {name: f"var(--lx-{name},{color.lower()})" for name, color in PALETTE.items()}


def test_a_method_has_arrived_when_its_loss_stays_low():
    paths = [[5, 0, 5, 0, 0], [0, 0], [1, 1], [1, 0]]
    found = node("optimizer_paths", "return m.arrival(c.map((v) => [v, 0]), (a) => a, 0.5)", paths)
    assert found == [3, 0, -1, 1]
