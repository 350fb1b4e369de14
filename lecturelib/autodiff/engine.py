r"""Reverse-mode automatic differentiation on NumPy, in one file to be read from top to bottom.

A `Tensor` is a value, an array. Its history is another object, a `Node`, with an edge for each
input that wants a gradient. The edge holds the input's node, a function that turns the gradient
:math:`\bar y` of the result into the input's, :math:`\bar y \, \partial y / \partial x` (a
vector-Jacobian product, "vjp"), and the values that this function needs. Nothing else is kept: a
value that no vjp needs dies in the forward pass. Backward drops the edges on its way.

A vjp uses only what arrays and tensors have in common. It runs on arrays or, for a gradient that
is differentiated again, on tensors, and is then recorded itself. Chapter: backprop.
"""
# ruff: noqa: E731 (a vjp is a formula, which a lambda shows best)

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from heapq import heappop, heappush
from typing import Any

import numpy as np

from lecturelib.autodiff.locking import ADDING, Hold
from lecturelib.autodiff.value import Value, values_of

RESULT = object()  # stands for the result itself among the values that a vjp needs
RECORDING = ContextVar("recording", default=True)  # each thread and asyncio task has its own


class Node:
    """The history of a tensor: its operation and edges ``(parent, vjp, needs)``.

    A leaf has no edges, and collects its gradient. The edges are None once backward has used them.
    """

    __slots__ = ("dtype", "edges", "grad", "number", "operation", "shape")
    numbers = itertools.count()

    def __init__(self, operation: str, data: np.ndarray, edges: Any) -> None:
        self.operation, self.shape, self.dtype = operation, data.shape, data.dtype
        self.edges, self.grad = edges, None
        self.number = next(Node.numbers)  # larger than that of any parent


@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing within ``with no_grad():``, or in a function decorated with ``@no_grad()``.

    Other threads and asyncio tasks go on recording. In a generator or coroutine, use ``with``.
    """
    before = RECORDING.get()
    RECORDING.set(False)
    try:
        yield
    finally:
        RECORDING.set(before)


def record(operation: str, data: Any, *inputs: Any) -> Tensor:
    """Return a result with an edge to each input ``(x, vjp, *needs)`` whose x has a node."""
    data, edges = np.asarray(data), []
    if RECORDING.get():
        for x, vjp, *needs in inputs:
            if x.node is not None:
                if x.node.shape != x.data.shape:
                    raise ValueError(f"data of shape {x.shape} in a leaf of {x.node.shape}")
                edges.append((x.node, vjp, [data if n is RESULT else _keep(n) for n in needs]))
    if not edges:
        return _tensor_of(data, None)
    data.setflags(False)  # called with write= it takes twice the time
    return _tensor_of(data, Node(operation, data, edges))


def _keep(x: Tensor) -> Tensor:
    """Return what x is now, for a graph. A result cannot change; a leaf is locked."""
    if x.node and x.node.edges:
        return _tensor_of(x.data, x.node)
    locked = x if isinstance(x, Locked) else x.lock and x.lock()
    if locked is None or locked.data is not x.data:
        x.lock = weakref.ref(locked := Locked(x))
    return locked


def _tensor_of(data: np.ndarray, node: Node | None) -> Tensor:
    tensor = Tensor.__new__(Tensor)
    tensor.data, tensor.node, tensor.lock = data, node, None
    return tensor


def tensor(value: Any, partner: Any = None) -> Tensor:
    """Take a tensor as it is, and a plain number in the precision of its partner."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (int, float)) and isinstance(partner, Tensor):
        return _tensor_of(np.array(value, np.result_type(partner.dtype, value)), None)
    return Tensor(value)


def _pair(ufunc: np.ufunc, a: Any, b: Any) -> tuple[Tensor, Tensor, np.ndarray]:
    a, b = tensor(a, b), tensor(b, a)
    try:
        return a, b, ufunc(a.data, b.data)
    except ValueError:
        raise ValueError(f"{ufunc.__name__}: {a.shape} and {b.shape} do not broadcast") from None


def linear_map(operation: str, x: Any, there: Callable, back: Callable) -> Any:
    """Apply a linear map of arrays. Its vjp is the transposed map, whose vjp is the map again."""
    if not isinstance(x, Tensor):
        return there(x)
    y = there(x.data)
    if not (x.node and x.node.edges) and np.may_share_memory(x.data, y):
        y = y.copy()  # no view of a leaf, which may change
    return record(operation, y, (x, lambda g: linear_map(operation, g, back, there)))


