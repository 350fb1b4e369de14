"""Data sets, their splits, and batches of them.

The digits come with scikit-learn and the textures are drawn by formulas, so that neither needs a
download; CIFAR-10 and MNIST are fetched once and checked.

>>> from lecturelib.data import textures
>>> textures(train_size=100, test_size=20).x_train.shape
torch.Size([100, 3, 32, 32])
"""

from ._download import DownloadError
from ._split import Split
from .batches import batches
from .cifar10 import cifar10
from .ct_phantom import ct_phantom
from .digits import load_digits
from .mnist import mnist
from .textures import textures

__all__ = [
    "DownloadError",
    "Split",
    "batches",
    "cifar10",
    "ct_phantom",
    "load_digits",
    "mnist",
    "textures",
]
