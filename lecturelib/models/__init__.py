"""Networks whose normalization and activation are arguments, from one layer to ResNet-110.

>>> from lecturelib.models import resnet
>>> sum(p.numel() for p in resnet(20).parameters())
269722
"""

from ._parts import Activation
from .residual import ResidualUnit, residual_mlp
from .resnet import ResidualBlock, resnet
from .small import convnet, mlp
from .vgg import vgg

__all__ = [
    "Activation",
    "ResidualBlock",
    "ResidualUnit",
    "convnet",
    "mlp",
    "residual_mlp",
    "resnet",
    "vgg",
]