class Tensor(Value):
    """A value and its history. The data are copied; `backward` fills ``grad``, an array.

    While a graph needs the data of a tensor, NumPy refuses to change them in place. Assigning a new
    array of that shape to ``data`` is always possible: the graph goes on with the old one.

    Copied or pickled, a leaf is a leaf with data and gradient of its own, and a result is a
    constant, since its history stays behind. Comparisons go by element, as those of arrays.

    Example:
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        array([2., 4., 6.])
    """

    __slots__ = ("data", "lock", "node")

    def __init__(self, data: Any, requires_grad: bool = False) -> None:
        self.data: np.ndarray = np.array(values_of(data))
        if requires_grad and self.data.dtype.kind != "f":
            raise TypeError(f"Tensor: a gradient wants floating point, not {self.data.dtype}")
        self.node = Node("leaf", self.data, ()) if requires_grad else None
        self.lock: Any = None

    requires_grad = property(lambda self: self.node is not None)
    T = property(lambda self: self.transpose())
    grad = property(lambda x: x.node and x.node.grad, lambda x, g: setattr(x.node, "grad", g))

    def backward(self, grad: Any = None, *, retain_graph: bool = False) -> None:
        """Add the gradient of this scalar, or of its product with ``grad``, to each leaf's."""
        gradients = _sweep(self, grad, retain_graph, False)
        with ADDING:
            for node, g in gradients.items():
                node.grad = g if node.grad is None else node.grad + g

    def __add__(self, other: Any) -> Tensor:
        a, b, y = _pair(np.add, self, other)
        return record("+", y, (a, lambda g: g), (b, lambda g: g))

    def __sub__(self, other: Any) -> Tensor:
        a, b, y = _pair(np.subtract, self, other)
        return record("−", y, (a, lambda g: g), (b, lambda g: -g))

    def __mul__(self, other: Any) -> Tensor:
        a, b, y = _pair(np.multiply, self, other)
        return record("×", y, (a, lambda g, b: g * b, b), (b, lambda g, a: g * a, a))

    def __truediv__(self, other: Any) -> Tensor:
        a, b, y = _pair(np.divide, self, other)
        b_edge = (b, lambda g, b, y: -g * y / b, b, RESULT)
        return record("÷", y, (a, lambda g, b: g / b, b), b_edge)

    def __pow__(self, n: Any) -> Tensor:
        if isinstance(n, (int, float, np.number)):
            less = n - 1 if n else 0
            return record(f"**{n}", self.data**n, (self, lambda g, x: g * (n * x**less), self))
        if np.any(self.data <= 0):
            raise ValueError("**: an exponent other than a plain number wants a positive base")
        return (n * self.log()).exp()

    def __matmul__(self, other: Any) -> Tensor:
        a, b = tensor(self), tensor(other)
        if not a.ndim or not b.ndim or a.shape[-1] != b.shape[-2:][0]:
            raise ValueError(f"@: shapes {a.shape} and {b.shape} do not fit")
        if a.ndim == 1:
            return (a.reshape(1, -1) @ b).sum(-2) if b.ndim > 1 else (a * b).sum()
        if b.ndim == 1:
            return (a @ b.reshape(-1, 1)).sum(-1)
        a_edge = (a, lambda g, b: g @ b.swapaxes(-1, -2), b)
        b_edge = (b, lambda g, a: a.swapaxes(-1, -2) @ g, a)
        return record("@", a.data @ b.data, a_edge, b_edge)

    __radd__, __rmul__, __neg__ = __add__, __mul__, lambda self: self * -1
    __rsub__ = lambda self, other: tensor(other, self) - self
    __rtruediv__ = lambda self, other: tensor(other, self) / self
    __rpow__ = lambda self, other: tensor(other, self) ** self
    __rmatmul__ = lambda self, other: tensor(other) @ self
    __abs__, detach = lambda self: self * np.sign(self.data), lambda self: Tensor(self)

    def exp(self) -> Tensor:
        return record("exp", np.exp(self.data), (self, lambda g, y: g * y, RESULT))

    def log(self) -> Tensor:
        return record("log", np.log(self.data), (self, lambda g, x: g / x, self))

    def tanh(self) -> Tensor:
        return record("tanh", np.tanh(self.data), (self, lambda g, y: g * (1 - y * y), RESULT))

    def sigmoid(self) -> Tensor:
        e = np.exp(-abs(self.data))  # does not overflow
        y = np.where(self.data < 0, e, np.ones_like(e)) / (1 + e)
        return record("sigmoid", y, (self, lambda g, y: g * (y * (1 - y)), RESULT))

    def relu(self) -> Tensor:
        """Return max(x, 0), with slope 0 at 0. It needs its result, as the layer after it does."""
        y = self.data.clip(0, np.inf)  # faster than np.maximum with a number
        return record("relu", y, (self, lambda g, y: g * (y > 0), RESULT))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        shape, kept = self.shape, np.sum(self.data, axis, keepdims=True).shape
        back = lambda g: np.broadcast_to(g.reshape(kept), shape)
        return linear_map("sum", self, lambda x: np.sum(x, axis, keepdims=keepdims), back)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        total = self.sum(axis, keepdims)
        return total * (total.size / self.size)

    def max(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """Return the largest values. Equal ones share the gradient."""
        y = np.max(self.data, axis, keepdims=True)
        share = (self.data == y) / np.sum(self.data == y, axis, self.dtype, keepdims=True)
        data = y if keepdims else np.max(y, axis)
        return record("max", data, (self, lambda g: g.reshape(y.shape) * share))

    def reshape(self, *shape: Any) -> Tensor:
        old = self.shape
        return linear_map("reshape", self, lambda x: x.reshape(*shape), lambda g: g.reshape(old))

    def transpose(self, *axes: Any) -> Tensor:
        """Permute the axes as NumPy does: without axes, reverse them."""
        order: Any = tuple(np.array(axes, int).ravel() % self.ndim) or tuple(range(self.ndim))[::-1]
        there, back = (lambda x, p=p: x.transpose(p) for p in (order, np.argsort(order)))
        return linear_map("transpose", self, there, back)

    def swapaxes(self, i: int, j: int) -> Tensor:
        return linear_map("swapaxes", self, *[lambda x: x.swapaxes(i, j)] * 2)

    def __getitem__(self, index: Any) -> Tensor:
        """Return ``x[index]`` for slices, masks and arrays of indices, repeated ones too."""
        shape, index = self.shape, deepcopy(index.data if isinstance(index, Tensor) else index)

        def back(g: np.ndarray) -> np.ndarray:
            np.add.at(x := np.zeros(shape, g.dtype), index, g)
            return x

        return linear_map("[ ]", self, lambda x: x[index], back)

    def __repr__(self) -> str:
        return f"Tensor{repr(self.data)[5:-1]}{', requires_grad=True' * self.requires_grad})"


class Locked(Tensor):
    """A leaf as a graph needs it. While this object lives, the array is read-only."""

    __slots__ = ("__weakref__", "hold")

    def __init__(self, leaf: Tensor) -> None:
        self.hold, self.node = Hold(leaf), leaf.node
        self.data = self.hold.values


class GraphError(RuntimeError, ValueError):
    """There is no graph to go back through, or nothing to start from."""


def grad(
    output: Tensor, inputs: Sequence[Tensor], grad_output: Any = None, *,
    retain_graph: bool = False, create_graph: bool = False,
) -> tuple[Tensor, ...]:  # fmt: skip
    """Return the gradient for each input; with ``create_graph``, to be differentiated again."""
    nodes: list[Any] = [x.node for x in inputs]
    found = _sweep(output, grad_output, retain_graph, create_graph, set(nodes))
    if not found.keys() >= set(nodes):
        raise GraphError("grad: the output does not depend on one of the inputs")
    return tuple(tensor(found[node]) for node in nodes)


def _sweep(
    output: Tensor, seed: Any, retain_graph: bool, create_graph: bool, wanted: Container = ()
) -> dict[Node, Any]:
    """Carry the gradient back from the output; return that of the leaves and of wanted nodes."""
    if output.node is None:
        raise GraphError("backward: no input of this tensor requires a gradient")
    if seed is None and output.size == 1:
        seed = np.array(1, output.dtype).reshape(output.shape)
    elif np.shape(seed) != output.shape:
        raise GraphError(f"backward: wants a scalar, or grad of shape {output.shape}")
    start: Any = tensor(seed) if create_graph else np.asarray(seed, output.dtype)
    gradients, added, queue = {output.node: start}, set(), [(-output.node.number, output.node)]
    before = RECORDING.get()
    RECORDING.set(create_graph)
    try:
        while queue:
            node = heappop(queue)[1]  # the latest: all nodes that use it had their turn
            if (edges := node.edges) is None:
                raise GraphError("backward: an earlier call freed the graph (see retain_graph)")
            g = gradients[node] if node in wanted or not edges else gradients.pop(node)
            if edges and not (retain_graph or create_graph):
                node.edges = None
            for parent, vjp, needs in edges:
                if create_graph:
                    needs = [n if isinstance(n, Tensor) else _tensor_of(n, node) for n in needs]
                elif needs:
                    needs = [n.data if isinstance(n, Tensor) else n for n in needs]
                part = vjp(g, *needs)
                if part.shape != parent.shape or part.dtype != parent.dtype:
                    part = _fit(part, parent)
                if parent not in gradients:
                    gradients[parent] = part
                    if parent.edges != ():  # a leaf only collects
                        heappush(queue, (-parent.number, parent))
                elif parent in added:
                    gradients[parent] += part  # in place: this sum belongs to nobody else
                else:
                    gradients[parent] = gradients[parent] + part
                    added.add(parent)
    finally:
        RECORDING.set(before)
    if create_graph:
        return gradients
    taken = {id(start)}  # arrays that somebody has; a + gives the same one to both inputs
    for node, g in gradients.items():
        shared = g.base is not None or id(g) in taken
        gradients[node] = g = np.array(g) if shared else np.asarray(g)
        taken.add(id(g))
    return gradients


def _fit(g: Any, node: Node) -> Any:
    """Undo broadcasting: sum over the axes along which the input was repeated."""
    if g.shape != node.shape:
        lead = g.ndim - len(node.shape)
        repeated = (lead + i for i, n in enumerate(node.shape) if n != g.shape[lead + i])
        total = Tensor.sum if isinstance(g, Tensor) else np.add.reduce
        g = total(g, (*range(lead), *repeated)).reshape(node.shape)
    there, back = (lambda x, d=d: x.astype(d) for d in (node.dtype, g.dtype))
    return g if g.dtype == node.dtype else linear_map("cast", g, there, back)
