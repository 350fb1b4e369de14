"""The engine against PyTorch and numerical gradients, to second order; its memory; its errors."""

import asyncio
import copy
import gc
import operator
import pickle
import re
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lecturelib import autodiff as ad
from lecturelib.autodiff import GraphError, Tensor, check_gradients, engine, locking

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
    "absolute value": (lambda m, a: abs(a) * a, array(3)),
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


def whole(a):
    return a


VIEWS = {  # what the second leaf has of the first one's memory
    "the same array": whole,
    "a view of all": lambda a: a[:],
    "a part": lambda a: a[:1],
    "transposed": lambda a: a.T,
    "reshaped": lambda a: a.reshape(-1, 1),
    "a view of a view": lambda a: a[::-1][:1],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("late", [False, True], ids=["before locking", "after locking"])
def test_leaves_that_share_memory_are_locked_until_the_last_graph_has_gone(view, first, late):
    array = np.array([2.0, 3.0])
    x, y = Tensor(array, True), Tensor(view(array), True)
    x.data = array
    if not late:
        y.data = view(array)
    graphs = [(x * x).sum()]
    if late:
        y.data = view(array)
    graphs.append((y * y).sum())
    del graphs[first]
    for changed in (array, y.data):
        with pytest.raises(ValueError, match="read-only"):
            changed[0] = 9
    remaining, leaf = graphs.pop(), (y, x)[first]
    remaining.backward()
    np.testing.assert_array_equal(leaf.grad, 2 * leaf.data)
    del remaining
    array[0] = 7
    y.data[0] = 8


@pytest.mark.parametrize("view", list(VIEWS.values())[1:], ids=list(VIEWS)[1:])
def test_a_graph_has_the_old_values_when_a_view_is_written(view):
    """NumPy lets a view that was there before write into memory that is read-only."""
    for leaf_is_view in (False, True):
        array = np.array([2.0, 3.0])
        data, other = (view(array), array[:]) if leaf_is_view else (array, view(array))
        x = Tensor(data, True)
        x.data = data
        y = (x * x).sum()
        expected = 2 * x.data.copy()
        other[:] = 9
        y = y + 0 * (x * x).sum()  # takes the new values
        y.backward()
        np.testing.assert_array_equal(x.grad, expected)


def test_sharing_with_an_array_that_is_read_only_leaves_it_so():
    array = np.broadcast_to(np.array([2.0]), 3)
    x = Tensor(array, True)
    x.data = array
    (x * x).sum().backward()
    assert not array.flags.writeable
    assert array.base.flags.writeable


def test_tied_weights_learn_as_with_pytorch():
    """Two leaves on the same memory; a step on one while a graph needs the other."""
    w, v = (Tensor([[1.0, 2.0], [3.0, 4.0]], True) for _ in range(2))
    v.data = w.data.T
    pending = (w * w).sum()
    (v * v).sum().backward()
    ad.SGD([v], lr=0.25).step()
    pending.backward()
    np.testing.assert_array_equal(w.grad, [[2, 4], [6, 8]])


def test_a_scalar_of_numpy_as_data():
    x = Tensor(2.0, True)
    for optimizer in (ad.SGD([x], lr=0.25), ad.Adam([x])):
        pending = x * x
        x.data = x.data * 1.0  # is no array any more
        assert not isinstance(x.data, np.ndarray)
        (x * x).backward()
        x.grad = None
        expected = 2 * float(pending.data) ** 0.5
        pending.backward()
        assert float(x.grad) == pytest.approx(expected)
        optimizer.step()


def test_data_of_another_shape_are_refused():
    x = Tensor([1.0], True)
    x.data = np.ones(2)
    with pytest.raises(ValueError, match=r"data of shape \(2,\) in a leaf of \(1,\)"):
        (x * x).sum()


def test_locks_of_many_threads():
    array = np.ones(3)
    errors = []

    def work():
        x = Tensor(array, True)
        x.data = array
        for _ in range(300):
            y = (x * x).sum()
            if array.flags.writeable:
                errors.append("not locked")
            del y

    run_in_threads(work)
    assert not errors
    assert array.flags.writeable


def test_locks_end_in_the_middle_of_locking():
    """The garbage collector may drop a graph at any place, even where holds are counted."""
    x, y = Tensor([1.0], True), Tensor([0.0], True)
    y.data = x.data
    cycle = [(x * x).sum()]
    cycle.append(cycle)
    with locking._guard:  # as if it were in the middle
        del cycle
        gc.collect()
        assert not x.data.flags.writeable
    kept = (y * y).sum()
    assert not x.data.flags.writeable
    del kept
    assert x.data.flags.writeable
    assert not locking._held
    assert not locking._gone


# --- copies ---------------------------------------------------------------------------------------

COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda x, n=protocol: pickle.loads(pickle.dumps(x, n))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_a_copy_of_a_leaf_is_a_leaf_of_its_own(make):
    x = Tensor([1.0, 2.0], True)
    for graph in (None, (x * x).sum(), (x * x).sum()):
        twin = make(x)
        assert (twin.requires_grad, twin.is_leaf) == (True, True)
        assert not np.may_share_memory(twin.data, x.data)
        np.testing.assert_array_equal(twin.data, x.data)
        assert (twin.grad is None) == (x.grad is None)
        if x.grad is not None:
            np.testing.assert_array_equal(twin.grad, x.grad)
            assert twin.grad is not x.grad
        twin.data[0] = 5  # no lock came along
        (twin * 3).sum().backward()
        assert x.data[0] == 1
        if graph is not None:
            graph.backward()
    assert x.grad.tolist() == [4, 8]
    constant = make(Tensor([1.0]))
    assert (constant.data.tolist(), constant.requires_grad) == ([1], False)


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("freed", [False, True])
def test_a_copy_of_a_result_is_its_value(make, freed):
    x = Tensor([1.0, 2.0], True)
    y = x * x
    if freed:
        y.sum().backward()
    twin = make(y)
    assert twin.data.tolist() == [1, 4]
    if make is not copy.copy:
        assert not twin.requires_grad
        twin.data[0] = 5
        assert y.data[0] == 1
    elif not freed:  # another name for the same place in the same graph
        twin.sum().backward()
        assert x.grad.tolist() == [2, 4]


def test_a_model_and_its_optimizer_are_copied_together():
    w = Tensor([1.0, 2.0], True)
    optimizer = ad.Adam([w], lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
    for make in (copy.deepcopy, COPIES["pickle 5"]):
        v, twin, value = make((w, optimizer, loss))
        assert twin.parameters[0] is v
        assert float(value) == float(loss)
        for leaf, each in ((w, optimizer), (v, twin)):
            leaf.grad = np.ones(2)
            each.step()
        np.testing.assert_array_equal(w.data, v.data)


# --- threads and tasks ----------------------------------------------------------------------------


def run_in_threads(*functions, copies=4):
    """Run each function in several threads at once, that are often interrupted."""
    interval, errors = sys.getswitchinterval(), []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=guarded, args=(f,)) for f in functions for _ in range(copies)
    ]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not errors, errors


