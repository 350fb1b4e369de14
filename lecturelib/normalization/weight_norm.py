"""Weight normalization: a weight's length and direction are learned apart."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .._columns import column_mean, column_std
from .._precision import widen
from .._scale import norm, ordinary, unit
from ._checks import statistics_dtype
from ._wrapping import ParametrizedLayer, check_layer_parameter

_LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


def weight_norm(v: Tensor, g: Tensor, dim: int | None = 0) -> Tensor:
    r"""Make a weight from its direction and its length.

    .. math::
        w = g \frac{v}{\lVert v \rVert}

    There is one length for each index of the dimension ``dim``; for the weight of a linear layer
    or a convolution, dimension 0 means one for each output.

    Args:
        v: The direction, of any length but 0, floating point.
        g: The length, with the shape of v but 1 in all dimensions other than ``dim``, and with
            shape () for ``dim=None``.
        dim: The dimension that is left out of the norm. None takes one norm of the whole tensor.
            A negative one is an error: in PyTorch -1 means None, not the last dimension.

    Returns:
        The weight, with the shape and the dtype of v.

    Raises:
        ValueError: If dim is out of range, or shape or device of g do not fit.
        TypeError: If v is not floating point, or g has another dtype.

    Example:
        >>> weight_norm(torch.tensor([[3.0, 4.0], [0.0, 7.0]]), torch.tensor([[10.0], [1.0]]))
        tensor([[6., 8.],
                [0., 1.]])

    Source:
        Salimans and Kingma (2016), Weight Normalization, section 2.

    Chapter:
        normalization_family
    """
    _check(v, g, dim)
    x = widen(v)
    length = _norm(x, dim)
    scale = g / length
    if ordinary(length) and ordinary(scale.abs()):
        return (x * scale).to(v.dtype)
    return (_direction(x, dim) * g).to(v.dtype)


def weight_norm_gradients(
    grad: Tensor, v: Tensor, g: Tensor, dim: int | None = 0
) -> tuple[Tensor, Tensor]:
    r"""Turn the gradient of a weight into those of its direction and its length.

    .. math::
        \nabla_g L = \nabla_w L \cdot \frac{v}{\lVert v \rVert}, \qquad
        \nabla_v L = \frac{g}{\lVert v \rVert} \nabla_w L
            - \frac{g \nabla_g L}{\lVert v \rVert^2} v

    The second is :math:`(g / \lVert v \rVert) M_w \nabla_w L`, with :math:`M_w` the projection that
    removes the part along w: the gradient of v is orthogonal to v, and inverse to its length.
    Autograd gives the same.

    Args:
        grad: Gradient of the weight :math:`w`, with the shape of v.
        v: The direction.
        g: The length, shaped as in :func:`weight_norm`.
        dim: The dimension that is left out of the norm; None for none.

    Returns:
        The gradients of v and of g.

    Raises:
        ValueError: If a shape, device or dim does not fit.
        TypeError: If v is not floating point, or another tensor has another dtype.

    Example:
        >>> v, g = torch.tensor([[3.0, 4.0]]), torch.tensor([[10.0]])
        >>> weight_norm_gradients(torch.tensor([[1.0, 0.0]]), v, g)
        (tensor([[ 1.2800, -0.9600]]), tensor([[0.6000]]))

    Source:
        Salimans and Kingma (2016), Weight Normalization, section 2.1.

    Chapter:
        normalization_family
    """
    _check(v, g, dim)
    if grad.shape != v.shape:
        raise ValueError(
            f"weight_norm_gradients: grad must have the shape of v, {tuple(v.shape)}, "
            f"got {tuple(grad.shape)}"
        )
    # In units of the length of v: the formulas with v / u, and at the end one more factor 1 / u.
    x, grad = widen(v), widen(grad)
    u = _unit(x, dim)
    x = x / u
    length = _norm(x, dim)
    grad_g = (grad * x).sum_to_size(length.shape) / length
    grad_v = g / length * grad - g * grad_g / length**2 * x
    return (grad_v / u).to(v.dtype), grad_g.to(g.dtype)


class WeightNorm(ParametrizedLayer):
    r"""A layer whose weight is made from a direction v and a length g.

    .. math::
        w = g \frac{v}{\lVert v \rVert}

    It does what ``torch.nn.utils.parametrizations.weight_norm`` does to a layer, with the same
    ``state_dict``, and adds the data-dependent start of the paper, :meth:`initialize`. A state of
    the older ``torch.nn.utils.weight_norm`` (``weight_g``, ``weight_v``) can be loaded. As with all
    parametrizations of PyTorch, ``torch.save`` takes the ``state_dict`` and not the module.

    Args:
        module: The layer. Its weight is replaced, in place, by direction and length, such that
            its value stays.
        name: Name of the parameter.
        dim: The dimension that is left out of the norm: 0 for one length an output. None takes one
            norm of the whole tensor. Other than in PyTorch, -1 does not stand for None; it is an
            error.

    Raises:
        TypeError: If the parameter is not floating point.
        ValueError: If the layer has no such parameter, it is parametrized already, dim is out of
            range, or the parameter has a direction of length 0.

    Example:
        >>> layer = WeightNorm(nn.Linear(3, 2))
        >>> layer.g.shape, layer.v.shape
        (torch.Size([2, 1]), torch.Size([2, 3]))
        >>> sorted(layer.state_dict())
        ['bias', 'parametrizations.weight.original0', 'parametrizations.weight.original1']

    Source:
        Salimans and Kingma (2016), Weight Normalization, sections 2 and 3.

    Chapter:
        normalization_family
    """

    def __init__(self, module: nn.Module, name: str = "weight", dim: int | None = 0) -> None:
        weight = check_layer_parameter("WeightNorm", module, name)
        _check_dim(weight, dim)
        if weight.device.type != "meta" and not (_norm(weight.detach(), dim) > 0).all():
            raise ValueError(f"WeightNorm: {name!r} has a direction of length 0")
        super().__init__(module, name, _LengthAndDirection(dim))
        self.dim = dim
        module._register_load_state_dict_pre_hook(partial(_rename_old_keys, name))

    @property
    def g(self) -> Tensor:
        """The length, a parameter."""
        value: Tensor = self.module.parametrizations[self.name].original0  # type: ignore
        return value

    @property
    def v(self) -> Tensor:
        """The direction, a parameter."""
        value: Tensor = self.module.parametrizations[self.name].original1  # type: ignore
        return value

    @torch.no_grad()
    def initialize(self, input: Tensor) -> Tensor:
        r"""Choose length and bias such that each output has mean 0 and variance 1 on this batch.

        .. math::
            t = \frac{v \cdot x}{\lVert v \rVert}, \qquad g \leftarrow \frac{1}{\sigma[t]}, \qquad
            b \leftarrow -\frac{\mu[t]}{\sigma[t]}

        Without a bias the mean stays. A deep network is initialized layer by layer, each on the
        output of those before.

        Args:
            input: A batch of what the layer takes.

        Returns:
            The output of the layer on this batch.

        Raises:
            TypeError: If the layer is neither linear nor a convolution.
            ValueError: If the length is not one an output, or an output is constant on this batch;
                the layer is as it was before.

        Example:
            >>> layer = WeightNorm(nn.Linear(1, 2))
            >>> layer.initialize(torch.tensor([[1.0], [3.0]])).abs().round(decimals=3)
            tensor([[1., 1.],
                    [1., 1.]])
        """
        if not isinstance(self.module, _LAYERS):
            raise TypeError(
                "WeightNorm.initialize: the layer must be a Linear or Conv, got "
                f"{type(self.module).__name__}"
            )
        if self.name != "weight" or self.dim != 0:
            raise ValueError(
                "WeightNorm.initialize: needs one length an output (name='weight', dim=0), got "
                f"name={self.name!r}, dim={self.dim}"
            )
        bias = self.module.bias
        old_g, old_bias = self.g.clone(), None if bias is None else bias.clone()
        self.g.fill_(1)
        if bias is not None:
            bias.zero_()
        t = self.module(input)
        channel = t.ndim - 1 if isinstance(self.module, nn.Linear) else 1
        t = widen(t).movedim(channel, 0).flatten(1)  # (outputs, values)
        mean, std = t.new_zeros(2, len(t))
        if t.shape[1] > 1:
            mean = column_mean(t, 1)
            std = column_std(t, mean, 1)
        if not (std > 0).all():
            self.g.copy_(old_g)
            if bias is not None and old_bias is not None:
                bias.copy_(old_bias)
            raise ValueError(
                "WeightNorm.initialize: an output is constant on this batch of shape "
                f"{tuple(input.shape)}, so that no length gives it variance 1"
            )
        self.g.copy_((1 / std).view(self.g.shape))
        if bias is not None:
            bias.copy_(-mean / std)
        return self.module(input)

    def extra_repr(self) -> str:
        """Options."""
        return f"name={self.name!r}, dim={self.dim}"


class _LengthAndDirection(nn.Module):
    """The parametrization; PyTorch keeps its arguments as original0 and original1."""

    def __init__(self, dim: int | None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, g: Tensor, v: Tensor) -> Tensor:
        return weight_norm(v, g, self.dim)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return _norm(weight, self.dim).to(weight.dtype), weight


def _rename_old_keys(name: str, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
    """Take a state of the older ``torch.nn.utils.weight_norm``, as PyTorch's newer one does."""
    old = {f"{prefix}{name}_g": "original0", f"{prefix}{name}_v": "original1"}
    if old.keys() <= state.keys():
        for key, new in old.items():
            state[f"{prefix}parametrizations.{name}.{new}"] = state.pop(key)


