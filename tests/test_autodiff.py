"""The engine against PyTorch and numerical gradients, to second order; its memory; its errors."""

import gc
import re
import subprocess
import sys
import weakref

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lecturelib import autodiff as ad
from lecturelib.autodiff import GraphError, Tensor, check_gradients, engine

RANDOM = np.random.default_rng(0)
TARGET = np.array([0, 2, 1, 1])


def array(*shape, positive=False):
    values = RANDOM.normal(size=shape)
    return np.abs(values) + 0.5 if positive else values


# name: the function for either library, and its arguments; m is lecturelib.autodiff or torch
CASES = {
    "add": (lambda m, a, b: a + b, array(2, 3), array(3)),
    "add, both broadcast": (lambda m, a, b: a + b, array(2, 1), array(1, 3)),
    "subtract": (lambda m, a, b: a - b, array(4, 1, 3), array(2, 3)),
    "multiply": (lambda m, a, b: a * b, array(2, 3), array(2, 1)),
    "multiply with a scalar": (lambda m, a, b: a * b, array(2, 3), array()),
    "divide": (lambda m, a, b: a / b, array(2, 3), array(3, positive=True)),
    "numbers": (lambda m, a: 1 - 2 * a + 3 / a - a / 4, array(3, positive=True)),
    "negative": (lambda m, a: -a, array(3)),
    "square": (lambda m, a: a**2, array(3)),
    "cube": (lambda m, a: a**3, array(3)),
    "root": (lambda m, a: a**0.5, array(3, positive=True)),
    "inverse": (lambda m, a: a**-1, array(3, positive=True)),
    "power 0 and 1": (lambda m, a: a**0 + a**1, np.array([0.0, 2.0])),
    "tensor as exponent": (lambda m, a, b: a**b, array(2, 3, positive=True), array(3)),
    "number to the power": (lambda m, a: 2.0**a, array(3)),
    "exp": (lambda m, a: m.exp(a), array(3)),
    "log": (lambda m, a: m.log(a), array(3, positive=True)),
    "tanh": (lambda m, a: m.tanh(a), array(3)),
    "sigmoid": (lambda m, a: m.sigmoid(a), array(3)),
    "relu": (lambda m, a: m.relu(a), np.array([-1.0, 0.0, 2.0])),
    "sum": (lambda m, a: m.sum(a), array(2, 3)),
    "sum over axes": (lambda m, a: m.sum(a, (0, -1)), array(2, 3, 4)),
    "mean": (lambda m, a: m.mean(a, 1), array(2, 3, 4)),
    "mean of all": (lambda m, a: m.mean(a), array(2, 3)),
    "reshape": (lambda m, a: m.reshape(a, (3, 2)) ** 2, array(2, 3)),
    "T": (lambda m, a: a.T * a.T, array(2, 3)),
    "swapaxes": (lambda m, a: a.swapaxes(0, -1) ** 2, array(2, 3, 4)),
    "slices": (lambda m, a: a[1:, ::2] ** 2, array(3, 4)),
    "one element": (lambda m, a: a[1, 2] ** 2, array(3, 4)),
    "new axis": (lambda m, a: a[:, None] * a, array(3)),
    "repeated indices": (lambda m, a: a[[0, 0, 2]] ** 2, array(3, 4)),
    "two index arrays": (lambda m, a: a[[0, 0], [1, 1]] ** 2, array(3, 4)),
    "mask": (lambda m, a: a[[True, False, True]] ** 2, array(3, 4)),
    "matmul": (lambda m, a, b: a @ b, array(2, 3), array(3, 4)),
    "batched matmul": (lambda m, a, b: m.matmul(a, b), array(5, 1, 2, 3), array(4, 3, 2)),
    "matrix and vector": (lambda m, a, b: a @ b, array(2, 3), array(3)),
    "vector and matrix": (lambda m, a, b: a @ b, array(3), array(3, 2)),
    "vector and matrices": (lambda m, a, b: a @ b, array(3), array(4, 3, 2)),
    "vectors": (lambda m, a, b: a @ b, array(3), array(3)),
    "log_softmax": (lambda m, a: m.log_softmax(a, 0), array(3, 4)),
    "linear": (lambda m, *a: layers(m).linear(*a), array(4, 3), array(2, 3), array(2)),
    "linear, no bias": (lambda m, *a: layers(m).linear(*a), array(3), array(2, 3)),
    "linear, 3-D": (lambda m, *a: layers(m).linear(*a), array(2, 4, 3), array(2, 3), array(2)),
    "cross_entropy": (lambda m, a: layers(m).cross_entropy(a, targets(m)), array(4, 3)),
    "conv2d": (lambda m, *a: layers(m).conv2d(*a), array(2, 3, 5, 4), array(2, 3, 3, 2), array(2)),
    "conv2d, strides": (
        lambda m, x, w: layers(m).conv2d(x, w, stride=(2, 1), padding=(1, 2)),
        array(2, 2, 6, 4),
        array(3, 2, 2, 3),
    ),
    "shared weights": (lambda m, a: m.tanh(a @ a) @ a + a * a, array(3, 3)),
    "itself twice": (lambda m, a: a + a, array(3)),
}