def test_threads_record_for_themselves():
    def train():
        x = Tensor([1.0, 2.0], True)
        for _ in range(100):
            x.grad = None
            y = (x * x).sum()
            (slope,) = ad.grad(y, [x], create_graph=True)
            slope.sum().backward()
            assert x.grad.tolist() == [2, 2]

    def infer():
        x = Tensor([1.0, 2.0], True)
        for _ in range(300):
            with ad.no_grad():
                assert not (x * x).requires_grad

    run_in_threads(train, infer)
    inside = []
    with ad.no_grad():
        run_in_threads(lambda: inside.append((Tensor([1.0], True) * 2).requires_grad), copies=1)
    assert inside == [True]


def test_threads_add_to_the_gradient_of_a_shared_leaf():
    x = Tensor(np.zeros(3), True)

    def work():
        for _ in range(200):
            (x * 2).sum().backward()

    run_in_threads(work)
    assert x.grad.tolist() == [4 * 200 * 2] * 3


def test_tasks_record_for_themselves():
    x = Tensor([1.0], True)

    async def infer(here, there):
        with ad.no_grad():
            here.set()
            await there.wait()
            assert not (x * x).requires_grad

    async def train(here, there):
        await there.wait()
        assert (x * x).requires_grad
        here.set()

    async def both():
        a, b = asyncio.Event(), asyncio.Event()
        await asyncio.gather(infer(a, b), train(b, a))
        assert (x * x).requires_grad

    asyncio.run(both())
    assert (x * x).requires_grad


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


