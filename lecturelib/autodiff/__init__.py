"""Automatic differentiation on NumPy: the engine of the chapter backprop, and what goes with it.

`engine` is the heart, to be read from top to bottom. `layers` adds operations of networks,
`optimizers` gradient descent and Adam, `check` numerical gradients, `drawing` pictures of graphs;
`value` is what tensors have of arrays, `locking` how a graph keeps its values from being changed.

Tensors compare by element, like arrays, and are true if their one element is. Copied or pickled, a
leaf is a leaf of its own, with its gradient, and a result is a constant. Each thread and asyncio
task records for itself.

NumPy's own functions give no gradient, and refuse tensors that want one. Instead of ``np.dot``
write ``a @ b``; of ``np.exp(x)`` and the like ``ad.exp(x)``; of ``np.where(mask, a, b)``, for
finite a and b, ``a * mask + b * ~mask``; of ``np.stack`` and ``np.concatenate`` a sum in which each
tensor stands in its place, as ``x.reshape(-1, 1) * [1.0, 0.0] + y.reshape(-1, 1) * [0.0, 1.0]``; of
``np.einsum`` products of reshaped tensors and sums over axes. ``x.data`` holds the values alone.

>>> from lecturelib import autodiff as ad
>>> w = ad.Tensor([1.0, -2.0], requires_grad=True)
>>> ad.sum(ad.exp(w) * w).backward()
>>> w.grad.round(4)
array([ 5.4366, -0.1353])
"""

from lecturelib.autodiff.check import check_gradients
from lecturelib.autodiff.drawing import draw
from lecturelib.autodiff.engine import GraphError, Tensor, grad, no_grad
from lecturelib.autodiff.layers import conv2d, cross_entropy, linear, log_softmax
from lecturelib.autodiff.optimizers import SGD, Adam

exp, log, tanh, sigmoid, relu = Tensor.exp, Tensor.log, Tensor.tanh, Tensor.sigmoid, Tensor.relu
sum, mean, max = Tensor.sum, Tensor.mean, Tensor.max
matmul, reshape, transpose = Tensor.__matmul__, Tensor.reshape, Tensor.transpose

__all__ = [
    "SGD",
    "Adam",
    "GraphError",
    "Tensor",
    "check_gradients",
    "conv2d",
    "cross_entropy",
    "draw",
    "exp",
    "grad",
    "linear",
    "log",
    "log_softmax",
    "matmul",
    "max",
    "mean",
    "no_grad",
    "relu",
    "reshape",
    "sigmoid",
    "sum",
    "tanh",
    "transpose",
]