def layers(m):
    return ad if m is ad else F


def targets(m):
    return TARGET if m is ad else torch.tensor(TARGET)


def torch_results(f, arrays):
    """Value, gradient, and gradient of a random product with the gradient, by PyTorch."""
    x = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = f(torch, *x)
    weights = np.random.default_rng(1).normal(size=y.shape)
    first = torch.autograd.grad(y, x, torch.tensor(weights), create_graph=True)
    directions = [np.random.default_rng(2).normal(size=a.shape) for a in arrays]
    total = sum(
        ((g + t) * torch.tensor(d)).sum() for g, t, d in zip(first, x, directions, strict=True)
    )
    return y, first, torch.autograd.grad(total, x), weights, directions


@pytest.mark.parametrize("name", CASES)
def test_against_pytorch_to_second_order(name):
    f, *arrays = CASES[name]
    y0, first0, second0, weights, directions = torch_results(f, arrays)
    x = [Tensor(a, requires_grad=True) for a in arrays]
    y = f(ad, *x)
    first = ad.grad(y, x, weights, create_graph=True)
    total = sum(((g + t) * d).sum() for g, t, d in zip(first, x, directions, strict=True))
    total.backward()
    np.testing.assert_allclose(y, y0.detach(), rtol=1e-12)
    for ours, theirs in zip(first, first0, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-10, atol=1e-14)
    for ours, theirs in zip(x, second0, strict=True):
        np.testing.assert_allclose(ours.grad, theirs, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_backward_on_arrays_is_the_one_on_tensors(name):
    f, *arrays = CASES[name]
    _, first0, _, weights, _ = torch_results(f, arrays)
    x = [Tensor(a, requires_grad=True) for a in arrays]
    f(ad, *x).backward(weights)
    for ours, theirs in zip(x, first0, strict=True):
        assert isinstance(ours.grad, np.ndarray)
        np.testing.assert_allclose(ours.grad, theirs.detach(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"relu", "power 0 and 1"}))
def test_against_numerical_gradients(name):
    f, *arrays = CASES[name]
    assert check_gradients(lambda *x: f(ad, *x), *arrays, order=2) < 1e-6


def test_transpose_is_that_of_numpy():
    a = array(2, 3, 4)
    for axes in [(), (1, 2, 0), ((2, 0, 1),), (0, -1, 1)]:
        np.testing.assert_array_equal(Tensor(a).transpose(*axes), a.transpose(*axes))
        check_gradients(lambda x, axes=axes: x.transpose(*axes) ** 2, a, order=2)