COMPARISONS = [
    operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
]  # fmt: skip


@pytest.mark.parametrize("compare", COMPARISONS)
def test_comparisons_are_those_of_arrays(compare):
    a, b = np.array([[1.0, 2.0], [np.nan, 0.0]]), np.array([2.0, 2.0])
    x, y = Tensor(a, True), Tensor(b)
    for left, right in ((x, y), (x, b), (a, y), (x, 2.0), (2.0, x), (x, [2.0, 2.0]), (x, x)):
        plain = [v.data if isinstance(v, Tensor) else v for v in (left, right)]
        result = compare(left, right)
        assert type(result) is np.ndarray
        np.testing.assert_array_equal(result, compare(*plain))
    with pytest.raises(ValueError, match="broadcast"):
        compare(x, np.ones(3))


def test_truth_and_numbers_are_those_of_one_element():
    for value in (0.0, 2.5, np.nan, -1.0):
        for x in (Tensor(value), Tensor([value], True), Tensor([[value]]) * 1):
            assert bool(x) is bool(value)
            np.testing.assert_equal(float(x), value)
            np.testing.assert_equal(x.item(), value)
    assert int(Tensor([2.9])) == 2
    assert [10, 20, 30][Tensor(1)] == 20
    assert f"{Tensor([2.0]):.2f} {Tensor([1.0, 2.0])}" == "2.00 Tensor([1., 2.])"
    for several in (Tensor([1.0, 2.0]), Tensor([])):
        for convert in (bool, float, int, Tensor.item, lambda x: f"{x:.2f}"):
            with pytest.raises(ValueError, match="a single number is wanted"):
                convert(several)


def test_tensors_as_containers_and_keys():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], True)
    assert 3.0 in x
    assert 5.0 not in x
    first, second = x
    (first * second).sum().backward()
    assert x.grad.tolist() == [[3, 4], [1, 2]]
    for call in (len, iter, list):
        with pytest.raises(TypeError, match="unsized"):
            call(Tensor(1.0))
    names = {x: "x", first: "first"}
    assert (names[x], names[first], Tensor([1.0]) in names) == ("x", "first", False)


@pytest.mark.parametrize(
    "call",
    [
        *(
            lambda x, f=f, swap=swap: f(*((2.0, x) if swap else (x, 2.0)))
            for f in (operator.floordiv, operator.mod, divmod, operator.and_, operator.lshift)
            for swap in (False, True)
        ),
        round, operator.pos, operator.invert, operator.index, lambda x: np.ones(2) // x,
    ],
)  # fmt: skip
def test_what_is_missing_says_so(call):
    with pytest.raises(TypeError):
        call(Tensor([1.0, 2.0], True))


NUMPY = {
    "dot": lambda np, x: np.dot(x, x),
    "where": lambda np, x: np.where(np.asarray(x) > 1, x, 0),
    "stack": lambda np, x: np.stack([x, x]),
    "concatenate": lambda np, x: np.concatenate(([0.0], x)),
    "einsum": lambda np, x: np.einsum("i,i->", x, x),
    "sum": lambda np, x: np.sum(x),
    "reshape": lambda np, x: np.reshape(x, (2, 1)),
    "norm": lambda np, x: np.linalg.norm(x),
    "median": lambda np, x: np.median(x),
    "split": lambda np, x: np.split(x, 2),
}


