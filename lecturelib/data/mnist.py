"""MNIST: 70,000 handwritten digits of 28×28 pixels."""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lecturelib.data._download import fetch
from lecturelib.data._split import Part, Split, check_options, make_split

MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
UNSIGNED_BYTES = 8  # the code of the type in an IDX header


def mnist(
    root: Path | str,
    *,
    standardize: bool = False,
    dtype: torch.dtype = torch.float32,
    device: Any = None,
    mirrors: Sequence[str] = MIRRORS,
    progress: bool = True,
) -> Split:
    """Load MNIST, and fetch it into a folder the first time.

    Four files, 12 MB together, each verified by its checksum. A broken transfer goes on where it
    stopped.

    Args:
        root: Folder that holds the files, or will; it is made if it is not there.
        standardize: Give the pixels mean 0 and variance 1, by the moments of the training data.
        dtype: Floating point for pixels in [0, 1], or torch.uint8 for the bytes.
        device: Where the tensors lie; None for PyTorch's default device.
        mirrors: Addresses of folders with the files, tried in order.
        progress: Show a bar while fetching.

    Returns:
        60,000 images (1, 28, 28) with classes 0 to 9 for training and 10,000 for testing.

    Raises:
        DownloadError: If a file is not there and can't be fetched, such as without a connection.
            The message says what was tried and what to do.
        ValueError: If a file does not hold what it should.
        TypeError: If dtype is another.

    Example:
        >>> mnist("no/folder", mirrors=[])
        Traceback (most recent call last):
            ...
        lecturelib.data._download.DownloadError: train-images-idx3-ubyte.gz could not be fetched...

    Source:
        LeCun et al. (1998), Gradient-Based Learning Applied to Document Recognition, section 3.

    Chapter:
        loss_smoothness
    """
    check_options("mnist", dtype, standardize)
    arrays = [
        _read_idx(fetch(name, root, mirrors=mirrors, md5=md5, progress=progress))
        for name, md5 in MD5.items()
    ]
    train, test = _pair(*arrays[:2]), _pair(*arrays[2:])
    return make_split(train, test, standardize=standardize, dtype=dtype, device=device)


def _read_idx(path: Path) -> np.ndarray:
    """An array from a zipped IDX file: 0, 0, type, dimensions; sizes as big-endian ints; bytes."""
    with gzip.open(path) as file:
        data = file.read()
    kind, dimensions = struct.unpack_from(">xxBB", data)
    shape = struct.unpack_from(f">{dimensions}I", data, 4)
    first = 4 + 4 * dimensions
    if kind != UNSIGNED_BYTES or len(data) != first + math.prod(shape):
        raise ValueError(f"mnist: {path} is not an IDX file of bytes with shape {shape}")
    return np.frombuffer(data, np.uint8, offset=first).reshape(shape).copy()


def _pair(images: np.ndarray, classes: np.ndarray) -> Part:
    if images.ndim != 3 or classes.shape != images.shape[:1]:
        raise ValueError(
            f"mnist: images {images.shape} and classes {classes.shape} don't belong together"
        )
    return images[:, None], classes