@pytest.mark.parametrize("axis", [None, 0, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_max_shares_the_gradient_of_equal_values(axis, keepdims):
    a = RANDOM.integers(0, 3, size=(3, 2, 4)).astype(float)
    x, t = Tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)
    y = ad.max(x, axis, keepdims)
    dims = (0, 1, 2) if axis is None else axis
    z = t.amax(dims, keepdim=keepdims)
    assert y.shape == tuple(z.shape)
    weights = RANDOM.normal(size=y.shape)
    y.backward(weights)
    z.backward(torch.tensor(weights))
    np.testing.assert_allclose(x.grad, t.grad, rtol=1e-12)
    check_gradients(lambda x: x.max(0) ** 2, array(3, 4), order=2)


@given(st.data())
def test_any_pair_of_broadcast_shapes(data):
    full = data.draw(st.lists(st.integers(1, 3), max_size=4))
    shapes = []
    for _ in range(2):
        cut = data.draw(st.integers(0, len(full)))
        shapes.append([n if data.draw(st.booleans()) else 1 for n in full[cut:]])
    operation = data.draw(st.sampled_from(["__add__", "__sub__", "__mul__", "__truediv__"]))
    a, b = array(*shapes[0]), array(*shapes[1], positive=True)
    x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    s, t = torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)
    result, reference = getattr(x, operation)(y), getattr(s, operation)(t)
    weights = array(*result.shape)
    result.backward(weights)
    reference.backward(torch.tensor(weights))
    np.testing.assert_allclose(result, reference.detach())
    np.testing.assert_allclose(x.grad, s.grad, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(y.grad, t.grad, rtol=1e-10, atol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_random_graphs(seed):
    """Graphs in which results are used several times, by chance, against PyTorch."""
    rng = np.random.default_rng(seed)
    leaves = rng.uniform(-1, 1, size=(3, 2, 2))
    outcomes = []
    for make in (lambda a: Tensor(a, True), lambda a: torch.tensor(a, requires_grad=True)):
        choose = np.random.default_rng(seed)
        inputs = [make(a) for a in leaves]
        values = list(inputs)
        for _ in range(12):
            a, b = (values[choose.integers(len(values))] for _ in range(2))
            kind = choose.integers(5)
            values.append([a + b, a * b, a @ b, a.tanh(), a - b][kind])
        sum(values).sum().backward()
        outcomes.append(
            [np.zeros((2, 2)) if x.grad is None else np.asarray(x.grad) for x in inputs]
        )
    np.testing.assert_allclose(outcomes[0], outcomes[1], rtol=1e-9, atol=1e-9)


# --- gradients are kept apart ---------------------------------------------------------------------


def test_gradients_of_leaves_share_no_memory():
    a, b = Tensor([1.0, 2.0], True), Tensor([3.0, 4.0], True)
    seed = np.ones(2)
    (a + b).backward(seed)
    a.grad *= 5
    assert b.grad.tolist() == [1, 1]
    assert seed.tolist() == [1, 1]
    x = Tensor([1.0], True)
    for start in (seed[:1], Tensor([1.0])):
        x.grad = None
        x.backward(start)
        x.grad += 1
        assert np.asarray(start).tolist() == [1]
    assert seed.tolist() == [1, 1]
    ((a.reshape(2, 1) + b.reshape(2, 1)).reshape(2) + a + a + b).backward(seed)
    assert not np.may_share_memory(a.grad, b.grad)
    assert (a.grad.tolist(), b.grad.tolist(), seed.tolist()) == ([8, 8], [3, 3], [1, 1])


def test_gradients_add_up_until_reset():
    x = Tensor([1.0, 2.0], True)
    for _ in range(2):
        (x * x).sum().backward()
    assert x.grad.tolist() == [4, 8]
    kept = x.grad
    (x * x).sum().backward()
    assert kept.tolist() == [4, 8]
    x.grad = None
    (3 * x).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_single_precision_stays_single():
    x = Tensor(np.ones((2, 3), np.float32), True)
    w = Tensor(np.ones((2, 3), np.float32), True)
    y = ad.linear(x, w).sigmoid() * 2 + 1 / (x.sum() ** 2) - 0.5
    loss = ad.cross_entropy(y, [0, 1]) + y.mean() + y.max() + 2.0 ** y.mean()
    assert loss.dtype == np.float32
    loss.backward()
    assert x.grad.dtype == w.grad.dtype == np.float32


def test_mixed_precision_gives_each_leaf_its_own():
    x, y = Tensor(np.ones(3, np.float32), True), Tensor(np.ones(3), True)
    b = Tensor(np.zeros(2), True)
    (x * y).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.float64)
    assert ad.linear(x, Tensor(np.ones((2, 3), np.float32)), b).dtype == np.float64
    check_gradients(lambda a: (a.reshape(-1) * x).sum() ** 2, array(3))
    (g,) = ad.grad((x * y * x).sum(), [x], create_graph=True)
    g.sum().backward()
    np.testing.assert_allclose(x.grad, [1 + 2] * 3)


# --- second order and grad() ----------------------------------------------------------------------


def test_third_derivative():
    x = Tensor(0.7, True)
    y = x.exp() * x.tanh()
    for _ in range(3):
        (y,) = ad.grad(y, [x], create_graph=True)
    t = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    z = t.exp() * t.tanh()
    for _ in range(3):
        (z,) = torch.autograd.grad(z, t, create_graph=True)
    assert float(y) == pytest.approx(z.item(), rel=1e-12)


def test_grad_of_results_within_the_graph():
    x = Tensor([1.0, 2.0], True)
    h = x * x
    y = (h * h).sum()
    gh, gx, gy = ad.grad(y, [h, x, y])
    np.testing.assert_allclose(gh, [2, 8])
    np.testing.assert_allclose(gx, [4, 32])
    assert float(gy) == 1
    assert not gx.requires_grad
    assert x.grad is None


def test_changing_data_between_the_passes_changes_no_gradient():
    for create in (False, True):
        w = Tensor([2.0, 3.0], True)
        y = (w * w * w).sum()
        w.data = np.zeros(2)
        (g,) = ad.grad(y, [w], create_graph=create)
        np.testing.assert_allclose(g, [12, 27])


# --- memory ---------------------------------------------------------------------------------------


def test_a_chain_of_100_000_operations():
    """Neither backward nor the end of a graph that nobody walked goes by recursion."""
    operations = [lambda y: y + 1e-3, lambda y: y * 1.01, lambda y: y.tanh()]
    for walk in (True, False):
        x = y = Tensor(0.5, True)
        for i in range(100_000):
            y = operations[i % 3](y)
        if walk:
            y.backward()
            assert np.isfinite(x.grad)
        del y


def test_a_layer_holds_one_activation():
    """Weight and input of each layer, and nothing of its own: 200 layers hold 200 activations."""
    gc.collect()
    rng = np.random.default_rng(0)
    weights = [Tensor(rng.normal(size=(8, 8)) / 3, True) for _ in range(200)]
    x = y = Tensor(rng.normal(size=(64, 8)))
    for w in weights:
        y = ad.linear(y, w).relu()
    loss = y.sum()
    arrays, stack, seen = {}, [loss.node], set()
    while stack:
        node = stack.pop()
        for parent, vjp, needs in node.edges:
            cells = [c.cell_contents for c in vjp.__closure__ or ()]
            for held in [*needs, *cells]:
                a = held.data if isinstance(held, Tensor) else held
                if isinstance(a, np.ndarray):
                    arrays[id(a)] = a
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    held = sum(a.nbytes for a in arrays.values()) - sum(w.data.nbytes for w in weights)
    assert held / (200 * x.data.nbytes) <= 1.05


def test_graphs_die_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        x = Tensor([0.5], True)
        y = ad.cross_entropy((x.exp().sigmoid() * x).reshape(1, 1) @ np.ones((1, 3)), [1])
        nodes = [weakref.ref(engine._keep(x))]
        y.backward()
        del y
        assert x.data.flags.writeable
        assert all(ref() is None for ref in nodes)
    finally:
        gc.enable()


# --- in-place changes -----------------------------------------------------------------------------


def test_data_that_a_graph_needs_cannot_be_changed_in_place():
    x, w = Tensor([1.0, 2.0], True), Tensor([3.0, 4.0], True)
    first, second = (x * w).sum(), (w * w).sum()
    for change in (lambda: w.data.__isub__(1), lambda: w.data.__setitem__(0, 1)):
        with pytest.raises(ValueError, match="read-only"):
            change()
    with pytest.raises(ValueError, match="a graph needs the old value"):
        w[0] = 1.0
    first.backward()
    with pytest.raises(ValueError, match="read-only"):  # the second graph still needs it
        w.data -= 1
    second.backward()
    w.data -= 1
    w[0] = 7.0
    assert w.data.tolist() == [7, 3]
    result = x * 2
    with pytest.raises(ValueError, match="read-only"):
        result.data += 1


def test_a_graph_that_is_dropped_frees_its_values():
    w = Tensor([3.0], True)
    y = w * w
    del y
    w.data -= 1
    assert w.data.tolist() == [2]


def test_second_order_graphs_lock_too():
    x = Tensor([2.0], True)
    (g,) = ad.grad((x * x * x).sum(), [x], create_graph=True)
    with pytest.raises(ValueError, match="read-only"):
        x.data += 1
    g.sum().backward()
    assert x.grad.tolist() == [12]
    del g
    x.data += 1


@pytest.mark.parametrize(
    "view", [lambda x: x[:1], lambda x: x.T, lambda x: x.reshape(-1), lambda x: x.swapaxes(0, -1)]
)
def test_a_view_of_a_leaf_does_not_follow_it(view):
    x = Tensor([2.0], True)
    y = view(x)
    x.data[0] = 5
    assert y.data.tolist() == [2]
    (y * y).sum().backward()
    assert x.grad.tolist() == [4]


def test_arguments_are_copied():
    a, index, target = np.array([1.0, 2.0]), np.array([0, 0]), np.array([0])
    x = Tensor(a, True)
    y = (x[index] ** 2).sum() + ad.cross_entropy(x.reshape(1, 2), target)
    a[:], index[:], target[:] = 9, 1, 1
    y.backward()
    p = np.exp([1, 2]) / np.exp([1, 2]).sum()
    np.testing.assert_allclose(x.grad, [4 + p[0] - 1, p[1]])
    assert Tensor(x).data is not x.data


# --- recording and errors -------------------------------------------------------------------------


def test_nothing_is_recorded_without_need():
    x = Tensor([1.0], True)
    with ad.no_grad():
        y = x * x

        @ad.no_grad()
        def f():
            return x + 1

    assert not y.requires_grad
    assert not f().requires_grad
    assert (x * x).requires_grad
    with pytest.raises(RuntimeError, match="no input of this tensor"), ad.no_grad():
        (x * x).backward()
    assert (x * x).requires_grad
    assert not (Tensor([1.0]) * 2).requires_grad
    assert not x.detach().requires_grad


def test_a_failing_backward_leaves_recording_on():
    x = Tensor([1.0], True)
    y = engine.record("broken", x.data * 1, (x, lambda g: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        y.backward()
    assert (x * x).requires_grad


def test_graph_errors():
    x = Tensor([1.0, 2.0], True)
    y = x * x
    for error in (GraphError, RuntimeError, ValueError):
        with pytest.raises(error, match=r"wants a scalar, or grad of shape \(2,\)"):
            y.backward()
    with pytest.raises(GraphError, match="wants a scalar"):
        y.backward(np.ones(3))
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    with pytest.raises(GraphError, match="freed"):
        y.sum().backward()
    assert x.grad.tolist() == [4, 8]
    with pytest.raises(GraphError, match="does not depend"):
        ad.grad((x * x).sum(), [Tensor([1.0], True)])
    with pytest.raises(GraphError, match="does not depend"):
        ad.grad((x * x).sum(), [Tensor([1.0])])


M = Tensor(np.ones((2, 3)), True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: M + np.ones(2), r"add: \(2, 3\) and \(2,\) do not broadcast"),
        (lambda: M / np.ones((3, 2)), "divide"),
        (lambda: M @ M, r"@: shapes \(2, 3\) and \(2, 3\) do not fit"),
        (lambda: M @ 2.0, "@: shapes"),
        (lambda: M @ np.ones(2), "@: shapes"),
        (lambda: np.ones(3) @ M, "@: shapes"),
        (lambda: ad.linear(M, M[:, :2]), "linear: wants"),
        (lambda: ad.linear(M, M, np.ones(3) + Tensor(np.ones(3))), "linear: wants"),
        (lambda: ad.cross_entropy(M, [0]), "cross_entropy: wants"),
        (lambda: ad.cross_entropy(M, [0.0, 1.0]), "cross_entropy: wants"),
        (lambda: ad.cross_entropy(M, [0, 3]), r"targets in 0\.\.2"),
        (lambda: ad.cross_entropy(M, [0, -1]), r"targets in 0\.\.2"),
        (lambda: ad.cross_entropy(M[:0], np.zeros(0, int)), "N > 0"),
        (lambda: ad.conv2d(M, M), "conv2d: wants"),
        (lambda: ad.conv2d(np.ones((1, 2, 2, 2)), Tensor(np.ones((1, 2, 3, 3)))), "conv2d"),
        (lambda: (0 * M) ** M, "positive base"),
        (lambda: M.reshape(5), "cannot reshape"),
        (lambda: ad.SGD([], lr=1), "SGD: wants leaves"),
        (lambda: ad.Adam([M * 1]), "Adam: wants leaves"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_only_floats_have_gradients():
    with pytest.raises(TypeError, match="floating point"):
        Tensor([1, 2], requires_grad=True)
    assert (Tensor([1, 2]) * 0.5).data.tolist() == [0.5, 1]


def test_a_tensor_in_python():
    x = Tensor([[1.0, 2.0]], True)
    assert repr(x) == "Tensor([[1., 2.]], requires_grad=True)"
    assert repr(Tensor(3.0)) == "Tensor(3.)"
    assert len(x) == 1
    assert float(Tensor(2.5)) == 2.5
    assert [row.shape for row in x] == [(2,)]
    assert (x > 1.5).tolist() == [[False, True]]
    assert (x.ndim, x.size, x.dtype) == (2, 2, np.float64)
    assert np.array(x, copy=True) is not x.data
    assert isinstance(np.ones(2) + x, Tensor)
    assert isinstance(np.ones(2) * x - np.ones(2) / x, Tensor)
    assert isinstance(np.ones((3, 1)) @ x, Tensor)
    with pytest.raises(TypeError):
        np.exp(x)


def test_extreme_inputs():
    x = Tensor([-1e4, -500.0, 0.0, 500.0, 1e4], True)
    with np.errstate(all="raise", under="ignore"):
        y = x.sigmoid() + x.tanh() + x.relu()
        loss = y.sum() + ad.cross_entropy(x.reshape(1, 5), [0])
        loss.backward()
    p = torch.tensor(x.data, requires_grad=True)
    q = p.sigmoid() + p.tanh() + p.relu()
    (q.sum() + F.cross_entropy(p[None], torch.tensor([0]))).backward()
    np.testing.assert_allclose(x.grad, p.grad, atol=1e-300)


def test_importing_it_loads_numpy_alone():
    code = (
        "import sys, lecturelib.autodiff\n"
        "print([m for m in ('torch', 'scipy', 'matplotlib', 'sklearn') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_engine_fits_in_350_lines():
    with open(engine.__file__, encoding="utf-8") as file:
        assert len(file.readlines()) <= 350


# --- what goes with it ----------------------------------------------------------------------------


def test_check_gradients_finds_errors():
    def wrong(x):
        return engine.record("wrong", x.data**2, (x, lambda g, x: g * x, x))

    with pytest.raises(AssertionError, match=r"argument 0, index \(1,\)"):
        check_gradients(wrong, [0.0, 1.0])

    def wrong_twice(x):
        def vjp(g, x):  # for a tensor it forgets that the slope depends on x
            return g * (3 * (x.data if isinstance(x, Tensor) else x) ** 2)

        return engine.record("wrong", x.data**3, (x, vjp, x))

    assert check_gradients(wrong_twice, [1.0]) < 1e-6
    with pytest.raises(AssertionError, match="argument 0"):
        check_gradients(wrong_twice, [1.0], order=2)
    with pytest.raises(AssertionError, match="nan"):
        check_gradients(lambda x: x * np.nan, [1.0])


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (ad.SGD, torch.optim.SGD, {"lr": 0.1}),
        (ad.SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
        (ad.Adam, torch.optim.Adam, {"lr": 0.05}),
        (ad.Adam, torch.optim.Adam, {"lr": 0.05, "betas": (0.5, 0.9), "eps": 1e-2}),
    ],
)
def test_optimizers_against_pytorch(ours, theirs, options):
    start = array(3, 2)
    x, idle = Tensor(start, True), Tensor([1.0], True)
    t = torch.tensor(start, requires_grad=True)
    a, b = ours([x, idle], **options), theirs([t], **options)
    for _ in range(10):
        a.zero_grad()
        b.zero_grad()
        ((x - 1) ** 4).sum().backward()
        ((t - 1) ** 4).sum().backward()
        a.step()
        b.step()
    np.testing.assert_allclose(x, t.detach(), rtol=1e-10)
    assert idle.data.tolist() == [1]


def test_an_optimizer_moves_parameters_that_a_graph_still_needs():
    x = Tensor([1.0], True)
    pending = (x * x).sum()
    (x * 3).sum().backward()
    ad.SGD([x], lr=1.0).step()
    assert x.data.tolist() == [-2]
    x.grad = None
    pending.backward()
    assert x.grad.tolist() == [2]


def test_a_network_learns_digits_as_with_pytorch():
    from lecturelib.data import load_digits

    split = load_digits(standardize=True)
    rng = np.random.default_rng(0)
    start = [rng.normal(size=(n, m)) / m**0.5 for m, n in ((64, 64), (64, 10))]
    start = [a.astype(np.float32) for a in start]
    ours = [p for a in start for p in (Tensor(a, True), Tensor(np.zeros(len(a), np.float32), True))]
    theirs = [torch.tensor(p.data, requires_grad=True) for p in ours]

    def network(layers, x, p):
        return layers.linear(layers.relu(layers.linear(x, p[0], p[1])), p[2], p[3])

    optimizers = ad.SGD(ours, 0.1), torch.optim.SGD(theirs, 0.1)
    for epoch in range(5):
        for i in (
            np.random.default_rng(epoch)
            .permutation(len(split.x_train))
            .reshape(-1, 1)[:1408]
            .reshape(-1, 128)
        ):
            x, y = split.x_train[i], split.y_train[i]
            losses = (
                ad.cross_entropy(network(ad, x.numpy(), ours), y.numpy()),
                F.cross_entropy(network(F, x, theirs), y),
            )
            for optimizer, loss in zip(optimizers, losses, strict=True):
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    with ad.no_grad():
        found = network(ad, split.x_test.numpy(), ours).data.argmax(1)
    expected = network(F, split.x_test, theirs).argmax(1).numpy()
    truth = split.y_test.numpy()
    assert (found == truth).mean() > 0.9
    assert abs((found == truth).mean() - (expected == truth).mean()) <= 0.003


def test_drawing():
    w, b = Tensor([2.0], True), Tensor([1.0], True)
    y = (w * 3 + b).tanh() * b
    drawing = ad.draw(y, {"w": w, "<y>": y, "constant": Tensor(1.0)})
    assert repr(drawing).splitlines() == [
        "0: w (1,)",
        "1: leaf (1,)",
        "2: × (1,) of 0",
        "3: + (1,) of 2, 1",
        "4: tanh (1,) of 3",
        "5: <y> (1,) of 4, 1",
    ]
    from xml.etree import ElementTree

    root = ElementTree.fromstring(drawing._repr_svg_())
    namespace = "{http://www.w3.org/2000/svg}"
    title = root.find(f"{namespace}title").text
    assert title == root.get("aria-label") == "Computational graph from w, leaf to <y>"
    boxes = [
        [float(r.get(k)) for k in ("x", "y", "width", "height")]
        for r in root.iter(f"{namespace}rect")
    ]
    assert len(boxes) == 6
    for i, (x, y0, w0, h0) in enumerate(boxes):  # no two boxes overlap, and all are in the picture
        assert x >= 0
        assert x + w0 <= float(root.get("width"))
        for u, v, w1, h1 in boxes[:i]:
            assert x >= u + w1 or u >= x + w0 or y0 >= v + h1 or v >= y0 + h0
    # The edge from the leaf to the end spans three layers: it passes them beside every box.
    lines = [p.get("d") for p in root.iter(f"{namespace}path") if p.get("fill") == "none"]
    bends = [re.findall(r"([\d.]+) ([\d.]+)V([\d.]+)", line) for line in lines]
    assert sum(map(len, bends)) >= 1
    for u, v, w1, h1 in boxes:
        for at, high, low in (map(float, bend) for line in bends for bend in line):
            assert at < u or at > u + w1 or low < v or high > v + h1
    assert "#" not in drawing.svg  # no colour of its own
    with pytest.raises(GraphError, match="requires a gradient"):
        ad.draw(Tensor([1.0]))
    y.sum().backward()
    with pytest.raises(GraphError, match="freed"):
        ad.draw(y)


def test_equal_edges_are_drawn_side_by_side():
    x = Tensor([2.0], True)
    lines = re.findall(r'<path d="(M[^"]+)" fill="none"', ad.draw(x * x, {"x": x}).svg)
    assert len(lines) == len(set(lines)) == 2