@pytest.mark.parametrize("name", NUMPY)
def test_functions_of_numpy_do_not_lose_gradients(name):
    a = np.array([1.0, 2.0])
    x = Tensor(a, True)
    for tensor in (x, x * 1):
        with pytest.raises(TypeError, match=f"np.{name} would lose the gradient"):
            NUMPY[name](np, tensor)
    np.testing.assert_array_equal(NUMPY[name](np, Tensor(a)), NUMPY[name](np, a))
    for ufunc in (np.exp, np.add.reduce):
        with pytest.raises(TypeError, match="does not support ufuncs"):
            ufunc(x)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: Tensor([x, x]),
        lambda x: Tensor([[x[0], 1.0], (2.0, x[1] * 2)]),
        lambda x: x[0] + [x[1], 2.0],
        lambda x: Tensor([1.0, 2.0]).__setitem__(0, x[1]),
        lambda x: Tensor([1.0, 2.0]).__setitem__(slice(None), [x[1], 1.0]),
    ],
)
def test_lists_and_assignments_do_not_lose_gradients(call):
    with pytest.raises(TypeError, match=r"lose|lost"):
        call(Tensor([1.0, 2.0], True))


def test_lists_and_assignments_of_constants():
    x = Tensor([1.0, 2.0])
    assert Tensor([x, [x[1], 5.0]]).data.tolist() == [[1, 2], [2, 5]]
    x[:] = [x[1], Tensor(7.0)]
    x[0] = Tensor(3.0)
    assert x.data.tolist() == [3, 7]


@pytest.mark.parametrize("n", [np.int64(3), np.int8(2), np.uint8(1), np.float32(2.0), np.int64(0)])
def test_numbers_of_numpy_as_exponents(n):
    x, t = Tensor([-2.0, 3.0], True), torch.tensor([-2.0, 3.0], dtype=float, requires_grad=True)
    (x**n).sum().backward()
    (t ** n.item()).sum().backward()
    np.testing.assert_allclose(x.grad, t.grad)


def test_scalars_of_numpy_on_the_left():
    x = Tensor([1.0, 2.0], True)
    for left in (np.float64(2), np.float32(2), np.int64(2), np.array(2.0)):
        for f in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow):
            result = f(left, x)
            assert isinstance(result, Tensor)
            np.testing.assert_allclose(result, f(left, x.data))
        assert (left == x).tolist() == [False, True]
        assert (left > x).tolist() == [True, False]


def test_functions_of_numpy_without_gradients():
    x = Tensor([1.0, 3.0, 2.0], True)
    assert (np.shape(x), np.ndim(x), np.size(x), np.argmax(x)) == ((3,), 1, 3, 1)
    assert np.allclose(x, [1, 3, 2])
    assert np.argsort(x).tolist() == [0, 2, 1]
    assert np.zeros_like(x).tolist() == [0, 0, 0]
    assert np.array2string(x) == "[1. 3. 2.]"


def test_what_the_documentation_gives_instead():
    a, b, mask = array(3), array(3), np.array([True, False, True])
    x, y = Tensor(a, True), Tensor(b, True)
    stacked = x.reshape(-1, 1) * [1.0, 0.0] + y.reshape(-1, 1) * [0.0, 1.0]
    np.testing.assert_array_equal(stacked, np.stack([a, b], 1))
    np.testing.assert_array_equal(x * mask + y * ~mask, np.where(mask, a, b))
    s, t = (torch.tensor(v, requires_grad=True) for v in (a, b))
    weights = array(3, 2)
    (stacked * weights).sum().backward()
    (torch.stack([s, t], 1) * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(x.grad, s.grad)
    np.testing.assert_allclose(y.grad, t.grad)


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


def test_the_end_of_a_program_with_live_graphs_is_quiet():
    code = (
        "from lecturelib.autodiff import Tensor\n"
        "x = Tensor([1.0], True)\n"
        "y = x * x\n"
        "y_again = [x * y]\n"
        "y_again.append(y_again)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr == ""


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
    start = np.linspace(0.0, 2.0, 6).reshape(3, 2)  # near enough to 1 to converge
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