def _norm(v: Tensor, dim: int | None) -> Tensor:
    """Euclidean norm over all dimensions but one, in the shape of g and, for half, in float32."""
    others = _others(v, dim)
    return norm(v, dim=others, keepdim=dim is not None) if others != () else widen(v).abs()


def _direction(v: Tensor, dim: int | None) -> Tensor:
    """v over its norm, each taken in units of the length of v."""
    x = v / _unit(v, dim)
    return x / _norm(x, dim)


def _unit(v: Tensor, dim: int | None) -> Tensor:
    """A power of two of the size of v, 1 for ordinary sizes, in the shape of g."""
    u = unit(v, _others(v, dim))
    return u if dim is not None else u.reshape(())


def _others(v: Tensor, dim: int | None) -> tuple[int, ...] | None:
    return None if dim is None else tuple(d for d in range(v.ndim) if d != dim)


def _check_dim(v: Tensor, dim: int | None) -> None:
    if dim is not None and not 0 <= dim < v.ndim:
        raise ValueError(
            f"weight_norm: dim must be None or lie in [0, {v.ndim - 1}] for a weight of shape "
            f"{tuple(v.shape)}, got {dim}"
        )


def _check(v: Tensor, g: Tensor, dim: int | None) -> None:
    if not v.is_floating_point():
        raise TypeError(f"weight_norm: v must be floating point, got {v.dtype}")
    _check_dim(v, dim)
    shape = () if dim is None else tuple(n if d == dim else 1 for d, n in enumerate(v.shape))
    if g.shape != shape:
        raise ValueError(
            f"weight_norm: g must have shape {shape} for v of shape {tuple(v.shape)} and dim={dim},"
            f" got {tuple(g.shape)}"
        )
    if g.dtype != v.dtype and g.dtype != statistics_dtype(v):
        raise TypeError(f"weight_norm: g must be {v.dtype} like v, got {g.dtype}")
    if g.device != v.device:
        raise ValueError(f"weight_norm: g must be on {v.device} like v, got {g.device}")
